// Of a recurrence of which only the last value is read, only the last value is kept.
#include <algorithm>
#include <optional>

#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Builder;
using ir::Graph;
using ir::Index;
using ir::Node;
using ir::NodeId;
using ir::Scan;

/// Whether all reads of `stack` in the node are at the step that is run last, and nothing but reads.
bool reads_last_alone(const Node& node, NodeId stack, std::int64_t last) {
    const ir::Equation* e = node.equation();
    if (!e) return false;
    const auto in_index = [&](const Index& index) {
        const std::vector<NodeId> used = index.tensors();
        return std::ranges::find(used, stack) != used.end();
    };
    bool alone = std::ranges::none_of(e->map, in_index) &&
                 std::ranges::none_of(e->where, [&](const ir::Predicate& p) { return in_index(p.index); });
    ir::visit(e->body, [&](const ir::Expr& x) {
        if (x->kind == ir::ExprNode::index) alone = alone && !in_index(x->position);
        if (x->kind != ir::ExprNode::read) return;
        alone = alone && std::ranges::none_of(x->at, in_index);
        if (x->tensor == stack) alone = alone && x->at.front() == Index(last);
    });
    return alone;
}

Graph keep_last_values(const Graph& graph) {
    const Readers read = readers(graph);
    std::vector<bool> last(graph.size(), false);  // by id before: the node becomes a last value
    for (std::uint32_t k = 0; k < graph.size(); ++k) {
        const Scan* scan = graph.nodes()[k].scan();
        if (!scan || scan->last || scan->steps == 0 || read.result[k]) continue;
        const std::int64_t at = scan->backwards ? 0 : scan->steps - 1;
        last[k] = !read.of[k].empty() &&
                  std::ranges::all_of(read.of[k], [&](NodeId r) { return reads_last_alone(graph[r], NodeId{k}, at); });
    }
    if (std::ranges::none_of(last, std::identity())) return graph;
    std::vector<bool> made;  // by id now
    return rebuild(graph, [&](Builder& b, Node node, NodeId old) {
        if (ir::Equation* e = std::get_if<ir::Equation>(&node.what))
            e->body = ir::replace_reads(e->body, [&](const ir::ExprNode& x) -> ir::Expr {
                if (x.tensor.value >= made.size() || !made[x.tensor.value]) return {};
                return b.read(x.tensor, {x.at.begin() + 1, x.at.end()}, x.otherwise);
            });
        if (last[old.value]) std::get<Scan>(node.what).last = true, node.shape.erase(node.shape.begin());
        const NodeId id = append(b, std::move(node));
        made.resize(b.size(), false);
        if (last[old.value]) made[id.value] = true;
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, last_values) = {
    .name = "last-values",
    .doc = "of a scan of which only the last value is read, only that is kept",
    .run = keep_last_values,
};

}  // namespace rows
}  // namespace dlc::passes
