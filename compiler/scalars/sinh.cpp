#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// (t + t / (t + 1)) / 2 with t = e^|a| - 1, in f64, which does not overflow before the result does in f32.
Code sinh_single(const Code& x) {
    const Code wide = Halide::cast<double>(x), a = magnitude(wide), end = Code(100.0);
    const Code t = expm1_double(choose(strict::less(a, end), a, end));
    const Code y = with_sign_of((t + t / (t + 1)) * Code(0.5), wide);
    return Halide::cast<float>(choose(strict::is_nan(wide), wide, y));
}
Code sinh_double(const Code& x) { return Halide::sinh(x); }

DLC_ROW(Scalar, sinh) = {
    .name = "sinh",
    .doc = "hyperbolic sine",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return apply("cosh", {s.args[0]}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::sinh(x[0]); },
    .lower = by_precision<sinh_single, sinh_double>,
};

}  // namespace dlc::ir::rows
