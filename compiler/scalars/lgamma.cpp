#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

static Code lgamma_double(const Code& x) { return libm("lgamma", {x}); }
// libm's own f32 version is off by 3 ulp.
static Code lgamma_single(const Code& x) {
    const Code y = Halide::cast<float>(lgamma_double(Halide::cast<double>(x)));
    return choose(strict::is_finite(x), y, magnitude(x));
}

DLC_ROW(Scalar, lgamma) = {
    .name = "lgamma",
    .doc = "log |gamma(a)|; inf at 0, -1, -2, …; computed by libm; f32 to 0.51 ulp",
    .result = Scalar::real,
    .partial = true,
    .domain = {{0.25, 6}},
    .tangent = [](const Site& s) { return along(s, 0, [&] { return apply("digamma", {s.args[0]}); }); },
    .meaning = [](std::span<const double> x, Type) { return std::lgamma(x[0]); },
    .lower = by_precision<lgamma_single, lgamma_double>,
};

}  // namespace dlc::ir::rows
