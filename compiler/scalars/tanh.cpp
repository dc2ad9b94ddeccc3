#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// t / (t + 2) with t = e^(2|a|) - 1 is good where it is small, 1 - 2 / (t + 2) where it is not.
Code tanh_of(const Code& x) {
    const bool single = x.type().bits() == 32;
    const Code far = number(x, single ? 10 : 22), a = magnitude(x);
    const Code doubled = strict::mul(number(x, 2), choose(strict::less(a, far), a, far));
    const Code t = single ? expm1_single(doubled) : expm1_double(doubled);
    const Code divisor = strict::add(t, number(x, 2));
    const Code y = strict::div(t, divisor);
    return choose(strict::is_nan(x), x, with_sign_of(y, x));
}

DLC_ROW(Scalar, tanh) = {
    .name = "tanh",
    .doc = "hyperbolic tangent",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return 1.0 - s.out * s.out; }); },
    .meaning = [](std::span<const double> x, Type) { return std::tanh(x[0]); },
    .lower = by_precision<tanh_of, tanh_of>,
};

}  // namespace dlc::ir::rows
