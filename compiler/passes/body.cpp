#include "compiler/passes/body.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {

using ir::Builder;
using ir::Graph;
using ir::Node;
using ir::NodeId;

namespace {

std::string yield_name(std::size_t k) { return "yield " + std::to_string(k); }

/// A graph of its own: yields are results as the updates of carries are.
Graph with_yields(const ir::LoopBody& body) {
    Builder b;
    std::vector<NodeId> moved;
    for (const Node& node : body.graph->nodes()) moved.push_back(b.copy(node, [&](NodeId id) { return moved[id.value]; }));
    for (ir::Result r : body.graph->results()) {
        r.node = moved[r.node.value];
        r.target = moved[r.target.value];
        b.result(std::move(r));
    }
    for (std::size_t k = 0; k < body.yields.size(); ++k)
        b.result({ir::Result::value, yield_name(k), moved[body.yields[k].value], {}, {}});
    return std::move(b).finish();
}

}  // namespace

ir::LoopBody optimised(const ir::LoopBody& body) {
    const Graph better = run(with_yields(body));
    std::vector<NodeId> yields;
    for (std::size_t k = 0; k < body.yields.size(); ++k) yields.push_back(better.result(yield_name(k))->node);
    // Names of leaves survive the passes, their order may not.
    std::map<std::string, NodeId, std::less<>> given;
    std::size_t input = 0;
    for (const Node& node : body.graph->nodes())
        if (node.leaf()) given[node.leaf()->name] = body.inputs[input++];
    return ir::cut_loop(
        better.nodes(), yields,
        [&](NodeId id) -> std::optional<ir::LoopInput> {
            const ir::Leaf* leaf = better[id].leaf();
            return leaf ? std::optional(ir::LoopInput{leaf->kind, given.at(leaf->name)}) : std::nullopt;
        },
        [&](NodeId carry) { return std::ranges::find(better.results(), carry, &ir::Result::target)->node; });
}

ir::Graph rebuild_loops(const Graph& graph, const std::function<std::vector<NodeId>(Builder&, std::vector<Node>)>& make) {
    std::map<NodeId, NodeId> done;  // of values of loops, by their id before
    return rebuild(graph, [&](Builder& b, Node node, NodeId old) {
        if (!node.scan()) return append(b, std::move(node));
        if (const auto known = done.find(old); known != done.end()) return known->second;
        std::vector<NodeId> members;
        std::vector<Node> values;
        for (std::uint32_t k = old.value; k < graph.size(); ++k) {
            if (!same_loop(graph[NodeId{k}], graph[old])) continue;
            members.push_back(NodeId{k});
            values.push_back(graph[NodeId{k}]);
            std::get<ir::Scan>(values.back().what).inputs = node.scan()->inputs;
        }
        const std::vector<NodeId> made = make(b, std::move(values));
        for (std::size_t m = 0; m < members.size(); ++m) done[members[m]] = made[m];
        return made.front();
    });
}

}  // namespace dlc::passes
