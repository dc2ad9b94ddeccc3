#include "compiler/kernels/extract.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace dlc::kernels {
namespace {

using ir::NodeId;

/// Operands in the order in which the equation's text names them: unlike their ids, this order is the same in equal clusters.
std::vector<NodeId> operands_in_order(const ir::Node& node) {
    std::vector<NodeId> found;
    const auto add = [&](NodeId id) {
        if (std::ranges::find(found, id) == found.end()) found.push_back(id);
    };
    const auto add_all = [&](const ir::Index& index) {
        if (index.has_get()) std::ranges::for_each(index.tensors(), add);
    };
    if (const ir::Equation* e = node.equation()) {
        ir::visit(e->body, [&](const ir::Expr& x) {
            if (x->kind == ir::ExprNode::index) add_all(x->position);
            if (x->kind != ir::ExprNode::read) return;
            std::ranges::for_each(x->at, add_all);
            add(x->tensor);
        });
        for (const ir::Predicate& p : e->where) add_all(p.index);
        std::ranges::for_each(e->map, add_all);
    } else if (const ir::Library* l = node.library()) {
        std::ranges::for_each(l->inputs, add);
    }
    return found;
}

bool contains(const std::vector<NodeId>& ids, NodeId id) { return std::ranges::find(ids, id) != ids.end(); }

}  // namespace

Extracted extract(const ir::Graph& graph, const Cluster& cluster) {
    Extracted result;
    result.outputs = cluster.outputs;
    ir::Builder builder(ir::Builder::Sharing::off);
    std::map<NodeId, NodeId> inside;
    const std::function<NodeId(NodeId)> visit = [&](NodeId id) -> NodeId {
        if (const auto known = inside.find(id); known != inside.end()) return known->second;
        const ir::Node& node = graph[id];
        NodeId made;
        if (std::ranges::binary_search(cluster.nodes, id)) {
            for (NodeId operand : operands_in_order(node)) visit(operand);
            ir::Node bare = node;
            bare.origin = {};
            bare.again = 0;
            made = builder.copy(bare, [&](NodeId operand) { return inside.at(operand); });
        } else {
            made = builder.leaf(ir::LeafKind::input, "in" + std::to_string(result.inputs.size()), node.type, node.shape);
            result.inputs.push_back(id);
        }
        inside.emplace(id, made);
        return made;
    };
    for (std::size_t i = 0; i < result.outputs.size(); ++i)
        builder.result({ir::Result::value, "out" + std::to_string(i), visit(result.outputs[i]), {}, {}});
    result.body = std::move(builder).finish();
    return result;
}

bool may_overwrite(const ir::Graph& graph, std::span<const Uses> all, const Cluster& cluster, InPlace pair) {
    const ir::Node& input = graph[pair.input];
    if (graph[pair.output].shape != input.shape || graph[pair.output].type != input.type) return false;
    // Whose value at a position holds the input's at that position.  An output is computed again where another one reads it.
    std::set<NodeId> touched = {pair.input};
    for (NodeId id : cluster.nodes) {
        const ir::Node& node = graph[id];
        if (node.constant()) continue;
        if (!is_pointwise(node)) return false;
        const Uses& uses = all[id.value];
        bool reads = false;
        for (NodeId operand : uses.operands) {
            if (!touched.contains(operand)) continue;
            reads = true;
            if (node.shape != input.shape || !uses.aligned(operand, input.shape.size())) return false;
        }
        if (reads) touched.insert(id);
    }
    return true;
}

std::vector<NodeId> direct_readers(std::span<const Uses> uses, const Cluster& cluster, NodeId input) {
    std::set<NodeId> touched = {input};
    std::vector<NodeId> readers;
    for (NodeId id : cluster.nodes) {
        if (std::ranges::none_of(uses[id.value].operands, [&](NodeId o) { return touched.contains(o); })) continue;
        if (contains(cluster.outputs, id))
            readers.push_back(id);
        else
            touched.insert(id);
    }
    return readers;
}

std::optional<std::vector<NodeId>> output_order(std::span<const Uses> uses, const Cluster& cluster,
                                                std::span<const InPlace> pairs) {
    std::map<NodeId, std::set<NodeId>> after;  // those that come before
    for (NodeId output : cluster.outputs) {
        for (NodeId reader : direct_readers(uses, cluster, output))
            if (reader != output) after[reader].insert(output);
    }
    for (const InPlace& pair : pairs)
        for (NodeId reader : direct_readers(uses, cluster, pair.input))
            if (reader != pair.output) after[pair.output].insert(reader);
    std::vector<NodeId> order;
    std::set<NodeId> done;
    while (order.size() < cluster.outputs.size()) {
        const auto next = std::ranges::find_if(cluster.outputs, [&](NodeId o) {
            return !done.contains(o) && std::ranges::all_of(after[o], [&](NodeId before) { return done.contains(before); });
        });
        if (next == cluster.outputs.end()) return std::nullopt;
        order.push_back(*next);
        done.insert(*next);
    }
    return order;
}

}  // namespace dlc::kernels
