#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

static Code sigmoid_of(const Code& x) {
    const bool single = x.type().bits() == 32;
    const Code least = number(x, single ? -87.3365402 : -708.3964185322641), most = number(x, single ? 20 : 40);
    const Code above = choose(strict::less(least, x), x, least), inside = choose(strict::less(above, most), above, most);
    const Code y = strict::div(number(x, 1), one_plus_exp(strict::sub(number(x, 0), inside)));
    return choose(strict::is_nan(x), x, choose(strict::less(x, least), number(x, 0), y));
}

DLC_ROW(Scalar, sigmoid) = {
    .name = "sigmoid",
    .doc = "1 / (1 + e^-a); 0 where e^-a overflows; f32 to 1.9 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return s.out * (1.0 - s.out); }); },
    .meaning = [](std::span<const double> x, Type) { return 1 / (1 + std::exp(-x[0])); },
    .lower = by_precision<sigmoid_of, sigmoid_of>,
};

}  // namespace dlc::ir::rows
