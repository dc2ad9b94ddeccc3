#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/logarithm.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// e^(b log |a|) in f64: the product is at most 2^7 where the result is an f32, so it loses nothing that f32 sees.
Code pow_single(const Code& base, const Code& exponent) {
    const Code x = Halide::cast<double>(base), y = Halide::cast<double>(exponent), one = number(x, 1), zero = number(x, 0);
    const Code size = magnitude(x), whole = strict::equal(y, Halide::floor(y));
    const Code half = strict::mul(y, number(y, 0.5));
    const Code odd = whole && !strict::equal(half, Halide::floor(half));
    const Code positive = exp_double(strict::mul(y, log_double(size)));
    // A base of -0 or -inf gives its sign to odd powers; other negative bases have only integer powers.
    const Code is_signed = choose(odd, with_sign_of(positive, x), positive);
    const Code broken = strict::less(x, zero) && !whole && strict::less(size, infinity_like(x));
    const Code any = choose(broken, nan_like(x), is_signed);
    const Code nan = strict::is_nan(x) || strict::is_nan(y);
    const Code even_infinity = strict::equal(size, one) && strict::equal(magnitude(y), infinity_like(y));
    const Code unit = strict::equal(y, zero) || strict::equal(x, one) || even_infinity;
    return Halide::cast<float>(choose(unit, one, choose(nan, nan_like(x), any)));
}
Code pow_double(const Code& x, const Code& y) { return Halide::pow(x, y); }

DLC_ROW(Scalar, pow) = {
    .name = "pow",
    .doc = "a^b; NaN for a < 0 unless b is an integer; 0^0 is 1; the slope along b is 0 where a <= 0",
    .arity = 2,
    .result = Scalar::real,
    .partial = true,
    .domain = {{0.0625, 4}, {-3, 3}},
    .tangent =
        [](const Site& s) {
            const Expr &x = s.args[0], y = s.args[1], zero = zero_like(s.out);
            const auto base = [&] { return select(equal(y, zero), zero, y * apply("pow", {x, y - 1.0})); };
            const auto exponent = [&] { return select(greater(x, zero), s.out * apply("log", {x}), zero); };
            return total(along(s, 0, base), along(s, 1, exponent));
        },
    .meaning = [](std::span<const double> x, Type) { return std::pow(x[0], x[1]); },
    .lower = by_precision<pow_single, pow_double>,
};

}  // namespace dlc::ir::rows
