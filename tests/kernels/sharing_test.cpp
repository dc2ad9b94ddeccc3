// Equal layers are the same kernels, however many they are.
#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/ir/arith.h"
#include "tests/kernels/expect_plan.h"

namespace dlc::kernels {
namespace {

using ir::Expr;
using ir::Index;
using ir::LeafKind;
using ir::NodeId;
using ir::Type;

Index var(ir::Var v) { return Index::variable(v); }

/// x |> (dropout, dense) as often as there are layers, with the gradients' place taken by the weights themselves: a step of descent
/// on the sum of squares of all weights, which is scaled by their norm as gradients are when they are clipped.
ir::Graph network(int layers) {
    ir::Builder b;
    const NodeId seed = b.leaf(LeafKind::seed, ".seed", Type::i64, {}), step = b.leaf(LeafKind::step, ".step", Type::i64, {});
    NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4, 4});
    std::vector<NodeId> parameters = {b.leaf(LeafKind::parameter, "embedding", Type::f64, {3, 4})};
    for (int layer = 0; layer < layers; ++layer) {
        const std::string path = std::to_string(layer);
        const Expr drawn = Expr::call(
            "philox",
            {b.read(seed, {}), b.read(step, {}), Expr::constant(1000 + layer, Type::i64), Expr::index(var(0) * 4 + var(1))},
            Type::f64);
        const NodeId kept =
            b.pointwise(Type::f64, {4, 4}, b.read_all(x) * ir::convert(ir::less(drawn, Expr::constant(0.5, Type::f64)), Type::f64));
        const NodeId w = b.leaf(LeafKind::parameter, path + ".weight", Type::f64, {4, 4});
        const NodeId c = b.leaf(LeafKind::parameter, path + ".bias", Type::f64, {4});
        ir::Equation product;
        product.reductions = {4};
        product.reduce = ir::Reduce::sum;
        product.body = b.read(kept, {var(0), var(2)}) * b.read(w, {var(1), var(2)});
        const NodeId dense = b.equation(Type::f64, {4, 4}, product);
        x = b.pointwise(Type::f64, {4, 4}, b.read_all(dense) + b.read(c, {var(1)}));
        parameters.insert(parameters.end(), {w, c});
    }
    b.result({ir::Result::output, "y", x, {}, {}});
    Expr total;
    for (const NodeId p : parameters) {
        ir::Equation squares;
        squares.reductions = b[p].shape;
        squares.reduce = ir::Reduce::sum;
        squares.body = b.read_all(p) * b.read_all(p);
        const Expr part = b.read(b.equation(Type::f64, {}, squares), {});
        total = total ? total + part : part;
    }
    const NodeId norm = b.pointwise(Type::f64, {}, total);
    b.result({ir::Result::metric, "norm", norm, {}, {}});
    for (const NodeId p : parameters) {
        const ir::Shape shape = b[p].shape;
        const NodeId next = b.pointwise(Type::f64, shape, b.read_all(p) - b.read_all(p) * b.read(norm, {}) * 0.125);
        b.result({ir::Result::update, b[p].leaf()->name, next, p, {}});
    }
    return std::move(b).finish();
}

TEST(Sharing, LayersThatDrawRandomNumbersAreTheSameKernels) {
    const std::size_t few = plan(network(10)).kernels.size();
    for (const int layers : {20, 30}) {
        const ir::Graph graph = network(layers);
        const Plan p = plan(graph);
        EXPECT_EQ(p.kernels.size(), few) << layers << "\n" << print(p);
        expect_plan_computes(graph, std::to_string(layers) + " layers");
    }
}

TEST(Sharing, WhatOneKernelJoinsIsLimited) {
    // All updates and all norms of few parameters are a kernel each; of many they are shared out.
    const auto most_outputs = [](const Plan& p) {
        std::size_t most = 0;
        for (const Call& call : p.calls) most = std::max(most, call.outputs.size());
        return most;
    };
    const Plan small = plan(network(7)), large = plan(network(40));
    EXPECT_EQ(most_outputs(small), 15u) << print(small);
    EXPECT_LE(most_outputs(large), 16u) << print(large);
}

TEST(Sharing, ASiteIsANumberInMemory) {
    const Plan p = plan(network(2));
    std::vector<double> sites;
    for (const Buffer& b : p.buffers)
        if (b.region == Region::constant) sites.push_back(b.value);
    std::ranges::sort(sites);
    EXPECT_EQ(sites, (std::vector<double>{1000, 1001})) << print_memory(p);
}

TEST(Sharing, ALoopDrawsItsOwnNumbersAtEachStep) {
    const ir::Graph graph = ir::read(R"(
body @0
  %0 = f64[3] carry "h"
  %1 = i64[] slice "t"
  %2 = i64[] input ".seed"
  %3 = f64[3] philox:f64(%2[], 0:i64, 77:i64, i0 + %1[]) + %0[i0]
  update "h" = %3 to %0
end
%0 = f64[3] parameter "h0"
%1 = i64[5] input "times"
%2 = i64[] seed ".seed"
%3 = f64[5, 3] scan @0 %3 (%0, %1, %2)
value "y" = %3
)");
    const Plan p = plan(graph);
    EXPECT_EQ(std::ranges::count(p.buffers, Region::constant, &Buffer::region), 1) << print_memory(p);
    expect_plan_computes(graph, "draws in a loop");
}

}  // namespace
}  // namespace dlc::kernels
