#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, not_) = {
    .name = "not",
    .doc = "a is false (0)",
    .result = Scalar::boolean,
    .domain = {{0, 1}},
    .meaning = [](std::span<const double> x, Type) { return x[0] == 0 ? 1.0 : 0.0; },
    .lower = [](std::span<const Code> x, Type) { return !truth(x[0]); },
};

}  // namespace dlc::ir::rows
