#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// One comparison where b is a known number: it fails for a NaN and then a is taken.
static Code min_of_reals(const Code& a, const Code& b) {
    const auto known = Halide::Internal::as_const_float(b);
    if (known && !std::isnan(*known)) return choose(strict::less(b, a), b, a);
    return choose(strict::less(a, b) || strict::is_nan(a), a, b);
}

DLC_ROW(Scalar, min) = {
    .name = "min",
    .doc = "the smaller; NaN wins; a tie goes to b",
    .arity = 2,
    .tangent =
        [](const Site& s) {
            return select(apply("lt", {s.args[0], s.args[1]}), derivative_or_zero(s, 0), derivative_or_zero(s, 1));
        },
    .meaning = [](std::span<const double> x, Type) { return x[0] < x[1] || std::isnan(x[0]) ? x[0] : x[1]; },
    .lower = [](std::span<const Code> x,
                Type t) { return is_real(t) ? by_precision<min_of_reals, min_of_reals>(x, t) : Halide::min(x[0], x[1]); },
};

}  // namespace dlc::ir::rows
