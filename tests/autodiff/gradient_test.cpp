// Directed cases of differentiation: ties, zeros, branches, what has no derivative, and values that do not matter.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "compiler/autodiff/gradient.h"
#include "compiler/autodiff/shifts.h"
#include "compiler/ir/text.h"
#include "tests/autodiff/random_equation.h"

namespace dlc::autodiff {
namespace {

using ir::Builder;
using ir::Graph;
using ir::NodeId;
using ir::Tensor;
using testing::Values;
using Numbers = std::vector<double>;

struct Opened {
    Builder b{Builder::Sharing::off};
    std::vector<NodeId> moved;
    explicit Opened(const std::string& program) {
        const Graph graph = ir::read(program);
        for (const ir::Node& node : graph.nodes()) moved.push_back(b.copy(node, [&](NodeId old) { return moved[old.value]; }));
    }
    NodeId operator[](std::size_t id) const { return moved[id]; }
};
/// The gradients of the sum of node `of` with respect to `wrt`, as results "0", "1", ….
Graph gradients(const std::string& program, std::size_t of, const std::vector<std::size_t>& wrt) {
    Opened g(program);
    const ir::Node& node = g.b[g[of]];
    const Seed seed{g[of], g.b.fill(1, node.type, ir::Shape(node.shape))};
    std::vector<NodeId> ids;
    for (const std::size_t id : wrt) ids.push_back(g[id]);
    const std::vector<NodeId> d = vjp(g.b, {&seed, 1}, ids);
    for (std::size_t k = 0; k < d.size(); ++k) g.b.result({ir::Result::value, std::to_string(k), d[k], {}, {}});
    return ir::share(std::move(g.b).finish());
}
Numbers slopes(const std::string& program, std::size_t of, std::size_t wrt, const Values& values) {
    return ir::interpret(gradients(program, of, {wrt}), values).at("0").values;
}

TEST(Gradient, TiesGoToTheFirstMaximum) {
    const Values x{{"x", {{3, 4}, {1, 5, 5, 2, 3, 3, 3, 3, 0, 1, 2, 9}}}};
    EXPECT_EQ(slopes("%0 = f64[3, 4] parameter \"x\"\n%1 = f64[3] max[4](%0[i0, i1])", 1, 0, x),
              (Numbers{0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(slopes("%0 = f64[3, 4] parameter \"x\"\n%1 = f64[3] min[4](%0[i0, i1])", 1, 0, x),
              (Numbers{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}));
}

TEST(Gradient, AScattersMaximumGoesToTheFirstThatAttainsIt) {
    EXPECT_EQ(slopes("%0 = f64[5] parameter \"x\"\n%1 = f64[2] scatter max[5](%0[i0]) to [i0 div 3] lossy", 1, 0,
                     {{"x", {{5}, {4, 7, 7, -1, -1}}}}),
              (Numbers{0, 1, 0, 1, 0}));
}

TEST(Gradient, ExtremaOfNothingGoNowhere) {
    EXPECT_EQ(
        slopes("%0 = f64[3] parameter \"x\"\n%1 = f64[3] max[3](%0[i1]) where i0 - i1 - 1 >= 0", 1, 0, {{"x", {{3}, {1, 2, 3}}}}),
        (Numbers{1, 1, 0}));
}

TEST(Gradient, ProductsAreExactAtZeros) {
    const std::string program = "%0 = f64[3] parameter \"x\"\n%1 = f64[] prod[3](%0[i0])";
    EXPECT_EQ(slopes(program, 1, 0, {{"x", {{3}, {0, 2, 3}}}}), (Numbers{6, 0, 0}));
    EXPECT_EQ(slopes(program, 1, 0, {{"x", {{3}, {0, 0, 3}}}}), (Numbers{0, 0, 0}));
    // d2 / dx0 dx1 of x0 x1 x2 at 0, 0, 3 is 3: counting zeros and dividing says 0.
    Opened g(program);
    const NodeId x = g[0];
    const NodeId first = gradient(g.b, g[1], {&x, 1}).front();
    const NodeId picked = g.b.pointwise(ir::Type::f64, {}, g.b.read(first, {0}));
    const NodeId second = gradient(g.b, picked, {&x, 1}).front();
    g.b.result({ir::Result::value, "dd", second, {}, {}});
    EXPECT_EQ(ir::interpret(std::move(g.b).finish(), {{"x", {{3}, {0, 0, 3}}}}).at("dd").values, (Numbers{0, 3, 0}));
}

TEST(Gradient, LongProductsAreExactAtZeros) {
    Numbers x(40, 1), want(40, 0);
    x[7] = 0;
    x[30] = 2;
    want[7] = 2;
    EXPECT_EQ(slopes("%0 = f64[40] parameter \"x\"\n%1 = f64[] prod[40](%0[i0])", 1, 0, {{"x", {{40}, x}}}), want);
}

TEST(Gradient, ABranchNotTakenContributesNothing) {
    // The slope of sqrt at 0 is infinite and of log undefined; neither branch is taken there.
    const std::string program =
        "%0 = f64[3] parameter \"x\"\n%1 = f64[3] if %0[i0] > 0 then sqrt(%0[i0]) * log(%0[i0]) else 2 * %0[i0]";
    const Numbers d = slopes(program, 1, 0, {{"x", {{3}, {0, -1, 1}}}});
    EXPECT_EQ(d, (Numbers{2, 2, 1}));
    // A condition on indices, and an infinite seed beside a branch that is 0.
    Opened g("%0 = f64[2] parameter \"x\"\n%1 = f64[2] if [i0] >= 1 then %0[i0] else 0\n%2 = f64[2] max(%0[i0], 0)");
    const NodeId inf = g.b.fill(std::numeric_limits<double>::infinity(), ir::Type::f64, {2});
    const NodeId x = g[0];
    for (const std::size_t of : {1, 2}) {
        const Seed seed{g[of], inf};
        g.b.result({ir::Result::value, "d" + std::to_string(of), vjp(g.b, {&seed, 1}, {&x, 1}).front(), {}, {}});
    }
    const auto got = ir::interpret(std::move(g.b).finish(), {{"x", {{2}, {-1, 1}}}});
    EXPECT_EQ(got.at("d1").values, (Numbers{0, std::numeric_limits<double>::infinity()}));
    EXPECT_EQ(got.at("d2").values, (Numbers{0, std::numeric_limits<double>::infinity()}));
}

TEST(Gradient, ReadsOutsideBelongToTheirElse) {
    const std::string program =
        "%0 = f64[3] parameter \"x\"\n%1 = f64[2] parameter \"w\"\n%2 = f64[5] %0[i0 - 1 else %1[0] * %1[1]]";
    const Values values{{"x", {{3}, {1, 2, 3}}}, {"w", {{2}, {5, 7}}}};
    EXPECT_EQ(slopes(program, 2, 0, values), (Numbers{1, 1, 1}));
    EXPECT_EQ(slopes(program, 2, 1, values), (Numbers{14, 10}));
}

TEST(Gradient, WhatHasNoDerivativeHasZero) {
    const Values values{{"x", {{3}, {1.5, 3, 2}}}};
    for (const std::string body : {"floor(%0[i0])", "stop_gradient(%0[i0]) * 2", "f64(%0[i0] > 2)"})
        EXPECT_EQ(slopes("%0 = f64[3] parameter \"x\"\n%1 = f64[3] " + body, 1, 0, values), (Numbers{0, 0, 0})) << body;
    EXPECT_EQ(slopes("%0 = f64[3] parameter \"x\"\n%1 = i32[] argmax[3](%0[i0])\n%2 = f64[3] f64(%1[]) + %0[i0]", 2, 0, values),
              (Numbers{1, 1, 1}));
    EXPECT_EQ(slopes("%0 = f64[3] parameter \"x\"\n%1 = f64[2] 1", 1, 0, values), (Numbers{0, 0, 0}));
}

TEST(Gradient, EqualReadsCountOnce) {
    const Graph g = gradients("%0 = f64[3] parameter \"x\"\n%1 = f64[3] %0[i0] * %0[i0]", 1, {0});
    int scatters = 0;
    for (const ir::Node& node : g.nodes()) scatters += node.equation() && node.equation()->scatter;
    EXPECT_EQ(scatters, 1) << ir::print(g);
    EXPECT_EQ(ir::interpret(g, {{"x", {{3}, {1, 2, 3}}}}).at("0").values, (Numbers{2, 4, 6}));
}

TEST(Gradient, ABiasAccumulatesTheAdjointOfWhatItIsAddedTo) {
    const std::string program =
        "%0 = f64[3, 2] parameter \"x\"\n%1 = f64[2] parameter \"b\"\n%2 = f64[3, 2] max(%1[i1] + %0[i0, i1], 0)";
    const Graph g = gradients(program, 2, {0, 1});
    const ir::Node& bias = g[g.result("1")->node];
    EXPECT_EQ(bias.equation()->body,
              ir::Expr::read(g.result("0")->node, ir::Type::f64, {ir::Index::variable(0), ir::Index::variable(1)}))
        << ir::print(g);
    const auto d = ir::interpret(g, {{"x", {{3, 2}, {1, -2, 3, 4, -5, 6}}}, {"b", {{2}, {1, 1}}}});
    EXPECT_EQ(d.at("0").values, (Numbers{1, 0, 1, 1, 0, 1}));
    EXPECT_EQ(d.at("1").values, (Numbers{2, 2}));
}

TEST(Gradient, IsOfTheValueNamedAndNotOfAnEqualOne) {
    // y and z are the same function of x; only y leads to the result.
    const std::string program = R"(
        %0 = f64[2] parameter "x"
        %1 = f64[2] exp(%0[i0])
        %2 = f64[2] exp(%0[i0])
        %3 = f64[] sum[2](%1[i0] * 3))";
    const auto d = ir::interpret(gradients(program, 3, {1, 2}), {{"x", {{2}, {0, 1}}}});
    EXPECT_EQ(d.at("0").values, (Numbers{3, 3}));
    EXPECT_EQ(d.at("1").values, (Numbers{0, 0}));
}

TEST(Gradient, AddsOverSeeds) {
    Opened g("%0 = f64[2] parameter \"x\"\n%1 = f64[2] 2 * %0[i0]\n%2 = f64[2] %1[i0] * %0[i0]");
    const NodeId x = g[0];
    const NodeId one = g.b.fill(1, ir::Type::f64, {2});
    const Seed seeds[] = {{g[1], one}, {g[2], one}};
    g.b.result({ir::Result::value, "d", vjp(g.b, seeds, {&x, 1}).front(), {}, {}});
    EXPECT_EQ(ir::interpret(std::move(g.b).finish(), {{"x", {{2}, {1, 5}}}}).at("d").values, (Numbers{6, 22}));
}

TEST(Gradient, HasTheTypeOfWhatItIsOf) {
    const Graph g =
        gradients("%0 = f32[3] parameter \"x\"\n%1 = f64[3] parameter \"y\"\n%2 = f64[3] f64(%0[i0]) * %1[i0]", 2, {0, 1});
    EXPECT_EQ(g[g.result("0")->node].type, ir::Type::f32);
    EXPECT_EQ(g[g.result("1")->node].type, ir::Type::f64);
}

TEST(Gradient, ReadsTheOutputWhereTheDerivativeNeedsIt) {
    const Graph g = gradients("%0 = f64[3] parameter \"x\"\n%1 = f64[3] exp(%0[i0])", 1, {0});
    int exponentials = 0;
    for (const ir::Node& node : g.nodes())
        if (node.equation()) ir::visit(node.equation()->body, [&](const ir::Expr& e) { exponentials += e->is("exp"); });
    EXPECT_EQ(exponentials, 1) << ir::print(g);
}

const char* const kCrossEntropy = R"(
    %0 = f64[1, 2] parameter "z"
    %1 = i32[1] target "t"
    %2 = f64[1] max[2](%0[i0, i1])
    %3 = f64[1] sum[2](exp(%0[i0, i1] - %2[i0]))
    %4 = f64[1, 2] %0[i0, i1] - %2[i0] - log(%3[i0])
    %5 = f64[] sum[1](-%4[i0, %1[i0]])
    value "L" = %5)";

TEST(Gradient, CrossEntropyOfLargeLogitsIsExact) {
    const Values values{{"z", {{1, 2}, {0, 200}}}, {"t", {{1}, {0}}}};
    EXPECT_EQ(ir::interpret(ir::read(kCrossEntropy), values).at("L").values, (Numbers{200}));
    EXPECT_EQ(slopes(kCrossEntropy, 5, 0, values), (Numbers{-1, 1}));
}

TEST(Gradient, TheShiftOfASoftmaxIsNotDifferentiated) {
    const Graph g = gradients(kCrossEntropy, 5, {0});
    for (const ir::Node& node : g.nodes())
        EXPECT_FALSE(node.equation() && node.equation()->reduce == ir::Reduce::argmax) << ir::print(g);
}

bool immaterial(const std::string& rest) {
    Opened g("%0 = f64[4, 5] parameter \"x\"\n%1 = f64[4] max[5](%0[i0, i1])\n" + rest);
    const NodeId last{static_cast<std::uint32_t>(g.b.size() - 1)};
    return is_immaterial(g.b, g[1], {&last, 1});
}
TEST(Shifts, CancelOnlyWhereEveryValueMovesAlike) {
    EXPECT_TRUE(
        immaterial("%2 = f64[4, 5] exp(%0[i0, i1] - %1[i0])\n%3 = f64[4] sum[5](%2[i0, i1])\n%4 = f64[4, 5] %2[i0, i1] / %3[i0]"));
    EXPECT_TRUE(immaterial("%2 = f64[4] sum[5](exp(%0[i0, i1] - %1[i0]))\n%3 = f64[4] %1[i0] + log(%2[i0])"));
    EXPECT_TRUE(immaterial("%2 = f64[4, 5] 2 * %1[i0] - %1[i0] * 2"));
    EXPECT_TRUE(immaterial("%2 = f64[4, 5] %0[i0, i1] + %1[i0]\n%3 = i32[4] argmax[5](%2[i0, i1])"));
    // Another row's shift, a shift of each row in a sum over rows, twice the shift, a shift beside a constant.
    EXPECT_FALSE(immaterial("%2 = f64[3] %1[i0] - %1[i0 + 1]"));
    EXPECT_FALSE(
        immaterial("%2 = f64[4, 5] exp(%0[i0, i1] - %1[i0])\n%3 = f64[5] sum[4](%2[i1, i0])\n%4 = f64[4, 5] %2[i0, i1] / %3[i1]"));
    EXPECT_FALSE(immaterial("%2 = f64[4] sum[5](exp(%0[i0, i1] - 2 * %1[i0]))\n%3 = f64[4] %1[i0] + log(%2[i0])"));
    EXPECT_FALSE(immaterial("%2 = f64[4] sum[5](exp(%0[i0, i1] - %1[i0]) + 1)\n%3 = f64[4] %1[i0] + log(%2[i0])"));
    EXPECT_FALSE(immaterial("%2 = f64[4, 5] %0[i0, i1] - %1[i0]"));
    EXPECT_FALSE(immaterial("%2 = f64[6] %1[i0 else 0] - %1[i0 else 0] * 2 + %1[i0 else 1]"));
}

TEST(Forward, OfAConvolutionIsAConvolution) {
    Opened g(R"(
        %0 = f64[2, 8, 2] parameter "x"
        %1 = f64[3, 2, 5] parameter "w"
        %2 = f64[2, 8, 2] parameter "t"
        %3 = f64[2, 8, 5] sum[3, 2](%0[i0, i1 + i3 - 1, i4 else 0] * %1[i3, i4, i2]))");
    const Tangent along{g[0], g[2]};
    const NodeId out = g[3];
    const NodeId t = jvp(g.b, {&along, 1}, {&out, 1}).front();
    EXPECT_EQ(ir::print(g.b[t].equation()->body), "%2[i0, i1 + i3 - 1, i4 else 0] * %1[i3, i4, i2]");
}

TEST(Forward, IsZeroAlongWhatDoesNotMatter) {
    Opened g("%0 = f64[3] parameter \"x\"\n%1 = f64[3] parameter \"y\"\n%2 = f64[3] exp(%0[i0])");
    const Tangent along{g[1], g.b.fill(1, ir::Type::f64, {3})};
    const NodeId out = g[2];
    g.b.result({ir::Result::value, "t", jvp(g.b, {&along, 1}, {&out, 1}).front(), {}, {}});
    EXPECT_EQ(ir::interpret(std::move(g.b).finish(), {{"x", {{3}, {1, 2, 3}}}}).at("t").values, (Numbers{0, 0, 0}));
}

TEST(Dependents, FollowReadsAndLookups) {
    Opened g(
        "%0 = f64[3] parameter \"x\"\n%1 = i32[3] input \"k\"\n%2 = f64[3] %0[%1[i0] else 0]\n%3 = f64[3] 1\n%4 = f64[3] %2[i0] + "
        "%3[i0]");
    const NodeId k = g[1];
    EXPECT_EQ(dependents(g.b, {&k, 1}), (std::vector<bool>{false, true, true, false, true}));
}

}  // namespace
}  // namespace dlc::autodiff
