#include "compiler/scalars/lowering.h"

#include <bit>
#include <cmath>

namespace dlc::scalars {
namespace {

using Halide::Internal::Call;

Code intrinsic(Call::IntrinsicOp op, const Halide::Type& type, const Code& a, const Code& b) {
    return Call::make(type, op, {a, b}, Call::PureIntrinsic);
}

/// 1.5 * 2^fraction: adding it leaves the nearest integer in the low bits of the sum.
double rounder(const Code& x) { return x.type().bits() == 32 ? 12582912.0 : 6755399441055744.0; }
int fraction_bits(const Code& x) { return x.type().bits() == 32 ? 23 : 52; }
Code sign_bit(const Code& x) {
    const auto type = Halide::Int(x.type().bits());
    return Halide::Internal::make_const(type, type.bits() == 32 ? std::int64_t{INT32_MIN} : INT64_MIN);
}

/// The bits of a constant, be it written as a number or as bits.
std::optional<std::uint64_t> constant_bits(const Code& x) {
    if (const auto* i = x.as<Halide::Internal::IntImm>()) return static_cast<std::uint64_t>(i->value);
    if (const auto* u = x.as<Halide::Internal::UIntImm>()) return u->value;
    if (const auto* f = x.as<Halide::Internal::FloatImm>()) {
        return x.type().bits() == 32 ? std::bit_cast<std::uint32_t>(static_cast<float>(f->value))
                                     : std::bit_cast<std::uint64_t>(f->value);
    }
    if (const auto* r = x.as<Halide::Internal::Reinterpret>()) return constant_bits(r->value);
    if (const auto* call = x.as<Call>(); call && call->is_intrinsic(Call::bitwise_or)) {
        const auto a = constant_bits(call->args[0]), b = constant_bits(call->args[1]);
        if (a && b) return *a | *b;
    }
    return {};
}

}  // namespace

Halide::Type halide_type(ir::Type t) {
    switch (t) {
        case ir::Type::boolean: return Halide::Bool();
        case ir::Type::i8: return Halide::Int(8);
        case ir::Type::u8: return Halide::UInt(8);
        case ir::Type::i32: return Halide::Int(32);
        case ir::Type::i64: return Halide::Int(64);
        case ir::Type::f16:
        case ir::Type::bf16:
        case ir::Type::f32: return Halide::Float(32);
        case ir::Type::f64: return Halide::Float(64);
    }
    return {};
}

Code number(const Code& x, double value) { return Halide::Internal::make_const(x.type(), value); }
Code nan_like(const Code& x) {
    const auto type = Halide::Int(x.type().bits());
    const std::int64_t quiet = type.bits() == 32 ? 0x7fc00000 : 0x7ff8000000000000;
    return Halide::reinterpret(x.type(), Halide::Internal::make_const(type, quiet));
}
Code infinity_like(const Code& x) {
    const auto type = Halide::Int(x.type().bits());
    const std::int64_t infinity = type.bits() == 32 ? 0x7f800000 : 0x7ff0000000000000;
    return Halide::reinterpret(x.type(), Halide::Internal::make_const(type, infinity));
}

namespace strict {
Code add(const Code& a, const Code& b) { return intrinsic(Call::strict_add, a.type(), a, b); }
Code sub(const Code& a, const Code& b) { return intrinsic(Call::strict_sub, a.type(), a, b); }
Code mul(const Code& a, const Code& b) { return intrinsic(Call::strict_mul, a.type(), a, b); }
// Halide refuses to divide by a constant 0 (a mean over nothing); times an infinity is the same for every a, NaN and 0 included.
// A divisor may also become one when loops are split at a border: its sign bit is flipped, which Halide does not see through and
// LLVM does.
Code div(const Code& a, const Code& b) {
    if (const auto divisor = Halide::Internal::as_const_float(b)) {
        if (*divisor == 0) return mul(std::signbit(*divisor) ? mul(a, number(a, -1)) : a, infinity_like(a));
        return intrinsic(Call::strict_div, a.type(), a, b);
    }
    return intrinsic(Call::strict_div, a.type(), negative(a), negative(b));
}
// Of sums and products that a kernel has just reduced LLVM is promised that they are neither NaN nor infinite, and it decides
// comparisons with those by that promise.  Their bits it compares as they are.
Code less(const Code& a, const Code& b) {
    const auto low = special_value(a), high = special_value(b);
    if (!low && !high) return intrinsic(Call::strict_lt, Halide::Bool(), a, b);
    if (low && high) return *low < *high ? Halide::Internal::const_true() : Halide::Internal::const_false();
    const Code& other = low ? b : a;
    if (low ? !(*low < 0) : !(*high > 0)) return Halide::Internal::const_false(other.type().lanes());
    const Code beyond = number(other, 0);
    return strict::is_finite(other) ||
           (strict::is_infinite(other) && (low ? bits(other) > bits(beyond) : bits(other) < bits(beyond)));
}
// Halide 21 compiles strict_le to a comparison that holds for NaN.
Code less_equal(const Code& a, const Code& b) { return less(a, b) || equal(a, b); }
Code equal(const Code& a, const Code& b) {
    const auto one = special_value(a), other = special_value(b);
    if (!one && !other) return intrinsic(Call::strict_eq, Halide::Bool(), a, b);
    if ((one && std::isnan(*one)) || (other && std::isnan(*other))) return Halide::Internal::const_false(a.type().lanes());
    if (one && other) return *one == *other ? Halide::Internal::const_true() : Halide::Internal::const_false();
    const Code& x = one ? b : a;
    const bool above = one.value_or(0) + other.value_or(0) > 0;
    return is_infinite(x) && (above ? bits(x) > bits(number(x, 0)) : bits(x) < bits(number(x, 0)));
}
Code is_nan(const Code& x) { return bits(magnitude(x)) > bits(infinity_like(x)); }
Code is_finite(const Code& x) { return bits(magnitude(x)) < bits(infinity_like(x)); }
// LLVM takes a comparison with the bits of an infinity for one of reals.
Code is_infinite(const Code& x) { return bits(magnitude(x)) == bits(hidden_infinity(x)); }
}  // namespace strict

Code truth(const Code& x) {
    if (x.type().is_bool()) return x;
    const Code zero = Halide::Internal::make_zero(x.type());
    return x.type().is_float() ? !strict::equal(x, zero) : x != zero;
}

Code hidden_infinity(const Code& x) {
    // Some number in [1, 2).
    const Code one = number(x, 1);
    const Code fraction = Halide::Internal::make_const(bits(x).type(), (std::int64_t{1} << fraction_bits(x)) - 1);
    return strict::mul(real_of_bits((bits(x) & fraction) | bits(one)), infinity_like(x));
}
Code hidden_nan(const Code& x) {
    const Code infinity = hidden_infinity(x);
    return strict::sub(infinity, infinity);
}
std::optional<double> special_value(const Code& x) {
    if (!x.type().is_float() || x.type().bits() < 32) return {};
    const auto pattern = constant_bits(x);
    if (!pattern) return {};
    const double value = x.type().bits() == 32 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(*pattern)))
                                               : std::bit_cast<double>(*pattern);
    return std::isfinite(value) ? std::optional<double>() : value;
}

Code bits(const Code& real) { return Halide::reinterpret(Halide::Int(real.type().bits()), real); }
Code real_of_bits(const Code& integer) { return Halide::reinterpret(Halide::Float(integer.type().bits()), integer); }
Code choose(const Code& condition, const Code& then, const Code& otherwise) {
    return real_of_bits(Halide::select(condition, bits(then), bits(otherwise)));
}
Code magnitude(const Code& x) { return real_of_bits(bits(x) & ~sign_bit(x)); }
Code with_sign_of(const Code& magnitude, const Code& x) { return real_of_bits(bits(magnitude) | (bits(x) & sign_bit(x))); }

Code negative(const Code& x) { return real_of_bits(bits(x) ^ sign_bit(x)); }

Code polynomial(const Code& x, std::initializer_list<double> coefficients) {
    auto c = std::rbegin(coefficients);
    Code sum = number(x, *c);
    while (++c != std::rend(coefficients)) sum = sum * x + number(x, *c);
    return sum;
}

Nearest nearest(const Code& x) {
    const Code r = number(x, rounder(x)), shifted = strict::add(x, r);
    return {strict::sub(shifted, r), bits(shifted) - bits(r)};
}
Code small_real(const Code& integer) {
    const Code r = Halide::Internal::make_const(Halide::Float(integer.type().bits()), 0);
    const Code rounding = number(r, rounder(r));
    return strict::sub(real_of_bits(integer + bits(rounding)), rounding);
}
Code scale_normal(const Code& x, const Code& n) { return real_of_bits(bits(x) + (n << fraction_bits(x))); }

Code libm(const char* name, std::initializer_list<Code> args) {
    return Call::make(args.begin()->type(), name, std::vector<Code>(args), Call::PureExtern);
}

}  // namespace dlc::scalars
