#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

// a + a p(a^2) for small a, else 1 - e^-q(|a|) with q approximating -log erfc; both by scripts/minimax.py.
static Code erf_single(const Code& x) {
    const Code a = magnitude(x), split = number(x, 0.92), end = number(x, 4);
    const Code small = choose(strict::less(a, split), x, number(x, 0)), z = strict::mul(small, small);
    const Code p = polynomial(z, {0.128379166495159214, -0.376126322877441593, 0.112836725638089959, -0.0268581048541980969,
                                  0.00519779788499064185, -0.000810596834047837858, 0.0000821542401574972427});
    const Code far = choose(strict::less(a, end), a, end);  // erf(4) is 1 in f32
    const Code q = polynomial(far, {0.000177512567474996823, 1.12774947925033307, 0.637059910150280584, 0.104037205918830914,
                                    -0.0222770049030711423, 0.00305558484360606594, -0.000197179192972393232});
    const Code large = strict::sub(number(x, 1), exp_inside(strict::sub(number(x, 0), q)));
    const Code y = choose(strict::less(a, split), strict::add(small, strict::mul(small, p)), with_sign_of(large, x));
    return choose(strict::is_nan(x), x, y);
}
static Code erf_double(const Code& x) { return libm("erf", {x}); }

DLC_ROW(Scalar, erf) = {
    .name = "erf",
    .doc = "error function; f32 to 1.4 ulp",
    .result = Scalar::real,
    .tangent =
        [](const Site& s) {
            return along(s, 0, [&] { return 1.12837916709551257390 * apply("exp", {-(s.args[0] * s.args[0])}); });
        },
    .meaning = [](std::span<const double> x, Type) { return std::erf(x[0]); },
    .lower = by_precision<erf_single, erf_double>,
};

}  // namespace dlc::ir::rows
