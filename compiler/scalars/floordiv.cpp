#include "compiler/scalars/floored.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

static Code quotient(const Code& a, const Code& b) { return floored(a, b).quotient; }

DLC_ROW(Scalar, floordiv) = {
    .name = "floordiv",
    .doc = "a / b rounded towards minus infinity, of the operands' type; an integer divided by 0 is 0; f64 calls libm",
    .arity = 2,
    .domain = {{-8, 8}, {0.5, 4}},
    .meaning = [](std::span<const double> x, Type t) { return floored(x[0], x[1], t).quotient; },
    .lower = [](std::span<const Code> x,
                Type t) { return is_real(t) ? by_precision<quotient, quotient>(x, t) : quotient(x[0], x[1]); },
};

}  // namespace dlc::ir::rows
