// Whole training steps: how many kernels they are, what is fused with what, how long planning takes, and that they compute the
// same.
#include <gtest/gtest.h>

#include "compiler/ir/text.h"
#include "compiler/kernels/kernel.h"
#include "compiler/kernels/simulate.h"
#include "compiler/passes/pass.h"
#include "tests/kernels/networks.h"
#include "tests/kernels/random_graph.h"

namespace dlc::kernels {
namespace {

/// Random values that a training step may meet: labels are classes, second moments are not negative.
std::map<std::string, ir::Tensor> step_values(const ir::Graph& graph) {
    auto leaves = dlc::testing::RandomGraph::values(graph, 3);
    for (auto& [name, tensor] : leaves) {
        const ir::Node& node = graph[graph.leaf(name)];
        for (double& v : tensor.values) {
            if (ir::is_integer(node.type)) v = static_cast<double>(static_cast<int>(std::abs(v) * 8) % 10);
            if (name.starts_with("optimizer/v/")) v = std::abs(v);
        }
    }
    return leaves;
}

void expect_step_computes(const ir::Graph& step) {
    const ir::Graph simplified = passes::run(step);
    const Plan p = plan(simplified);
    ASSERT_EQ(verify(p), std::vector<std::string>{}) << print(p);
    const auto leaves = step_values(step);
    const auto expected = ir::interpret(step, leaves);
    dlc::testing::expect_same(expected, ir::interpret(simplified, leaves), "passes", 1e-9);
    dlc::testing::expect_same(expected, simulate(p, leaves), "plan", 1e-9);
}

/// The call whose output has the name, the one with most inputs if there are several.
const Call& call_of(const Plan& p, const std::string& output) {
    const Call* found = nullptr;
    for (const Call& call : p.calls)
        for (int out : call.outputs)
            if (p.buffers[static_cast<std::size_t>(out)].name == output) found = &call;
    EXPECT_NE(found, nullptr) << output << "\n" << print(p);
    return *found;
}

TEST(NumericNetworks, LeNetStepComputesTheSame) { expect_step_computes(dlc::testing::lenet(3, 8, 2, 5, ir::Type::f64)); }
TEST(NumericNetworks, MlpStepComputesTheSame) { expect_step_computes(dlc::testing::mlp(3, 6, 5, 4, ir::Type::f64)); }

TEST(Networks, LeNetStepIsFewKernels) {
    const Plan p = plan(passes::run(dlc::testing::lenet(128)));
    // Forward: convolution with pooling, convolution, pooling, two dense, rows of softmax with its gradient, loss with accuracy.
    // Backward: per dense and convolution a weight and a bias gradient, and the gradient of the input but for the first; two
    // unpoolings.  Adam.
    EXPECT_EQ(p.calls.size(), 21u) << print(p);
    EXPECT_LE(p.kernels.size(), 21u);
}

TEST(Networks, MlpStepIsFewKernels) {
    const Plan p = plan(passes::run(dlc::testing::mlp(128)));
    // Three dense, softmax, loss; three weight gradients, three bias gradients, two input gradients; Adam.
    EXPECT_EQ(p.calls.size(), 14u) << print(p);
}

TEST(Networks, UpdatesAreOneKernelInPlace) {
    const Plan p = plan(passes::run(dlc::testing::lenet(128)));
    const Call& adam = call_of(p, "conv_1.weight");
    EXPECT_EQ(adam.outputs.size(), 24u) << print(p);
    const Kernel& kernel = p.kernels[static_cast<std::size_t>(adam.kernel)];
    for (std::size_t o = 0; o < adam.outputs.size(); ++o) {
        ASSERT_GE(kernel.alias[o], 0) << print(p);
        EXPECT_EQ(adam.inputs[static_cast<std::size_t>(kernel.alias[o])], adam.outputs[o]);
    }
}

TEST(Networks, NumbersThatAllUpdatesReadAreComputedOnce) {
    const Plan p = plan(passes::run(dlc::testing::lenet(128)));
    std::size_t powers = 0;  // Adam's two corrections by the number of the step, for eight parameters
    for (const Kernel& kernel : p.kernels)
        for (const ir::Node& node : kernel.body.nodes())
            if (const ir::Equation* e = node.equation()) ir::visit(e->body, [&](const ir::Expr& x) { powers += x->is("pow"); });
    EXPECT_EQ(powers, 2u) << print(p);
}

TEST(Networks, CheapConvolutionTakesItsPoolingAndDearOneDoesNot) {
    const ir::Graph g = passes::run(dlc::testing::lenet(128));
    const Plan p = plan(g);
    const ir::Shape full = {128, 32, 28, 28}, second = {128, 64, 14, 14};
    int written_full = 0, written_second = 0;
    for (const Call& call : p.calls)
        for (int out : call.outputs) {
            written_full += p.buffers[static_cast<std::size_t>(out)].shape == full;
            written_second += p.buffers[static_cast<std::size_t>(out)].shape == second;
        }
    EXPECT_EQ(written_full, 1) << "only its gradient is stored\n" << print(p);
    EXPECT_EQ(written_second, 2) << print(p);
}

TEST(Networks, ConvolutionActivationsLieChannelsLast) {
    const Plan p = plan(passes::run(dlc::testing::lenet(128)));
    for (const Buffer& b : p.buffers) {
        if (b.shape.size() != 4) continue;
        const bool activation = b.region == Region::workspace && b.shape[0] == 128 && b.shape[2] > 7;
        EXPECT_EQ(b.order, activation ? (Order{0, 2, 3, 1}) : row_major(4)) << print_memory(p);
    }
}

TEST(Networks, TheTableNamesSources) {
    const Plan p = plan(passes::run(dlc::testing::mlp(8, 6, 5, 4)));
    const std::string table = print(p, {.kernel = [](const Plan&, const Call&) { return std::string("a class"); }, .place = {}});
    for (const char* expected : {"a class", "dense_1/y", "cross_entropy", "in place", "f32[8, 5]"})
        EXPECT_NE(table.find(expected), std::string::npos) << expected << "\n" << table;
}

}  // namespace
}  // namespace dlc::kernels
