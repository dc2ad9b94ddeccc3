// Derivatives of random equations against central differences, forward against reverse mode, first and second order.
#include <gtest/gtest.h>

#include <cstdlib>

#include "compiler/autodiff/gradient.h"
#include "compiler/ir/text.h"
#include "tests/autodiff/random_equation.h"

namespace dlc::autodiff {
namespace {

using ir::Builder;
using ir::Graph;
using ir::NodeId;
using ir::Tensor;
using testing::Random;
using testing::RandomEquation;
using testing::Values;

constexpr std::uint64_t kSeed = 20260;

/// The graph's nodes again, to add to; leaves stay under their names.
Builder reopened(const Graph& graph, std::vector<NodeId>& moved) {
    Builder b(Builder::Sharing::off);
    for (const ir::Node& node : graph.nodes()) moved.push_back(b.copy(node, [&](NodeId old) { return moved[old.value]; }));
    return b;
}

/// The gradient with respect to all parameters of `cotangent` . result, as results "d NAME".
Graph with_gradient(const Graph& graph, const std::string& result, const std::string& cotangent,
                    const std::vector<std::string>& parameters) {
    std::vector<NodeId> moved;
    Builder b = reopened(graph, moved);
    const NodeId out = moved[graph.result(result)->node.value];
    const Seed seed{out, b.leaf(ir::LeafKind::input, cotangent, b[out].type, ir::Shape(b[out].shape))};
    std::vector<NodeId> wrt;
    for (const std::string& p : parameters) wrt.push_back(moved[graph.leaf(p).value]);
    const std::vector<NodeId> adjoints = vjp(b, {&seed, 1}, wrt);
    for (std::size_t k = 0; k < wrt.size(); ++k) b.result({ir::Result::value, "d " + parameters[k], adjoints[k], {}, {}});
    return std::move(b).finish();
}

/// d/dt at 0 of weight . result(values + t * direction), by a rule of fourth order.
double slope(const Graph& graph, const std::string& result, const Tensor& weight, const Values& values,
             const std::string& parameter, const Tensor& direction, double h) {
    const auto at = [&](double t) {
        Values moved = values;
        moved[parameter] = testing::along(values.at(parameter), t, direction);
        return testing::dot(weight, ir::interpret(graph, moved).at(result));
    };
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}
/// A step may cross a kink or lose digits; one of three must agree.
bool agrees(double got, const std::function<double(double)>& slope_with, double& nearest) {
    for (const double h : {1e-3, 1e-4, 1e-5}) {
        nearest = slope_with(h);
        if (std::abs(got - nearest) <= 1e-6 * (1 + std::abs(nearest))) return true;
    }
    return false;
}

void check_equation(Random& random, int number) {
    const RandomEquation e = testing::random_equation(random);
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", equation " + std::to_string(number) + "\n" + ir::print(e.graph));
    Values values = e.values;
    const Graph gradient = with_gradient(e.graph, "O", "dO", e.parameters);
    const Tensor weight = values["dO"] = random.normal(e.graph[e.graph.result("O")->node].shape);
    const auto adjoints = ir::interpret(gradient, values);
    std::map<std::string, Tensor> directions;
    double total = 0;
    for (const std::string& p : e.parameters) {
        const Tensor direction = directions[p] = random.normal(values.at(p).shape);
        const double got = testing::dot(adjoints.at("d " + p), direction);
        total += got;
        double nearest = 0;
        EXPECT_TRUE(agrees(
            got, [&](double h) { return slope(e.graph, "O", weight, values, p, direction, h); }, nearest))
            << "d " << p << " along a direction is " << got << ", a difference says " << nearest << "\n"
            << ir::print(gradient);
    }
    // Forward mode: dO . (J direction) = (J^T dO) . direction.
    {
        std::vector<NodeId> moved;
        Builder b = reopened(e.graph, moved);
        std::vector<Tangent> tangents;
        for (const auto& [p, direction] : directions) {
            const NodeId id = moved[e.graph.leaf(p).value];
            tangents.push_back({id, b.leaf(ir::LeafKind::input, "t " + p, b[id].type, ir::Shape(b[id].shape))});
            values["t " + p] = direction;
        }
        const NodeId out = moved[e.graph.result("O")->node.value];
        const NodeId tangent = jvp(b, tangents, {&out, 1}).front();
        b.result({ir::Result::value, "t O", tangent, {}, {}});
        const double forward = testing::dot(weight, ir::interpret(std::move(b).finish(), values).at("t O"));
        EXPECT_NEAR(forward, total, 1e-9 * (1 + std::abs(total)));
    }
    // Second order: the gradient of V . dA with respect to all parameters and the cotangent.
    if (!e.smooth || number % 2) return;
    std::vector<std::string> inputs = e.parameters;
    inputs.push_back("dO");
    const std::string first = "d " + e.parameters.front();
    const Graph second = with_gradient(gradient, first, "V", inputs);
    const Tensor v = values["V"] = random.normal(values.at(e.parameters.front()).shape);
    const auto seconds = ir::interpret(second, values);
    for (const std::string& p : inputs) {
        const Tensor direction = random.normal(values.at(p).shape);
        const double got = testing::dot(seconds.at("d " + p), direction);
        double nearest = 0;
        EXPECT_TRUE(agrees(
            got, [&](double h) { return slope(gradient, first, v, values, p, direction, h); }, nearest))
            << "second derivative along " << p << " is " << got << ", a difference says " << nearest << "\n"
            << ir::print(second);
    }
}

void check_equations(int count) {
    Random random(kSeed);
    for (int number = 0; number < count && !::testing::Test::HasFailure(); ++number) check_equation(random, number);
}

TEST(PropertyGradient, EqualsDifferencesOfRandomEquations) { check_equations(500); }

TEST(SlowGradient, EqualsDifferencesOfRandomEquations) {
    if (!std::getenv("DLC_SLOW")) GTEST_SKIP() << "10,000 equations run with DLC_SLOW=1";
    check_equations(10000);
}

}  // namespace
}  // namespace dlc::autodiff
