#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"
#include "compiler/scalars/trigonometric.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, acos) = {
    .name = "acos",
    .doc = "arc cosine in [0, pi]; NaN outside [-1, 1]; f32 to 0.51 ulp",
    .result = Scalar::real,
    .partial = true,
    .domain = {{-0.9, 0.9}},
    .tangent = [](const Site& s) { return along(s, 0, [&] { return -apply("rsqrt", {(1.0 - s.args[0]) * (s.args[0] + 1.0)}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::acos(x[0]); },
    .lower = by_precision<acos_single, acos_double>,
};

}  // namespace dlc::ir::rows
