#include "compiler/scalars/floored.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

static Code remainder(const Code& a, const Code& b) { return floored(a, b).remainder; }

DLC_ROW(Scalar, mod) = {
    .name = "mod",
    .doc = "a - b floordiv(a, b), with b's sign; an integer modulo 0 is 0; f64 calls libm",
    .arity = 2,
    .domain = {{-8, 8}, {0.5, 4}},
    .tangent =
        [](const Site& s) {
            const Expr db = along(s, 1, [&] { return -apply("floordiv", {s.args[0], s.args[1]}); });
            return total(s.dargs[0], db);
        },
    .meaning = [](std::span<const double> x, Type t) { return floored(x[0], x[1], t).remainder; },
    .lower = [](std::span<const Code> x,
                Type t) { return is_real(t) ? by_precision<remainder, remainder>(x, t) : remainder(x[0], x[1]); },
};

}  // namespace dlc::ir::rows
