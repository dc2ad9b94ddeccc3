#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// In f64, which does not overflow before the result does in f32.
static Code cosh_single(const Code& x) {
    const Code end = number(x, 100), a = magnitude(x);
    const Code e = exp_inside(Halide::cast<double>(choose(strict::less(a, end), a, end)));
    return choose(strict::is_nan(x), x, Halide::cast<float>((e + 1 / e) * Code(0.5)));
}
static Code cosh_double(const Code& x) { return Halide::cosh(x); }

DLC_ROW(Scalar, cosh) = {
    .name = "cosh",
    .doc = "hyperbolic cosine; f32 to 0.51 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return apply("sinh", {s.args[0]}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::cosh(x[0]); },
    .lower = by_precision<cosh_single, cosh_double>,
};

}  // namespace dlc::ir::rows
