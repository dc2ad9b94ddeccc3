#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, expm1) = {
    .name = "expm1",
    .doc = "e^a - 1 without cancellation near 0; f32 to 1.6 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return s.out + 1.0; }); },
    .meaning = [](std::span<const double> x, Type) { return std::expm1(x[0]); },
    .lower = by_precision<expm1_single, expm1_double>,
};

}  // namespace dlc::ir::rows
