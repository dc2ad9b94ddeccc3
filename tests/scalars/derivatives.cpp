// Every primitive's derivative, and the derivative of that, against central differences of its meaning in double.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>

#include "tests/scalars/expressions.h"

namespace dlc::test {
namespace {

using ir::Expr;

struct Applied {
    Expr expression;
    std::vector<ir::Domain> domains;  // of leaves
    std::vector<Expr> direction;      // of leaves: the directions are leaves too, after the arguments
};

/// s over leaves; the condition of a choice and arguments with one value stay fixed.
Applied applied(const ir::Scalar& s, std::mt19937_64& random) {
    Applied a;
    std::vector<Expr> args;
    for (int i = 0; i < s.arity; ++i) {
        const auto [low, high] = domain_of(s, i);
        if (s.result == ir::Scalar::second && i == 0) {
            args.push_back(Expr::constant(random() % 2, ir::Type::boolean));
        } else if (low == high) {
            args.push_back(Expr::constant(low, ir::Type::f64));
        } else {
            args.push_back(leaf(a.domains.size()));
            a.domains.push_back({low, high});
        }
    }
    const std::uint32_t n = a.domains.size();
    for (std::uint32_t i = 0; i < n; ++i) a.direction.push_back(leaf(n + i));
    a.expression = Expr::call(s, args, ir::Type::f64);
    return a;
}

/// Slope of f at 0 by central differences with Richardson's extrapolation; NaN where two step sizes disagree, beside a kink or a
/// jump.
template <class F>
double slope(const F& f) {
    const auto central = [&](double h) { return (f(h) - f(-h)) / (2 * h); };
    const double coarse = central(2e-4), fine = central(1e-4), finer = central(5e-5);
    const double a = (4 * fine - coarse) / 3, b = (4 * finer - fine) / 3;
    return std::abs(a - b) <= 1e-7 * (1 + std::abs(b)) ? b : std::nan("");
}

/// Compares `claimed` (empty: 0) with the slope of `e`; how many points counted.
int compare(const Applied& a, const Expr& e, const Expr& claimed, std::mt19937_64& random, int points) {
    int counted = 0;
    const std::size_t n = a.domains.size();
    for (int k = 0; k < points; ++k) {
        std::vector<double> at(2 * n);
        for (std::size_t i = 0; i < n; ++i) {
            at[i] = std::uniform_real_distribution(a.domains[i].low, a.domains[i].high)(random);
            at[n + i] = std::uniform_real_distribution(-1.0, 1.0)(random);
        }
        const double expected = slope([&](double h) {
            std::vector<double> moved = at;
            for (std::size_t i = 0; i < n; ++i) moved[i] += h * at[n + i];
            return e ? value(e, moved) : 0.0;
        });
        if (std::isnan(expected)) continue;
        ++counted;
        const double got = claimed ? value(claimed, at) : 0.0;
        EXPECT_NEAR(got, expected, 2e-6 * (1 + std::abs(expected))) << "at " << testing::PrintToString(at);
        if (testing::Test::HasFailure()) return counted;
    }
    return counted;
}

class PropertyScalarDerivative : public testing::TestWithParam<Named> {};

TEST_P(PropertyScalarDerivative, IsTheSlopeOfTheMeaningToSecondOrder) {
    const ir::Scalar& s = *GetParam().scalar;
    if (s.name == "stop_gradient") GTEST_SKIP() << "constant by definition";
    if (s.name == "philox") GTEST_SKIP() << "a function of integers";
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int repeat = 0; repeat < 4; ++repeat) {  // other conditions of a choice
        const Applied a = applied(s, random);
        const Expr first = derivative(a.expression, a.direction);
        EXPECT_GT(compare(a, a.expression, first, random, 200), 150) << "most of the domain is smooth";
        // The direction's own leaves do not change.
        std::vector<Expr> direction = a.direction;
        direction.resize(2 * a.domains.size());
        if (first) { EXPECT_GT(compare(a, first, derivative(first, direction), random, 200), 150); }
    }
}

INSTANTIATE_TEST_SUITE_P(Every, PropertyScalarDerivative, testing::ValuesIn(every_scalar()),
                         [](const auto& info) { return std::string(info.param.scalar->name); });

double slope_at(std::string_view name, std::vector<double> at, std::size_t along) {
    std::vector<Expr> args, direction(at.size());
    for (std::size_t i = 0; i < at.size(); ++i) args.push_back(leaf(i));
    direction[along] = Expr::constant(1, ir::Type::f64);
    const Expr d = derivative(Expr::call(name, args), direction);
    return d ? value(d, at) : 0;
}

TEST(ScalarDerivative, GivesTiesToTheSecondArgument) {
    EXPECT_EQ(slope_at("max", {0, 0}, 0), 0);
    EXPECT_EQ(slope_at("max", {0, 0}, 1), 1);
    EXPECT_EQ(slope_at("min", {2, 2}, 0), 0);
    EXPECT_EQ(slope_at("min", {2, 2}, 1), 1);
    EXPECT_EQ(slope_at("abs", {0}, 0), 0);
}

TEST(ScalarDerivative, OfAPowerIsRightAtZero) {
    EXPECT_EQ(slope_at("pow", {0, 2}, 0), 0);
    EXPECT_EQ(slope_at("pow", {0, 1}, 0), 1);
    EXPECT_EQ(slope_at("pow", {0, 0}, 0), 0);
    EXPECT_EQ(slope_at("pow", {0, 2}, 1), 0);
    EXPECT_EQ(slope_at("pow", {-2, 3}, 0), 12);
    EXPECT_EQ(slope_at("pow", {-2, 3}, 1), 0);
}

// The choice itself is differentiated: 0 * inf would be NaN.
TEST(ScalarDerivative, OfABranchNotTakenIsExactlyZero) {
    const Expr x = leaf(0), zero = ir::zero_like(x);
    const Expr guarded = ir::select(ir::greater(x, zero), Expr::call("log", {x}), zero);
    const std::vector<Expr> direction = {Expr::constant(1, ir::Type::f64)};
    const double at[] = {0};
    EXPECT_EQ(value(derivative(guarded, direction), at), 0);
    EXPECT_EQ(value(derivative(derivative(guarded, direction), direction), at), 0);
    const Expr clipped = Expr::call("max", {Expr::call("sqrt", {x}), Expr::constant(1, ir::Type::f64)});
    EXPECT_EQ(value(derivative(clipped, direction), at), 0);
}

}  // namespace
}  // namespace dlc::test
