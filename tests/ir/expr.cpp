#include "compiler/ir/expr.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/ir/arith.h"
#include "compiler/ir/text.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {
namespace {

Index v(Var i) { return Index::variable(i); }
Expr x(Var i = 0) { return Expr::read(NodeId{0}, Type::f32, {v(i)}); }
Expr f32(double value) { return Expr::constant(value, Type::f32); }

std::size_t distinct(const Expr& e) {
    std::size_t count = 0;
    visit(e, [&](const Expr&) { ++count; });
    return count;
}

TEST(Type, CommonTypes) {
    EXPECT_EQ(common(Type::boolean, Type::boolean), Type::i32) << "bools add up to a count";
    EXPECT_EQ(common(Type::boolean, Type::f32), Type::f32);
    EXPECT_EQ(common(Type::i64, Type::f16), Type::f16) << "an integer becomes real beside a real";
    EXPECT_EQ(common(Type::f32, Type::f64), Type::f64);
    EXPECT_EQ(common(Type::f16, Type::bf16), Type::f32);
    EXPECT_EQ(common(Type::u8, Type::i8), Type::i32);
    EXPECT_EQ(common(Type::f32, Type::f32), Type::f32);
    for (int a = 0; a <= static_cast<int>(Type::f64); ++a) {
        EXPECT_EQ(type_named(name(static_cast<Type>(a))), static_cast<Type>(a));
        for (int b = 0; b <= static_cast<int>(Type::f64); ++b)
            EXPECT_EQ(common(static_cast<Type>(a), static_cast<Type>(b)), common(static_cast<Type>(b), static_cast<Type>(a)));
    }
}

TEST(Type, SixteenBitsRoundOnceToNearestEven) {
    EXPECT_EQ(rounded(1 + 0x1p-8, Type::bf16), 1) << "a tie goes to even";
    EXPECT_EQ(rounded(1 + 0x3p-8, Type::bf16), 1 + 0x1p-6);
    EXPECT_EQ(rounded(1 + 0x1p-8 + 0x1p-40, Type::bf16), 1 + 0x1p-7) << "by way of f32 it would be a tie";
    EXPECT_EQ(rounded(-1 - 0x1p-11 - 0x1p-45, Type::f16), -1 - 0x1p-10);
    EXPECT_EQ(rounded(65519.99, Type::f16), 65504);
    EXPECT_EQ(rounded(65520, Type::f16), std::numeric_limits<double>::infinity());
    EXPECT_EQ(rounded(-1e300, Type::bf16), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(rounded(3 * 0x1p-26, Type::f16), 0x1p-24) << "subnormal numbers are 2^-24 apart";
    EXPECT_EQ(rounded(0x1p-134, Type::bf16), 0);
    EXPECT_EQ(rounded(0.1, Type::f32), 0.1) << "what f32 rounds is not modelled";
}

TEST(Type, VolumeIsCheckedAndEmptyWins) {
    EXPECT_EQ(volume({}), 1);
    EXPECT_EQ(volume({3, 4}), 12);
    EXPECT_THROW(volume({std::int64_t{1} << 31, std::int64_t{1} << 31, 4}), std::overflow_error);
    EXPECT_EQ(volume({std::int64_t{1} << 31, std::int64_t{1} << 31, 4, 0}), 0);
}

TEST(Digest, PartsAreKeptApart) {
    EXPECT_NE(Hasher().add("a").add("bc").done(), Hasher().add("ab").add("c").done());
    EXPECT_NE(Hasher().add(std::uint64_t{0}).done(), Hasher().add_bits(0.0).done());
    EXPECT_NE(Hasher().add_bits(0.0).done(), Hasher().add_bits(-0.0).done());
    EXPECT_EQ(digest("").hex(), "99aa06d3014798d86001c324468d497f") << "XXH3 of nothing, as its specification says";
}

TEST(Expr, EqualStructureIsEqual) {
    EXPECT_EQ(x() + f32(1), x() + f32(1));
    EXPECT_NE(x() + f32(1), f32(1) + x()) << "commuting is simplification, not identity";
    EXPECT_NE(f32(1), Expr::constant(1, Type::f64));
    EXPECT_EQ(f32(std::nan("1")), f32(std::nan("2")));
    EXPECT_NE(x(), Expr::read(NodeId{0}, Type::f32, {v(0)}, f32(0)));
}

TEST(Expr, CallBringsOperandsToTheirType) {
    const Expr i = Expr::index(v(0)), real = x();
    EXPECT_EQ((real + i)->type, Type::f32);
    EXPECT_EQ((real + i)->args[1], convert(i, Type::f32));
    EXPECT_EQ((i + 1)->type, Type::i64);
    EXPECT_EQ(less(i, real)->type, Type::boolean);
    EXPECT_EQ(less(i, real)->args[0]->type, Type::f32);
    EXPECT_EQ((less(i, real) + less(real, i))->type, Type::i32);
    EXPECT_EQ(select(less(i, real), real, Expr::constant(2, Type::i32))->type, Type::f32);
    EXPECT_EQ(select(less(i, real), less(i, real), less(real, i))->type, Type::boolean);
    EXPECT_EQ(both(less(i, real), less(real, i))->args[0]->type, Type::boolean);
    EXPECT_EQ(Expr::call("exp", {i}, Type::f32)->type, Type::f32);
    EXPECT_THROW(Expr::call("exp", {i}), source::InternalError) << "of integers it needs a real type";
    EXPECT_THROW(Expr::call("add", {i}), source::InternalError) << "arity";
    EXPECT_THROW(Expr::call("no such primitive", {i}), source::InternalError);
}

TEST(Arith, FoldsWhatIsTrivial) {
    EXPECT_EQ(x() + 0, x());
    EXPECT_EQ(f32(0) + x(), x());
    EXPECT_EQ(x() - 0, x());
    EXPECT_EQ(f32(0) - x(), -x());
    EXPECT_EQ(x() * 1, x());
    EXPECT_EQ(1 * x(), x());
    EXPECT_EQ(x() * 0, f32(0));
    EXPECT_EQ(x() * -1, -x());
    EXPECT_EQ(x() / f32(1), x());
    EXPECT_EQ(-(-x()), x());
    EXPECT_EQ(f32(2) * f32(3) + f32(1), f32(7));
    EXPECT_EQ(1 / f32(4), f32(0.25));
    EXPECT_EQ((x() + Expr::constant(0, Type::f64))->type, Type::f64) << "folding keeps the common type";
    EXPECT_EQ(negate(negate(less(x(), f32(0)))), less(x(), f32(0)));
    EXPECT_EQ(both(Expr::constant(1, Type::boolean), less(x(), f32(0))), less(x(), f32(0)));
    EXPECT_TRUE(is_constant(both(less(x(), f32(0)), Expr::constant(0, Type::boolean)), 0));
    EXPECT_EQ(select(Expr::constant(1, Type::boolean), x(), f32(0)), x());
    EXPECT_EQ(select(less(x(), f32(0)), x(), x()), x());
    EXPECT_EQ(convert(Expr::constant(2, Type::i64), Type::f32), f32(2));
    EXPECT_EQ(Expr::constant(1, Type::i32) / Expr::constant(2, Type::i32), Expr::constant(0.5, Type::f64)) << "division is real";
}

TEST(Expr, DagsAreWalkedOncePerNode) {
    // 2^60 leaves as a tree, 61 nodes as a graph.
    Expr e = x();
    for (int i = 0; i < 60; ++i) e = e + e;
    EXPECT_EQ(distinct(e), 61u);
    std::size_t calls = 0;
    const Expr doubled = rewrite(e, [&](const Expr& n) {
        ++calls;
        return n->kind == ExprNode::read ? n * 2 : n;
    });
    EXPECT_EQ(calls, 61u);
    EXPECT_EQ(distinct(doubled), 63u);
    EXPECT_EQ(reads(e).size(), 1u);
    EXPECT_TRUE(uses(e, 0));
    EXPECT_FALSE(uses(e, 1));
    EXPECT_LT(print(e).size(), 4000u);
}

TEST(Expr, RewriteKeepsWhatDoesNotChange) {
    const Expr e = x() * x(1) + 1;
    const Expr same = rewrite(e, [](const Expr& n) { return n; });
    EXPECT_EQ(&*same, &*e) << "the very node, not a copy";
}

TEST(Expr, ReadsAndTensors) {
    const Expr inner = Expr::read(NodeId{3}, Type::f32, {Index::get(NodeId{5}, {v(0)})});
    const Expr e = Expr::read(NodeId{2}, Type::f32, {v(0)}, inner) + x() * x();
    const std::vector<Expr> found = reads(e);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0]->tensor, NodeId{2});
    EXPECT_EQ(found[1]->tensor, NodeId{3});
    EXPECT_EQ(found[2]->tensor, NodeId{0});
    EXPECT_EQ(tensors(e), (std::vector<NodeId>{{0}, {2}, {3}, {5}}));
    const Expr moved = with_tensors(e, [](NodeId id) { return NodeId{id.value + 10}; });
    EXPECT_EQ(tensors(moved), (std::vector<NodeId>{{10}, {12}, {13}, {15}}));
}

TEST(Expr, SubstituteReachesEveryIndex) {
    const Box box = box_of(Shape{6});
    const Expr e = Expr::read(NodeId{0}, Type::f32, {v(0)}, convert(Expr::index(v(1)), Type::f32)) + Expr::index(v(0));
    const Expr moved = substitute(e, std::vector<Index>{v(0) * 2, v(0) + 1}, box);
    EXPECT_EQ(print(moved), "%0[2*i0 else f32([i0 + 1])] + f32([2*i0])");
    const Expr replaced = replace_reads(moved, [](const ExprNode& read) { return read.otherwise * 3; });
    EXPECT_EQ(print(replaced), "f32([i0 + 1]) * 3 + f32([2*i0])");
    EXPECT_EQ(replace_reads(moved, [](const ExprNode&) { return Expr(); }), moved);
}

TEST(Expr, PredicatesAsConditions) {
    EXPECT_EQ(print(holds(Predicate{Predicate::ge, v(0) - 1})), "[i0 - 1] >= 0");
    const std::vector<Predicate> both{{Predicate::eq, v(0)}, {Predicate::ne, v(1)}};
    EXPECT_EQ(print(holds(both)), "i0 == 0 and i1 != 0");
    EXPECT_TRUE(is_constant(holds(std::vector<Predicate>{}), 1));
}

}  // namespace
}  // namespace dlc::ir
