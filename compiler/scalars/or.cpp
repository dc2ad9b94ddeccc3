#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, or_) = {
    .name = "or",
    .doc = "either is true (not 0)",
    .arity = 2,
    .result = Scalar::boolean,
    .infix = true,
    .commutative = true,
    .domain = {{0, 1}, {0, 1}},
    .meaning = [](std::span<const double> x, Type) { return x[0] != 0 || x[1] != 0 ? 1.0 : 0.0; },
    .lower = [](std::span<const Code> x, Type) { return truth(x[0]) || truth(x[1]); },
};

}  // namespace dlc::ir::rows
