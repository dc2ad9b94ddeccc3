// A plan computes what its graph means: held against the interpreter, in memory that knows what lies where.
#include <gtest/gtest.h>

#include "compiler/ir/arith.h"
#include "compiler/kernels/kernel.h"
#include "tests/kernels/expect_plan.h"

namespace dlc::kernels {
namespace {

using ir::Expr;
using ir::Index;
using ir::LeafKind;
using ir::NodeId;
using ir::Type;

TEST(Plan, SwapsTwoLeaves) {
    ir::Builder b;
    const NodeId x = b.leaf(LeafKind::state, "x", Type::f32, {5});
    const NodeId y = b.leaf(LeafKind::state, "y", Type::f32, {5});
    b.result({ir::Result::update, "x", y, x, {}});
    b.result({ir::Result::update, "y", x, y, {}});
    expect_plan_computes(std::move(b).finish(), "swap");
}

TEST(Plan, CoupledUpdatesReadOldValues) {
    // x <- x + y and y <- y - x, both from the old values.
    ir::Builder b;
    const NodeId x = b.leaf(LeafKind::state, "x", Type::f32, {5});
    const NodeId y = b.leaf(LeafKind::state, "y", Type::f32, {5});
    b.result({ir::Result::update, "x", b.pointwise(Type::f32, {5}, b.read_all(x) + b.read_all(y)), x, {}});
    b.result({ir::Result::update, "y", b.pointwise(Type::f32, {5}, b.read_all(y) - b.read_all(x)), y, {}});
    expect_plan_computes(std::move(b).finish(), "coupled");
}

TEST(Plan, UpdateWaitsForReadersOfTheOldValue) {
    // The new w is made early, w is read late.
    ir::Builder b;
    const NodeId w = b.leaf(LeafKind::parameter, "w", Type::f32, {4, 4});
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4, 4});
    const NodeId step = b.pointwise(Type::f32, {4, 4}, b.read_all(w) * 0.5);
    ir::Equation product;
    product.reductions = {4};
    product.reduce = ir::Reduce::sum;
    product.body = b.read(x, {Index::variable(0), Index::variable(2)}) * b.read(w, {Index::variable(2), Index::variable(1)});
    const NodeId y = b.equation(Type::f32, {4, 4}, product);
    b.result({ir::Result::update, "w", step, w, {}});
    b.result({ir::Result::output, "y", y, {}, {}});
    const ir::Graph graph = std::move(b).finish();
    const Plan p = plan(graph);
    ASSERT_EQ(p.calls.size(), 2u) << print(p);
    EXPECT_EQ(p.kernels[static_cast<std::size_t>(p.calls[1].kernel)].alias, std::vector<int>{0}) << print(p);
    expect_plan_computes(graph, "late reader");
}

TEST(Plan, UpdateThatReadsElsewhereIsNotInPlace) {
    // s <- s reversed: every position reads another.
    ir::Builder b;
    const NodeId s = b.leaf(LeafKind::state, "s", Type::f32, {6});
    b.result({ir::Result::update, "s", b.pointwise(Type::f32, {6}, b.read(s, {Index(5) - Index::variable(0)})), s, {}});
    expect_plan_computes(std::move(b).finish(), "reverse");
}

TEST(Plan, LeavesAndConstantsAsResults) {
    ir::Builder b;
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {2, 3});
    b.result({ir::Result::output, "same", x, {}, {}});
    b.result({ir::Result::output, "numbers", b.constant(Type::f32, {3}, {1, 2, 4}), {}, {}});
    b.result({ir::Result::output, "again", x, {}, {}});
    expect_plan_computes(std::move(b).finish(), "copies");
}

TEST(Plan, EqualKernelsAreCompiledOnce) {
    // Two products of one shape.
    ir::Builder b;
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4, 4});
    NodeId y = x;
    for (const char* name : {"u", "v"}) {
        const NodeId w = b.leaf(LeafKind::parameter, name, Type::f32, {4, 4});
        ir::Equation product;
        product.reductions = {4};
        product.reduce = ir::Reduce::sum;
        product.body = b.read(y, {Index::variable(0), Index::variable(2)}) * b.read(w, {Index::variable(2), Index::variable(1)});
        y = b.equation(Type::f32, {4, 4}, product);
    }
    b.result({ir::Result::output, "y", y, {}, {}});
    const ir::Graph graph = std::move(b).finish();
    const Plan p = plan(graph);
    EXPECT_EQ(p.calls.size(), 2u) << print(p);
    EXPECT_EQ(p.kernels.size(), 1u) << print(p);
    expect_plan_computes(graph, "two products");
}

TEST(Plan, WorkspaceIsReused) {
    // A chain of row reversals and products needs two buffers at a time, however long it is.
    ir::Builder b;
    NodeId y = b.leaf(LeafKind::input, "x", Type::f32, {16, 16});
    for (int i = 0; i < 6; ++i) {
        ir::Equation product;
        product.reductions = {16};
        product.reduce = ir::Reduce::sum;
        product.body = b.read(y, {Index::variable(0), Index::variable(2)}) * b.read(y, {Index::variable(2), Index::variable(1)});
        y = b.equation(Type::f32, {16, 16}, product);
    }
    b.result({ir::Result::output, "y", y, {}, {}});
    const Plan p = plan(std::move(b).finish());
    EXPECT_EQ(p.region_bytes[static_cast<int>(Region::workspace)], 2 * 16 * 16 * 4) << print_memory(p);
}

TEST(PropertyPlan, RandomGraphs) {
    const unsigned first = 1000;
    for (unsigned seed = first; seed < first + 600; ++seed) {
        const ir::Graph graph = testing::RandomGraph(seed).make(4 + static_cast<int>(seed % 14));
        ASSERT_NO_FATAL_FAILURE(expect_plan_computes(graph, "seed " + std::to_string(seed)));
    }
}

}  // namespace
}  // namespace dlc::kernels
