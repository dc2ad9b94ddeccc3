// `lookups`: what is computed with rows of a table is computed once for each row, counted in multiplications, and values stay.
#include <gtest/gtest.h>

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
using testing::multiply_adds;

Index v(ir::Var i) { return Index::variable(i); }

constexpr std::int64_t kRows = 6, kTokens = 400, kIn = 64, kOut = 48;
const std::string kEmbedding =
    "fn main(e: f[6, 64], w: f[48, 64], t: i32[400], d: f[400, 48]) {\n"
    "  x[b, k] = e[t[b], k]\n"
    "  y[b, u] = sum[k](x[b, k] * w[u, k])\n";

TEST(Lookups, AProductWithAnEmbeddingIsOneWithItsTable) {
    EXPECT_EQ(multiply_adds(kEmbedding + "  return y\n}\n"), kRows * kIn * kOut);
    EXPECT_EQ(multiply_adds(kEmbedding + "  return grad(sum[b, u](d[b, u] * y[b, u]), w)\n}\n"), kRows * kIn * kOut);
    EXPECT_EQ(multiply_adds(kEmbedding + "  return grad(sum[b, u](d[b, u] * y[b, u]), e)\n}\n"), kRows * kIn * kOut);
}

// One sum by rows of what comes back serves the gradients of both.
TEST(Lookups, TheGradientsOfBothShareTheirSum) {
    const ir::Graph graph = testing::compiled(
        "fn main(e: f[6, 64], w: f[48, 64], t: i32[400], d: f[400, 48]) -> de, dw {\n"
        "  l = sum[b, u, k](d[b, u] * e[t[b], k] * w[u, k])\n"
        "  de = grad(l, e)\n  dw = grad(l, w)\n}\n");
    int scatters = 0;
    for (const ir::Node& node : graph.nodes()) scatters += node.equation() && node.equation()->scatter;
    EXPECT_EQ(scatters, 1) << ir::print(graph);
}

TEST(Lookups, ATableOfMoreRowsThanLookUpsIsReadWhereItIsNeeded) {
    EXPECT_EQ(multiply_adds("fn main(e: f[500, 64], w: f[48, 64], t: i32[400]) {\n"
                            "  y[b, u] = sum[k](e[t[b], k] * w[u, k])\n  return y\n}\n"),
              kTokens * kIn * kOut);
}

TEST(Lookups, WhatElseDependsOnTheExampleStays) {
    EXPECT_EQ(multiply_adds("fn main(e: f[6, 64], w: f[400, 48, 64], t: i32[400]) {\n"
                            "  y[b, u] = sum[k](e[t[b], k] * w[b, u, k])\n  return y\n}\n"),
              kTokens * kIn * kOut);
}

/// Sums of products with rows of tables, the row of a table of data, and everything that may stand beside.
class Sums {
public:
    explicit Sums(unsigned seed) : random_(seed) {}

    ir::Graph make() {
        e_ = b_.leaf(LeafKind::parameter, "e", Type::f64, {kRows, kLength});
        w_ = b_.leaf(LeafKind::parameter, "w", Type::f64, {kUnits, kLength});
        d_ = b_.leaf(LeafKind::input, "d", Type::f64, {kBatch, kUnits});
        t_ = b_.leaf(LeafKind::input, "t", Type::i32, {kBatch});
        b_.result({ir::Result::value, "forward", forward(), {}, {}});
        b_.result({ir::Result::value, "weight", of_weight(), {}, {}});
        b_.result({ir::Result::value, "table", of_table(), {}, {}});
        return std::move(b_).finish();
    }
    std::map<std::string, ir::Tensor> values(const ir::Graph& graph, unsigned seed) {
        auto leaves = dlc::testing::RandomGraph::values(graph, seed);
        for (double& row : leaves.at("t").values) row = pick(kRows - 1);  // the last is read only beside another
        return leaves;
    }

private:
    static constexpr std::int64_t kRows = 3, kBatch = 40, kLength = 50, kUnits = 4;

    int pick(std::int64_t n) { return std::uniform_int_distribution<int>(0, static_cast<int>(n) - 1)(random_); }
    Expr read(NodeId tensor, std::vector<Index> at) { return b_.read(tensor, std::move(at)); }
    Index row(const Index& b) { return Index::get(t_, {b}); }
    /// Another factor over the example b, the unit u and the position k, now and then.
    Expr beside(const Index& b, const Index& u, const Index& k) {
        switch (pick(10)) {
            case 0: return read(d_, {b, u});
            case 1: return read(e_, {row(b), k});
            case 2: return read(e_, {row(b), u});
            case 3: return read(e_, {Index(1), k}) + 1.0;
            case 4: return Expr::constant(1, Type::f64) / (read(w_, {u, k}) * read(w_, {u, k}) + 1.0);
            case 5: return b_.read(e_, {row(b) + Index(1), k}, Expr::constant(0.5, Type::f64));
            case 6: return ir::convert(Expr::index(row(b)), Type::f64);
            case 7: return read(e_, {row(b) + Index(1), k});
            default: return Expr::constant(1, Type::f64);
        }
    }
    void restrict(ir::Equation& e, const Index& b, const Index& u, const Index& k) {
        switch (pick(6)) {
            case 0: e.where.push_back({Predicate::ge, k - Index(2)}); break;
            case 1: e.where.push_back({Predicate::ge, Index(kBatch - 2) - b}); break;
            case 2: e.where.push_back({Predicate::ne, row(b) - Index(1)}); break;
            case 3: e.where.push_back({Predicate::ge, k - u}); break;
            default: break;
        }
    }
    NodeId forward() {
        ir::Equation sum;
        sum.reduce = pick(4) == 0 ? Reduce::max : Reduce::sum;
        sum.reductions = {kLength};
        sum.body = read(e_, {row(v(0)), v(2)}) * read(w_, {v(1), v(2)}) * beside(v(0), v(1), v(2));
        restrict(sum, v(0), v(1), v(2));
        return b_.equation(Type::f64, {kBatch, kUnits}, sum);
    }
    NodeId of_weight() {
        ir::Equation sum;
        sum.reduce = Reduce::sum;
        sum.reductions = {kBatch};
        sum.body = read(d_, {v(2), v(0)}) * read(e_, {row(v(2)), v(1)}) * beside(v(2), v(0), v(1));
        restrict(sum, v(2), v(0), v(1));
        return b_.equation(Type::f64, {kUnits, kLength}, sum);
    }
    NodeId of_table() {
        ir::Equation sum;
        sum.reduce = Reduce::sum;
        sum.reductions = {kUnits};
        sum.body = read(d_, {v(0), v(2)}) * read(w_, {v(2), v(1)}) * beside(v(0), v(2), v(1));
        restrict(sum, v(0), v(2), v(1));
        const NodeId back = b_.equation(Type::f64, {kBatch, kLength}, sum);
        if (pick(6) == 0) b_.result({ir::Result::value, "back", back, {}, {}});
        ir::Equation scatter;
        scatter.reduce = pick(5) == 0 ? Reduce::max : Reduce::sum;
        scatter.scatter = scatter.lossy = true;
        scatter.reductions = {kLength, kBatch};
        scatter.body = read(back, {v(1), v(0)});
        if (pick(3) == 0) scatter.body = scatter.body * read(e_, {Index(0), v(0)});
        scatter.map = {row(v(1)), pick(4) == 0 ? v(0) - Index(1) : v(0)};
        return b_.equation(Type::f64, {kRows, kLength}, scatter);
    }

    std::mt19937 random_;
    ir::Builder b_{ir::Builder::Sharing::off};
    NodeId e_, w_, d_, t_;
};

TEST(PropertyLookups, KeepTheValues) {
    int fewer = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
        Sums sums(seed);
        const ir::Graph graph = sums.make();
        const ir::Graph after = testing::expect_kept(graph, sums.values(graph, seed), "seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
        fewer += ir::multiply_adds(after.nodes()) * 2 < ir::multiply_adds(graph.nodes());
    }
    EXPECT_GT(fewer, 75);
}

}  // namespace
}  // namespace dlc::passes
