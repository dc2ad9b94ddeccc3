// Every rule of the table keeps its law, on random values and, where it says so, on infinities and NaN.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "compiler/ir/arith.h"
#include "compiler/ir/interpreter.h"
#include "compiler/passes/rules.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::Type;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// What stands for the wildcards of one rule: leaves of a graph, by letter.
struct Instance {
    ir::Builder builder;
    std::map<char, Expr> values;
    std::map<char, ir::NodeId> leaves;
};

/// The wildcard as it stands in the pattern: a condition where a bool is wanted, a constant for a `Number`.
Expr instantiated(const Pattern& p, Type type, Instance& instance, std::mt19937& random) {
    switch (p.kind) {
        case Pattern::constant: return Expr::constant(p.value, type);
        case Pattern::any: {
            auto& value = instance.values[p.letter];
            if (value) return value;
            const ir::NodeId leaf = instance.builder.leaf(ir::LeafKind::input, std::string(1, p.letter), type, {});
            instance.leaves[p.letter] = leaf;
            return value = instance.builder.read(leaf, {});
        }
        case Pattern::number: {
            auto& value = instance.values[p.letter];
            if (!value) value = Expr::constant(1 + static_cast<double>(random() % 7), type);
            return value;
        }
        case Pattern::call: break;
    }
    std::vector<Expr> args;
    const bool logical = p.scalar == "and" || p.scalar == "or" || p.scalar == "not";
    for (std::size_t i = 0; i < p.args.size(); ++i) {
        const bool condition = logical || (p.scalar == "select" && i == 0);
        // A comparison's operands are numbers even where its value is a condition.
        const bool compares = p.scalar == "lt" || p.scalar == "gt" || p.scalar == "ge" || p.scalar == "eq";
        const Type numbers = type == Type::boolean && (compares || !condition) ? Type::f64 : type;
        args.push_back(instantiated(p.args[i], condition ? Type::boolean : numbers, instance, random));
    }
    return Expr::call(p.scalar, std::move(args), type);
}

double evaluate(const Instance& instance, const Expr& e, const std::map<std::string, ir::Tensor>& leaves) {
    ir::Builder b = instance.builder;
    b.result({ir::Result::value, "y", b.pointwise(e->type, {}, e), {}, {}});
    return ir::interpret(std::move(b).finish(), leaves).at("y").values.at(0);
}

class AlgebraRule : public testing::TestWithParam<const Rule*> {};

TEST_P(AlgebraRule, KeepsItsLaw) {
    const Rule& rule = *GetParam();
    const unsigned seed = 20;
    std::mt19937 random(seed);
    int compared = 0;
    for (const Type type : {Type::f64, Type::i64}) {
        if (rule.types == Rule::reals && type != Type::f64) continue;
        if (rule.types == Rule::integers && type != Type::i64) continue;
        // The real functions are of real numbers.
        bool real = false;
        const std::function<void(const Pattern&)> look = [&](const Pattern& p) {
            static const std::vector<std::string_view> names = {"exp",   "log", "log1p", "expm1",  "sqrt",
                                                                "rsqrt", "pow", "div",   "sigmoid"};
            real = real || (p.kind == Pattern::call && std::ranges::find(names, p.scalar) != names.end());
            real = real || (p.kind == Pattern::constant && std::isinf(p.value));
            std::ranges::for_each(p.args, look);
        };
        look(rule.pattern);
        if (real && type != Type::f64) continue;
        for (int round = 0; round < 300; ++round) {
            Instance instance;
            const bool logical = rule.pattern.scalar == "and" || rule.pattern.scalar == "or" || rule.pattern.scalar == "not";
            const Expr before = instantiated(rule.pattern, logical ? Type::boolean : type, instance, random);
            const auto after = apply(rule, before);
            ASSERT_TRUE(after.has_value()) << rule.name << " does not match its own pattern";
            ASSERT_EQ((*after)->type, before->type) << rule.name;
            std::map<std::string, ir::Tensor> leaves;
            bool special = false;
            for (const auto& [letter, leaf] : instance.leaves) {
                double v = 0;
                if (instance.builder[leaf].type == Type::boolean) {
                    v = static_cast<double>(random() % 2);
                } else if (type == Type::i64) {
                    v = static_cast<double>(static_cast<int>(random() % 21) - 10);
                } else if (round % 3 == 0) {
                    const double values[] = {kInfinity, -kInfinity, kNaN, 0, 1, -1};
                    v = values[random() % 6];
                    special = special || !std::isfinite(v);
                } else {
                    v = std::uniform_real_distribution<>(-3, 3)(random);
                }
                leaves[std::string(1, letter)] = {{}, {v}};
            }
            const double x = evaluate(instance, before, leaves), y = evaluate(instance, *after, leaves);
            if (rule.law != Law::exact && special) continue;
            if (rule.law == Law::rounded && !(std::isfinite(x) && std::isfinite(y))) continue;
            ++compared;
            if (rule.law == Law::rounded)
                EXPECT_NEAR(x, y, 1e-12 * std::max(1.0, std::abs(x))) << rule.name << ", seed " << seed;
            else
                EXPECT_TRUE(x == y || (std::isnan(x) && std::isnan(y)))
                    << rule.name << ", seed " << seed << ": " << x << " and " << y;
        }
    }
    EXPECT_GT(compared, 50) << rule.name << " was hardly tested";
}

std::vector<const Rule*> all_rules() {
    std::vector<const Rule*> all;
    for (const Rule& rule : rules()) all.push_back(&rule);
    return all;
}
std::string name_of(const testing::TestParamInfo<const Rule*>& info) {
    std::string name(info.param->name);
    std::ranges::replace(name, '-', '_');
    return name;
}
INSTANTIATE_TEST_SUITE_P(Property, AlgebraRule, testing::ValuesIn(all_rules()), name_of);

TEST(Algebra, FoldsConstants) {
    const Expr two = Expr::constant(2, Type::f32), three = Expr::constant(3, Type::f32);
    const Expr e = Expr::call("mul", {Expr::call("add", {two, three}), Expr::call("exp", {Expr::constant(0, Type::f32)})});
    EXPECT_TRUE(ir::is_constant(simplified(e, true), 5));
}

TEST(Algebra, ConstantsOfAProductGather) {
    ir::Builder b;
    const Expr x = b.read(b.leaf(ir::LeafKind::input, "x", Type::f64, {}), {}),
               y = b.read(b.leaf(ir::LeafKind::input, "y", Type::f64, {}), {});
    const Expr two = Expr::constant(2, Type::f64), four = Expr::constant(4, Type::f64);
    const Expr e = Expr::call("mul", {Expr::call("mul", {x, two}), Expr::call("mul", {y, four})});
    int constants = 0;
    ir::visit(simplified(e, true), [&](const Expr& part) { constants += part->kind == ir::ExprNode::constant; });
    EXPECT_EQ(constants, 1);
}

TEST(Algebra, LogOfSoftmaxIsStable) {
    // log(exp(-800) / 1) is -inf computed as written.
    ir::Builder b;
    const Expr x = b.read(b.leaf(ir::LeafKind::input, "x", Type::f64, {}), {}),
               s = b.read(b.leaf(ir::LeafKind::input, "s", Type::f64, {}), {});
    const Expr written = Expr::call("log", {Expr::call("div", {Expr::call("exp", {x}), s})});
    b.result({ir::Result::value, "y", b.pointwise(Type::f64, {}, simplified(written, true)), {}, {}});
    const auto y = ir::interpret(std::move(b).finish(), {{"x", {{}, {-800}}}, {"s", {{}, {1}}}});
    EXPECT_EQ(y.at("y").values.at(0), -800);
}

}  // namespace
}  // namespace dlc::passes
