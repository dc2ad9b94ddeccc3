#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// In f64, where e^(-a^2) needs no compensation: (1 + 2 a) e^(a^2) erfc(a) is a polynomial in (a - 4) / (a + 4), by
// scripts/minimax.py.
static Code erfc_single(const Code& x) {
    const Code size = magnitude(x), end = number(x, 11);
    const Code a = Halide::cast<double>(choose(strict::less(size, end), size, end));
    const Code q = (a - 4) / (a + 4);
    const Code p =
        polynomial(q, {1.232995118807219, -0.139621118218445112, 0.0153796193943483964, 0.068097120411445407, -0.101038074225926665,
                       0.0937324293026913112, -0.0663413362169184466, 0.0371615069042353427, -0.0161482778463815285,
                       0.00509504464180498997, -0.000821853363828950449, -0.000354894296432213562, 0.0000848923551211783656});
    const Code upper = exp_inside(strict::sub(Code(0.0), strict::mul(a, a))) * (p / (1 + 2 * a));
    const Code y = choose(strict::less(x, number(x, 0)), strict::sub(Code(2.0), upper), upper);
    return choose(strict::is_nan(x), x, Halide::cast<float>(y));
}
static Code erfc_double(const Code& x) { return libm("erfc", {x}); }

DLC_ROW(Scalar, erfc) = {
    .name = "erfc",
    .doc = "1 - erf(a), relatively accurate while it is a normal number; f32 to 0.51 ulp",
    .result = Scalar::real,
    .tangent =
        [](const Site& s) {
            return along(s, 0, [&] { return -1.12837916709551257390 * apply("exp", {-(s.args[0] * s.args[0])}); });
        },
    .meaning = [](std::span<const double> x, Type) { return std::erfc(x[0]); },
    .lower = by_precision<erfc_single, erfc_double>,
};

}  // namespace dlc::ir::rows
