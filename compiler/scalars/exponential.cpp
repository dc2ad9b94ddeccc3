// e^x = 2^n e^r with n the nearest integer to x / log 2 and |r| <= log(2) / 2 (Cody & Waite 1980, chapter 6).  x - n log 2 is exact
// up to the rounding of the low part: log 2 is split so that n times its high part is exact.  e^r = 1 + r + r^2 q(r), the sum of
// the large terms strict, q by scripts/minimax.py.
#include "compiler/scalars/exponential.h"

#include <cmath>

namespace dlc::scalars {
namespace {

struct Reduced {
    Nearest n;
    Code r;
};

Reduced reduce(const Code& x) {
    const bool single = x.type().bits() == 32;
    // The high parts have 9 and 32 significant bits.
    const double high = single ? 0.693359375 : 0x1.62e42feep-1;
    const double low = single ? -2.12194440054690583e-4 : 0x1.a39ef35793c76p-33;
    const Nearest n = nearest(strict::mul(x, number(x, 1.44269504088896341)));
    return {n, strict::sub(strict::sub(x, strict::mul(n.real, number(x, high))), strict::mul(n.real, number(x, low)))};
}

/// e^r - 1 for a reduced r.
Code expm1_reduced(const Code& r) {
    if (r.type().bits() == 32) {
        const Code q = polynomial(r, {0.500000004637812877, 0.166666668178203669, 0.0416663547326785707, 0.00833327284873118009,
                                      0.00139410037307233704, 0.000199142853154080206});
        return strict::add(r, strict::mul(strict::mul(r, r), q));
    }
    const Code q = polynomial(r, {0.5, 0.166666666666666766, 0.0416666666666667012, 0.00833333333332162572, 0.00138888888888669249,
                                  0.000198412698861305723, 0.0000248015873604060306, 2.75572442127747739e-6, 2.75572428700281911e-7,
                                  2.51090332572073208e-8, 2.09244140440546193e-9});
    return strict::add(r, strict::mul(strict::mul(r, r), q));
}

/// The same where it is added to 1: in f32 a shorter polynomial does.
Code exp_rest(const Code& r) {
    if (r.type().bits() == 64) return expm1_reduced(r);
    const Code q = polynomial(
        r, {0.499999934518455846, 0.166665206868427429, 0.0416683873078395901, 0.00836871010136413308, 0.00138146170293306584});
    return strict::add(r, r * r * q);
}

struct Limits {
    double least, most;  // e^x is a normal number between them
};
Limits limits(const Code& x) {
    return x.type().bits() == 32 ? Limits{-87.3365402, 88.7228317} : Limits{-708.3964185322641, 709.782712893384};
}

/// x kept where the reduction works; a NaN becomes `least`.
Code confined(const Code& x, double least, double most) {
    const Code above = choose(strict::less(number(x, least), x), x, number(x, least));
    return choose(strict::less(above, number(x, most)), above, number(x, most));
}

Code exp_of(const Code& x) {
    const auto [least, most] = limits(x);
    const Code y = exp_inside(confined(x, least, most));
    const Code capped = choose(strict::less(number(x, most), x), hidden_infinity(x), y);
    const Code floored = choose(strict::less(x, number(x, least)), number(x, 0), capped);
    return choose(strict::is_nan(x), x, floored);
}

Code expm1_of(const Code& x) {
    const bool single = x.type().bits() == 32;
    const double most = limits(x).most;
    // e^x is below half an ulp of 1 under `least`; from 2^far on, - 1 is below half an ulp of e^x.
    const double least = single ? -18 : -40, far = single ? 25 : 55;
    const auto [n, r] = reduce(confined(x, least, most));
    const Code p = expm1_reduced(r);
    const Code near = Halide::min(n.integer, Halide::cast(n.integer.type(), static_cast<int>(far)));
    const Code power = scale_normal(number(x, 1), near);
    const Code small = strict::add(strict::mul(power, p), strict::sub(power, number(x, 1)));
    const Code large = scale_normal(strict::add(number(x, 1), p), n.integer);
    const Code y = choose(strict::less(number(x, far), n.real), large, small);
    const Code capped = choose(strict::less(number(x, most), x), hidden_infinity(x), y);
    // At n = 0 and r = x the sign of a zero would be lost.
    const Code zero = choose(strict::equal(x, number(x, 0)), x, capped);
    return choose(strict::is_nan(x), x, zero);
}

}  // namespace

// 2^n alone may exceed the format where e^r < 1 brings the product back, so the exponent is added to the bits of e^r.
Code exp_inside(const Code& x) {
    const auto [n, r] = reduce(x);
    return scale_normal(strict::add(number(x, 1), exp_rest(r)), n.integer);
}
Scaled exp_scaled(const Code& x) {
    const auto [n, r] = reduce(x);
    return {scale_normal(number(x, 1), n.integer), exp_rest(r)};
}
Code one_plus_exp(const Code& x) {
    const auto [power, rest] = exp_scaled(x);
    // From 2^24 (2^53) on, 1 is lost in the first sum; `lost` is 0 before.
    const Code sum = strict::add(power, number(x, 1)), lost = strict::sub(number(x, 1), strict::sub(sum, power));
    return strict::add(sum, strict::add(strict::mul(power, rest), lost));
}
Code exp_single(const Code& x) { return exp_of(x); }
Code exp_double(const Code& x) { return exp_of(x); }
Code expm1_single(const Code& x) { return expm1_of(x); }
Code expm1_double(const Code& x) { return expm1_of(x); }

}  // namespace dlc::scalars
