// Expressions of one primitive over scalar leaves, their value and their derivative: what an interpreter and a forward mode do, in
// a few lines of their own, so that a defect there cannot hide one here.
#pragma once
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/arith.h"
#include "compiler/ir/expr.h"

namespace dlc::test {

/// Leaf number n, a real number.
inline ir::Expr leaf(std::uint32_t n) { return ir::Expr::read({n}, ir::Type::f64, {}); }

inline double value(const ir::Expr& e, std::span<const double> leaves) {
    if (e->kind == ir::ExprNode::constant) return e->value;
    if (e->kind == ir::ExprNode::read) return leaves[e->tensor.value];
    std::vector<double> args;
    // A branch not taken is not looked at.
    if (e->is("select")) return value(value(e->args[0], leaves) != 0 ? e->args[1] : e->args[2], leaves);
    for (const ir::Expr& a : e->args) args.push_back(value(a, leaves));
    return e->scalar->meaning(args, e->type);
}

/// The derivative where leaf n changes by direction[n]; an empty direction: it does not change.
inline ir::Expr derivative(const ir::Expr& e, std::span<const ir::Expr> direction) {
    if (e->kind == ir::ExprNode::read) return direction[e->tensor.value];
    if (e->kind != ir::ExprNode::call || !e->scalar->tangent) return {};
    std::vector<ir::Expr> dargs;
    bool changes = false;
    for (const ir::Expr& a : e->args) changes |= static_cast<bool>(dargs.emplace_back(derivative(a, direction)));
    return changes ? e->scalar->tangent({e->args, e, dargs}) : ir::Expr();
}

/// A primitive as a test's parameter, printed by name.
struct Named {
    const ir::Scalar* scalar;
};
inline void PrintTo(const Named& n, std::ostream* out) { *out << n.scalar->name; }
inline std::vector<Named> every_scalar() {
    std::vector<Named> all;
    for (const ir::Scalar* s : ir::all_scalars()) all.push_back({s});
    return all;
}
inline ir::Domain domain_of(const ir::Scalar& s, int arg) { return s.domain.empty() ? ir::Domain{} : s.domain[arg]; }

}  // namespace dlc::test
