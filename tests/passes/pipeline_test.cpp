// The passes keep what graphs mean, and leave what they promise.
#include <gtest/gtest.h>

#include "compiler/ir/arith.h"
#include "compiler/ir/text.h"
#include "tests/passes/kept.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::Index;
using ir::LeafKind;
using ir::NodeId;
using ir::Type;

ir::Graph expect_kept(const ir::Graph& graph, const std::string& what) {
    return testing::expect_kept(graph, dlc::testing::RandomGraph::values(graph, 11), what);
}
int count(const ir::Graph& graph, ir::Reduce reduce) {
    int found = 0;
    for (const ir::Node& node : graph.nodes()) found += node.equation() && node.equation()->reduce == reduce;
    return found;
}
int equations(const ir::Graph& graph) {
    int found = 0;
    for (const ir::Node& node : graph.nodes()) found += node.equation() != nullptr;
    return found;
}
Index var(ir::Var v) { return Index::variable(v); }

TEST(PropertyPasses, RandomGraphs) {
    const unsigned first = 5000;
    for (unsigned seed = first; seed < first + 300; ++seed) {
        const ir::Graph graph = dlc::testing::RandomGraph(seed).make(3 + static_cast<int>(seed % 14));
        expect_kept(graph, "seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
    }
}

TEST(Passes, MultiplyingByOneLeavesNoTrace) {
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4});
    const NodeId one = b.fill(1, Type::f64, {4});
    b.result({ir::Result::value, "y", b.pointwise(Type::f64, {4}, Expr::call("mul", {b.read_all(x), b.read_all(one)})), {}, {}});
    const ir::Graph g = expect_kept(std::move(b).finish(), "one");
    EXPECT_EQ(equations(g), 1) << ir::print(g);
    EXPECT_EQ(g[g.results()[0].node].equation()->body->kind, ir::ExprNode::read) << ir::print(g);
}

TEST(Passes, ReshapeOfReshapeIsARead) {
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4, 6});
    const NodeId flat = b.pointwise(Type::f64, {24}, b.read(x, {div(var(0), 6, {{0, 23}}), mod(var(0), 6, {{0, 23}})}));
    const NodeId again = b.pointwise(Type::f64, {4, 6}, b.read(flat, {var(0) * 6 + var(1)}));
    b.result({ir::Result::value, "y", b.pointwise(Type::f64, {4, 6}, b.read_all(again) * 2.0), {}, {}});
    const ir::Graph g = expect_kept(std::move(b).finish(), "reshape");
    EXPECT_EQ(equations(g), 1) << ir::print(g);
}

TEST(Passes, PaddingJoinsTheConvolution) {
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {6}), w = b.leaf(LeafKind::parameter, "w", Type::f64, {3});
    const NodeId padded = b.pointwise(Type::f64, {8}, b.read(x, {var(0) - 1}, Expr::constant(0, Type::f64)));
    ir::Equation conv;
    conv.reductions = {3};
    conv.reduce = ir::Reduce::sum;
    conv.body = b.read(padded, {var(0) + var(1)}) * b.read(w, {var(1)});
    b.result({ir::Result::value, "y", b.equation(Type::f64, {6}, conv), {}, {}});
    const ir::Graph g = expect_kept(std::move(b).finish(), "padding");
    EXPECT_EQ(equations(g), 1) << ir::print(g);
}

TEST(Passes, FactorsLeaveTheSum) {
    // sum[k](a[i] * x[i, k] / 4) reads a once a row.
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4, 6}), a = b.leaf(LeafKind::input, "a", Type::f64, {4});
    ir::Equation sum;
    sum.reductions = {6};
    sum.reduce = ir::Reduce::sum;
    sum.body = b.read(a, {var(0)}) * b.read(x, {var(0), var(1)}) / Expr::constant(4, Type::f64);
    b.result({ir::Result::value, "y", b.equation(Type::f64, {4}, sum), {}, {}});
    const ir::Graph g = expect_kept(std::move(b).finish(), "factors");
    ASSERT_EQ(count(g, ir::Reduce::sum), 1) << ir::print(g);
    for (const ir::Node& node : g.nodes()) {
        if (!node.equation() || node.equation()->reduce != ir::Reduce::sum) continue;
        EXPECT_EQ(node.equation()->body->kind, ir::ExprNode::read) << ir::print(g);
    }
}

TEST(Passes, UnreadVariablesAreCounted) {
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4});
    ir::Equation sum;
    sum.reductions = {6};
    sum.reduce = ir::Reduce::sum;
    sum.body = b.read(x, {var(0)});
    b.result({ir::Result::value, "y", b.equation(Type::f64, {4}, sum), {}, {}});
    EXPECT_EQ(count(expect_kept(std::move(b).finish(), "unread"), ir::Reduce::sum), 0);
}

TEST(Passes, AVariableOfOneOperandIsSummedFirst) {
    // sum[k, r](a[i, k] * b[k, j, r]): 4*5*6*7 products become 4*5*6 after 5*6*7 additions.
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4, 5}), y = b.leaf(LeafKind::input, "y", Type::f64, {5, 6, 7});
    ir::Equation sum;
    sum.reductions = {5, 7};
    sum.reduce = ir::Reduce::sum;
    sum.body = b.read(x, {var(0), var(2)}) * b.read(y, {var(2), var(1), var(3)});
    b.result({ir::Result::value, "z", b.equation(Type::f64, {4, 6}, sum), {}, {}});
    const ir::Graph g = expect_kept(std::move(b).finish(), "alone");
    ASSERT_EQ(count(g, ir::Reduce::sum), 2) << ir::print(g);
    EXPECT_EQ(g[g.results()[0].node].equation()->reductions, ir::Shape{5}) << ir::print(g);
}

TEST(Passes, ConditionsOnIndicesBecomeTheDomain) {
    // sum[j](if j <= i then x[j] else 0)
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {6});
    ir::Equation sum;
    sum.reductions = {6};
    sum.reduce = ir::Reduce::sum;
    sum.body = ir::select(ir::holds({ir::Predicate::ge, var(0) - var(1)}), b.read(x, {var(1)}), Expr::constant(0, Type::f64));
    b.result({ir::Result::value, "y", b.equation(Type::f64, {6}, sum), {}, {}});
    const ir::Graph g = expect_kept(std::move(b).finish(), "triangle");
    EXPECT_EQ(g[g.results()[0].node].equation()->where.size(), 1u) << ir::print(g);
}

TEST(Passes, SumOverAOneHotIsARead) {
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4, 6}), t = b.leaf(LeafKind::target, "t", Type::i32, {4});
    ir::Equation sum;
    sum.reductions = {6};
    sum.reduce = ir::Reduce::sum;
    sum.body = ir::select(ir::holds({ir::Predicate::eq, Index::get(t, {var(0)}) - var(1)}), b.read(x, {var(0), var(1)}),
                          Expr::constant(0, Type::f64));
    b.result({ir::Result::value, "y", b.equation(Type::f64, {4}, sum), {}, {}});
    const ir::Graph graph = std::move(b).finish();
    const ir::Graph g = run(graph);
    EXPECT_EQ(count(g, ir::Reduce::sum), 0) << ir::print(g);
    auto leaves = dlc::testing::RandomGraph::values(graph, 3);
    leaves["t"].values = {5, 0, -1, 6};  // two labels outside: nothing is summed
    dlc::testing::expect_same(ir::interpret(graph, leaves), ir::interpret(g, leaves), ir::print(g));
}

TEST(Passes, MasksOfRectifiersReadTheirOutput) {
    ir::Builder b(ir::Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, {4}), d = b.leaf(LeafKind::input, "d", Type::f64, {4});
    const NodeId z = b.pointwise(Type::f64, {4}, Expr::call("exp", {b.read_all(x)}) - b.read_all(d));
    const NodeId y = b.pointwise(Type::f64, {4}, Expr::call("max", {b.read_all(z), Expr::constant(0, Type::f64)}));
    const Expr positive = ir::greater(b.read_all(z), Expr::constant(0, Type::f64));
    const NodeId g = b.pointwise(Type::f64, {4}, ir::select(positive, b.read_all(d), Expr::constant(0, Type::f64)));
    b.result({ir::Result::value, "y", y, {}, {}});
    b.result({ir::Result::value, "g", g, {}, {}});
    const ir::Graph out = expect_kept(std::move(b).finish(), "rectifier");
    EXPECT_EQ(equations(out), 2) << ir::print(out);
}

}  // namespace
}  // namespace dlc::passes
