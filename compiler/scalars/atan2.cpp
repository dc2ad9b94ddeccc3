#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"
#include "compiler/scalars/trigonometric.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, atan2) = {
    .name = "atan2",
    .doc = "the angle of the point (b, a) from the first axis, in [-pi, pi]; the signs of zeros count; f32 to 0.51 ulp",
    .arity = 2,
    .result = Scalar::real,
    .partial = true,
    .domain = {{0.25, 4}, {-4, 4}},
    .tangent =
        [](const Site& s) {
            const Expr &y = s.args[0], x = s.args[1], square = x * x + y * y;
            return total(along(s, 0, [&] { return x / square; }), along(s, 1, [&] { return -(y / square); }));
        },
    .meaning = [](std::span<const double> x, Type) { return std::atan2(x[0], x[1]); },
    .lower = by_precision<atan2_single, atan2_double>,
};

}  // namespace dlc::ir::rows
