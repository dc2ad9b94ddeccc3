#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, trunc) = {
    .name = "trunc",
    .doc = "the integer part of a, of a's type",
    .meaning = [](std::span<const double> x, Type) { return std::trunc(x[0]); },
    .lower = [](std::span<const Code> x, Type) { return x[0].type().is_float() ? Halide::trunc(x[0]) : x[0]; },
};

}  // namespace dlc::ir::rows
