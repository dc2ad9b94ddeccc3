// `wide-sums`: what of a program of 16-bit numbers keeps 32 bits, and that nothing else changes.
#include <gtest/gtest.h>

#include "compiler/ir/text.h"
#include "tests/passes/compiled.h"

namespace dlc::passes {
namespace {

using ir::Reduce;
using ir::Type;

ir::Graph compiled(const std::string& text) {
    test::How how;
    how.options.real = Type::bf16;
    return testing::compiled(text, how);
}
/// The types of equations that reduce, in their order.
std::vector<Type> types(const ir::Graph& graph, Reduce reduce) {
    std::vector<Type> found;
    for (const ir::Node& node : graph.nodes())
        if (node.equation() && node.equation()->reduce == reduce) found.push_back(node.type);
    return found;
}
double value(const ir::Graph& graph, const std::map<std::string, ir::Tensor>& inputs) {
    return ir::interpret(graph, inputs).begin()->second.values[0];
}

TEST(WideSums, AMeanAndWhatIsMadeOfItAloneKeep32Bits) {
    const ir::Graph graph = compiled("fn main(x: f[4, 100]) -> y {\n  m[i] = mean[k](x[i, k])\n  y[i, k] = x[i, k] - m[i]\n}\n");
    EXPECT_EQ(types(graph, Reduce::sum), std::vector{Type::f32}) << ir::print(graph);
    EXPECT_EQ(graph[graph.result("y")->node].type, Type::bf16);
    // 100.25 has no neighbour in bf16 nearer than a half: the difference would be 0 or 0.5.
    ir::Tensor x{{4, 100}, std::vector<double>(400, 100.0)};
    for (std::size_t k = 0; k < 100; ++k) x.values[k] = k % 2 ? 100.0 : 100.5;
    EXPECT_EQ(value(graph, {{"x", x}}), 0.25);
}

TEST(WideSums, ASumOfAFewStaysAsItIs) {
    const ir::Graph graph = compiled(
        "fn main(x: f[8, 8]) -> y {\n  p[i < 4, j < 4] = sum[a < 2, b < 2](x[2 * i + a, 2 * j + b])\n  y[i, j] = tanh(p[i, "
        "j])\n}\n");
    EXPECT_EQ(types(graph, Reduce::sum), std::vector{Type::bf16}) << ir::print(graph);
}

TEST(WideSums, AProductStaysUnlessAllThatReadItConvertIt) {
    const std::string product = "fn main(x: f[4, 100], w: f[5, 100]) -> y {\n  p[i, j] = sum[k](x[i, k] * w[j, k])\n";
    EXPECT_EQ(types(compiled(product + "  y[i, j] = tanh(p[i, j])\n}\n"), Reduce::sum), std::vector{Type::bf16});
    EXPECT_EQ(types(compiled(product + "  y[i, j] = f32(p[i, j]) * 0.1\n}\n"), Reduce::sum), std::vector{Type::f32});
    EXPECT_EQ(types(compiled(product + "  y[i, j] = f32(p[i, j]) + f32(tanh(p[i, j]))\n}\n"), Reduce::sum),
              std::vector{Type::bf16});
}

TEST(WideSums, AResultHasTheTypeItHad) {
    const ir::Graph graph = compiled("fn main(x: f[100]) = sum(x)\n");
    EXPECT_EQ(types(graph, Reduce::sum), std::vector{Type::bf16}) << ir::print(graph);
}

TEST(WideSums, RoundingThatIsAskedForStays) {
    const ir::Graph graph = compiled("fn main(x: f[4, 100]) -> y {\n  m[i] = mean[k](f32(x[i, k]))\n  y[i] = f32(bf16(m[i]))\n}\n");
    ir::Tensor x{{4, 100}, std::vector<double>(400, 100.0)};
    for (std::size_t k = 0; k < 100; ++k) x.values[k] = k % 2 ? 100.0 : 100.5;
    EXPECT_EQ(value(graph, {{"x", x}}), 100.0) << ir::print(graph);
}

// Terms have 32 bits where they read such; what is stored has 16, rounded once.
TEST(WideSums, AProductOfStatisticsIsRoundedWhenItIsComplete) {
    const ir::Graph graph = compiled(
        "fn main(x: f[3, 96], w: f[5, 3]) -> y {\n"
        "  m[i] = mean[k](x[i, k])\n  p[j] = sum[i](m[i] * w[j, i])\n  y[j] = 2 * p[j]\n}\n");
    ir::Tensor x{{3, 96}, std::vector<double>(288, 1.0)}, w{{5, 3}, std::vector<double>(15, 1.0)};
    for (std::size_t k = 0; k < 288; ++k) x.values[k] = k % 8 < 3 ? 1.0078125 : 1.0;
    // Three times 1.0029296875 is nearest to 3.015625; each of them is nearest to 1.
    EXPECT_EQ(value(graph, {{"x", x}, {"w", w}}), 2 * 3.015625) << ir::print(graph);
}

}  // namespace
}  // namespace dlc::passes
