// The roles a recognised equation assigns to its variables; names and classes of many more are in tests/passes/*.golden.
#include "compiler/kernels/recognize.h"

#include <gtest/gtest.h>

#include "compiler/ir/text.h"

namespace dlc::kernels {
namespace {

using Vars = std::vector<ir::Var>;

/// The last node of the program.
Recognized recognized(const std::string& program) {
    const ir::Graph g = ir::read(program);
    return recognize(g, ir::NodeId{static_cast<std::uint32_t>(g.size() - 1)});
}

TEST(Recognize, ABatchedProductOfMatrices) {
    const Recognized r = recognized(R"(
        %0 = f32[2, 4, 6] input "a"
        %1 = f32[2, 5, 6] input "b"
        %2 = f32[2, 4, 5] sum[6](%1[i0, i2, i3] * %0[i0, i1, i3]))");
    EXPECT_EQ(r.name, "gemm NT");
    EXPECT_EQ(r.form, Form::gemm);
    EXPECT_EQ(r.batch, (Vars{0}));
    EXPECT_EQ(r.m, (Vars{1}));
    EXPECT_EQ(r.n, (Vars{2}));
    EXPECT_EQ(r.k, (Vars{3}));
    EXPECT_EQ(r.a.factor->tensor.value, 0u);  // the operand of the first output that is not batch, wherever it stands
    EXPECT_EQ(r.b.factor->tensor.value, 1u);
}

TEST(Recognize, FactorsThatRideOnAnOperandAndOnTheResult) {
    const Recognized r = recognized(R"(
        %0 = f32[4, 6] input "a"
        %1 = f32[6, 5] input "b"
        %2 = f32[4, 6] input "mask"
        %3 = f32[5] input "scale"
        %4 = f32[4, 5] sum[6](if %2[i0, i2] > 0 then -(%0[i0, i2] * %1[i2, i1] * %3[i1]) else 0))");
    EXPECT_EQ(r.name, "gemm NN");
    EXPECT_EQ(r.a.factor->tensor.value, 0u);
    ASSERT_EQ(r.a.prologue.size(), 1u);
    EXPECT_EQ(ir::print(r.a.prologue[0]), "if %2[i0, i2] > 0 then 1 else 0");
    EXPECT_TRUE(r.b.prologue.empty());
    EXPECT_EQ(r.epilogue.size(), 2u);  // -1 and the scale
}

TEST(Recognize, TheWindowsOfAConvolution) {
    const Recognized r = recognized(R"(
        %0 = f32[2, 16, 16, 4] input "x"
        %1 = f32[3, 3, 4, 5] input "w"
        %2 = f32[2, 8, 16, 5] sum[3, 3, 4](%0[i0, 2*i1 + 3*i4 - 3, i2 + i5 - 1, i6 else 0] * %1[i4, i5, i6, i3]))");
    EXPECT_EQ(r.name, "conv 2d");
    EXPECT_EQ(r.m, (Vars{0}));
    EXPECT_EQ(r.n, (Vars{3}));
    EXPECT_EQ(r.k, (Vars{6}));
    ASSERT_EQ(r.windows.size(), 2u);
    EXPECT_EQ(r.windows[0].out, 1u);
    EXPECT_EQ(r.windows[0].red, 4u);
    EXPECT_EQ(r.windows[0].stride, 2);
    EXPECT_EQ(r.windows[0].dilation, 3);
    EXPECT_EQ(r.windows[0].offset, -3);
    EXPECT_EQ(r.windows[0].dim, 1u);
    EXPECT_EQ(r.windows[1].dim, 2u);
}

TEST(Recognize, AnOutputReadByQuotientAndRemainderIsTwo) {
    const Recognized r = recognized(R"(
        %0 = f32[2, 3, 5] input "s"
        %1 = f32[4, 6, 5] input "w"
        %2 = f32[2, 12, 6] sum[5](%0[i0, i1 div 4, i3] * %1[i1 mod 4, i2, i3]))");
    EXPECT_EQ(r.name, "gemm NT");
    EXPECT_EQ(r.outputs, (ir::Shape{2, 3, 4, 6}));
    EXPECT_EQ(r.splits, (std::vector<Vars>{{0}, {1, 2}, {3}}));
    EXPECT_EQ(r.m, (Vars{0, 1}));
    EXPECT_EQ(r.n, (Vars{2, 3}));
    EXPECT_EQ(ir::print(r.equation.body), "%0[i0, i1, i4] * %1[i2, i3, i4]");
}

TEST(Recognize, AReshapeIsAView) {
    EXPECT_EQ(recognized("%0 = f32[2, 12] input \"x\"\n%1 = f32[2, 3, 4] %0[i0, 4*i1 + i2]").name, "view");
    EXPECT_EQ(recognized("%0 = f32[2, 3, 4] input \"x\"\n%1 = f32[2, 12] %0[i0, i1 div 4, i1 mod 4]").name, "view");
    EXPECT_EQ(recognized("%0 = f32[2, 3, 4] input \"x\"\n%1 = f32[2, 12] %0[i0, i1 mod 3, i1 div 3]").name, "transpose");
    EXPECT_EQ(recognized("%0 = f32[2, 5] input \"x\"\n%1 = f32[2, 4] %0[i0, i1 + 1]").name, "copy");  // rows are apart
    EXPECT_EQ(recognized("%0 = f32[5] input \"x\"\n%1 = f32[4] %0[i0 + 1]").name, "view");
}

TEST(Recognize, RowsAndColumns) {
    EXPECT_EQ(recognized("%0 = f32[2, 5] input \"x\"\n%1 = f32[2] sum[5](exp(%0[i0, i1]))").name, "reduce rows");
    EXPECT_EQ(recognized("%0 = f32[2, 5] input \"x\"\n%1 = f32[5] max[2](%0[i1, i0])").name, "reduce columns max");
    EXPECT_TRUE(recognized("%0 = f32[2, 5] input \"x\"\n%1 = f32[2] sum[5](%0[i0, i1] * %0[i0, i1])").rows);
}

TEST(Recognize, WhatIsNoEquation) { EXPECT_EQ(recognized("%0 = f32[2, 5] input \"x\"").form, Form::library); }

}  // namespace
}  // namespace dlc::kernels
