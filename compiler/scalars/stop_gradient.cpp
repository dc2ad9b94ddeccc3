#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, stop_gradient) = {
    .name = "stop_gradient",
    .doc = "a, taken for constant by every derivative",
    .meaning = [](std::span<const double> x, Type) { return x[0]; },
    .lower = [](std::span<const Code> x, Type) { return x[0]; },
};

}  // namespace dlc::ir::rows
