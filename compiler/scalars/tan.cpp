#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"
#include "compiler/scalars/trigonometric.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, tan) = {
    .name = "tan",
    .doc = "tangent, for every finite a; NaN at infinity; f32 to 0.51 ulp",
    .result = Scalar::real,
    .partial = true,
    .domain = {{-1.25, 1.25}},
    .tangent = [](const Site& s) { return along(s, 0, [&] { return s.out * s.out + 1.0; }); },
    .meaning = [](std::span<const double> x, Type) { return std::tan(x[0]); },
    .lower = by_precision<tan_single, tan_double>,
};

}  // namespace dlc::ir::rows
