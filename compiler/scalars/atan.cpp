#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"
#include "compiler/scalars/trigonometric.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, atan) = {
    .name = "atan",
    .doc = "arc tangent in [-pi/2, pi/2]; f32 to 0.51 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return s.dargs[0] ? s.dargs[0] / (s.args[0] * s.args[0] + 1.0) : Expr(); },
    .meaning = [](std::span<const double> x, Type) { return std::atan(x[0]); },
    .lower = by_precision<atan_single, atan_double>,
};

}  // namespace dlc::ir::rows
