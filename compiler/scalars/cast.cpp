#include <algorithm>
#include <cmath>

#include "compiler/scalars/half.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// Halide leaves the conversion of a real outside an integer's range undefined; this one saturates, and NaN becomes 0.
static Code to_integer(const Code& x, const Halide::Type& t) {
    const Code wide = Halide::cast<double>(x);
    // 2^63 is a double, 2^63 - 1 is not: the largest i64 that is a double stands for it.
    const double low = t.is_uint() ? 0 : -std::ldexp(1.0, t.bits() - 1);
    const double high =
        t.bits() == 64 ? std::nextafter(std::ldexp(1.0, 63), 0) : std::ldexp(1.0, t.bits() - (t.is_uint() ? 0 : 1)) - 1;
    const Code inside = Halide::clamp(Halide::select(strict::is_nan(x), Code(0.0), wide), Code(low), Code(high));
    return Halide::cast(t, inside);
}

DLC_ROW(Scalar, cast) = {
    .name = "cast",
    .doc =
        "a as another type; a real becomes an integer towards 0, saturating, NaN 0, a 16-bit real once to even; a bool is a != 0",
    .result = Scalar::given,
    .tangent = [](const Site& s) { return s.dargs[0] && is_real(s.out->type) ? convert(s.dargs[0], s.out->type) : Expr(); },
    .meaning =
        [](std::span<const double> x, Type to) {
            if (to == Type::boolean) return x[0] != 0 ? 1.0 : 0.0;
            if (is_real(to)) return rounded(x[0], to);
            const int width = static_cast<int>(bytes(to)) * 8;
            const double low = to == Type::u8 ? 0 : -std::ldexp(1.0, width - 1);
            const double high = to == Type::u8 ? 255 : to == Type::i64 ? std::nextafter(std::ldexp(1.0, 63), 0) : -low - 1;
            return std::isnan(x[0]) ? 0 : std::trunc(std::min(std::max(x[0], low), high));
        },
    .lower =
        [](std::span<const Code> x, Type to) {
            const Halide::Type t = halide_type(to);
            if (to == Type::boolean) return truth(x[0]);
            if (is_half(to)) {
                // An integer is exact in f64 where it matters.
                const Code real = x[0].type().is_float() ? x[0] : Halide::cast<double>(x[0]);
                return half_of_bits(bits_of_half(real, to), to);
            }
            return x[0].type().is_float() && is_integer(to) ? to_integer(x[0], t) : Halide::cast(t, x[0]);
        },
};

}  // namespace dlc::ir::rows
