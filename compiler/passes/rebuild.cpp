#include "compiler/passes/rebuild.h"

#include <algorithm>

namespace dlc::passes {

using ir::NodeId;

namespace {

std::vector<bool> needed_by_results(const ir::Graph& graph) {
    std::vector<bool> needed(graph.size(), false);
    for (const ir::Result& r : graph.results()) {
        needed[r.node.value] = true;
        if (r.target) needed[r.target.value] = true;
    }
    for (std::size_t i = graph.size(); i-- > 0;)
        if (needed[i])
            for (NodeId operand : ir::operands(graph.nodes()[i])) needed[operand.value] = true;
    return needed;
}

}  // namespace

ir::NodeId append(ir::Builder& b, ir::Node node) {
    return b.copy(node, [](NodeId id) { return id; });
}

ir::Graph rebuild(const ir::Graph& graph, const std::function<NodeId(ir::Builder&, ir::Node, NodeId)>& make) {
    const std::vector<bool> needed = needed_by_results(graph);
    ir::Builder b;
    std::vector<NodeId> moved(graph.size());
    const auto id_of = [&](NodeId old) { return moved[old.value]; };
    for (std::size_t i = 0; i < graph.size(); ++i) {
        if (!needed[i]) continue;
        b.compute_again(graph.nodes()[i].again);
        moved[i] = make(b, ir::with_operands(graph.nodes()[i], id_of), NodeId{static_cast<std::uint32_t>(i)});
    }
    for (ir::Result result : graph.results()) {
        result.node = id_of(result.node);
        if (result.target) result.target = id_of(result.target);
        b.result(std::move(result));
    }
    // A node may have lost its last reader on the way.
    ir::Graph result = std::move(b).finish();
    const std::vector<bool> kept = needed_by_results(result);
    return std::ranges::find(kept, false) == kept.end() ? result : ir::share(result);
}

Readers readers(const ir::Graph& graph) {
    Readers result{std::vector<std::vector<NodeId>>(graph.size()), std::vector<bool>(graph.size(), false)};
    for (std::uint32_t i = 0; i < graph.size(); ++i)
        for (NodeId operand : ir::operands(graph[NodeId{i}])) result.of[operand.value].push_back(NodeId{i});
    for (const ir::Result& r : graph.results()) result.result[r.node.value] = true;
    return result;
}

void ReadOnce::add(NodeId made, NodeId old) {
    if (once_.size() <= made.value) once_.resize(made.value + 1, false);
    once_[made.value] = users_.of[old.value].size() == 1 && !users_.result[old.value];
}

void merge_origin(ir::Origin& to, const ir::Origin& from) {
    const auto add = [&](const source::Span& span) {
        if (span && span != to.span && std::ranges::find(to.also, span) == to.also.end()) to.also.push_back(span);
    };
    add(from.span);
    std::ranges::for_each(from.also, add);
}

}  // namespace dlc::passes
