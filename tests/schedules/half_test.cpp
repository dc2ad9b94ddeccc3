// 16-bit reals in kernels of every class: stored in 16 bits, computed in f32, rounded once when stored.
#include <gtest/gtest.h>

#include "maker.h"

namespace dlc::test {
namespace {

class Half : public testing::TestWithParam<Type> {
protected:
    ir::Builder b;
    const Type type = GetParam();
    /// The distance of neighbours below 1: where f32 and double round to different sides of a tie.
    const double ulp = type == Type::bf16 ? 0x1p-8 : 0x1p-11;

    NodeId in(int number, Shape shape) {
        return b.leaf(ir::LeafKind::input, "in" + std::to_string(number), type, std::move(shape));
    }
    NodeId reduce(Reduce op, Type result, Shape shape, Shape over, Expr body) {
        ir::Equation e;
        e.reduce = op;
        e.reductions = std::move(over);
        e.body = std::move(body);
        return b.equation(result, std::move(shape), std::move(e));
    }
    void expect_right_of(NodeId result, std::string_view name = {}) {
        b.result({ir::Result::value, "out0", result, {}, {}});
        const kernels::Kernel k = kernel_of(std::move(b).finish());
        if (!name.empty()) { EXPECT_EQ(schedules::class_of(k, wide()).name, name); }
        std::mt19937 random(2027);
        expect_right(k, random, ulp);
    }
};

TEST_P(Half, Pointwise) {
    const Expr x = b.read_all(in(0, {7, 53})), y = b.read(in(1, {53}), {v(1)});
    expect_right_of(b.pointwise(type, {7, 53}, Expr::call("exp", {x}) * y + 1.0 / 3), "pointwise");
}
TEST_P(Half, ReadInAnotherOrder) {
    expect_right_of(b.pointwise(type, {33, 20}, b.read(in(0, {20, 33}), {v(1), v(0)})), "pointwise");
}
TEST_P(Half, RowSumOfMoreTermsThanItsMantissaCounts) {
    // A sum of ones that is kept in 16 bits stops at 256 or 2048.
    const Expr x = b.read(in(0, {40, 2500}), {v(0), v(1)});
    expect_right_of(reduce(Reduce::sum, type, {40}, {2500}, x * x + 1.0), "reduce rows");
}
TEST_P(Half, ColumnMaximumAndItsPosition) {
    expect_right_of(reduce(Reduce::argmax, Type::i32, {40}, {30}, b.read(in(0, {30, 40}), {v(1), v(0)})));
}
TEST_P(Half, Product) {
    const Expr x = b.read(in(0, {17, 40}), {v(0), v(2)}), w = b.read(in(1, {33, 40}), {v(1), v(2)});
    expect_right_of(reduce(Reduce::sum, type, {17, 33}, {40}, x * w), "gemm");
}
TEST_P(Half, Convolution) {
    const Expr x = b.read(in(0, {2, 8, 20}), {v(0), v(3), v(2) + v(4)}), w = b.read(in(1, {16, 8, 3}), {v(1), v(3), v(4)});
    expect_right_of(reduce(Reduce::sum, type, {2, 16, 18}, {8, 3}, x * w), "conv");
}
TEST_P(Half, GradientOfAConvolutionByItsWeight) {
    const Expr d = b.read(in(0, {4, 16, 32}), {v(3), v(0), v(4)}), x = b.read(in(1, {4, 8, 34}), {v(3), v(1), v(4) + v(2)});
    expect_right_of(reduce(Reduce::sum, type, {16, 8, 3}, {4, 32}, d * x), "conv weight gradient");
}
TEST_P(Half, ConstantsAndConversions) {
    const NodeId table = b.constant(type, {3}, {0.1, 1e-3, 3.3});
    const Expr x = b.read_all(in(0, {9}));
    const Expr there_and_back = ir::convert(ir::convert(x * 3.0, Type::f64), type == Type::f16 ? Type::bf16 : Type::f16);
    expect_right_of(b.pointwise(Type::f32, {9}, ir::convert(there_and_back, Type::f32) * b.read(table, {Index(1)})), "pointwise");
}

INSTANTIATE_TEST_SUITE_P(Types, Half, testing::Values(Type::f16, Type::bf16),
                         [](const auto& info) { return std::string(ir::name(info.param)); });

}  // namespace
}  // namespace dlc::test
