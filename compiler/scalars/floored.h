// Division that rounds towards minus infinity and its remainder, which has the divisor's sign, over integers and reals.
#pragma once
#include "compiler/scalars/lowering.h"

namespace dlc::scalars {

struct Floored {
    double quotient, remainder;
};
/// Exact where the quotient is below 2^53.  Integers: both 0 for b = 0.  Reals: NaN remainder for b = 0.
Floored floored(double a, double b, ir::Type);

struct FlooredCode {
    Code quotient, remainder;
};
/// Integers, f32 and f64; f64 calls libm, all else is vector code.  Reals are exact but for the last addition or subtraction.
FlooredCode floored(const Code& a, const Code& b);

}  // namespace dlc::scalars
