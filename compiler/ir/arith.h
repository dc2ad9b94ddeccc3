// The few primitives that stages build by name: ring operations, choice, comparison, conversion.  They fold what is trivial (x + 0,
// x * 1, 0 * x, constants) so that derivatives come out small; the algebra proper is passes/simplify.
#pragma once
#include "compiler/ir/expr.h"

namespace dlc::ir {

/// Operands are brought to their common type.
Expr operator+(const Expr&, const Expr&);
Expr operator-(const Expr&, const Expr&);
Expr operator*(const Expr&, const Expr&);
Expr operator/(const Expr&, const Expr&);  // real division
Expr operator-(const Expr&);
Expr operator+(const Expr&, double);
Expr operator-(const Expr&, double);
Expr operator*(const Expr&, double);
Expr operator*(double, const Expr&);
Expr operator-(double, const Expr&);
Expr operator/(double, const Expr&);
Expr select(const Expr& condition, const Expr& then, const Expr& otherwise);
Expr less(const Expr&, const Expr&);
Expr greater(const Expr&, const Expr&);
Expr equal(const Expr&, const Expr&);
Expr both(const Expr&, const Expr&);
Expr negate(const Expr& condition);  // logical not
Expr convert(const Expr&, Type);
Expr zero_like(const Expr&);
Expr one_like(const Expr&);
bool is_constant(const Expr&, double value);

}  // namespace dlc::ir
