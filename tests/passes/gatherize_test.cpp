// Directed cases of `gatherize`: each would be wrong if one of its rules were taken too far.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/ir/text.h"
#include "tests/passes/adjoints.h"

namespace dlc::passes {
namespace {

using autodiff::testing::Random;
using autodiff::testing::Values;
using ir::Graph;
using ir::Node;
using ir::NodeId;
using testing::expect_equal;
using testing::gatherize;
using testing::with_gradient;

Values random_values(const Graph& graph) {
    Random random(3);
    Values values;
    for (const Node& node : graph.nodes())
        if (node.leaf()) {
            ir::Tensor t = random.tensor(node.shape);
            for (double& x : t.values) x = is_integer(node.type) ? static_cast<double>(random.integer(0, 2)) : std::abs(x);
            values[node.leaf()->name] = std::move(t);
        }
    return values;
}
/// The program after the pass, held against itself.
Graph gathered(const std::string& program) {
    const Graph before = ir::read(program);
    const Graph after = gatherize(before);
    expect_equal(before, after, random_values(before));
    return after;
}
/// The gradient along one parameter of a program with the result O, held against its scatters.
Graph gradient(const std::string& program, const std::string& parameter, Values values = {}) {
    const Graph forward = ir::read(program);
    const Graph before = with_gradient(forward, "O", "S", {parameter}, "d", random_values(forward));
    for (auto& [name, tensor] : random_values(before)) values.try_emplace(name, tensor);
    const Graph after = gatherize(before);
    expect_equal(before, after, values);
    return after;
}
const Node& result(const Graph& graph, const std::string& name) { return graph[graph.result(name)->node]; }
const ir::Equation& equation(const Graph& graph, const std::string& name) { return *result(graph, name).equation(); }

TEST(Gatherize, ALogarithmBesideAWindowKeepsTheWindowsBound) {
    // With the bound absorbed as `S | 0`, log(B | 0) would make it 0 * -inf.
    const Graph g = gradient(R"(
        %0 = f64[8] parameter "A"
        %1 = f64[6] parameter "B"
        %2 = f64[6] sum[3](%0[i0 + i1] * log(%1[i0]))
        value "O" = %2)",
                             "A");
    EXPECT_FALSE(equation(g, "dA").where.empty()) << ir::print(g);
}

TEST(Gatherize, ALogarithmOfAnotherVariableDoesNotKeepIt) {
    const Graph g = gradient(R"(
        %0 = f64[8] parameter "A"
        %1 = f64[4] parameter "B"
        %2 = f64[6, 4] sum[3](%0[i0 + i2] * log(%1[i1]))
        value "O" = %2)",
                             "A");
    EXPECT_TRUE(equation(g, "dA").where.empty()) << ir::print(g);
}

TEST(Gatherize, ADigitUnderALogarithmKeepsItsBound) {
    // The range of the digit follows from that of i0, whose own bound a factor absorbs.
    gradient(R"(
        %0 = f64[4] parameter "A"
        %1 = f64[3] parameter "B"
        %2 = f64[8] parameter "V"
        %3 = f64[] sum[8](%2[i0] * log(%1[i0 div 3]) * %0[(i0 div 3) + (i0 mod 3) else 0])
        value "O" = %3)",
             "A");
    gradient(R"(
        %0 = f64[8] parameter "A"
        %1 = f64[3] parameter "B"
        %2 = f64[8] sum[2, 3](log(%1[i2]) * %0[2*i2 + 1 else 0]) where -i0 - i1 + 3*i2 + 1 == 0
        value "O" = %2)",
             "A");
}

TEST(Gatherize, ABoundIsAbsorbedOnlyByAFactorThatIsZeroExactlyThere) {
    // B is longer than the loop: beyond it B is not 0.
    const Graph longer = gradient(R"(
        %0 = f64[8] parameter "A"
        %1 = f64[9] parameter "B"
        %2 = f64[] sum[6, 3](%0[i0 + i1] * %1[i0])
        value "O" = %2)",
                                  "A");
    EXPECT_FALSE(equation(longer, "dA").where.empty());
    // An `else` other than 0 absorbs nothing.
    const Graph other = gradient(R"(
        %0 = f64[8] parameter "A"
        %1 = f64[6] parameter "B"
        %2 = f64[] sum[6, 3](%0[i0 + i1] * %1[i0 else 1])
        value "O" = %2)",
                                 "A");
    EXPECT_FALSE(equation(other, "dA").where.empty());
    // A term of a sum is no factor.
    const Graph term = gradient(R"(
        %0 = f64[8] parameter "A"
        %1 = f64[6] parameter "B"
        %2 = f64[] sum[6, 3](%0[i0 + i1] * (%1[i0] + 2))
        value "O" = %2)",
                                "A");
    EXPECT_FALSE(equation(term, "dA").where.empty());
    const Graph factor = gradient(R"(
        %0 = f64[8] parameter "A"
        %1 = f64[6] parameter "B"
        %2 = f64[] sum[6, 3](%0[i0 + i1] * %1[i0])
        value "O" = %2)",
                                  "A");
    EXPECT_TRUE(equation(factor, "dA").where.empty());
}

TEST(Gatherize, DigitsAreFusedOnlyWhereTheyAreDense) {
    const Graph dense = gradient(R"(
        %0 = f64[4] parameter "A"
        %1 = f64[6] parameter "B"
        %2 = f64[4] sum[3, 2](%0[i0] * %1[2*i1 + i2])
        value "O" = %2)",
                                 "A");
    EXPECT_EQ(equation(dense, "dA").reductions, (ir::Shape{6}));
    const Graph overlapping = gradient(R"(
        %0 = f64[4] parameter "A"
        %1 = f64[7] parameter "B"
        %2 = f64[4] sum[3, 3](%0[i0] * %1[2*i1 + i2])
        value "O" = %2)",
                                       "A");
    EXPECT_EQ(equation(overlapping, "dA").reductions, (ir::Shape{3, 3}));
}

TEST(Gatherize, FlattenedPositionsThatAreSplitAgainComeBackWhole) {
    const Graph g = gradient(R"(
        %0 = f64[2, 3, 4] parameter "X"
        %1 = f64[24] %0[i0 div 12, (i0 div 4) mod 3, i0 mod 4]
        value "O" = %1)",
                             "X");
    EXPECT_EQ(ir::print(equation(g, "dX").body), "%0[12*i0 + 4*i1 + i2]");
}

TEST(Gatherize, PhasesCostNoMoreThanTheForwardConvolution) {
    const Graph g = gradient(R"(
        %0 = f64[2, 8, 8, 8, 4] parameter "X"
        %1 = f64[3, 3, 3, 4, 5] parameter "W"
        %2 = f64[2, 4, 4, 4, 5] sum[3, 3, 3, 4](%0[i0, 2*i1 + i5 - 1, 2*i2 + i6 - 1, 2*i3 + i7 - 1, i8 else 0] * %1[i5, i6, i7, i8, i4])
        value "O" = %2)",
                             "X");
    std::int64_t multiplies = 0;
    int pieces = 0;
    for (const Node& node : g.nodes())
        if (node.equation() && node.equation()->reduce == ir::Reduce::sum) {
            multiplies += ir::volume(ir::extents_of(node));
            ++pieces;
        }
    EXPECT_EQ(pieces, 8);
    EXPECT_EQ(multiplies, 2 * 4 * 4 * 4 * 5 * 27 * 4);
}

TEST(Gatherize, DeadPhasesAreZeroAndCostNothing) {
    const Graph g = gradient(R"(
        %0 = f64[8, 4] parameter "X"
        %1 = f64[4, 5] parameter "W"
        %2 = f64[4, 5] sum[4](%0[2*i0, i2] * %1[i2, i1])
        value "O" = %2)",
                             "X");
    int products = 0;
    for (const Node& node : g.nodes()) products += node.equation() && node.equation()->reduce == ir::Reduce::sum;
    EXPECT_EQ(products, 1);
    EXPECT_EQ(equation(g, "dX").reduce, ir::Reduce::none);
}

TEST(Gatherize, QuotientsAreRewrittenInEveryPhase) {
    // (3 i3 + 1) div 4 stands beside an index that is split by 2.
    gradient(R"(
        %0 = f64[4, 5, 7] parameter "A"
        %1 = f64[3, 4] sum[4](%0[i1, (-i1 + 1) mod 2, -i2 + ((3*i1 + 1) div 4) + 3 else 0] * %0[i1, 0, i0])
        value "O" = %1)",
             "A");
    gradient(R"(
        %0 = f64[5, 7] parameter "A"
        %1 = f64[3, 3, 4] %0[3*i0 - i1 - 2, ((-i0 + 2*i2 + 2) div 3) + 2*((-i0 + 2*i2 + 2) mod 3) else 0]
        value "O" = %1)",
             "A");
}

TEST(Gatherize, WhatNothingHitsIsZero) {
    const Graph g = gathered(R"(
        %0 = f64[3] parameter "X"
        %1 = f64[6] scatter sum[3](%0[i0]) to [2*i0] lossy where 2*i0 - 1 == 0
        value "O" = %1)");
    EXPECT_EQ(ir::print(equation(g, "O").body), "0");
    gathered(R"(
        %0 = f64[0] parameter "X"
        %1 = f64[6] scatter sum[0](%0[i0]) to [i0] lossy
        %2 = f64[6] scatter max[0](%0[i0]) to [i0] lossy
        value "O" = %1)");
}

TEST(Gatherize, LoopsThatNothingReadsMultiply) {
    const Graph g = gathered(R"(
        %0 = f64[3] parameter "X"
        %1 = f64[3] scatter sum[3, 4, 5](%0[i0]) to [i0] lossy
        %2 = f64[3] scatter max[3, 4, 5](%0[i0]) to [i0] lossy
        value "O" = %1
        value "M" = %2)");
    EXPECT_TRUE(equation(g, "O").reductions.empty());
    EXPECT_EQ(ir::print(equation(g, "M").body), "%0[i0]");
}

TEST(Gatherize, MaximaOfScattersKeepTheirIdentityAndTheirSign) {
    // -inf where nothing lands; no bound may be absorbed as 0, which would win over negative values.
    const std::string program = R"(
        %0 = f64[4] parameter "X"
        %1 = f64[3] parameter "Y"
        %2 = f64[12] scatter max[4, 3](%0[i0] * %1[i1]) to [2*i0 + i1 + 1] lossy
        %3 = f64[12] scatter min[4, 3](%0[i0] * %1[i1]) to [3*i0 + 2*i1] lossy
        value "O" = %2
        value "P" = %3)";
    const Graph before = ir::read(program), after = gatherize(before);
    const Values values{{"X", {{4}, {-1, -2, -3, -4}}}, {"Y", {{3}, {1, 2, 3}}}};
    const auto want = ir::interpret(before, values), got = ir::interpret(after, values);
    for (const auto& [name, tensor] : want) EXPECT_EQ(got.at(name).values, tensor.values) << name << ir::print(after);
    EXPECT_EQ(got.at("O").values[0], -std::numeric_limits<double>::infinity());
    EXPECT_EQ(testing::remains(after).scatters, 0);
}

TEST(Gatherize, ADataDependentIndexIsAConditionWhereItsVariablesAreKnown) {
    const Graph g = gradient(R"(
        %0 = f64[4, 5] parameter "X"
        %1 = i32[4] input "t"
        %2 = f64[4] %0[i0, %1[i0]]
        value "O" = %2)",
                             "X");
    EXPECT_FALSE(equation(g, "dX").scatter);
}

TEST(Gatherize, ADataDependentScatterReducesFirst) {
    const Graph g = gradient(R"(
        %0 = f64[9, 3] parameter "T"
        %1 = i32[6] input "ids"
        %2 = f64[3, 5] parameter "W"
        %3 = f64[6, 5] sum[3](%0[%1[i0], i2] * %2[i2, i1])
        value "O" = %3)",
                             "T");
    EXPECT_TRUE(equation(g, "dT").scatter);
    EXPECT_EQ(equation(g, "dT").reductions, (ir::Shape{3, 6}));
    EXPECT_EQ(equation(g, "dT").body->kind, ir::ExprNode::read);
}

TEST(Gatherize, RoutingLooksNowhereOutsideItsTensor) {
    // The window reaches over the border, so the argmax of no window is asked for; the answer must be "not me".
    const Graph g = gradient(R"(
        %0 = f64[8] parameter "X"
        %1 = f64[4] max[3](%0[2*i0 + i1 - 1 else -100])
        value "O" = %1)",
                             "X");
    bool routed = false;
    for (const Node& node : g.nodes()) {
        if (!node.equation()) continue;
        for (const ir::Predicate& p : node.equation()->where)
            for (const ir::Index::Term& term : p.index.terms()) {
                if (term.atom.kind != ir::Atom::get) continue;
                EXPECT_TRUE(term.atom.at()[0].range(ir::box_of(node)).within({0, 3})) << ir::print(g);
            }
        for (const ir::Expr& read : ir::reads(node.equation()->body))
            if (is_integer(read->type)) {
                routed = true;
                EXPECT_EQ(ir::print(read->otherwise), "-1");
            }
    }
    EXPECT_TRUE(routed);
}

TEST(Gatherize, LeavesTheRestOfTheGraphAlone) {
    const std::string program = R"(
        %0 = f64[3] parameter "X"
        %1 = f64[3] exp(%0[i0])
        update "X" = %1 to %0)";
    EXPECT_EQ(ir::print(gatherize(ir::read(program))), ir::print(ir::share(ir::read(program))));
}

}  // namespace
}  // namespace dlc::passes
