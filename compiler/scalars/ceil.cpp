#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, ceil) = {
    .name = "ceil",
    .doc = "smallest integer >= a, of a's type",
    .meaning = [](std::span<const double> x, Type) { return std::ceil(x[0]); },
    .lower = [](std::span<const Code> x, Type) { return x[0].type().is_float() ? Halide::ceil(x[0]) : x[0]; },
};

}  // namespace dlc::ir::rows
