#include "compiler/ir/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>

#include "compiler/ir/arith.h"
#include "compiler/ir/interpreter.h"
#include "compiler/ir/verify.h"
#include "dsl/shapes/mixed_radix.h"

namespace dlc::ir {
namespace {

TEST(Text, EveryFormOfLine) {
    // As text.h shows them; reading and printing again must not move a character.
    const std::string text =
        "%0 = f32[128, 784] input \"x\"\n"
        "%1 = f32[256, 784] parameter \"hidden.weight\"\n"
        "%2 = i64[] seed \"seed\"\n"
        "%3 = f32[128, 256] sum[784](%0[i0, i2] * %1[i1, i2])  # hidden/y\n"
        "%4 = f32[128, 256] max(%3[i0, i1], 0)\n"
        "%5 = i32[128] argmax[256](%4[i0, i1])\n"
        "%6 = f32[128, 12] sum[256](%4[i0, i2 else 0]) where i1 - i2 >= 0 and i2 - 3 != 0\n"
        "%7 = f32[64] scatter sum[128, 12](%6[i0, i1]) to [i1 + (i0 div 4)] lossy where -i1 + (i0 mod 3) == 0\n"
        "%8 = f32[300] scatter max[128](%6[i0, 0]) to [%5[i0]]\n"
        "%9 = f32[128] let t0 = exp(%3[i0, 0]) / (1 + exp(%3[i0, 0])) in t0 * (1 - t0)\n"
        "%10 = f32[3, 3] constant {1, 0.1, -0, inf, -inf, nan, 1e-300, 3, 4}\n"
        "%11 = f32[3, 3] library orthogonal(%10) {1, 0.5}\n"
        "%12 = bool[128] %5[i0] < 3 and not(%9[i0] >= 0.5)\n"
        "%13 = f32[128] if %12[i0] then -%9[i0] - -2 else -(%9[i0] - 1) * f32([2*i0 + 1])\n"
        "%14 = f64[128] f64(%13[i0]) + f64(3:i32) / f64(%13[i0] == 1)\n"
        "%15 = i64[4] 2 - (3 - i0) * i0\n"
        "%16 = f32[4] %7[2*(%5[%15[i0]] div 3) + (%15[i0] mod 8) else %9[i0 else 0]]\n"
        "%17 = f32[128, 12] %6[i0, i1] again 3  # hidden/again\n"
        "output \"y\" = %4\n"
        "update \"hidden.weight\" = %1 to %1\n"
        "check \"a \\\"quoted\\\" message\\nof two lines\" = %2\n";
    const Graph graph = read(text);
    EXPECT_EQ(verify(graph), std::vector<std::string>{});
    EXPECT_EQ(print(graph), text);
    EXPECT_EQ(read(print(graph)).digest(), graph.digest());
    EXPECT_EQ(graph[NodeId{3}].origin.name, "hidden/y");
}

TEST(Text, SharedPartsAreNamedWhereTheyAreLong) {
    Builder b;
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4});
    Expr e = b.read_all(x);
    for (int i = 0; i < 40; ++i) e = e * e + 1;
    b.result({Result::output, "y", b.pointwise(Type::f32, {4}, e), {}, {}});
    const Graph graph = std::move(b).finish();
    const std::string text = print(graph);
    EXPECT_LT(text.size(), 4000u);
    EXPECT_EQ(read(text).digest(), graph.digest());
}

std::string complaint(const std::string& text) {
    try {
        read(text);
    } catch (const std::invalid_argument& error) { return error.what(); }
    return "";
}

TEST(Text, ErrorsNameTheLineAndWhatWasExpected) {
    EXPECT_EQ(complaint("%0 = f32[2] input \"x\"\n%1 = f32[2] %0[i0\n"), "line 2: expected `,`, found the end of the line");
    EXPECT_EQ(complaint("%1 = f32[2] input \"x\"\n"), "line 1: expected node %0, found `= f32[2] input \"x\"`");
    EXPECT_EQ(complaint("%0 = f33[2] input \"x\"\n"), "line 1: expected a type, found `f33[2] input \"x\"`");
    EXPECT_EQ(complaint("%0 = f32[2] frobnicate(1)\n"), "line 1: expected a scalar primitive, found `frobnicate(1)`");
    EXPECT_EQ(complaint("%0 = f32[2] %3[i0]\n"), "line 1: expected a node of a line before, found `%3[i0]`");
    EXPECT_EQ(complaint("%0 = bool[2] 1 < 2\n"),
              "line 1: expected a constant with its type, as in `1:f32`, before, found the end of the line");
    EXPECT_EQ(complaint("%0 = f32[2] 1 1\n"), "line 1: expected the end of the line, found `1`");
    EXPECT_EQ(complaint("nonsense \"y\" = %0\n"), "line 1: expected a kind of result before, found `\"y\" = %0`");
    EXPECT_NE(complaint("%0 = f32[2] input \"x\"\n%1 = f32[2] %0[i0, i0]\n").find("line 2: "), std::string::npos);
    EXPECT_EQ(complaint("\n  # a comment\n"), "");
}

// ------------------------------------------------------------------ random graphs

/// Random well-formed graphs over small boxes, with every kind of expression.
class RandomGraph {
public:
    explicit RandomGraph(unsigned seed) : engine_(seed) {}

    Graph make() {
        Builder b(below(2) ? Builder::Sharing::on : Builder::Sharing::off);
        b.leaf(LeafKind::input, "x", Type::f64, {3, 4});
        b.leaf(LeafKind::input, "ids", Type::i32, {5});
        for (int i = 0; i < 4; ++i) equation(b);
        b.result({Result::output, "y", NodeId{static_cast<std::uint32_t>(b.size() - 1)}, {}, {}});
        return std::move(b).finish();
    }
    int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
    int between(int low, int high) { return low + below(high - low + 1); }

private:
    void equation(Builder& b) {
        Shape shape, reductions;
        for (int d = below(3); d > 0; --d) shape.push_back(between(1, 5));
        static constexpr Reduce kReduces[] = {Reduce::none, Reduce::sum,    Reduce::prod,  Reduce::max,
                                              Reduce::min,  Reduce::argmax, Reduce::argmin};
        Equation equation;
        equation.reduce = kReduces[below(7)];
        if (equation.reduce != Reduce::none)
            for (int d = below(3); d > 0; --d) reductions.push_back(below(8) ? between(1, 6) : 80);
        equation.reductions = reductions;
        equation.scatter =
            below(4) == 0 && (equation.reduce == Reduce::sum || equation.reduce == Reduce::max || equation.reduce == Reduce::min);
        Shape extents = equation.scatter ? reductions : shape;
        if (!equation.scatter) extents.insert(extents.end(), reductions.begin(), reductions.end());
        box_ = box_of(extents);
        equation.body = convert(expr(b, 4), Type::f64);
        for (int p = below(3); p > 0; --p) equation.where.push_back({static_cast<Predicate::Kind>(below(3)), index(b, 1)});
        if (equation.scatter) {
            for (std::size_t d = 0; d < shape.size(); ++d) equation.map.push_back(index(b, 1));
            equation.lossy = true;
        }
        const bool position = equation.reduce == Reduce::argmax || equation.reduce == Reduce::argmin;
        b.equation(position ? Type::i32 : Type::f64, shape, equation);
    }
    Index index(const Builder& b, int depth) {
        Index sum = between(-3, 3);
        for (int t = below(3); t > 0; --t) {
            Index atom;
            const int kind = below(4);
            if (depth > 0 && kind == 0)
                atom = div(index(b, depth - 1), between(2, 5), box_);
            else if (depth > 0 && kind == 1)
                atom = mod(index(b, depth - 1), between(2, 5), box_);
            else if (depth > 0 && kind == 2)
                atom = Index::get(NodeId{1}, {index(b, depth - 1)});
            else if (!box_.empty())
                atom = Index::variable(static_cast<Var>(below(static_cast<int>(box_.size()))));
            sum = sum + atom * between(-2, 2);
        }
        return sum;
    }
    Expr read(const Builder& b, int depth) {
        const NodeId id{static_cast<std::uint32_t>(below(static_cast<int>(b.size())))};
        std::vector<Index> at;
        for (std::size_t d = 0; d < b[id].shape.size(); ++d) at.push_back(index(b, 2));
        return b.read(id, at, convert_safely(expr(b, depth - 1), b[id].type));
    }
    static Expr convert_safely(const Expr& e, Type type) {
        return e->kind == ExprNode::constant && is_integer(type) ? Expr::constant(std::trunc(e->value), type) : convert(e, type);
    }
    Expr expr(const Builder& b, int depth) {
        if (!made_.empty() && below(6) == 0 && made_box_ == box_)
            return made_[static_cast<std::size_t>(below(static_cast<int>(made_.size())))];
        Expr e;
        switch (depth <= 0 ? below(2) : below(9)) {
            case 0: e = Expr::constant(std::ldexp(between(-9, 9), between(-2, 1)), below(4) ? Type::f64 : Type::f32); break;
            case 1: e = Expr::index(index(b, 2)); break;
            case 2:
            case 3: e = read(b, depth); break;
            case 4: e = Expr::call("add", {expr(b, depth - 1), expr(b, depth - 1)}); break;
            case 5: e = Expr::call("mul", {expr(b, depth - 1), expr(b, depth - 1)}); break;
            case 6: e = Expr::call("neg", {expr(b, depth - 1)}); break;
            case 7: e = Expr::call("max", {expr(b, depth - 1), expr(b, depth - 1)}); break;
            default: {
                Expr condition = Expr::call(below(2) ? "lt" : "eq", {expr(b, depth - 1), expr(b, depth - 1)});
                if (below(3) == 0) condition = negate(condition);
                e = Expr::call("select", {condition, expr(b, depth - 1), expr(b, depth - 1)});
            }
        }
        if (made_box_ != box_) made_.clear();
        made_box_ = box_;
        made_.push_back(e);
        return e;
    }

    std::mt19937 engine_;
    Box box_, made_box_;
    std::vector<Expr> made_;  // of this equation, to be shared
};

TEST(PropertyText, RandomGraphsRoundTrip) {
    RecordProperty("first seed", 1);
    for (unsigned seed = 1; seed <= 1500; ++seed) {
        const Graph graph = RandomGraph(seed).make();
        ASSERT_EQ(verify(graph), std::vector<std::string>{}) << "seed " << seed;
        const std::string text = print(graph);
        const Graph again = read(text);
        ASSERT_EQ(again.digest(), graph.digest()) << "seed " << seed << "\n" << text << "became\n" << print(again);
        ASSERT_EQ(print(again), text) << "seed " << seed;
    }
}

// ------------------------------------------------------------------ the interpreter against one point at a time

/// The essay of graph.h word for word, a point at a time.
class Pointwise {
public:
    explicit Pointwise(const Graph& graph, const std::map<std::string, Tensor>& leaves) : graph_(graph) {
        for (const Node& node : graph.nodes()) values_.push_back(node.leaf() ? leaves.at(node.leaf()->name) : equation(node));
    }
    const Tensor& operator[](NodeId id) const { return values_[id.value]; }

private:
    using Point = std::vector<std::int64_t>;
    static constexpr std::int64_t kNowhere = -(std::int64_t{1} << 36);

    Tensor equation(const Node& node) const {
        const Equation& e = *node.equation();
        const Shape extents = extents_of(node);
        const bool position = e.reduce == Reduce::argmax || e.reduce == Reduce::argmin;
        const bool largest = e.reduce == Reduce::max || e.reduce == Reduce::argmax;
        Tensor out{node.shape, std::vector<double>(static_cast<std::size_t>(volume(node.shape)), identity(e.reduce, node.type))};
        std::vector<double> best(out.values.size());
        std::vector<bool> some(out.values.size());
        Point at(extents.size());
        for (std::int64_t i = 0; i < volume(extents); ++i) {
            shapes::unflatten(i, extents, at);
            bool holds = true;
            for (const Predicate& p : e.where) {
                const std::int64_t x = index(p.index, at);
                holds = holds && (p.kind == Predicate::ge ? x >= 0 : p.kind == Predicate::eq ? x == 0 : x != 0);
            }
            if (!holds) continue;
            std::optional<std::int64_t> target;
            if (e.scatter) {
                Point to;
                for (const Index& m : e.map) to.push_back(index(m, at));
                target = flat(to, node.shape);
                if (!target) continue;
            } else {
                target = *flat(Point(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(node.shape.size())), node.shape);
            }
            const auto t = static_cast<std::size_t>(*target);
            const double value = this->value(e.body, at);
            const Point r(at.begin() + static_cast<std::ptrdiff_t>(e.scatter ? 0 : node.shape.size()), at.end());
            if (e.reduce == Reduce::none) out.values[t] = value;
            if (e.reduce == Reduce::sum) out.values[t] += value;
            if (e.reduce == Reduce::prod) out.values[t] *= value;
            if (position || e.reduce == Reduce::max || e.reduce == Reduce::min) {
                const bool wins =
                    !some[t] || (!std::isnan(best[t]) && (std::isnan(value) || (largest ? value > best[t] : value < best[t])));
                if (wins) {
                    best[t] = value;
                    out.values[t] = position ? static_cast<double>(shapes::flatten(r, e.reductions)) : value;
                }
                some[t] = true;
            }
        }
        return out;
    }
    static std::optional<std::int64_t> flat(const Point& at, const Shape& shape) {
        for (std::size_t d = 0; d < shape.size(); ++d)
            if (at[d] < 0 || at[d] >= shape[d]) return std::nullopt;
        return shapes::flatten(at, shape);
    }
    std::int64_t index(const Index& i, const Point& at) const {
        return i.evaluate(at, [&](NodeId tensor, std::span<const std::int64_t> inner) {
            const auto position = flat(Point(inner.begin(), inner.end()), values_[tensor.value].shape);
            return position ? static_cast<std::int64_t>(values_[tensor.value].values[static_cast<std::size_t>(*position)])
                            : kNowhere;
        });
    }
    double value(const Expr& e, const Point& at) const {
        switch (e->kind) {
            case ExprNode::constant: return e->value;
            case ExprNode::index: return static_cast<double>(index(e->position, at));
            case ExprNode::read: {
                Point to;
                for (const Index& i : e->at) to.push_back(index(i, at));
                const auto position = flat(to, values_[e->tensor.value].shape);
                return position ? values_[e->tensor.value].values[static_cast<std::size_t>(*position)] : value(e->otherwise, at);
            }
            case ExprNode::call: break;
        }
        std::vector<double> args;
        for (const Expr& arg : e->args) args.push_back(value(arg, at));
        return e->scalar->meaning(args, e->type);
    }

    const Graph& graph_;
    std::vector<Tensor> values_;
};

TEST(PropertyInterpreter, BlocksAgreeWithOnePointAtATime) {
    RecordProperty("first seed", 1);
    Tensor x{{3, 4}, {}}, ids{{5}, {2, 0, 3, 1, 2}};
    for (int i = 0; i < 12; ++i) x.values.push_back(i == 7 ? std::numeric_limits<double>::quiet_NaN() : (i * 5 % 12) / 4.0 - 1);
    const std::map<std::string, Tensor> leaves{{"x", x}, {"ids", ids}};
    for (unsigned seed = 1; seed <= 1500; ++seed) {
        const Graph graph = RandomGraph(seed).make();
        std::vector<NodeId> all;
        for (std::uint32_t id = 0; id < graph.size(); ++id) all.push_back({id});
        const std::vector<Tensor> values = interpret(graph, leaves, all);
        const Pointwise expected(graph, leaves);
        for (const NodeId id : all)
            for (std::size_t i = 0; i < values[id.value].values.size(); ++i) {
                const double seen = values[id.value].values[i], wanted = expected[id].values[i];
                ASSERT_TRUE(seen == wanted || (std::isnan(seen) && std::isnan(wanted)))
                    << seen << " for " << wanted << " at " << i << " of %" << id.value << ", seed " << seed << "\n"
                    << print(graph);
            }
    }
}

}  // namespace
}  // namespace dlc::ir
