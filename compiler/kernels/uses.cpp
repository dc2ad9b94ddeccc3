#include "compiler/kernels/uses.h"

#include <algorithm>

namespace dlc::kernels {

bool is_pointwise(const ir::Node& node) {
    const ir::Equation* e = node.equation();
    return e && !e->scatter && e->reduce == ir::Reduce::none;
}

bool is_number(const ir::Node& node) { return node.constant() && node.shape.empty(); }

bool Uses::gets_from(ir::NodeId tensor) const { return std::ranges::binary_search(gets, tensor); }

bool Uses::aligned(ir::NodeId tensor, std::size_t rank) const {
    if (gets_from(tensor)) return false;
    return std::ranges::all_of(reads, [&](const ir::Expr& read) {
        if (read->tensor != tensor) return true;
        if (read->at.size() < rank) return false;
        for (std::size_t d = 0; d < rank; ++d)
            if (read->at[d].as_variable() != static_cast<ir::Var>(d) &&
                !(d < shape.size() && shape[d] == 1 && read->at[d] == ir::Index(0)))
                return false;
        return true;
    });
}

Uses uses_of(const ir::Node& node) {
    Uses uses;
    uses.shape = node.shape;
    uses.operands = ir::operands(node);
    const ir::Equation* e = node.equation();
    if (!e) return uses;
    uses.reads = ir::reads(e->body);
    const auto collect = [&](const ir::Index& index) {
        if (index.has_get())
            for (ir::NodeId tensor : index.tensors()) uses.gets.push_back(tensor);
    };
    ir::visit(e->body, [&](const ir::Expr& x) {
        if (x->kind == ir::ExprNode::index) collect(x->position);
        if (x->kind == ir::ExprNode::read) std::ranges::for_each(x->at, collect);
    });
    for (const ir::Predicate& p : e->where) collect(p.index);
    std::ranges::for_each(e->map, collect);
    std::ranges::sort(uses.gets);
    const auto [first, last] = std::ranges::unique(uses.gets);
    uses.gets.erase(first, last);
    return uses;
}

}  // namespace dlc::kernels
