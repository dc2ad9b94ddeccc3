#include "compiler/scalars/floored.h"

#include <cmath>

namespace dlc::scalars {
namespace {

Floored of_integers(std::int64_t a, std::int64_t b) {
    if (b == 0) return {0, 0};
    if (b == -1) return {-static_cast<double>(a), 0};  // INT64_MIN / -1 traps
    std::int64_t q = a / b, r = a % b;
    if (r != 0 && (r < 0) != (b < 0)) --q, r += b;
    return {static_cast<double>(q), static_cast<double>(r)};
}

/// a - n b for the integer n nearest to a / b, or nearly so: finite a and b of f32, b not 0.  Exact: long division with digits of
/// 29 bits.  A digit times b has 53 bits, so every step is exact in f64; 2^277 > |a / b| takes ten of them.
Code nearest_remainder(const Code& a, const Code& b) {
    constexpr int digit = 29, steps = 10;
    const Code divisor = Halide::cast<double>(b), inverse = strict::div(Code(1.0), divisor);
    Code rest = Halide::cast<double>(a);
    for (int k = steps - 1; k >= 0; --k) {
        const Code scale(std::ldexp(1.0, digit * k)), unscale(std::ldexp(1.0, -digit * k));
        const Code n = nearest(strict::mul(strict::mul(rest, inverse), unscale)).real;
        rest = strict::sub(rest, strict::mul(n, strict::mul(divisor, scale)));
    }
    return Halide::cast<float>(rest);
}

/// The remainder in f32, before its sign is settled: |a| < |b| or so.  NaN where there is none.
Code remainder_of_f32(const Code& a, const Code& b) {
    const Code zero = number(b, 0);
    const Code whole = strict::is_infinite(b);
    const Code defined = strict::is_finite(a) && strict::less(zero, magnitude(b));
    const Code inside = defined && strict::is_finite(b);
    const Code rest = nearest_remainder(choose(inside, a, zero), choose(inside, b, number(b, 1)));
    return choose(inside, rest, choose(defined && whole, a, hidden_nan(a)));
}

}  // namespace

Floored floored(double a, double b, ir::Type type) {
    if (!ir::is_real(type)) return of_integers(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b));
    if (b == 0) return {std::floor(a / b), std::nan("")};
    const double first = std::fmod(a, b), quotient = std::nearbyint((a - first) / b);
    const bool other = first != 0 && (first < 0) != (b < 0);
    return other ? Floored{quotient - 1, first + b} : Floored{quotient, first};
}

FlooredCode floored(const Code& a, const Code& b) {
    const Halide::Type type = a.type();
    if (!type.is_float()) {
        // Halide's remainder is never negative.
        const Code q = a / b, r = a % b;
        if (type.is_uint()) return {q, r};
        const Code lower = b < 0 && r != 0;
        return {Halide::select(lower, q - 1, q), Halide::select(lower, r + b, r)};
    }
    const Code first = type.bits() == 64 ? libm("fmod", {a, b}) : remainder_of_f32(a, b), zero = number(a, 0);
    const Code other = (strict::less(first, zero) && strict::less(zero, b)) || (strict::less(zero, first) && strict::less(b, zero));
    // a - first is a multiple of b; an infinite b has a quotient of 0 or -1.
    const Code divisor = choose(strict::is_infinite(b), number(b, 1), b);
    const Code exact = Halide::round(
        strict::div(strict::sub(Halide::cast<double>(a), Halide::cast<double>(first)), Halide::cast<double>(divisor)));
    const Code q = Halide::cast(type, Halide::select(other, strict::sub(exact, Code(1.0)), exact));
    const Code undefined = choose(strict::equal(b, zero), strict::div(a, b), hidden_nan(a));
    return {choose(strict::is_nan(first), undefined, q), choose(other, strict::add(first, b), first)};
}

}  // namespace dlc::scalars
