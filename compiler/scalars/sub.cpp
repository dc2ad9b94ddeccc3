#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, sub) = {
    .name = "sub",
    .doc = "a - b; integers wrap around",
    .arity = 2,
    .infix = true,
    .tangent = [](const Site& s) { return s.dargs[1] ? total(s.dargs[0], -s.dargs[1]) : s.dargs[0]; },
    .meaning = [](std::span<const double> x, Type) { return x[0] - x[1]; },
    .lower = [](std::span<const Code> x,
                Type t) { return is_real(t) ? by_precision<strict::sub, strict::sub>(x, t) : x[0] - x[1]; },
};

}  // namespace dlc::ir::rows
