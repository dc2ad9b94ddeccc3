#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, eq) = {
    .name = "eq",
    .doc = "a == b; false where either is NaN",
    .arity = 2,
    .result = Scalar::boolean,
    .infix = true,
    .commutative = true,
    .meaning = [](std::span<const double> x, Type) { return x[0] == x[1] ? 1.0 : 0.0; },
    .lower = [](std::span<const Code> x, Type) { return x[0].type().is_float() ? strict::equal(x[0], x[1]) : x[0] == x[1]; },
};

}  // namespace dlc::ir::rows
