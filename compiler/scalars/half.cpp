#include "compiler/scalars/half.h"

#include "dsl/source/diagnostic.h"

namespace dlc::scalars {
namespace {

using Halide::cast;
using Halide::select;

constexpr std::uint32_t kMagnitude = 0x7fffffff, kInfinity = 0x7f800000;

Code word(std::uint32_t value) { return Halide::Internal::make_const(Halide::UInt(32), std::int64_t{value}); }
Code word_of(const Code& real) { return Halide::reinterpret(Halide::UInt(32), real); }
Code real_of(const Code& word) { return Halide::reinterpret(Halide::Float(32), word); }

/// An f64 as an f32 that is odd in the last place wherever it is not exact: rounding that again rounds the f64 once.
Code rounded_to_odd(const Code& x) {
    const Code near = cast<float>(x), back = cast<double>(near);
    const Code exact = strict::equal(back, x) || strict::is_nan(x);
    const Code towards_zero = word_of(near) - select(strict::less(magnitude(x), magnitude(back)), word(1), word(0));
    return select(exact, word_of(near), towards_zero | word(1));
}

Code bits_of_bf16(const Code& w) {
    const Code nearest = (w + word(0x7fff) + ((w >> 16) & word(1))) >> 16;
    return select((w & word(kMagnitude)) > word(kInfinity), (w >> 16) | word(0x40), nearest);
}

Code bits_of_f16(const Code& w) {
    const Code m = w & word(kMagnitude);
    constexpr std::uint32_t overflow = 143u << 23, normal = 113u << 23;  // 2^16, 2^-14
    // Below 2^-14 the last place is 2^-24, that of 0.5 in f32: an addition rounds.
    const Code small = word_of(strict::add(real_of(m), Code(0.5f))) - word_of(Code(0.5f));
    const Code nearest = (m - word(112u << 23) + word(0xfff) + ((m >> 13) & word(1))) >> 13;
    const Code large = select(m > word(kInfinity), word(0x7e00), word(0x7c00));
    return select(m >= word(overflow), large, m < word(normal), small, nearest) | ((w >> 16) & word(0x8000));
}

Code word_of_f16(const Code& bits) {
    const Code m = (bits & word(0x7fff)) << 13, exponent = m & word(0x1fu << 23);
    const Code special = m + word(224u << 23), normal = m + word(112u << 23);
    const Code subnormal = word_of(strict::sub(real_of(m + word(113u << 23)), real_of(word(113u << 23))));
    return select(exponent == word(0x1fu << 23), special, exponent == word(0), subnormal, normal) | ((bits & word(0x8000)) << 16);
}

}  // namespace

Code half_of_bits(const Code& bits, ir::Type half) {
    DLC_ASSERT(ir::is_half(half), "a 16-bit real");
    const Code wide = cast<std::uint32_t>(bits);
    return real_of(half == ir::Type::bf16 ? wide << 16 : word_of_f16(wide));
}

Code bits_of_half(const Code& real, ir::Type half) {
    DLC_ASSERT(ir::is_half(half), "a 16-bit real");
    const Code w = real.type().bits() == 64 ? rounded_to_odd(real) : word_of(real);
    return cast<std::uint16_t>(half == ir::Type::bf16 ? bits_of_bf16(w) : bits_of_f16(w));
}

}  // namespace dlc::scalars
