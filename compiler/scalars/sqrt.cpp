#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

static Code root(const Code& x) { return Halide::sqrt(x); }

DLC_ROW(Scalar, sqrt) = {
    .name = "sqrt",
    .doc = "square root, correctly rounded; NaN below 0",
    .result = Scalar::real,
    .partial = true,
    .domain = {{0.0625, 4}},
    .tangent = [](const Site& s) { return s.dargs[0] ? s.dargs[0] * (0.5 / s.out) : Expr(); },
    .meaning = [](std::span<const double> x, Type) { return std::sqrt(x[0]); },
    .lower = by_precision<root, root>,
};

}  // namespace dlc::ir::rows
