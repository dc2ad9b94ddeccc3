#include <cmath>

#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

static Code sign_of_real(const Code& x) {
    const Code zero = number(x, 0);
    return choose(strict::less(zero, x), number(x, 1), choose(strict::less(x, zero), number(x, -1), x));
}

DLC_ROW(Scalar, sign) = {
    .name = "sign",
    .doc = "-1, 0 or 1; NaN of NaN",
    .result = Scalar::same,
    .meaning = [](std::span<const double> x, Type) { return x[0] > 0   ? 1.0
                                                            : x[0] < 0 ? -1.0
                                                                       : x[0]; },
    .lower =
        [](std::span<const Code> x, Type t) {
            if (is_real(t)) return by_precision<sign_of_real, sign_of_real>(x, t);
            const Code zero = number(x[0], 0), one = number(x[0], 1);
            return halide_type(t).is_uint() ? Halide::select(x[0] > zero, one, zero)
                                            : Halide::select(x[0] > zero, one, x[0] < zero, number(x[0], -1), zero);
        },
};

}  // namespace dlc::ir::rows
