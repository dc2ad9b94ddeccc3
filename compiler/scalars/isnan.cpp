#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, isnan) = {
    .name = "isnan",
    .doc = "whether a is NaN",
    .result = Scalar::boolean,
    .meaning = [](std::span<const double> x, Type) { return std::isnan(x[0]) ? 1.0 : 0.0; },
    .lower = [](std::span<const Code> x,
                Type) { return x[0].type().is_float() ? strict::is_nan(x[0]) : Halide::Internal::const_false(); },
};

}  // namespace dlc::ir::rows
