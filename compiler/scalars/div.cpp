#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// Strict: Halide takes x / x for 1, also at 0, and LLVM may multiply by a rounded reciprocal.
DLC_ROW(Scalar, div) = {
    .name = "div",
    .doc = "a / b, correctly rounded; x/0 is inf with x's sign, 0/0 NaN",
    .arity = 2,
    .result = Scalar::real,
    .infix = true,
    .partial = true,
    .domain = {{-4, 4}, {0.25, 4}},
    .tangent =
        [](const Site& s) {
            const Expr da = s.dargs[0] ? s.dargs[0] / s.args[1] : Expr();
            return total(da, s.dargs[1] ? -(s.dargs[1] * (s.out / s.args[1])) : Expr());
        },
    .meaning = [](std::span<const double> x, Type) { return x[0] / x[1]; },
    .lower = by_precision<strict::div, strict::div>,
};

}  // namespace dlc::ir::rows
