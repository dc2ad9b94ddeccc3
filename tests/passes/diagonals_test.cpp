// `diagonals`: what equalities of indices say is not computed, counted in multiplications, and values stay.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/ir/arith.h"
#include "tests/passes/compiled.h"
#include "tests/passes/kept.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::Index;
using ir::LeafKind;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Type;
using testing::compiled;
using testing::multiply_adds;

Index v(ir::Var i, std::int64_t coefficient = 1) { return Index::variable(i, coefficient); }

std::int64_t largest(const ir::Graph& graph) {
    std::int64_t most = 0;
    for (const ir::Node& node : graph.nodes())
        if (node.equation()) most = std::max(most, ir::volume(ir::extents_of(node)));
    return most;
}

TEST(Diagonals, TheHessianOfAQuadraticMultipliesNothing) {
    EXPECT_EQ(multiply_adds("fn main(x: f[20], a: f[20, 20]) = jacobian(grad(sum[i, j](x[i] * a[i, j] * x[j]), x), x)"), 0);
}

// Of tanh(W x): a row of W times the slope of its output.  Of two layers: one product, beside those of the values.
TEST(Diagonals, AJacobianMultipliesByNoIdentity) {
    const std::string layer = "fn main(w: f[16, 20], u: f[5, 16], x: f[20]) {\n  h[i] = tanh(sum[j](w[i, j] * x[j]))\n";
    EXPECT_EQ(multiply_adds(layer + "  return jacobian(h, x)\n}\n"), 16 * 20);
    EXPECT_EQ(multiply_adds(layer + "  y[o] = sum[i](u[o, i] * h[i])\n  return jacobian(y, x)\n}\n"), 16 * 20 + 5 * 16 * 20);
}

TEST(Diagonals, GradientsOfEachExampleCostWhatTheGradientCosts) {
    const auto program = [](const std::string& answer) {
        return "fn main(w: f[16, 20], u: f[5, 16], c: f[16], x: f[32, 20], t: f[32, 5]) {\n"
               "  h[b, i] = tanh(sum[j](w[i, j] * x[b, j]) + c[i])\n"
               "  y[b, o] = sum[i](u[o, i] * h[b, i])\n"
               "  l[b] = sum[o]((y[b, o] - t[b, o])^2)\n"
               "  return " +
               answer + "\n}\n";
    };
    const std::int64_t forward = 32 * (16 * 20 + 5 * 16), back = 32 * 5 * 16;
    EXPECT_EQ(multiply_adds(program("grad(sum(l), w)")), forward + back + 32 * 16 * 20);
    EXPECT_EQ(multiply_adds(program("jacobian(l, w)")), forward + back);  // each example's outer product is added to no other
    EXPECT_EQ(multiply_adds(program("jacobian(l, u)")), forward);
    EXPECT_LE(multiply_adds(program("jacobian(l, c)")), forward + back);
    // Nothing has two axes of examples.
    EXPECT_EQ(largest(compiled(program("jacobian(l, w)"))), 32 * 16 * 20);
}

// What is not summed is not there, be it infinite or no number.
TEST(Diagonals, TermsNotTakenAreNothing) {
    const ir::Graph graph = compiled("fn main(x: f[3]) -> y {\n  y[i < 3] = sum[j]((if i == j then 1.0 else 0.0) * x[j])\n}\n");
    const double inf = std::numeric_limits<double>::infinity();
    const std::vector<double> y = ir::interpret(graph, {{"x", {{3}, {1, inf, std::nan("")}}}}).begin()->second.values;
    EXPECT_EQ(y[0], 1);
    EXPECT_EQ(y[1], inf);
    EXPECT_TRUE(std::isnan(y[2]));
}

/// Three steps over tensors some of which are 0 but where indices are equal, up to sign, offset and place.
ir::Graph random_chain(unsigned seed) {
    std::mt19937 random(seed);
    const auto pick = [&](std::vector<std::int64_t> from) {
        return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random)];
    };
    ir::Builder b(ir::Builder::Sharing::off);
    const std::int64_t n = pick({3, 4}), m = pick({3, 5});
    const NodeId x = b.leaf(LeafKind::parameter, "x", Type::f64, {n, m}), w = b.leaf(LeafKind::parameter, "w", Type::f64, {m, n});
    const auto equality = [&](const Index& a, const Index& c) {
        return Predicate{Predicate::eq, a - c * pick({1, 1, 1, -1, 2}) + Index(pick({0, 0, 0, 1, -1, 3}))};
    };
    const auto guarded = [&](const Index& a, const Index& c, const Expr& value) {
        return ir::select(ir::holds(equality(a, c)), value, ir::zero_like(value));
    };
    // [n, n, m]
    Expr first = guarded(v(0), v(1), b.read(x, {v(pick({0, 1}) == 0 ? 0 : 1), v(2)}));
    if (pick({0, 1}) == 0) first = first * b.read(w, {v(2), v(1)}) + first;
    const NodeId one = b.pointwise(Type::f64, {n, n, m}, first);
    // [n, n], over m or with an equality of the sum's own
    ir::Equation sum;
    sum.reduce = Reduce::sum;
    sum.reductions = {m};
    sum.body = b.read(one, {v(0), v(1), v(2)}) * b.read(w, {v(2), v(1)});
    if (pick({0, 1}) == 0) sum.body = sum.body * ir::convert(ir::holds(equality(v(2), v(0))), Type::f64);
    const NodeId two = b.equation(Type::f64, {n, n}, sum);
    const NodeId three =
        b.pointwise(Type::f64, {n, n},
                    b.read_all(two) / Expr::constant(1.5, Type::f64) - b.read(two, {v(0), v(1)}) * b.read(w, {Index(0), v(1)}));
    ir::Equation last;
    last.reduce = pick({0, 0, 1}) == 0 ? Reduce::sum : Reduce::max;
    last.reductions = {n};
    last.body = b.read(three, {v(0), v(2)}) * b.read(x, {v(2), v(1)});
    const NodeId four = b.equation(Type::f64, {n, m}, last);
    b.result({ir::Result::value, "four", four, {}, {}});
    if (pick({0, 1}) == 0) b.result({ir::Result::value, "two", two, {}, {}});
    if (pick({0, 1}) == 0) b.result({ir::Result::value, "one", one, {}, {}});
    return std::move(b).finish();
}

TEST(PropertyDiagonals, KeepTheValues) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        const ir::Graph graph = random_chain(seed);
        testing::expect_kept(graph, dlc::testing::RandomGraph::values(graph, seed), "seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace dlc::passes
