#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, abs) = {
    .name = "abs",
    .doc = "|a|; slope 0 at 0",
    .tangent =
        [](const Site& s) {
            if (!s.dargs[0]) return Expr();
            const Expr zero = zero_like(s.args[0]);
            return select(greater(s.args[0], zero), s.dargs[0], select(less(s.args[0], zero), -s.dargs[0], zero_like(s.dargs[0])));
        },
    .meaning = [](std::span<const double> x, Type) { return std::abs(x[0]); },
    .lower =
        [](std::span<const Code> x, Type t) {
            return is_real(t) ? by_precision<magnitude, magnitude>(x, t) : Halide::cast(halide_type(t), Halide::abs(x[0]));
        },
};

}  // namespace dlc::ir::rows
