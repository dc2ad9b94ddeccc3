// Helpers for the derivatives of scalar primitives.  A derivative is an expression again, so it can be differentiated again.
#pragma once
#include <initializer_list>

#include "compiler/ir/arith.h"
#include "compiler/ir/row.h"
#include "compiler/ir/scalar.h"

namespace dlc::scalars {

using ir::Expr;
using ir::Site;

/// d args[i], or 0 where it does not change.
inline Expr derivative_or_zero(const Site& s, std::size_t i) { return s.dargs[i] ? s.dargs[i] : ir::zero_like(s.args[i]); }

/// The sum of two derivatives, either of which may be empty (0).
inline Expr total(const Expr& a, const Expr& b) { return !a ? b : !b ? a : a + b; }

/// factor() * d args[i]; the factor is not built when args[i] does not change.
template <class Factor>
Expr along(const Site& s, std::size_t i, const Factor& factor) {
    return s.dargs[i] ? s.dargs[i] * factor() : Expr();
}

inline Expr apply(std::string_view name, std::initializer_list<Expr> args) { return Expr::call(name, std::vector<Expr>(args)); }

}  // namespace dlc::scalars
