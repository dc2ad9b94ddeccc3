#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, mul) = {
    .name = "mul",
    .doc = "a * b; integers wrap around",
    .arity = 2,
    .infix = true,
    .commutative = true,
    .tangent = [](const Site& s) { return total(along(s, 0, [&] { return s.args[1]; }), along(s, 1, [&] { return s.args[0]; })); },
    .meaning = [](std::span<const double> x, Type) { return x[0] * x[1]; },
    .lower = [](std::span<const Code> x,
                Type t) { return is_real(t) ? by_precision<strict::mul, strict::mul>(x, t) : x[0] * x[1]; },
};

}  // namespace dlc::ir::rows
