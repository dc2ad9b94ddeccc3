#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"
#include "compiler/scalars/trigonometric.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, cos) = {
    .name = "cos",
    .doc = "cosine, for every finite a; NaN at infinity; f32 to 1.7 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return -apply("sin", {s.args[0]}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::cos(x[0]); },
    .lower = by_precision<cos_single, cos_double>,
};

}  // namespace dlc::ir::rows
