#include <cmath>

#include "compiler/scalars/logarithm.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, log1p) = {
    .name = "log1p",
    .doc = "log(1 + a) without cancellation near 0; -inf at -1, NaN below; f32 to 1.5 ulp",
    .result = Scalar::real,
    .partial = true,
    .domain = {{-0.75, 8}},
    .tangent = [](const Site& s) { return s.dargs[0] ? s.dargs[0] / (s.args[0] + 1.0) : Expr(); },
    .meaning = [](std::span<const double> x, Type) { return std::log1p(x[0]); },
    .lower = by_precision<log1p_single, log1p_double>,
};

}  // namespace dlc::ir::rows
