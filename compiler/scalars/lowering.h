// What the code of scalar primitives is made of: types, operations that keep their IEEE meaning, bits, polynomials.
//
// Kernels are compiled with fast floating-point: LLVM may reassociate `+ - *`, contract them to multiply-adds, and assume that
// there are no NaNs and infinities.  That is welcome inside a polynomial and fatal to a compensated sum, an argument reduction or a
// test for NaN.  Operations of `strict` are never rearranged, contracted or dropped, by LLVM or by Halide's simplifier.  Three
// things follow.
//
// - A chosen infinity or NaN must not be a constant: in `(x > 88 ? inf : y) + 1`, fast, LLVM takes y.  `hidden_infinity` and
// `hidden_nan` are
//   computed.  Sums, differences and products of programs are strict, or LLVM would take a product that is asked whether it is NaN
//   for a number; schedules of contractions multiply their two operands fast, so that `sum + a * b` becomes a multiply-add.
// - Conversions between f32 and f64 have no strict form: LLVM takes for granted that no NaN and no infinity passes, so code that
// computes
//   in f64 for f32 settles these before it widens and after it narrows.
// - A `strict` operation anywhere in a kernel keeps LLVM from assuming the absence of NaNs in the selects of the whole kernel.
#pragma once
#include <Halide.h>

#include <initializer_list>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "compiler/ir/row.h"
#include "compiler/ir/scalar.h"

namespace dlc::scalars {

using Code = Halide::Expr;

/// How a value of the type is computed with: a bool as a one-bit integer, f16 and bf16 as f32 (half.h has what memory holds).
Halide::Type halide_type(ir::Type);

/// A number of x's type.
Code number(const Code& x, double value);
Code nan_like(const Code& x);
Code infinity_like(const Code& x);

namespace strict {
Code add(const Code& a, const Code& b);
Code sub(const Code& a, const Code& b);
Code mul(const Code& a, const Code& b);
Code div(const Code& a, const Code& b);
Code less(const Code& a, const Code& b);        // false where either is NaN
Code less_equal(const Code& a, const Code& b);  // likewise
Code equal(const Code& a, const Code& b);       // likewise
Code is_nan(const Code& x);
Code is_finite(const Code& x);
Code is_infinite(const Code& x);
}  // namespace strict

/// Whether a value counts as true: a bool itself, a number where it is not 0 (NaN is true).
Code truth(const Code& x);

/// An infinity and a NaN of x's type that LLVM cannot see through, whatever x is, unless it is a constant.
Code hidden_infinity(const Code& x);
Code hidden_nan(const Code& x);
/// The value of a constant infinity or NaN; none for any other code.
std::optional<double> special_value(const Code& x);

/// The bits of a real as a signed integer of its width, and back.
Code bits(const Code& real);
Code real_of_bits(const Code& integer);
/// `condition ? then : otherwise` on bits: NaN and infinity pass unharmed whatever the floating-point mode.
Code choose(const Code& condition, const Code& then, const Code& otherwise);
/// |x|, the non-negative `magnitude` with the sign of x, and -x: exact for every x, zeros and NaNs included.
Code magnitude(const Code& x);
Code with_sign_of(const Code& magnitude, const Code& x);
Code negative(const Code& x);

/// c[0] + c[1] x + c[2] x^2 + …, by Horner's rule with multiply-adds.
Code polynomial(const Code& x, std::initializer_list<double> coefficients);

/// The nearest integer to x, ties to even; |x| < 2^22 (f32) or 2^51 (f64).
struct Nearest {
    Code real, integer;  // of x's width
};
Nearest nearest(const Code& x);
/// An integer as a real of its width; |n| < 2^22 (32 bits) or 2^51 (64 bits, which AVX2 cannot convert).
Code small_real(const Code& integer);
/// x * 2^n for an integer n of x's width, where x and the result are normal numbers.
Code scale_normal(const Code& x, const Code& n);

/// A C function of libm, called for one element at a time; its type is that of the arguments.
Code libm(const char* name, std::initializer_list<Code> args);

/// The `lower` of a real function: `single` computes in f32 (also for f16 and bf16), `full` in f64.
template <auto single, auto full>
Code by_precision(std::span<const Code> args, ir::Type result) {
    const bool wide = result == ir::Type::f64;
    std::vector<Code> x;
    for (const Code& a : args) x.push_back(Halide::cast(Halide::Float(wide ? 64 : 32), a));
    Code y;
    if constexpr (std::is_invocable_v<decltype(single), const Code&>) {
        y = wide ? full(x[0]) : single(x[0]);
    } else {
        y = wide ? full(x[0], x[1]) : single(x[0], x[1]);
    }
    return Halide::cast(halide_type(result), y);
}

}  // namespace dlc::scalars
