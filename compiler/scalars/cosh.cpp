#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// In f64, which does not overflow before the result does in f32.
Code cosh_single(const Code& x) {
    const Code wide = Halide::cast<double>(x), a = magnitude(wide), end = Code(100.0);
    const Code e = exp_inside(choose(strict::less(a, end), a, end));
    return Halide::cast<float>(choose(strict::is_nan(wide), wide, (e + 1 / e) * Code(0.5)));
}
Code cosh_double(const Code& x) { return Halide::cosh(x); }

DLC_ROW(Scalar, cosh) = {
    .name = "cosh",
    .doc = "hyperbolic cosine",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return apply("sinh", {s.args[0]}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::cosh(x[0]); },
    .lower = by_precision<cosh_single, cosh_double>,
};

}  // namespace dlc::ir::rows
