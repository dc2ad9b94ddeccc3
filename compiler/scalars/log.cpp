#include <cmath>

#include "compiler/scalars/logarithm.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, log) = {
    .name = "log",
    .doc = "natural logarithm; -inf at 0, NaN below; f32 to 1.0 ulp",
    .result = Scalar::real,
    .partial = true,
    .domain = {{0.0625, 8}},
    .tangent = [](const Site& s) { return s.dargs[0] ? s.dargs[0] / s.args[0] : Expr(); },
    .meaning = [](std::span<const double> x, Type) { return std::log(x[0]); },
    .lower = by_precision<log_single, log_double>,
};

}  // namespace dlc::ir::rows
