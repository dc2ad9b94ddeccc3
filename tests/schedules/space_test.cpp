// Variables of a stage, simplified: what remains are strides.
#include "compiler/schedules/space.h"

#include <gtest/gtest.h>

#include "compiler/ir/arith.h"
#include "compiler/ir/text.h"
#include "execute.h"

namespace dlc::schedules {
namespace {

using ir::Index;
using ir::Shape;

Index v(ir::Var i, std::int64_t coefficient = 1) { return Index::variable(i, coefficient); }

Space simplified(const Parts& parts) {
    Space s = space_of_outputs(parts, std::vector<int>{0});
    simplify(s, parts, true);
    return s;
}

/// out0 = body over shape, in0 of the given shape and order.
kernels::Kernel reading(Shape in, kernels::Order order, Shape out, const std::function<ir::Expr(ir::Builder&, ir::NodeId)>& body) {
    ir::Builder b;
    const ir::NodeId x = b.leaf(ir::LeafKind::input, "in0", ir::Type::f32, std::move(in));
    b.result({ir::Result::value, "out0", b.pointwise(ir::Type::f32, std::move(out), body(b, x)), {}, {}});
    kernels::Kernel k = test::kernel_of(std::move(b).finish());
    if (!order.empty()) k.inputs[0] = std::move(order);
    return k;
}

TEST(Space, DenseDimensionsFuse) {
    const kernels::Kernel k = reading({4, 1, 5, 6}, {}, {4, 1, 5, 6}, [](ir::Builder& b, ir::NodeId x) { return b.read_all(x); });
    const Space s = simplified(take_apart(k));
    EXPECT_EQ(s.extents, Shape{120});
    EXPECT_EQ(s.offsets[0], v(0));
}

TEST(Space, ABroadcastKeepsItsDimension) {
    const kernels::Kernel k = reading({6}, {}, {4, 5, 6}, [](ir::Builder& b, ir::NodeId x) { return b.read(x, {v(2)}); });
    const Space s = simplified(take_apart(k));
    EXPECT_EQ(s.extents, (Shape{20, 6}));
}

TEST(Space, AReshapeBecomesTheSameMemory) {
    const ir::Box box = ir::box_of(Shape{4, 30});
    const kernels::Kernel k = reading({4, 5, 6}, {}, {4, 30}, [&](ir::Builder& b, ir::NodeId x) {
        return b.read(x, {v(0), div(v(1), 6, box), mod(v(1), 6, box)});
    });
    EXPECT_EQ(simplified(take_apart(k)).extents, Shape{120});
}

TEST(Space, AReshapeOfPermutedMemoryBecomesDigits) {
    const ir::Box box = ir::box_of(Shape{4, 30});
    const kernels::Kernel k = reading({4, 5, 6}, {0, 2, 1}, {4, 30}, [&](ir::Builder& b, ir::NodeId x) {
        return b.read(x, {v(0), div(v(1), 6, box), mod(v(1), 6, box)});
    });
    const Space s = simplified(take_apart(k));
    EXPECT_EQ(s.extents, (Shape{4, 5, 6}));
    const ir::Expr read = s.values[0];
    EXPECT_EQ(read->at[0], v(0, 30) + v(1) + v(2, 5));
}

TEST(Space, RecombinesNestedRadices) {
    const ir::Box box{{0, 99}, {0, 999}};
    const Index k = v(1);
    EXPECT_EQ(recombine(div(k, 49, box) * 49 + mod(div(k, 7, box), 7, box) * 7 + mod(k, 7, box) + v(0, 1000), box), k + v(0, 1000));
    const Index other = div(k, 49, box) * 50 + mod(k, 49, box);
    EXPECT_EQ(recombine(other, box), other) << "a gap between rows is no single dimension";
}

TEST(Space, OutputsFuseIntoAReductionThroughAPermutation) {
    ir::Builder b;
    const ir::NodeId x = b.leaf(ir::LeafKind::input, "in0", ir::Type::f32, {4, 5, 6});
    ir::Equation e;
    e.reduce = ir::Reduce::sum;
    e.reductions = {6};
    e.body = b.read(x, {v(0), v(1), v(2)});
    const ir::NodeId sum = b.equation(ir::Type::f32, {4, 5}, e);
    b.result({ir::Result::value, "out0", b.pointwise(ir::Type::f32, {5, 4}, b.read(sum, {v(1), v(0)}) * 2), {}, {}});
    b.result({ir::Result::value, "out1", b.pointwise(ir::Type::f32, {4, 4}, b.read(sum, {v(0), v(1)})), {}, {}});
    const kernels::Kernel k = test::kernel_of(std::move(b).finish());
    const Parts parts = take_apart(k);
    const auto fused = space_of_fused(parts, parts.reductions[0], std::vector<int>{0});
    ASSERT_TRUE(fused);
    EXPECT_EQ(fused->offsets[0], v(0) + v(1, 4));
    EXPECT_FALSE(space_of_fused(parts, parts.reductions[0], std::vector<int>{1})) << "it covers part of the reduction's results";
}

}  // namespace
}  // namespace dlc::schedules
