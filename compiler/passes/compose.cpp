#include "compiler/passes/compose.h"

#include <algorithm>

#include "compiler/ir/arith.h"

namespace dlc::passes {

using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::Var;

bool provably_inside(const ExprNode& read, const ir::Shape& tensor, const ir::Box& box) {
    for (std::size_t d = 0; d < read.at.size(); ++d) {
        const ir::Range range = read.at[d].range(box);
        if (range.low < 0 || range.high >= tensor[d]) return false;
    }
    return true;
}

namespace {

/// Whether a position outside the view is outside what it reads: each of the view's variables stands, up to sign and offset, alone
/// in one index of `inner`, and sweeps that dimension wholly.
bool covers(const ExprNode& inner, const ir::Shape& view, const ir::Shape& tensor, const std::vector<bool>& may_leave) {
    std::vector<bool> seen(view.size(), false);
    for (std::size_t d = 0; d < inner.at.size(); ++d) {
        const Index& index = inner.at[d];
        if (index.terms().size() != 1 || !index.is_affine() || std::abs(index.terms()[0].coefficient) != 1) continue;
        const Var v = index.terms()[0].atom.var;
        const ir::Range range = index.range(ir::box_of(view));
        if (range.low <= 0 && range.high >= tensor[d] - 1) seen[v] = true;
    }
    for (std::size_t v = 0; v < view.size(); ++v)
        if (may_leave[v] && !seen[v]) return false;
    return true;
}

}  // namespace

std::optional<Expr> read_through(const ExprNode& read, const ir::Builder& b, const ir::Box& box) {
    const ir::Node& node = b[read.tensor];
    const ir::Equation* e = node.equation();
    if (!e || e->scatter || e->reduce != ir::Reduce::none || !e->where.empty()) return std::nullopt;
    if (!read.otherwise || provably_inside(read, node.shape, box)) return ir::substitute(e->body, read.at, box);
    if (e->body->kind == ExprNode::constant && e->body == read.otherwise) return e->body;
    if (e->body->kind != ExprNode::read) return std::nullopt;
    const ExprNode& inner = *e->body;
    // Two values of `else` must be one, and only positions outside the inner tensor may be outside the view.
    if (inner.otherwise && inner.otherwise != read.otherwise) return std::nullopt;
    if (inner.otherwise && inner.otherwise->kind != ExprNode::constant) return std::nullopt;
    std::vector<bool> may_leave;
    for (std::size_t d = 0; d < read.at.size(); ++d) {
        const ir::Range range = read.at[d].range(box);
        may_leave.push_back(range.low < 0 || range.high >= node.shape[d]);
    }
    if (!covers(inner, node.shape, b[inner.tensor].shape, may_leave)) return std::nullopt;
    std::vector<Index> at;
    for (const Index& index : inner.at) at.push_back(index.substitute(read.at, box));
    return Expr::read(inner.tensor, inner.type, std::move(at), read.otherwise);
}

}  // namespace dlc::passes
