#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, sign) = {
    .name = "sign",
    .doc = "-1, 0 or 1; NaN of NaN",
    .result = Scalar::same,
    .meaning = [](std::span<const double> x, Type) { return x[0] > 0   ? 1.0
                                                            : x[0] < 0 ? -1.0
                                                                       : x[0]; },
    .lower =
        [](std::span<const Code> x, Type) {
            const Code zero = number(x[0], 0), one = number(x[0], 1), below = number(x[0], -1);
            if (x[0].type().is_float()) return choose(strict::less(zero, x[0]), one, choose(strict::less(x[0], zero), below, x[0]));
            return Halide::select(x[0] > zero, one, x[0] < zero, below, zero);
        },
};

}  // namespace dlc::ir::rows
