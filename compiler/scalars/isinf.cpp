#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, isinf) = {
    .name = "isinf",
    .doc = "whether a is infinite",
    .result = Scalar::boolean,
    .meaning = [](std::span<const double> x, Type) { return std::isinf(x[0]) ? 1.0 : 0.0; },
    .lower = [](std::span<const Code> x,
                Type) { return x[0].type().is_float() ? strict::is_infinite(x[0]) : Halide::Internal::const_false(); },
};

}  // namespace dlc::ir::rows
