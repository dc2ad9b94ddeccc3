#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// `if c then s else -inf`, a mask: what it is added to must not take the constant for impossible.
static Code hidden(const Code& arm, const Code& other) {
    const auto value = special_value(arm);
    if (!value || Halide::Internal::is_const(other)) return arm;
    const Code infinity = hidden_infinity(other);
    return std::isnan(*value) ? hidden_nan(other) : *value > 0 ? infinity : negative(infinity);
}

DLC_ROW(Scalar, select_) = {
    .name = "select",
    .doc = "b where condition a holds, else c; the other is not differentiated, whatever its slope",
    .arity = 3,
    .result = Scalar::second,
    .domain = {{0, 1}, {-4, 4}, {-4, 4}},
    .tangent =
        [](const Site& s) {
            if (!s.dargs[1] && !s.dargs[2]) return Expr();
            return select(s.args[0], derivative_or_zero(s, 1), derivative_or_zero(s, 2));
        },
    .meaning = [](std::span<const double> x, Type) { return x[0] != 0 ? x[1] : x[2]; },
    .lower =
        [](std::span<const Code> x, Type t) {
            const Code a = Halide::cast(halide_type(t), x[1]), b = Halide::cast(halide_type(t), x[2]);
            return Halide::select(truth(x[0]), hidden(a, b), hidden(b, a));
        },
};

}  // namespace dlc::ir::rows
