// Less memory for more work: whatever the limit, a step computes the same and takes no more than it.
#include "compiler/kernels/recompute.h"

#include <limits>

#include "compiler/ir/cost.h"
#include "compiler/ir/text.h"
#include "compiler/passes/pass.h"
#include "dsl/source/diagnostic.h"
#include "tests/kernels/expect_plan.h"
#include "tests/kernels/networks.h"

namespace dlc::kernels {
namespace {

using dlc::testing::RandomGraph;

/// `layers` dense layers of 8 units over batches of 256, whose values are far larger than their weights.
ir::Graph deep(int layers, bool dropout = false) {
    dlc::testing::Network n(256, ir::Type::f64);
    ir::NodeId x = n.input("x", {256, 8});
    for (int i = 0; i < layers; ++i) {
        x = n.relu(n.dense(x, 8, "dense_" + std::to_string(i)));
        if (dropout) x = n.dropout(x, 0.25);
    }
    return passes::run(n.finish(n.dense(x, 4, "last")));
}

std::int64_t workspace(const Plan& plan) { return plan.region_bytes[static_cast<std::size_t>(Region::workspace)]; }

/// What the least of `graph` takes, as the error says it.
std::int64_t least(const ir::Graph& graph) {
    try {
        fit(graph, 0);
    } catch (const source::UserError& e) {
        EXPECT_EQ(e.diagnostic.code, source::code("E0505"));
        const std::string before = "at least ";
        return std::stoll(e.diagnostic.message.substr(e.diagnostic.message.find(before) + before.size()));
    }
    ADD_FAILURE() << "a program takes more than nothing";
    return 0;
}

std::map<std::string, ir::Tensor> values(const ir::Graph& graph) {
    auto leaves = RandomGraph::values(graph, 3);
    for (auto& [name, tensor] : leaves)
        for (double& v : tensor.values) {
            if (ir::is_integer(graph[graph.leaf(name)].type)) v = static_cast<double>(static_cast<int>(std::abs(v) * 8) % 4);
            if (name.starts_with("optimizer/v/")) v = std::abs(v);
        }
    return leaves;
}

void expect_fits_and_computes(const ir::Graph& graph, std::int64_t limit, double tolerance) {
    SCOPED_TRACE("limit " + std::to_string(limit));
    const Fitted fitted = fit(graph, limit);
    EXPECT_LE(memory_bytes(fitted.plan), limit);
    ASSERT_EQ(verify(fitted.plan), std::vector<std::string>{}) << print(fitted.plan);
    const auto leaves = values(graph);
    const auto expected = ir::interpret(graph, leaves);
    dlc::testing::expect_same(expected, ir::interpret(fitted.graph, leaves), "graph", 0);
    dlc::testing::expect_same(expected, simulate(fitted.plan, leaves), "plan", tolerance);
}

TEST(NumericRecompute, AStepComputesTheSameWithinAnyLimitFromTheLeast) {
    for (const bool dropout : {false, true}) {
        const ir::Graph graph = deep(12, dropout);
        const std::int64_t most = memory_bytes(plan(graph)), fewest = least(graph);
        ASSERT_LT(fewest, most * 2 / 3);
        for (int part = 0; part <= 4; ++part) expect_fits_and_computes(graph, fewest + (most - fewest) * part / 4, 1e-12);
    }
}

TEST(Recompute, WhatFitsStaysAsItIs) {
    const ir::Graph graph = deep(6);
    EXPECT_EQ(fit(graph, memory_bytes(plan(graph))).graph.digest(), graph.digest());
    EXPECT_NE(fit(graph, memory_bytes(plan(graph)) - 1).graph.digest(), graph.digest());
}

TEST(Recompute, MemoryGrowsAsTheRootOfTheDepthForLessThanOneMoreForwardPass) {
    std::map<int, std::int64_t> fewest;
    for (const int layers : {8, 32, 128}) {
        const ir::Graph graph = deep(layers);
        const Fitted fitted = fit(graph, least(graph));
        fewest[layers] = workspace(fitted.plan);
        // A forward pass is a third of a step.
        const std::int64_t plain = ir::multiply_adds(graph.nodes()), with = ir::multiply_adds(fitted.graph.nodes());
        EXPECT_GT(with, plain);
        EXPECT_LE(3 * (with - plain), plain) << layers;
    }
    // Four times as deep is twice as much, and not four times; the last layers' few values are there besides.
    EXPECT_LT(static_cast<double>(fewest[32]), 2.5 * static_cast<double>(fewest[8]));
    EXPECT_LT(static_cast<double>(fewest[128]), 2.5 * static_cast<double>(fewest[32]));
}

TEST(Recompute, TakesWhatIsLightFirst) {
    // Dropout's values cost no multiply-adds: a little less memory takes none.
    const ir::Graph graph = deep(12, true);
    const Fitted fitted = fit(graph, memory_bytes(plan(graph)) * 9 / 10);
    EXPECT_EQ(ir::multiply_adds(fitted.graph.nodes()), ir::multiply_adds(graph.nodes()));
}

TEST(Recompute, ALargerLimitTakesNoMoreWork) {
    const ir::Graph graph = deep(16);
    const std::int64_t most = memory_bytes(plan(graph)), fewest = least(graph);
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    for (int part = 0; part <= 5; ++part) {
        const std::int64_t work = ir::multiply_adds(fit(graph, fewest + (most - fewest) * part / 5).graph.nodes());
        EXPECT_LE(work, before) << part;
        before = work;
    }
    EXPECT_EQ(before, ir::multiply_adds(graph.nodes()));
}

TEST(Recompute, SomethingElseMayTakeAPartOfTheLimit) {
    const ir::Graph graph = deep(12);
    const std::int64_t most = memory_bytes(plan(graph));
    EXPECT_EQ(fit(graph, most + 1000, 1000).graph.digest(), graph.digest());
    EXPECT_LE(memory_bytes(fit(graph, most, 1000).plan) + 1000, most);
}

TEST(Recompute, WithoutALossThereIsNothingToComputeAgain) {
    const ir::Graph graph = passes::run(RandomGraph(5).make(8));
    EXPECT_EQ(least(graph), memory_bytes(plan(graph)));
}

/// Any graph whose middle is called a loss: all behind it counts as the backward pass.
ir::Graph with_loss(const ir::Graph& graph) {
    ir::Builder b(ir::Builder::Sharing::off);
    ir::NodeId loss;
    for (std::uint32_t i = 0; i < graph.size(); ++i) {
        const ir::NodeId id = b.copy(graph[ir::NodeId{i}], [](ir::NodeId operand) { return operand; });
        if (graph[id].equation() && i <= graph.size() * 2 / 3) loss = id;
    }
    const ir::Node& node = graph[loss];
    loss = b.pointwise(node.type, node.shape, b.read_all(loss), {{}, "loss"});
    for (const ir::Result& r : graph.results()) b.result(r);
    b.result({ir::Result::loss, "loss", loss, {}, {}});
    return passes::run(std::move(b).finish());
}

TEST(PropertyRecompute, RandomGraphsComputeTheSame) {
    int changed = 0;
    for (unsigned seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE(seed);
        const ir::Graph graph = with_loss(RandomGraph(seed).make(6 + static_cast<int>(seed % 18)));
        const std::int64_t fewest = least(graph);
        const Fitted fitted = fit(graph, fewest);
        changed += fitted.graph.digest() != graph.digest();
        EXPECT_LE(memory_bytes(fitted.plan), fewest);
        expect_plan_computes(fitted.graph, "fitted");
        const auto leaves = RandomGraph::values(graph, 7);
        dlc::testing::expect_same(ir::interpret(graph, leaves), ir::interpret(fitted.graph, leaves), ir::print(fitted.graph));
        if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(changed, 10) << "some have values to compute again";
}

}  // namespace
}  // namespace dlc::kernels
