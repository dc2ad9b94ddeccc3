#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// (t + t / (t + 1)) / 2 with t = e^|a| - 1, in f64, which does not overflow before the result does in f32.
static Code sinh_single(const Code& x) {
    const Code end = number(x, 100), a = magnitude(x);
    const Code t = expm1_double(Halide::cast<double>(choose(strict::less(a, end), a, end)));
    const Code y = with_sign_of(Halide::cast<float>((t + t / (t + 1)) * Code(0.5)), x);
    return choose(strict::is_nan(x), x, y);
}
static Code sinh_double(const Code& x) { return Halide::sinh(x); }

DLC_ROW(Scalar, sinh) = {
    .name = "sinh",
    .doc = "hyperbolic sine; f32 to 0.51 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return apply("cosh", {s.args[0]}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::sinh(x[0]); },
    .lower = by_precision<sinh_single, sinh_double>,
};

}  // namespace dlc::ir::rows
