// `prefixes` on random equations with triangular conditions: the pass keeps their values, what it promises to make linear is, and
// so is what the whole pipeline makes of their gradients.
#include <gtest/gtest.h>

#include "compiler/autodiff/gradient.h"
#include "compiler/ir/arith.h"
#include "compiler/ir/cost.h"
#include "tests/passes/kept.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::Index;
using ir::LeafKind;
using ir::NodeId;
using ir::Reduce;
using ir::Type;

Index v(ir::Var i, std::int64_t coefficient = 1) { return Index::variable(i, coefficient); }

/// out[n, k] = reduce[j (, c)] of terms that depend on n, j and c, where j stops somewhere that k decides.
class Triangle {
public:
    explicit Triangle(unsigned seed) : random_(seed) {}

    ir::Graph make() {
        ir::Builder b(ir::Builder::Sharing::off);
        length_ = pick({8, 9, 13, 20});
        const std::int64_t n = pick({1, 3}), stops = pick({8, 11, 30}), others = pick({0, 0, 2});
        const NodeId x = b.leaf(LeafKind::parameter, "x", Type::f64, {n, length_});
        const NodeId w = b.leaf(LeafKind::parameter, "w", Type::f64, {length_, std::max<std::int64_t>(others, 1)});
        ir::Equation e;
        e.reduce = reduce_;
        // Variables n, k, j, c or n, k, c, j.
        const bool last = others > 0 && chance();
        const Index j = v(last ? 3 : 2), c = others > 0 ? v(last ? 2 : 3) : Index(0);
        e.reductions = {length_};
        if (others > 0) e.reductions.insert(last ? e.reductions.begin() : e.reductions.end(), others);
        e.body = b.read(x, {v(0), j});
        if (others > 0 || chance()) e.body = e.body * Expr::call("sin", {b.read(w, {j, c})});
        const Index k = v(1, pick({1, 1, 1, 2, -1})) + Index(pick({0, 0, -1, 1, 4, -6}));
        const Index difference = k - j * pick({1, 1, 1, 2});
        e.where = {{ir::Predicate::ge, chance() ? difference : -difference}};
        if (chance()) e.where.push_back({ir::Predicate::ge, j - v(0) - Index(1)});
        const NodeId y = b.equation(Type::f64, {n, stops}, e);
        b.result({ir::Result::value, "y", y, {}, {}});
        const NodeId square = b.pointwise(Type::f64, {n, stops}, b.read_all(y) * b.read_all(y));
        ir::Equation sum;
        sum.reduce = Reduce::sum;
        sum.reductions = {n, stops};
        sum.body = b.read_all(square);
        const NodeId loss = b.equation(Type::f64, {}, sum);
        const std::vector<NodeId> first = autodiff::gradient(b, loss, std::vector{x, w});
        b.result({ir::Result::value, "dx", first[0], {}, {}});
        b.result({ir::Result::value, "dw", first[1], {}, {}});
        if (reduce_ == Reduce::sum) {
            ir::Equation again;
            again.reduce = Reduce::sum;
            again.reductions = {n, length_};
            again.body = b.read_all(first[0]) * b.read_all(first[0]);
            const NodeId norm = b.equation(Type::f64, {}, again);
            b.result({ir::Result::value, "ddx", autodiff::gradient(b, norm, std::vector{x})[0], {}, {}});
        }
        return std::move(b).finish();
    }
    Triangle& of(Reduce reduce) {
        reduce_ = reduce;
        return *this;
    }

private:
    std::int64_t pick(std::vector<std::int64_t> from) {
        return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random_)];
    }
    bool chance() { return pick({0, 1}) == 1; }
    std::mt19937 random_;
    std::int64_t length_ = 0;
    Reduce reduce_ = Reduce::sum;
};

TEST(PropertyPrefixes, KeepTheValuesOfTriangularReductionsAndTheirGradients) {
    int running = 0;
    for (unsigned seed = 0; seed < 240; ++seed) {
        const Reduce reduce = std::vector{Reduce::sum, Reduce::sum, Reduce::max, Reduce::min, Reduce::prod}[seed % 5];
        const ir::Graph graph = Triangle(seed).of(reduce).make();
        const ir::Graph result =
            testing::expect_kept(graph, dlc::testing::RandomGraph::values(graph, seed), "seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
        for (const ir::Node& node : result.nodes()) running += ir::prefix_of(node).has_value();
    }
    EXPECT_GT(running, 240);
}

/// Points at which bodies are evaluated, of the largest equation.
std::int64_t most_evaluations(const ir::Graph& graph) {
    std::int64_t most = 0;
    for (const ir::Node& node : graph.nodes())
        if (node.equation()) most = std::max(most, ir::evaluations(node));
    return most;
}

// Sum, gradient of its square, gradient of the gradient's square: all as many steps as elements.
TEST(Prefixes, SumsAndTheirDerivativesAreLinear) {
    const ir::Graph graph = ir::read(R"(
%0 = f64[500] parameter "x"
%1 = f64[500] sum[500](%0[i1]) where i0 - i1 - 1 >= 0
%2 = f64[] sum[500](%1[i0] * %1[i0] * %1[i0])
value "loss" = %2
)");
    ir::Builder b(ir::Builder::Sharing::off);
    std::vector<NodeId> moved;
    for (const ir::Node& node : graph.nodes()) moved.push_back(b.copy(node, [&](NodeId id) { return moved[id.value]; }));
    NodeId value = moved[2];
    for (int order = 0; order < 3; ++order) {
        const NodeId slope = autodiff::gradient(b, value, std::vector{moved[0]})[0];
        b.result({ir::Result::value, "d" + std::to_string(order), slope, {}, {}});
        ir::Equation sum;
        sum.reduce = Reduce::sum;
        sum.reductions = {500};
        sum.body = b.read_all(slope) * b.read_all(slope);
        value = b.equation(Type::f64, {}, sum);
    }
    EXPECT_LE(most_evaluations(run(std::move(b).finish())), 500);
}

// The product of all others, exact where elements are 0, from products before and after.
TEST(Prefixes, TheDerivativeOfAProductIsLinearAndExactAtZeros) {
    for (const bool matrix : {false, true}) {
        const ir::Graph graph =
            ir::read(matrix ? "%0 = f64[20, 10] parameter \"x\"\n%1 = f64[] prod[20, 10](%0[i0, i1])\nvalue \"y\" = %1\n"
                            : "%0 = f64[200] parameter \"x\"\n%1 = f64[] prod[200](%0[i0])\nvalue \"y\" = %1\n");
        ir::Builder b(ir::Builder::Sharing::off);
        std::vector<NodeId> moved;
        for (const ir::Node& node : graph.nodes()) moved.push_back(b.copy(node, [&](NodeId id) { return moved[id.value]; }));
        b.result({ir::Result::value, "dx", autodiff::gradient(b, moved[1], std::vector{moved[0]})[0], {}, {}});
        const ir::Graph better = run(std::move(b).finish());
        EXPECT_LE(most_evaluations(better), 200) << ir::print(better);
        for (const int zeros : {0, 1, 2}) {
            ir::Tensor x{graph.nodes()[0].shape, std::vector<double>(200, 1.0)};
            x.values[3] = 2;
            for (int z = 0; z < zeros; ++z) x.values[static_cast<std::size_t>(50 + 100 * z)] = 0;
            const std::vector<double> dx = ir::interpret(better, {{"x", x}}).at("dx").values;
            for (std::size_t k = 0; k < 200; ++k) {
                const double others = zeros == 0 ? (k == 3 ? 1 : 2) : zeros == 1 && k == 50 ? 2 : 0;
                EXPECT_EQ(dx[k], others) << k;
            }
        }
    }
}

// The gradient of a running maximum goes to the positions where the maxima are.
TEST(Prefixes, TheGradientOfARunningMaximumIsLinear) {
    const ir::Graph graph = ir::read(R"(
%0 = f64[3, 300] parameter "x"
%1 = f64[3, 300] max[300](%0[i0, i2]) where i1 - i2 >= 0
%2 = f64[] sum[3, 300](%1[i0, i1] * %1[i0, i1])
value "loss" = %2
)");
    ir::Builder b(ir::Builder::Sharing::off);
    std::vector<NodeId> moved;
    for (const ir::Node& node : graph.nodes()) moved.push_back(b.copy(node, [&](NodeId id) { return moved[id.value]; }));
    b.result({ir::Result::value, "dx", autodiff::gradient(b, moved[2], std::vector{moved[0]})[0], {}, {}});
    const ir::Graph made = std::move(b).finish(), better = run(made);
    EXPECT_LE(most_evaluations(better), 900) << ir::print(better);
    const auto leaves = dlc::testing::RandomGraph::values(made, 5);
    dlc::testing::expect_same(ir::interpret(made, leaves), ir::interpret(better, leaves), "gradient of a running maximum", 1e-12);
}

}  // namespace
}  // namespace dlc::passes
