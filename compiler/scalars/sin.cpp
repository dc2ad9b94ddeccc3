#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"
#include "compiler/scalars/trigonometric.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, sin) = {
    .name = "sin",
    .doc = "sine, for every finite a; NaN at infinity; f32 to 1.7 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return apply("cos", {s.args[0]}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::sin(x[0]); },
    .lower = by_precision<sin_single, sin_double>,
};

}  // namespace dlc::ir::rows
