#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, neg) = {
    .name = "neg",
    .doc = "-a",
    .tangent = [](const Site& s) { return s.dargs[0] ? -s.dargs[0] : Expr(); },
    .meaning = [](std::span<const double> x, Type) { return -x[0]; },
    .lower = [](std::span<const Code> x, Type t) { return is_real(t) ? by_precision<negative, negative>(x, t) : -x[0]; },
};

}  // namespace dlc::ir::rows
