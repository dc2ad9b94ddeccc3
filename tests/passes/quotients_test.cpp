// `quotients`: a gradient of a quotient reads the quotient, and values stay.
#include <gtest/gtest.h>

#include "tests/passes/compiled.h"
#include "tests/passes/kept.h"

namespace dlc::passes {
namespace {

using testing::elaborated;

/// How many equations read the node of this name.
int readers_of(const ir::Graph& graph, const std::string& name) {
    int found = 0;
    for (const ir::Node& node : graph.nodes())
        for (const ir::NodeId operand : ir::operands(node)) found += graph[operand].origin.name == name;
    return found;
}

const std::string kSoftmax =
    "  m[n] = max[k](x[n, k])\n  e[n, k] = exp(x[n, k] - m[n])\n  s[n] = sum[k](e[n, k])\n  p[n, k] = e[n, k] / s[n]\n";

TEST(Quotients, TheGradientOfASoftmaxKeepsItAlone) {
    const ir::Graph graph =
        elaborated("fn main(x: f[4, 6], t: f[4, 6]) -> p, d {\n" + kSoftmax + "  d = grad(sum[n, k](p[n, k] * t[n, k]), x)\n}\n");
    const ir::Graph after = testing::expect_kept(graph, dlc::testing::RandomGraph::values(graph, 3), "the gradient of a softmax");
    EXPECT_EQ(readers_of(after, "e"), 2) << ir::print(after);  // its sum, and the softmax
    EXPECT_EQ(readers_of(after, "s"), 1) << ir::print(after);
}

TEST(Quotients, WhatIsDividedByAnotherStays) {
    const ir::Graph graph = elaborated(
        "fn main(e: f[4, 6], s: f[4], r: f[4], a: f[4, 6]) -> p, q {\n"
        "  p[n, k] = e[n, k] / s[n]\n  q[n, k] = (a[n, k] / s[n] + a[n, k] / r[n]) * e[n, k]\n}\n");
    const ir::Graph after = testing::expect_kept(graph, dlc::testing::RandomGraph::values(graph, 5), "another divisor");
    EXPECT_EQ(readers_of(after, "p"), 0) << ir::print(after);
}

TEST(Quotients, SignsSumsAndFactorsAreSeenThrough) {
    const ir::Graph graph = elaborated(
        "fn main(e: f[4, 6], s: f[4], a: f[4, 6], b: f[4, 6]) -> p, q {\n"
        "  p[n, k] = e[n, k] / s[n]\n"
        "  q[n, k] = (a[n, k] * (b[n, k] / s[n]) - b[n, k] / s[n] + -(a[n, k] / s[n])) * e[n, k] * 3\n}\n");
    const ir::Graph after = testing::expect_kept(graph, dlc::testing::RandomGraph::values(graph, 7), "signs and sums");
    EXPECT_EQ(readers_of(after, "e"), 1) << ir::print(after);
}

}  // namespace
}  // namespace dlc::passes
