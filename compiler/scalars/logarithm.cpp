// log x = e log 2 + log(1 + f) where x = 2^e (1 + f) and 1 + f lies in [sqrt(1/2), sqrt 2), so that f is exact and there is no
// cancellation near 1 (Cody & Waite 1980, chapter 5).  f32: log(1 + f) = f - f^2/2 + f^3 p(f).  f64: s = f / (2 + f), log(1 + f) =
// f - f^2/2 + s (f^2/2 + s^2 p(s^2)).  log 2 is split so that e times its high part is exact.  Polynomials by scripts/minimax.py.
#include "compiler/scalars/logarithm.h"

#include <cmath>

namespace dlc::scalars {
namespace {

struct Parts {
    Code e;         // an integer of x's width
    Code mantissa;  // in [sqrt(1/2), sqrt 2)
};

/// For a positive normal number; anything for others.
Parts split(const Code& x) {
    const bool single = x.type().bits() == 32;
    const auto type = Halide::Int(x.type().bits()), plain = Halide::UInt(x.type().bits());
    const std::int64_t root = single ? 0x3f3504f3 : 0x3fe6a09e667f3bcd;
    const int fraction = single ? 23 : 52;
    // Shifted without sign, of which AVX2 has no 64-bit form; 1024 (128) keeps the difference positive.  Added without sign too: a
    // signed sum must not overflow.
    const int bias = single ? 128 : 1024;
    const Code moved =
        Halide::reinterpret(plain, bits(x)) + Halide::Internal::make_const(plain, (std::int64_t{bias} << fraction) - root);
    const Code e = Halide::cast(type, moved >> fraction) - bias;
    return {e, real_of_bits(bits(x) - (e << fraction))};
}

/// e log 2 + log(1 + f).
Code assemble(const Code& e_integer, const Code& f) {
    const bool single = f.type().bits() == 32;
    const Code e = small_real(e_integer);
    const Code half_square = strict::mul(number(f, 0.5), strict::mul(f, f));
    const Code low = number(f, single ? -2.12194440054690583e-4 : 0x1.a39ef35793c76p-33);
    const Code high = number(f, single ? 0.693359375 : 0x1.62e42feep-1);
    Code tail;  // log(1 + f) - f + f^2/2
    if (single) {
        tail = f * f * f *
               polynomial(f, {0.333333104467295118, -0.249999865754279605, 0.200022262282451223, -0.16669251773361892,
                              0.142186655184710039, -0.12384337227957376, 0.118729163962204163, -0.117898481645162617,
                              0.0691553972442841521});
    } else {
        const Code s = f / (number(f, 2) + f), z = s * s;
        const Code p = polynomial(z, {0.666666666666673441, 0.399999999994146989, 0.285714287423843026, 0.222221985734317964,
                                      0.181835643167940975, 0.153140507228873837, 0.147959485243314784});
        tail = s * (half_square + z * p);
    }
    const Code correction = strict::sub(strict::add(tail, strict::mul(e, low)), half_square);
    return strict::add(strict::add(f, correction), strict::mul(e, high));
}

double least_normal(const Code& x) { return x.type().bits() == 32 ? 0x1p-126 : 0x1p-1022; }

/// The value of log(u) at the edges of its domain, `inside` elsewhere.
Code with_edges(const Code& u, const Code& inside) {
    const Code zero = choose(strict::equal(u, number(u, 0)), strict::sub(u, infinity_like(u)), inside);
    const Code negative = choose(strict::less(u, number(u, 0)), hidden_nan(u), zero);
    return choose(strict::is_finite(u) || strict::less(u, number(u, 0)), negative, u);  // infinity and NaN are their own logarithms
}

Code log_of(const Code& x) {
    const int up = x.type().bits() == 32 ? 24 : 54;
    const Code subnormal = strict::less(x, number(x, least_normal(x)));
    const Code normal = choose(subnormal, strict::mul(x, number(x, std::ldexp(1.0, up))), x);
    const auto [e, m] = split(normal);
    const auto zero = Halide::Internal::make_zero(e.type());
    return with_edges(x, assemble(e - Halide::select(subnormal, zero + up, zero), strict::sub(m, number(x, 1))));
}

// u = 1 + x rounds, by c; f = mantissa(u) - 1 + c 2^-e is x itself where e = 0.
Code log1p_of(const Code& x) {
    const bool single = x.type().bits() == 32;
    const Code one = number(x, 1);
    const Code u = strict::add(one, x);
    const Code small = strict::sub(x, strict::sub(u, one)), large = strict::sub(one, strict::sub(u, x));
    const Code c = choose(strict::less(one, x), large, small);
    const auto [e, m] = split(u);
    // From e = 100 on, c is nothing beside u, and 2^-e would leave the format at last.
    const Code shift = Halide::min(e, Halide::Internal::make_const(e.type(), 100));
    const Code f = strict::add(strict::sub(m, one), scale_normal(one, -shift) * choose(strict::is_finite(x), c, number(x, 0)));
    const Code y = with_edges(u, assemble(e, f));
    // -0 and numbers that vanish beside 1 are their own log1p.
    return choose(strict::less(magnitude(x), number(x, single ? 0x1p-26 : 0x1p-55)), x, y);
}

}  // namespace

Code log_single(const Code& x) { return log_of(x); }
Code log_double(const Code& x) { return log_of(x); }
Code log1p_single(const Code& x) { return log1p_of(x); }
Code log1p_double(const Code& x) { return log1p_of(x); }

}  // namespace dlc::scalars
