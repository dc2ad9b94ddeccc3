#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

static Code rsqrt_of(const Code& x) { return strict::div(number(x, 1), Halide::sqrt(x)); }

DLC_ROW(Scalar, rsqrt) = {
    .name = "rsqrt",
    .doc = "1 / sqrt(a); inf at 0, NaN below; f32 to 1.6 ulp",
    .result = Scalar::real,
    .partial = true,
    .domain = {{0.0625, 4}},
    .tangent = [](const Site& s) { return along(s, 0, [&] { return -0.5 * (s.out * s.out * s.out); }); },
    .meaning = [](std::span<const double> x, Type) { return 1 / std::sqrt(x[0]); },
    .lower = by_precision<rsqrt_of, rsqrt_of>,
};

}  // namespace dlc::ir::rows
