#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/logarithm.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// e^(b log |a|) in f64, where the product, at most 2^7 if the result is an f32, loses nothing that f32 sees.
static Code pow_single(const Code& x, const Code& y) {
    const Code one = number(x, 1), zero = number(x, 0), size = magnitude(x);
    const Code endless = strict::is_infinite(y);
    const Code extreme = strict::equal(size, zero) || strict::is_infinite(x) || endless;
    const Code base = Halide::cast<double>(choose(extreme, one, size)), exponent = Halide::cast<double>(choose(endless, one, y));
    const Code t = strict::mul(exponent, log_double(base)), low = Code(-110.0), high = Code(100.0);
    const Code above = choose(strict::less(low, t), t, low);
    const Code usual = Halide::cast<float>(exp_inside(choose(strict::less(above, high), above, high)));
    const Code grows = strict::less(one, size) == strict::less(zero, y);
    const Code positive = choose(extreme, choose(grows, hidden_infinity(x), zero), usual);
    const Code whole = strict::equal(y, Halide::floor(y)), half = strict::mul(y, number(y, 0.5));
    const Code odd = whole && !strict::equal(half, Halide::floor(half));
    // A base of -0 or -inf gives its sign to odd powers; other negative bases have only integer powers.
    const Code broken = strict::less(x, zero) && strict::is_finite(x) && !whole;
    const Code any = choose(broken, hidden_nan(x), choose(odd, with_sign_of(positive, x), positive));
    const Code unit = strict::equal(y, zero) || strict::equal(x, one) || (strict::equal(size, one) && endless);
    return choose(unit, one, choose(strict::is_nan(x) || strict::is_nan(y), hidden_nan(x), any));
}
static Code pow_double(const Code& x, const Code& y) { return Halide::pow(x, y); }

DLC_ROW(Scalar, pow) = {
    .name = "pow",
    .doc = "a^b; NaN for a < 0 unless b is an integer; 0^0 is 1; the slope along b is 0 where a <= 0; f32 to 0.51 ulp",
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
