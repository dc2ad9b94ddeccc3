#include "compiler/ir/graph.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "compiler/ir/arith.h"
#include "compiler/ir/text.h"
#include "compiler/ir/verify.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {
namespace {

Index v(Var i) { return Index::variable(i); }

TEST(Graph, SharingMakesEqualNodesOnce) {
    Builder b;
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4});
    const NodeId first = b.pointwise(Type::f32, {4}, b.read_all(x) * 2, {{0, 10, 15}, "a"});
    const NodeId second = b.pointwise(Type::f32, {4}, b.read_all(x) * 2, {{0, 20, 25}, "b"});
    const NodeId third = b.pointwise(Type::f32, {4}, b.read_all(x) * 2, {{0, 20, 25}, "c"});
    EXPECT_EQ(first, second);
    EXPECT_EQ(first, third);
    EXPECT_EQ(b[first].origin.name, "a");
    EXPECT_EQ(b[first].origin.also, (std::vector<source::Span>{{0, 20, 25}})) << "where the others were written, once";
    EXPECT_EQ(b.size(), 2u);
}

TEST(Graph, WithoutSharingEveryNamedValueIsItself) {
    Builder b(Builder::Sharing::off);
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4});
    const NodeId first = b.pointwise(Type::f32, {4}, b.read_all(x) * 2), second = b.pointwise(Type::f32, {4}, b.read_all(x) * 2);
    EXPECT_NE(first, second);
    EXPECT_EQ(b.leaf(LeafKind::input, "x", Type::f32, {4}), x) << "leaves are one node a name all the same";
    EXPECT_THROW(b.leaf(LeafKind::input, "x", Type::f32, {5}), source::InternalError);
}

TEST(Graph, ShareKeepsWhatResultsNeed) {
    Builder b(Builder::Sharing::off);
    const NodeId unused = b.leaf(LeafKind::input, "unused", Type::f32, {9});
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4});
    const NodeId w = b.leaf(LeafKind::parameter, "w", Type::f32, {4});
    b.pointwise(Type::f32, {9}, b.read_all(unused) * 3);
    const NodeId first = b.pointwise(Type::f32, {4}, b.read_all(x) * 2), second = b.pointwise(Type::f32, {4}, b.read_all(x) * 2);
    const NodeId sum = b.pointwise(Type::f32, {4}, b.read_all(first) + b.read_all(second));
    b.result({Result::update, "w", sum, w, {}});
    const Graph shared = share(std::move(b).finish());
    EXPECT_EQ(print(shared),
              "%0 = f32[4] input \"x\"\n"
              "%1 = f32[4] parameter \"w\"\n"
              "%2 = f32[4] %0[i0] * 2\n"
              "%3 = f32[4] %2[i0] + %2[i0]\n"
              "update \"w\" = %3 to %1\n");
    EXPECT_EQ(share(shared).digest(), shared.digest());
    EXPECT_EQ(shared.leaves(LeafKind::parameter), (std::vector<NodeId>{{1}}));
    EXPECT_EQ(shared.leaf("x"), NodeId{0});
    EXPECT_FALSE(shared.leaf("unused"));
    ASSERT_TRUE(shared.result("w"));
    EXPECT_EQ(shared.result("w")->node, NodeId{3});
    EXPECT_FALSE(shared.result("x"));
}

TEST(Graph, PredicatesAreSortedAndThoseThatAlwaysHoldGo) {
    Builder b;
    Equation equation;
    equation.reductions = {5};
    equation.reduce = Reduce::sum;
    equation.body = Expr::constant(1, Type::f32);
    equation.where = {{Predicate::ne, v(1)}, {Predicate::ge, v(0) - v(1)}, {Predicate::ge, v(0)}, {Predicate::ne, v(1)}};
    const NodeId id = b.equation(Type::f32, {3}, equation);
    EXPECT_EQ(print(b.graph(), id), "%0 = f32[3] sum[5](1) where i0 - i1 >= 0 and i1 != 0");
}

TEST(Graph, DigestIgnoresOriginsOnly) {
    const auto graph = [](const char* origin, double factor, const char* result) {
        Builder b;
        const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4});
        b.result({Result::output, result, b.pointwise(Type::f32, {4}, b.read_all(x) * factor, {{0, 1, 2}, origin}), {}, {}});
        return std::move(b).finish().digest();
    };
    EXPECT_EQ(graph("a", 2, "y"), graph("b", 2, "y"));
    EXPECT_NE(graph("a", 2, "y"), graph("a", 3, "y"));
    EXPECT_NE(graph("a", 2, "y"), graph("a", 2, "z"));
}

TEST(Graph, OperandsIncludeThoseOfIndices) {
    const Graph graph = read(
        "%0 = i32[4] input \"i\"\n"
        "%1 = i32[4] input \"j\"\n"
        "%2 = i32[4] input \"k\"\n"
        "%3 = f32[9] input \"x\"\n"
        "%4 = f32[9] scatter sum[4](%3[%0[i0]]) to [%1[i0]] where %2[i0] - 1 != 0\n");
    EXPECT_EQ(operands(graph[NodeId{4}]), (std::vector<NodeId>{{0}, {1}, {2}, {3}}));
    EXPECT_EQ(box_of(graph[NodeId{4}]), (Box{{0, 3}})) << "the domain in scatter form";
    EXPECT_EQ(extents_of(graph[NodeId{4}]), (Shape{4}));
}

TEST(Graph, NamesAndIdentities) {
    for (int r = 0; r <= static_cast<int>(Reduce::argmin); ++r)
        EXPECT_EQ(reduce_named(name(static_cast<Reduce>(r))), static_cast<Reduce>(r));
    EXPECT_FALSE(reduce_named("mean"));
    EXPECT_EQ(identity(Reduce::sum, Type::f32), 0);
    EXPECT_EQ(identity(Reduce::prod, Type::i32), 1);
    EXPECT_EQ(identity(Reduce::argmax, Type::i32), -1);
    EXPECT_EQ(identity(Reduce::max, Type::f32), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(identity(Reduce::max, Type::i32), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(identity(Reduce::min, Type::u8), 255);
    EXPECT_EQ(identity(Reduce::min, Type::boolean), 1);
    EXPECT_EQ(static_cast<std::int64_t>(identity(Reduce::min, Type::i64)), std::numeric_limits<std::int64_t>::max() - 1023);
}

// ------------------------------------------------------------------ rules

std::string broken(const std::function<void(Builder&, NodeId x)>& build) {
    Builder b;
    const NodeId x = b.leaf(LeafKind::input, "x", Type::f32, {4});
    b.leaf(LeafKind::input, "ids", Type::i32, {4});
    try {
        build(b, x);
    } catch (const source::InternalError& error) { return error.what(); }
    return "nothing";
}
Equation reduced(Reduce reduce, Shape extents, Expr body) {
    Equation equation;
    equation.reduce = reduce;
    equation.reductions = std::move(extents);
    equation.body = std::move(body);
    return equation;
}
const Expr kOne = Expr::constant(1, Type::f32);

#define EXPECT_BROKEN(rule, ...)                \
    EXPECT_NE(broken([](Builder& b, NodeId x) { \
                  (void)x;                      \
                  __VA_ARGS__;                  \
              }).find(rule),                    \
              std::string::npos)                \
        << broken([](Builder& b, NodeId x) {    \
               (void)x;                         \
               __VA_ARGS__;                     \
           })

TEST(Builder, SizesOfEquationsAreTheProgramsFault) {
    Builder b;
    EXPECT_THROW(b.fill(0, Type::f32, {1 << 30, 1 << 30, 1 << 30}), std::overflow_error);
    EXPECT_THROW(b.equation(Type::f32, {}, reduced(Reduce::sum, {1 << 30, 1 << 30, 1 << 30}, kOne)), std::overflow_error);
}

TEST(Verify, EveryRuleIsEnforced) {
    EXPECT_BROKEN("does not precede its user", b.pointwise(Type::f32, {4}, Expr::read(NodeId{7}, Type::f32, {v(0)})));
    EXPECT_BROKEN("does not precede its user", b.library(Type::f32, {4, 4}, {"orthogonal", {{9}}, {}}));
    EXPECT_BROKEN("no library operation `sort`", b.library(Type::f32, {4}, {"sort", {x}, {}}));
    EXPECT_BROKEN("of shape [4] has 2 indices", b.pointwise(Type::f32, {4}, Expr::read(x, Type::f32, {v(0), v(0)})));
    EXPECT_BROKEN("of type f32 claims f64", b.pointwise(Type::f64, {4}, Expr::read(x, Type::f64, {v(0)})));
    EXPECT_BROKEN("a body of type f32 defines a node of type f64", b.pointwise(Type::f64, {4}, b.read_all(x)));
    EXPECT_BROKEN("argmax and argmin give i32", b.equation(Type::f32, {}, reduced(Reduce::argmax, {4}, kOne)));
    EXPECT_BROKEN("i1 is none of its 1 variables", b.pointwise(Type::f32, {4}, Expr::read(x, Type::f32, {v(1)})));
    EXPECT_BROKEN("i2 is none of its 1 variables", {
        Equation e = reduced(Reduce::none, {}, kOne);
        e.where = {{Predicate::ge, v(2)}};
        b.equation(Type::f32, {4}, e);
    });
    EXPECT_BROKEN("runs over [1, 4], outside [0, 4)", b.pointwise(Type::f32, {4}, Expr::read(x, Type::f32, {v(0) + 1})));
    EXPECT_BROKEN("does not fit 31 bits", b.fill(0, Type::f32, {std::int64_t{1} << 31}));
    EXPECT_BROKEN("does not fit 31 bits", b.fill(0, Type::f32, {-1}));
    EXPECT_BROKEN("does not fit 31 bits", b.equation(Type::f32, {}, reduced(Reduce::sum, {std::int64_t{1} << 31}, kOne)));
    EXPECT_BROKEN("more than 2^62 elements", b.leaf(LeafKind::input, "far", Type::f32, {1 << 30, 1 << 30, 1 << 30}));
    EXPECT_BROKEN("has 3 values", b.constant(Type::f32, {2}, {1, 2, 3}));
    EXPECT_BROKEN("a leaf has a name", b.leaf(LeafKind::input, "", Type::f32, {2}));
    EXPECT_BROKEN("no reduction variables", b.equation(Type::f32, {}, reduced(Reduce::none, {4}, kOne)));
    EXPECT_BROKEN("only a scatter has a map", {
        Equation e = reduced(Reduce::sum, {4}, kOne);
        e.map = {v(0)};
        b.equation(Type::f32, {4}, e);
    });
    EXPECT_BROKEN("has 0 indices", {
        Equation e = reduced(Reduce::sum, {4}, kOne);
        e.scatter = true;
        b.equation(Type::f32, {4}, e);
    });
    EXPECT_BROKEN("accumulates by sum, max or min", {
        Equation e = reduced(Reduce::prod, {4}, kOne);
        e.scatter = true;
        e.map = {v(0)};
        b.equation(Type::f32, {4}, e);
    });
    EXPECT_BROKEN("an index reads %0 of type f32", b.pointwise(Type::f32, {4}, Expr::read(x, Type::f32, {Index::get(x, {v(0)})})));
    EXPECT_BROKEN("a read of %1 of shape [4] has 0 indices",
                  b.pointwise(Type::f32, {4}, Expr::read(x, Type::f32, {Index::get(NodeId{1}, {})})));
    EXPECT_BROKEN("condition of a select is a bool",
                  b.pointwise(Type::f32, {4}, Expr::call("select", {b.read_all(x), b.read_all(x), kOne})));
    EXPECT_BROKEN("an equation has a body", b.equation(Type::f32, {4}, Equation{}));
    EXPECT_BROKEN("a result names a node", b.result({Result::output, "y", NodeId{50}, {}, {}}));
}

TEST(Verify, RangesAreErrorsOnlyWhereProved) {
    EXPECT_BROKEN("nothing", b.pointwise(Type::f32, {4}, Expr::read(x, Type::f32, {v(0) + 1}, kOne)));
    EXPECT_BROKEN("nothing", b.pointwise(Type::f32, {4}, Expr::read(x, Type::f32, {Index::get(NodeId{1}, {v(0)})})));
    EXPECT_BROKEN("nothing", b.pointwise(Type::f32, {6},
                                         select(less(Expr::index(v(0)), Expr::constant(4, Type::i64)),
                                                Expr::read(x, Type::f32, {v(0)}), kOne)));
    EXPECT_BROKEN("nothing", {
        Equation e = reduced(Reduce::sum, {6}, Expr::read(x, Type::f32, {v(1)}));
        e.where = {{Predicate::ge, Index(3) - v(1)}};
        b.equation(Type::f32, {2}, e);
    });
}

TEST(Verify, Results) {
    const auto broken = [](Result result) {
        Builder b;
        b.leaf(LeafKind::parameter, "w", Type::f32, {4});
        b.fill(0, Type::f32, {5});
        b.fill(0, Type::i32, {});
        b.result(std::move(result));
        const std::vector<std::string> lines = verify(b.graph());
        return lines.empty() ? "" : lines.front();
    };
    EXPECT_EQ(broken({Result::update, "w", NodeId{0}, NodeId{0}, {}}), "");
    EXPECT_EQ(broken({Result::check, "wrong", NodeId{2}, {}, {}}), "");
    EXPECT_EQ(broken({Result::update, "w", NodeId{1}, NodeId{0}, {}}),
              "result update `w` differs from its target in shape or type");
    EXPECT_EQ(broken({Result::update, "w", NodeId{0}, NodeId{1}, {}}), "result update `w` has no leaf as its target");
    EXPECT_EQ(broken({Result::update, "w", NodeId{0}, {}, {}}), "result update `w` has no leaf as its target");
    EXPECT_EQ(broken({Result::output, "w", NodeId{0}, NodeId{0}, {}}), "result output `w` has a target but is no update");
    EXPECT_EQ(broken({Result::check, "wrong", NodeId{0}, {}, {}}), "result check `wrong` is no single bool or count");
}

TEST(Verify, DeathNamesThePassAndShowsTheNode) {
    Builder b;
    b.leaf(LeafKind::parameter, "w", Type::f32, {4});
    b.result({Result::update, "w", NodeId{0}, {}, {}});
    try {
        verify_or_die(b.graph(), "simplify");
        FAIL() << "the graph is taken for well-formed";
    } catch (const source::InternalError& error) {
        EXPECT_NE(std::string(error.what()).find("after simplify: result update `w` has no leaf"), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace dlc::ir
