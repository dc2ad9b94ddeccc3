#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

Code sigmoid_of(const Code& x) {
    const Code minus = strict::sub(number(x, 0), x);
    const Code e = x.type().bits() == 32 ? exp_single(minus) : exp_double(minus);
    return strict::div(number(x, 1), strict::add(number(x, 1), e));
}

DLC_ROW(Scalar, sigmoid) = {
    .name = "sigmoid",
    .doc = "1 / (1 + e^-a); 0 where e^-a overflows",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return s.out * (1.0 - s.out); }); },
    .meaning = [](std::span<const double> x, Type) { return 1 / (1 + std::exp(-x[0])); },
    .lower = by_precision<sigmoid_of, sigmoid_of>,
};

}  // namespace dlc::ir::rows
