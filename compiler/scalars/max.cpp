#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// One comparison where b is a known number: it fails for a NaN and then a is taken.
static Code max_of_reals(const Code& a, const Code& b) {
    const auto known = Halide::Internal::as_const_float(b);
    if (known && !std::isnan(*known)) return choose(strict::less(a, b), b, a);
    return choose(strict::less(b, a) || strict::is_nan(a), a, b);
}

DLC_ROW(Scalar, max) = {
    .name = "max",
    .doc = "the larger; NaN wins; a tie goes to b, so the slope of max(x, 0) at 0 is 0",
    .arity = 2,
    .tangent =
        [](const Site& s) {
            return select(apply("gt", {s.args[0], s.args[1]}), derivative_or_zero(s, 0), derivative_or_zero(s, 1));
        },
    .meaning = [](std::span<const double> x, Type) { return x[0] > x[1] || std::isnan(x[0]) ? x[0] : x[1]; },
    .lower = [](std::span<const Code> x,
                Type t) { return is_real(t) ? by_precision<max_of_reals, max_of_reals>(x, t) : Halide::max(x[0], x[1]); },
};

}  // namespace dlc::ir::rows
