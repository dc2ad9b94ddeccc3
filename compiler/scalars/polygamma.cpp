// psi_n(x) for x > 0: the recurrence psi_n(x) = psi_n(x + 1) - (-1)^n n! / x^(n+1) moves x beyond 16 + n, where the asymptotic
// series (Abramowitz & Stegun 6.3.18, 6.4.11) is good to f64.
#include "compiler/scalars/polygamma.h"

#include <cmath>
#include <limits>

#include "compiler/scalars/logarithm.h"
#include "compiler/scalars/tangent.h"
#include "dsl/source/diagnostic.h"

namespace dlc::scalars {
namespace {

constexpr double kBernoulli[] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6};  // B_2, B_4, …

int steps(int order) { return 16 + order; }

/// The coefficients of 1/y^2 in psi_n(y) = ±y^-n (c0 + n! / 2y + sum c_k y^-2k), k from 1.
double coefficient(int order, int k) {
    const double factorials = std::exp(std::lgamma(2.0 * k + order) - std::lgamma(2.0 * k + 1));
    return kBernoulli[k - 1] * factorials;
}

double natural_log(double x) { return std::log(x); }
Code natural_log(const Code& x) { return log_double(x); }

/// T is double or f64 code.
template <class T>
T series(int order, const T& x) {
    const auto power = [](const T& base, int n) {
        T p = base;
        for (int i = 1; i < n; ++i) p = p * base;
        return p;
    };
    const double factorial = std::tgamma(order + 1.0), sign = order % 2 ? 1 : -1;
    T recurrence = T(1.0) / power(x, order + 1);
    for (int i = 1; i < steps(order); ++i) recurrence = recurrence + T(1.0) / power(x + T(1.0 * i), order + 1);
    const T y = x + T(1.0 * steps(order)), z = T(1.0) / (y * y);
    T sum = z * T(coefficient(order, std::size(kBernoulli)));
    for (int k = static_cast<int>(std::size(kBernoulli)) - 1; k >= 1; --k) sum = (sum + T(coefficient(order, k))) * z;
    if (order == 0) return natural_log(y) - T(0.5) / y - sum - recurrence;
    const T tail = (T(std::tgamma(1.0 * order)) + T(0.5 * factorial) / y + sum) / power(y, order);
    return T(sign) * (tail + T(factorial) * recurrence);
}

}  // namespace

double polygamma(int order, double x) { return x > 0 ? series<double>(order, x) : std::numeric_limits<double>::quiet_NaN(); }

Code polygamma(int order, const Code& x, ir::Type result) {
    const Code y = Halide::cast(x.type(), series<Code>(order, Halide::cast<double>(x)));
    const Code inside = choose(strict::less(number(x, 0), x), y, hidden_nan(x));
    const Code end = order == 0 ? x : number(x, 0);
    return Halide::cast(halide_type(result), choose(strict::is_infinite(x) && strict::less(number(x, 0), x), end, inside));
}

}  // namespace dlc::scalars

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, polygamma_) = {
    .name = "polygamma",
    .doc = "the derivative of order a of digamma at b; a is a constant integer >= 0; NaN unless b > 0; f32 to 0.51 ulp",
    .arity = 2,
    .result = Scalar::real,
    .partial = true,
    .domain = {{1, 1}, {0.25, 6}},
    .tangent = [](const Site& s) { return along(s, 1, [&] {
                                       return apply("polygamma", {s.args[0] + 1.0, s.args[1]});
                                   }); },
    .meaning = [](std::span<const double> x, Type) { return polygamma(static_cast<int>(x[0]), x[1]); },
    .lower =
        [](std::span<const Code> x, Type t) {
            const auto order = Halide::Internal::as_const_float(Halide::cast<double>(x[0]));
            DLC_ASSERT(order, "the order of a polygamma is a constant");
            return polygamma(static_cast<int>(*order), x[1], t);
        },
};

}  // namespace dlc::ir::rows
