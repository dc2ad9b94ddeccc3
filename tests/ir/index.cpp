#include "compiler/ir/index.h"

#include <gtest/gtest.h>

#include <random>

#include "compiler/ir/text.h"
#include "dsl/shapes/mixed_radix.h"

namespace dlc::ir {
namespace {

Index v(Var i) { return Index::variable(i); }
std::string text(const Index& index) { return print(index); }

TEST(Index, SumsAreCanonical) {
    EXPECT_EQ(v(1) * 2 + v(0) + 3 - v(1), v(0) + v(1) + 3);
    EXPECT_EQ(v(0) - v(0), Index(0));
    EXPECT_EQ((v(2) + v(0)).terms().front().atom.var, 0u);
    EXPECT_EQ(text(v(0) * -1 + v(1) * 3 - 7), "-i0 + 3*i1 - 7");
}

TEST(Index, Questions) {
    const Box box = box_of(Shape{8, 8});
    const Index get = Index::get(NodeId{4}, {v(1), div(v(0), 2, box)});
    EXPECT_EQ(v(3).as_variable(), Var{3});
    EXPECT_FALSE((v(3) + 1).as_variable());
    EXPECT_FALSE((v(3) * 2).as_variable());
    EXPECT_TRUE((v(3) * 2 + v(1)).is_affine());
    EXPECT_FALSE(get.is_affine());
    EXPECT_TRUE((get + 1).has_get());
    EXPECT_EQ(get.variables(), (std::vector<Var>{0, 1}));
    EXPECT_EQ((get + v(5)).tensors(), (std::vector<NodeId>{{4}}));
    EXPECT_TRUE(get.uses(0));
    EXPECT_FALSE(get.uses(2));
    EXPECT_EQ((v(3) * 2 + get).coefficient(3), 2);
}

TEST(Index, DivisionSimplifies) {
    const Box box = box_of(Shape{3, 4, 5, 100});
    EXPECT_EQ(div(v(0) * 20 + v(1) * 5 + v(2), 20, box), v(0));
    EXPECT_EQ(mod(v(0) * 20 + v(1) * 5 + v(2), 20, box), v(1) * 5 + v(2));
    EXPECT_EQ(div(v(0) * 20 + v(1) * 5 + v(2), 5, box), v(0) * 4 + v(1));
    EXPECT_EQ(div(v(1) * 5 + v(2), 10, box), div(v(1), 2, box)) << "the digit i2 separates";
    EXPECT_EQ(text(mod(v(1) * 5 + v(2), 10, box)), "i2 + 5*(i1 mod 2)");
    EXPECT_EQ(div(v(3) + 12, 4, box), div(v(3), 4, box) + 3);
    EXPECT_EQ(div(v(0) - 3, 4, box), Index(-1));
    EXPECT_EQ(mod(v(0) - 3, 4, box), v(0) + 1);
    EXPECT_EQ(div(div(v(3), 4, box), 5, box), div(v(3), 20, box));
    EXPECT_EQ(mod(mod(v(3), 12, box), 4, box), mod(v(3), 4, box));
    EXPECT_EQ(div(mod(v(3), 12, box), 4, box), mod(div(v(3), 4, box), 3, box));
    EXPECT_EQ(mod(v(3) * 9, 4, box), mod(v(3), 4, box));
    EXPECT_EQ(div(v(3), 1, box), v(3));
    EXPECT_EQ(mod(v(3), 1, box), Index(0));
}

TEST(Index, UnflattenedAndFlattenedAgainIsItself) {
    const Box box = box_of(Shape{120});
    const Index a = div(v(0), 20, box), b = mod(div(v(0), 5, box), 4, box), c = mod(v(0), 5, box);
    EXPECT_EQ(a * 20 + b * 5 + c, v(0));
    EXPECT_EQ(text(b * 30 + a * 5 + c), "5*(i0 div 20) + 30*((i0 div 5) mod 4) + (i0 mod 5)") << "a transposition is not undone";
}

TEST(Index, RangesOfAffineFormsAreExact) {
    const Box box = box_of(Shape{3, 5});
    EXPECT_EQ((v(0) * 2 - v(1) * 3 + 1).range(box), (Range{-11, 5}));
    EXPECT_EQ(Index::get(NodeId{0}, {v(0)}).range(box), Range::everything());
    EXPECT_EQ((Index::get(NodeId{0}, {v(0)}) * 7 + 3).range(box), Range::everything());
    EXPECT_EQ(mod(Index::get(NodeId{0}, {v(0)}), 7, box).range(box), (Range{0, 6}));
}

TEST(Index, DecidesPredicates) {
    const Box box = box_of(Shape{3, 5});
    EXPECT_EQ(decide({Predicate::ge, v(0)}, box), Truth::always);
    EXPECT_EQ(decide({Predicate::ge, v(0) - 3}, box), Truth::never);
    EXPECT_EQ(decide({Predicate::ge, v(0) - 1}, box), Truth::unknown);
    EXPECT_EQ(decide({Predicate::eq, v(0) * 2 - v(1) * 2 + 1}, box), Truth::never) << "no sum of even numbers is odd";
    EXPECT_EQ(decide({Predicate::ne, v(0) * 2 - v(1) * 2 + 1}, box), Truth::always);
    EXPECT_EQ(decide({Predicate::eq, Index(0)}, box), Truth::always);
    EXPECT_EQ(decide({Predicate::ne, Index(0)}, box), Truth::never);
    EXPECT_EQ(decide({Predicate::eq, v(0) - v(1)}, box), Truth::unknown);
}

TEST(Index, OverflowIsReported) {
    const Index huge = v(0) * (std::int64_t{1} << 62);
    EXPECT_THROW(huge + huge, std::overflow_error);
    EXPECT_THROW(huge * 3, std::overflow_error);
    EXPECT_THROW(Index(std::numeric_limits<std::int64_t>::max()) + 1, std::overflow_error);
}

TEST(Index, OrderDoesNotDependOnAddresses) {
    const Box box = box_of(Shape{50});
    const Index a = div(v(0) + 1, 3, box) + mod(v(0), 7, box), b = mod(v(0), 7, box) + div(v(0) + 1, 3, box);
    EXPECT_EQ(a, b);
    EXPECT_EQ(a <=> b, std::strong_ordering::equal);
    Hasher x, y;
    a.hash(x);
    b.hash(y);
    EXPECT_EQ(x.done(), y.done());
}

// ------------------------------------------------------------------ against brute force

struct Random {
    std::mt19937 engine;
    int below(int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); }
    int between(int low, int high) { return low + below(high - low + 1); }

    /// An index over the box with its meaning beside it, a plain function.
    using Meaning = std::function<std::int64_t(const std::vector<std::int64_t>&)>;
    std::pair<Index, Meaning> index(const Box& box, int depth) {
        Index sum = between(-9, 9);
        Meaning meaning = [c = sum.constant()](const auto&) { return c; };
        for (int term = 0, terms = between(1, 3); term < terms; ++term) {
            const std::int64_t k = between(-6, 6);
            Index atom;
            Meaning of_atom;
            if (depth == 0 || below(2) == 0) {
                const auto var = static_cast<Var>(below(static_cast<int>(box.size())));
                atom = v(var);
                of_atom = [var](const auto& at) { return at[var]; };
            } else {
                auto [inner, of_inner] = index(box, depth - 1);
                const std::int64_t m = between(1, 12);
                const bool divides = below(2) == 0;
                atom = divides ? div(inner, m, box) : mod(inner, m, box);
                of_atom = [of_inner = of_inner, m, divides](const auto& at) {
                    const std::int64_t x = of_inner(at);
                    return divides ? shapes::floor_div(x, m) : shapes::floor_mod(x, m);
                };
            }
            sum = sum + atom * k;
            meaning = [meaning, of_atom, k](const auto& at) { return meaning(at) + k * of_atom(at); };
        }
        return {sum, meaning};
    }
    /// Not every box starts at 0: one stage of a substitution has whatever ranges its variables take.
    Box box() {
        Box box(static_cast<std::size_t>(between(1, 3)));
        for (Range& r : box) {
            r.low = below(2) ? 0 : between(-9, 9);
            r.high = r.low + below(7);
        }
        return box;
    }
};

template <class Use>
void for_each_point(const Box& box, const Use& use) {
    Shape extents;
    for (const Range& r : box) extents.push_back(r.high - r.low + 1);
    std::vector<std::int64_t> at(extents.size());
    for (std::int64_t i = 0; i < volume(extents); ++i) {
        shapes::unflatten(i, extents, at);
        for (std::size_t v = 0; v < at.size(); ++v) at[v] += box[v].low;
        use(at);
    }
}
std::int64_t no_get(NodeId, std::span<const std::int64_t>) { throw std::logic_error("no tensors here"); }

TEST(PropertyIndex, SimplificationKeepsTheValueAndRangesContainIt) {
    Random random{std::mt19937(20240611)};
    RecordProperty("seed", 20240611);
    for (int round = 0; round < 4000; ++round) {
        const Box box = random.box();
        const auto [index, meaning] = random.index(box, 3);
        const Range range = index.range(box);
        for_each_point(box, [&](const std::vector<std::int64_t>& at) {
            const std::int64_t value = index.evaluate(at, no_get);
            ASSERT_EQ(value, meaning(at)) << text(index) << " in round " << round;
            ASSERT_TRUE(range.contains(value)) << text(index) << " in round " << round;
        });
        for (const Predicate::Kind kind : {Predicate::ge, Predicate::eq, Predicate::ne}) {
            const Truth truth = decide({kind, index}, box);
            for_each_point(box, [&](const std::vector<std::int64_t>& at) {
                const std::int64_t x = meaning(at);
                const bool holds = kind == Predicate::ge ? x >= 0 : kind == Predicate::eq ? x == 0 : x != 0;
                ASSERT_FALSE(truth == Truth::always && !holds) << text(index);
                ASSERT_FALSE(truth == Truth::never && holds) << text(index);
            });
        }
    }
}

TEST(PropertyIndex, SubstitutionIsComposition) {
    Random random{std::mt19937(7)};
    RecordProperty("seed", 7);
    for (int round = 0; round < 3000; ++round) {
        const Box inner_box = random.box();
        // The outer box is exactly what the substitutes reach, so that its intervals may be used and no more.
        std::vector<Index> by;
        Box outer_box;
        for (int i = 0, n = random.between(1, 3); i < n; ++i) {
            by.push_back(random.index(inner_box, 1).first);
            outer_box.push_back(by.back().range(inner_box));
        }
        const Index outer = random.index(outer_box, 2).first;
        const Index composed = outer.substitute(by, inner_box);
        for_each_point(inner_box, [&](const std::vector<std::int64_t>& at) {
            std::vector<std::int64_t> between;
            for (const Index& index : by) between.push_back(index.evaluate(at, no_get));
            ASSERT_EQ(composed.evaluate(at, no_get), outer.evaluate(between, no_get))
                << text(outer) << " became " << text(composed);
        });
    }
}

TEST(PropertyIndex, SumsCommuteAndCancel) {
    Random random{std::mt19937(99)};
    RecordProperty("seed", 99);
    for (int round = 0; round < 3000; ++round) {
        const Box box = random.box();
        const Index a = random.index(box, 2).first, b = random.index(box, 2).first;
        ASSERT_EQ(a + b, b + a);
        ASSERT_EQ(a - a, Index(0));
        const Index back = (a - b) + b;
        for_each_point(box, [&](const std::vector<std::int64_t>& at) {
            ASSERT_EQ(back.evaluate(at, no_get), a.evaluate(at, no_get)) << text(a) << " and " << text(b);
        });
        ASSERT_EQ(a * 3, a + a + a) << text(a);
    }
}

}  // namespace
}  // namespace dlc::ir
