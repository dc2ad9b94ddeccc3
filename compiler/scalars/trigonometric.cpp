// Quarter turns.  x = (n + r) pi/2 with |r| <= 1/2 and a bit: n mod 4 and r are what of x * 2/pi is left when whole turns are
// dropped.  Of the bits of 2/pi only a window matters: those above it give multiples of 4, those below nothing that f32 sees (Payne
// & Hanek 1983).  An f32 has 24 bits, so its product with 29 bits of 2/pi is exact in f64; a window is 29 + 29 + 53 bits, and five
// windows 28 bits apart serve every f32.  The nearest an f32 comes to a multiple of pi/2 is about 2^-30 of one, r is good to 2^-57.
//
// Arc functions are all the angle of a point, computed in f64 with a polynomial good for f32.
#include "compiler/scalars/trigonometric.h"

#include <cmath>

namespace dlc::scalars {
namespace {

constexpr double kHalfPi = 0x1.921fb54442d18p0, kPi = 0x1.921fb54442d18p1;

struct Turned {
    Code quarters;  // an i32; only its low two bits mean something
    Code angle;     // f64, |angle| < 0.86
};

Turned reduce(const Code& x_single) {
    static constexpr double kWindows[5][3] = {
        {0.0, 0x1.45f306p-1, 0x1.b9391054a7f0ap-26},
        {0x1.45f306p-1, 0x1.b939104p-26, 0x1.4a7f09d5f47d5p-54},
        {0x1.6e4e441p-24, 0x1.4a7f09cp-54, 0x1.5f47d4d377037p-82},
        {0x1.529fc27p-52, 0x1.5f47d4cp-82, 0x1.377036d8a5665p-110},
        {0x1.57d1f53p-80, 0x1.377036cp-110, 0x1.8a5664f10e410p-138},
    };
    const Code x = Halide::cast<double>(x_single), size = magnitude(x);
    Code two_over_pi[3];
    for (int k = 0; k < 3; ++k) two_over_pi[k] = number(x, kWindows[4][k]);
    for (int window = 3; window >= 0; --window) {
        const Code here = strict::less(size, number(x, std::ldexp(1.0, 20 + 28 * window)));
        for (int k = 0; k < 3; ++k) two_over_pi[k] = choose(here, number(x, kWindows[window][k]), two_over_pi[k]);
    }
    // Quarter turns: huge + coarse + fine, whole turns dropped from huge; coarse in multiples of 2^-26, so that all is exact up to
    // `fraction`.
    const Code huge = strict::mul(x, two_over_pi[0]), middle = strict::mul(x, two_over_pi[1]);
    const Code left = strict::sub(huge, strict::mul(number(x, 4), Halide::round(strict::mul(huge, number(x, 0.25)))));
    const Code step = number(x, 0x1.8p26);
    const Code coarse = strict::sub(strict::add(middle, step), step);
    const Code fine = strict::add(strict::sub(middle, coarse), strict::mul(x, two_over_pi[2]));
    const Code sum = strict::add(left, coarse);
    const Nearest n = nearest(sum);
    const Code fraction = strict::add(strict::sub(sum, n.real), fine);
    return {Halide::cast<int>(n.integer), strict::mul(fraction, number(x, kHalfPi))};
}

/// -y where the bit of `quarters` is set.
Code negated_by(const Code& quarters, int bit, const Code& y) {
    // Unsigned: a signed 2 << 30 overflows, and the compiler may take it for 0.
    const Code moved = (Halide::cast<std::uint32_t>(quarters) & bit) << (bit == 2 ? 30 : 31);
    return real_of_bits(bits(y) ^ Halide::cast<std::int32_t>(moved));
}

Code sin_or_cos(const Code& x, int quarters_ahead) {
    const Turned t = reduce(x);
    const Code quarters = t.quarters + quarters_ahead;
    const Code r = Halide::cast<float>(t.angle), z = strict::mul(r, r);
    const Code p = polynomial(z, {-0.16666666615066282, 0.00833332654493222419, -0.000198384932521099171, 2.71092410331299483e-6});
    const Code q = polynomial(z, {0.0416666326385502468, -0.00138867066722651243, 0.0000243668499433169788});
    const Code sine = strict::add(r, strict::mul(strict::mul(r, z), p));
    const Code cosine = strict::add(strict::sub(number(r, 1), strict::mul(number(r, 0.5), z)), strict::mul(strict::mul(z, z), q));
    const Code y = negated_by(quarters, 2, choose((quarters & 1) != 0, cosine, sine));
    return choose(strict::is_finite(x), y, hidden_nan(x));
}

/// atan2 of numbers in f64, good for f32.
Code angle(const Code& y, const Code& x) {
    const Code zero = number(x, 0), rise = magnitude(y), run = magnitude(x);
    const Code steep = strict::less(run, rise);
    const Code ratio = strict::div(choose(steep, run, rise), choose(steep, rise, run));
    // 0 / 0 and inf / inf.
    const Code t = choose(strict::equal(rise, run), choose(strict::equal(run, zero), zero, number(x, 1)), ratio);
    const Code z = t * t;
    const Code p = polynomial(z, {-0.333333322355089729, 0.199999322066362201, -0.142842510229306353, 0.110952037908746513,
                                  -0.089887986251389454, 0.0726940404903568526, -0.0547048680117100113, 0.0347051262281735891,
                                  -0.016471812405971582, 0.00499946854106740077, -0.000711332640141486836});
    const Code low = t + t * z * p;
    const Code first = choose(steep, strict::sub(number(x, kHalfPi), low), low);
    const Code upper = choose(bits(x) < 0, strict::sub(number(x, kPi), first), first);
    return with_sign_of(upper, y);
}

/// sqrt(1 - x^2).
Code other_leg(const Code& x) { return Halide::sqrt(strict::mul(strict::sub(number(x, 1), x), strict::add(number(x, 1), x))); }

}  // namespace

Code sin_single(const Code& x) { return choose(strict::less(magnitude(x), number(x, 0x1p-13)), x, sin_or_cos(x, 0)); }
Code cos_single(const Code& x) { return sin_or_cos(x, 1); }
Code tan_single(const Code& x) {
    const auto [quarters, r] = reduce(x);
    const Code z = r * r;
    const Code p = polynomial(z, {-0.16666666615066282, 0.00833332654493222419, -0.000198384932521099171, 2.71092410331299483e-6});
    const Code q =
        polynomial(z, {0.0416666665762438774, -0.00138888800531337963, 0.0000247986201500937247, -2.71416677887744138e-7});
    const Code sine = r + r * z * p, cosine = 1 - Code(0.5) * z + z * z * q;
    const Code odd = (quarters & 1) != 0;
    const Code y = Halide::cast<float>(strict::div(choose(odd, cosine, sine), choose(odd, sine, cosine)));
    const Code bounded = choose(strict::is_finite(x), negated_by(quarters, 1, y), hidden_nan(x));
    return choose(strict::less(magnitude(x), number(x, 0x1p-13)), x, bounded);
}
Code asin_single(const Code& x) {
    const Code wide = Halide::cast<double>(x), y = Halide::cast<float>(angle(wide, other_leg(wide)));
    return choose(strict::less_equal(magnitude(x), number(x, 1)), y, hidden_nan(x));
}
Code acos_single(const Code& x) {
    const Code wide = Halide::cast<double>(x), y = Halide::cast<float>(angle(other_leg(wide), wide));
    return choose(strict::less_equal(magnitude(x), number(x, 1)), y, hidden_nan(x));
}
Code atan_single(const Code& x) {
    const Code wide = Halide::cast<double>(x);
    return choose(strict::is_nan(x), x, Halide::cast<float>(angle(wide, number(wide, 1))));
}
Code atan2_single(const Code& y, const Code& x) {
    const Code a = Halide::cast<float>(angle(Halide::cast<double>(y), Halide::cast<double>(x)));
    return choose(strict::is_nan(x) || strict::is_nan(y), hidden_nan(x), a);
}

Code sin_double(const Code& x) { return Halide::sin(x); }
Code cos_double(const Code& x) { return Halide::cos(x); }
Code tan_double(const Code& x) { return Halide::tan(x); }
Code asin_double(const Code& x) { return Halide::asin(x); }
Code acos_double(const Code& x) { return Halide::acos(x); }
Code atan_double(const Code& x) { return Halide::atan(x); }
Code atan2_double(const Code& y, const Code& x) { return Halide::atan2(y, x); }

}  // namespace dlc::scalars
