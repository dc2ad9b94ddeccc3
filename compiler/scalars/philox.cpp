// counter = (position low, position high ^ step high, step low, site low), key = (seed low, seed high ^ site high): two draws of
// one seed coincide only if step or position reaches 2^32, and then only where the high words cancel.
#include "compiler/scalars/philox.h"

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::scalars {
namespace {

/// A 32-bit word of code in the low half of 64 bits, the high half being anything: the vector instruction that multiplies words
/// takes and gives them so.
struct Word {
    Code value;
};
struct CodePair {
    Word high, low;
};
Code wide(std::uint64_t a) { return Halide::Internal::make_const(Halide::UInt(64), a); }
Word operator^(const Word& a, const Word& b) { return {a.value ^ b.value}; }
Word operator+(const Word& a, std::uint32_t b) { return {a.value + wide(b)}; }
CodePair multiply(std::uint32_t a, const Word& b) {
    const Code product = (b.value & wide(0xffffffff)) * wide(a);
    return {{product >> 32}, {product}};
}

std::uint32_t low(std::int64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::int64_t x) { return static_cast<std::uint32_t>(static_cast<std::uint64_t>(x) >> 32); }
Word low(const Code& x) { return {Halide::reinterpret<std::uint64_t>(x)}; }
Word high(const Code& x) { return {low(x).value >> 32}; }

/// The first of the four words.
template <class W, class Integer>
W word(const Integer& seed, const Integer& step, const Integer& site, const Integer& position) {
    return philox4x32<W>({low(position), high(position) ^ high(step), low(step), low(site)},
                         {low(seed), high(seed) ^ high(site)})[0];
}

}  // namespace
}  // namespace dlc::scalars

namespace dlc::ir::rows {

using namespace scalars;

// 23 bits and a half: 2 b + 1 has 24 bits, so the value is exact in f32 and never 0 or 1.
DLC_ROW(Scalar, philox) = {
    .name = "philox",
    .doc =
        "uniform in (0, 1), an odd multiple of 2^-24, by seed, step, site and position (Philox4x32-10); the same on every target",
    .arity = 4,
    .result = Scalar::given,
    .domain = {{0, 1e6}, {0, 1e6}, {0, 1e6}, {0, 1e6}},
    .meaning =
        [](std::span<const double> x, Type) {
            const auto integer = [&](int i) { return static_cast<std::int64_t>(x[i]); };
            const auto bits = word<std::uint32_t, std::int64_t>(integer(0), integer(1), integer(2), integer(3));
            return (bits >> 9) * 0x1p-23 + 0x1p-24;
        },
    .lower =
        [](std::span<const Code> x, Type t) {
            const auto integer = [&](int i) { return Halide::cast<std::int64_t>(x[i]); };
            const Code bits = word<Word, Code>(integer(0), integer(1), integer(2), integer(3)).value;
            const Code odd = Halide::cast<std::int32_t>(Halide::cast<std::uint32_t>(bits) >> 9) * 2 + 1;
            const Halide::Type real = t == Type::f64 ? Halide::Float(64) : Halide::Float(32);
            return Halide::cast(halide_type(t), Halide::cast(real, odd) * Halide::Internal::make_const(real, 0x1p-24));
        },
};

}  // namespace dlc::ir::rows
