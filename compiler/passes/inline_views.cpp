#include "compiler/ir/row.h"
#include "compiler/passes/compose.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

/// Slices, transposes, reshapes, broadcasts, paddings, gathers: one read and nothing else.
bool is_view(const ir::Node& node) {
    const ir::Equation* e = node.equation();
    return e && !e->scatter && e->reduce == ir::Reduce::none && e->where.empty() && e->body->kind == ir::ExprNode::read &&
           e->body->type == node.type;
}

ir::NodeId inline_views_of(ir::Builder& b, ir::Node node, ir::NodeId) {
    if (!node.equation()) return append(b, std::move(node));
    ir::Equation& e = equation_of(node);
    const ir::Box box = ir::box_of(node);
    e.body = ir::replace_reads(e.body, [&](const ir::ExprNode& read) {
        if (!is_view(b[read.tensor])) return ir::Expr();
        // What a view reads is no view: it was made when its own reads had been replaced, or it could not be.
        const auto through = read_through(read, b, box);
        if (!through) return ir::Expr();
        merge_origin(node.origin, b[read.tensor].origin);
        return *through;
    });
    // A result that is a copy of another equation's value is that value.
    if (is_view(node) && b[e.body->tensor].equation() && ir::Expr(e.body) == b.read_all(e.body->tensor) &&
        b[e.body->tensor].shape == node.shape)
        return e.body->tensor;
    return append(b, std::move(node));
}

ir::Graph run_inline_views(const ir::Graph& graph) { return rebuild(graph, inline_views_of); }

}  // namespace

namespace rows {

DLC_ROW(Pass, inline_views) = {
    .name = "inline-views",
    .doc = "an index composed with an index: reads of slices, transposes, reshapes and broadcasts read what these read",
    .run = run_inline_views,
};

}  // namespace rows
}  // namespace dlc::passes
