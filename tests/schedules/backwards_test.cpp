// Reads in descending order, whose last, partial vector begins at a constant address.
#include <gtest/gtest.h>

#include "compiler/ir/arith.h"
#include "execute.h"

namespace dlc::test {
namespace {

using ir::Expr;
using ir::Index;
using ir::NodeId;
using ir::Type;

Index v(ir::Var i, std::int64_t coefficient = 1) { return Index::variable(i, coefficient); }

void expect_right_of(ir::Builder b, NodeId result) {
    b.result({ir::Result::value, "out0", result, {}, {}});
    std::mt19937 random(20);
    const kernels::Kernel k = kernel_of(std::move(b).finish());
    const Values inputs = random_values(k, random);
    for (const schedules::Target& target : {wide(), narrow()}) expect_meaning(k, inputs, run(k, inputs, target, {1})[0], 1e-5);
}

TEST(Backwards, BesideForwards) {
    for (const Type type : {Type::f32, Type::f64})
        for (const std::int64_t n : {3, 19, 20, 35}) {
            ir::Builder b;
            const NodeId x = b.leaf(ir::LeafKind::input, "in0", type, {n});
            const NodeId y = b.pointwise(type, {n}, b.read_all(x) * b.read(x, {v(0, -1) + (n - 1)}));
            expect_right_of(std::move(b), y);
        }
}

TEST(Backwards, ThroughAValueThatIsNotStored) {
    ir::Builder b;
    const NodeId x = b.leaf(ir::LeafKind::input, "in0", Type::f64, {20}), w = b.leaf(ir::LeafKind::input, "in1", Type::f64, {20});
    const NodeId y = b.pointwise(Type::f64, {20}, b.read_all(x) * b.read_all(w) + 1.0);
    expect_right_of(std::move(b), b.pointwise(Type::f64, {20}, b.read_all(y) * b.read(y, {v(0, -1) + 19})));
}

TEST(Backwards, ThroughARemainder) {
    ir::Builder b;
    const NodeId x = b.leaf(ir::LeafKind::input, "in0", Type::f32, {21});
    const Index i = mod(v(0) + 3, 21, {{0, 20}});
    expect_right_of(std::move(b), b.pointwise(Type::f32, {21}, b.read(x, {i}) * b.read(x, {Index(20) - i})));
}

TEST(Backwards, InReductions) {
    for (const bool rows : {true, false}) {
        ir::Builder b;
        const NodeId x = b.leaf(ir::LeafKind::input, "in0", Type::f32, {20, 20});
        ir::Equation e;
        e.reduce = ir::Reduce::sum;
        e.reductions = {20};
        const Index back = v(rows ? 1 : 0, -1) + 19;
        e.body = rows ? b.read(x, {v(0), v(1)}) * b.read(x, {v(0), back}) : b.read(x, {v(1), v(0)}) * b.read(x, {v(1), back});
        expect_right_of(std::move(b), b.equation(Type::f32, {20}, e));
    }
}

}  // namespace
}  // namespace dlc::test
