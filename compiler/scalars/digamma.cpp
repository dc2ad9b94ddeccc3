#include "compiler/scalars/polygamma.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, digamma) = {
    .name = "digamma",
    .doc = "the derivative of lgamma; NaN unless a > 0; f32 to 0.51 ulp",
    .result = Scalar::real,
    .partial = true,
    .domain = {{0.25, 6}},
    .tangent = [](const Site& s) { return along(s, 0, [&] {
                                       return apply("polygamma", {one_like(s.args[0]), s.args[0]});
                                   }); },
    .meaning = [](std::span<const double> x, Type) { return polygamma(0, x[0]); },
    .lower = [](std::span<const Code> x, Type t) { return polygamma(0, x[0], t); },
};

}  // namespace dlc::ir::rows
