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

}  // namespace

Floored floored(double a, double b, ir::Type type) {
    if (!ir::is_real(type)) return of_integers(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b));
    if (b == 0) return {std::floor(a / b), std::nan("")};
    double r = std::fmod(a, b);
    if (r != 0 && (r < 0) != (b < 0)) r += b;
    return {std::nearbyint((a - r) / b), r};
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
    if (type.bits() == 64) {
        const Code first = libm("fmod", {a, b}), zero = number(a, 0);
        const Code other =
            (strict::less(first, zero) && strict::less(zero, b)) || (strict::less(zero, first) && strict::less(b, zero));
        const Code r = choose(other, strict::add(first, b), first);
        const Code none = strict::equal(b, zero);
        const Code q = Halide::round(strict::div(strict::sub(a, r), b));
        return {choose(none, strict::div(a, b), q), choose(none, nan_like(a), r)};
    }
    // In f64 the quotient of two f32 is never rounded onto or over an integer, and q b is exact.
    const Code x = Halide::cast<double>(a), y = Halide::cast<double>(b);
    const Code q = Halide::floor(strict::div(x, y));
    return {Halide::cast(type, q), Halide::cast(type, strict::sub(x, strict::mul(q, y)))};
}

}  // namespace dlc::scalars
