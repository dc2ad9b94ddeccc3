#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// a + a^3 p(a^2) for small a (scripts/minimax.py), else 1 - 2 / (1 + e^2|a|).
static Code tanh_single(const Code& x) {
    const Code a = magnitude(x), split = number(x, 0.625), end = number(x, 10);
    const Code small = choose(strict::less(a, split), x, number(x, 0)), z = strict::mul(small, small);
    const Code p = polynomial(
        z, {-0.333332840065670459, 0.133314928213935487, -0.0537435766125295685, 0.0206507246370910735, -0.0057171032473463236});
    const Code far = choose(strict::less(a, end), a, end);  // tanh(10) is 1 in f32
    const Code rest = strict::div(number(x, 2), one_plus_exp(strict::mul(number(x, 2), far)));
    const Code large = with_sign_of(strict::sub(number(x, 1), rest), x);
    const Code y = choose(strict::less(a, split), strict::add(small, strict::mul(strict::mul(small, z), p)), large);
    return choose(strict::is_nan(x), x, y);
}

// t / (t + 2) with t = e^(2|a|) - 1.
static Code tanh_double(const Code& x) {
    const Code end = number(x, 22), a = magnitude(x);
    const Code t = expm1_double(strict::mul(number(x, 2), choose(strict::less(a, end), a, end)));
    return choose(strict::is_nan(x), x, with_sign_of(strict::div(t, strict::add(t, number(x, 2))), x));
}

DLC_ROW(Scalar, tanh) = {
    .name = "tanh",
    .doc = "hyperbolic tangent; f32 to 1.3 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return 1.0 - s.out * s.out; }); },
    .meaning = [](std::span<const double> x, Type) { return std::tanh(x[0]); },
    .lower = by_precision<tanh_single, tanh_double>,
};

}  // namespace dlc::ir::rows
