// `gatherize` on random equations: adjoints of first and second order and scatters of the user's, before and after, by the
// interpreter.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "compiler/ir/text.h"
#include "tests/passes/adjoints.h"

namespace dlc::passes {
namespace {

using autodiff::testing::Random;
using autodiff::testing::RandomEquation;
using autodiff::testing::Values;
using ir::Graph;
using testing::expect_equal;
using testing::gatherize;
using testing::Remains;
using testing::remains;
using testing::with_gradient;

constexpr std::uint64_t kSeed = 77;

struct Counts {
    int equations = 0, second = 0, scatters = 0, data_dependent = 0, inner_second = 0;
};

void check_equation(Random& random, int number, Counts& counts) {
    const RandomEquation e = autodiff::testing::random_equation(random);
    Values values = e.values;
    const Graph scattered = with_gradient(e.graph, "O", "dO", e.parameters, "d ", values);
    values["dO"] = random.normal(e.graph[e.graph.result("O")->node].shape);
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", equation " + std::to_string(number) + "\n" + ir::print(ir::share(scattered)));
    const Graph gathered = gatherize(scattered);
    expect_equal(scattered, gathered, values);
    const Remains left = remains(gathered);
    EXPECT_EQ(left.scatters, 0) << ir::print(gathered);
    EXPECT_EQ(left.inner_congruences, 0) << ir::print(gathered);
    EXPECT_TRUE(e.data_dependent || left.data_dependent_scatters == 0);
    ++counts.equations;
    counts.scatters += e.graph[e.graph.result("O")->node].equation()->scatter;
    counts.data_dependent += left.data_dependent_scatters > 0;

    if (number % 2) return;
    std::vector<std::string> inputs = e.parameters;
    inputs.push_back("dO");
    values["V"] = random.normal(values.at(e.parameters.front()).shape);
    const std::string first = "d " + e.parameters.front();
    // Differentiated twice in defining form and lowered once; then from the lowered gathers.
    const Graph twice = with_gradient(scattered, first, "V", inputs, "dd ", values);
    const Graph lowered = gatherize(twice);
    expect_equal(twice, lowered, values);
    const Graph again = with_gradient(gathered, first, "V", inputs, "dd ", values);
    const Graph lowered_again = gatherize(again);
    expect_equal(twice, lowered_again, values);
    EXPECT_EQ(remains(lowered).scatters, 0);
    EXPECT_EQ(remains(lowered_again).scatters, 0);
    counts.inner_second += remains(lowered).inner_congruences + remains(lowered_again).inner_congruences;
    ++counts.second;
}

void check_equations(int count) {
    Random random(kSeed);
    Counts counts;
    for (int number = 0; number < count && !::testing::Test::HasFailure(); ++number) check_equation(random, number, counts);
    std::cout << counts.equations << " equations, " << counts.second << " of second order, " << counts.scatters
              << " scatters of the user's, " << counts.data_dependent << " stay scatters in a data-dependent index, "
              << counts.inner_second << " congruences inside a reduction of second order\n";
}

TEST(PropertyGatherize, KeepsTheValuesOfRandomAdjoints) { check_equations(500); }

TEST(SlowGatherize, KeepsTheValuesOfRandomAdjoints) {
    if (!std::getenv("DLC_SLOW")) GTEST_SKIP() << "10,000 equations run with DLC_SLOW=1";
    check_equations(10000);
}

}  // namespace
}  // namespace dlc::passes
