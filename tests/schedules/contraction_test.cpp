// What a stage is taken for: the roles of its variables, and the names reports give.  Names of many more equations are in
// tests/passes/*.golden.
#include "compiler/schedules/contraction.h"

#include <gtest/gtest.h>

#include "compiler/ir/text.h"
#include "execute.h"

namespace dlc::schedules {
namespace {

using Extents = std::vector<std::int64_t>;

ir::NodeId last(const ir::Graph& g) { return {static_cast<std::uint32_t>(g.size() - 1)}; }

/// The last node of the program.
std::string described(const std::string& program) {
    const ir::Graph g = ir::read(program);
    return describe(g, last(g), Target{});
}

/// The stage of a kernel with one reduction, out0 over leaves in0, in1, …
struct Stage {
    explicit Stage(const std::string& program)
        : kernel(test::kernel_of(ir::read(program))),
          parts(take_apart(kernel)),
          work{parts,
               target,
               space_of_reduction(parts, parts.reductions.at(0), kernels::row_major(rank())),
               &parts.reductions[0],
               {}} {
        simplify(work.space, parts, true);
        contraction = contraction_of(work);
    }
    std::size_t rank() const { return parts.node(parts.reductions.at(0).node).shape.size(); }
    Extents extents(const std::vector<int>& variables) const {
        Extents all;
        for (const int v : variables) all.push_back(work.space.extents[static_cast<std::size_t>(v)]);
        std::sort(all.begin(), all.end());
        return all;
    }
    Target target;
    kernels::Kernel kernel;
    Parts parts;
    Work work;
    std::optional<Contraction> contraction;
};

TEST(Contraction, ABatchedProductOfMatrices) {
    const Stage s(R"(
        %0 = f32[2, 4, 6] input "in0"
        %1 = f32[2, 5, 6] input "in1"
        %2 = f32[2, 4, 5] sum[6](%1[i0, i2, i3] * %0[i0, i1, i3])
        value "out0" = %2)");
    ASSERT_TRUE(s.contraction);
    EXPECT_EQ(s.extents(s.contraction->batch), Extents{2});
    EXPECT_EQ(s.extents(s.contraction->m), Extents{4});
    EXPECT_EQ(s.extents(s.contraction->n), Extents{5});
    EXPECT_EQ(s.extents(s.contraction->k), Extents{6});
    EXPECT_FALSE(s.contraction->convolves());
    EXPECT_EQ(describe(s.kernel, s.target), "gemm NT");
}

TEST(Contraction, FactorsThatRideOnAnOperandAndOnTheResult) {
    const Stage s(R"(
        %0 = f32[4, 6] input "in0"
        %1 = f32[6, 5] input "in1"
        %2 = f32[4, 6] input "in2"
        %3 = f32[5] input "in3"
        %4 = f32[4, 5] sum[6](-(%0[i0, i2] * %1[i2, i1] * (if %2[i0, i2] > 0 then 1 else 0) * %3[i1]))
        value "out0" = %4)");
    ASSERT_TRUE(s.contraction);
    EXPECT_EQ(ir::tensors(s.contraction->a).size(), 2u);      // with its mask
    EXPECT_EQ(ir::tensors(s.contraction->scale).size(), 1u);  // the result's, times -1
    EXPECT_FALSE(s.contraction->a_flat);
    EXPECT_TRUE(s.contraction->b_flat);
    EXPECT_EQ(describe(s.kernel, s.target), "gemm NN");
}

TEST(Contraction, TheWindowsOfAConvolution) {
    const Stage s(R"(
        %0 = f32[2, 16, 16, 4] input "in0"
        %1 = f32[3, 3, 4, 5] input "in1"
        %2 = f32[2, 8, 16, 5] sum[3, 3, 4](%0[i0, 2*i1 + 3*i4 - 3, i2 + i5 - 1, i6 else 0] * %1[i4, i5, i6, i3])
        value "out0" = %2)");
    ASSERT_TRUE(s.contraction);
    EXPECT_EQ(s.extents(s.contraction->n), Extents{5});
    EXPECT_EQ(s.extents(s.contraction->m), (Extents{2, 8, 16}));
    EXPECT_EQ(s.extents(s.contraction->positions), (Extents{8, 16}));
    EXPECT_EQ(s.extents(s.contraction->taps), (Extents{3, 3}));
    ASSERT_EQ(s.contraction->windows.size(), 2u);
    for (const Contraction::Window& w : s.contraction->windows) {
        const bool rows = s.work.space.extents[static_cast<std::size_t>(w.out)] == 8;
        EXPECT_EQ(w.stride, rows ? 2 : 1);
        EXPECT_EQ(w.dilation, rows ? 3 : 1);
    }
    EXPECT_EQ(describe(s.kernel, s.target), "conv 2d");
}

TEST(Contraction, AnOutputReadByQuotientAndRemainderIsTwo) {
    const Stage s(R"(
        %0 = f32[2, 3, 5] input "in0"
        %1 = f32[4, 6, 5] input "in1"
        %2 = f32[2, 12, 6] sum[5](%0[i0, i1 div 4, i3] * %1[i1 mod 4, i2, i3])
        value "out0" = %2)");
    ASSERT_TRUE(s.contraction);
    EXPECT_EQ(s.extents(s.contraction->m), Extents{6});  // 2 and 3 are one in memory
    EXPECT_EQ(s.extents(s.contraction->n), Extents{24});
    EXPECT_EQ(describe(s.kernel, s.target), "gemm NT");
}

TEST(Describe, WindowsReadInPlaceAreAConvolutionAtAnyStride) {
    const auto program = [](int stride, int width, int out) {
        return "%0 = f32[2, 30, 4] input \"x\"\n%1 = f32[" + std::to_string(width) + ", 4, 5] input \"w\"\n%2 = f32[2, " +
               std::to_string(out) + ", 5] sum[" + std::to_string(width) + ", 4](%0[i0, " + std::to_string(stride) +
               "*i1 + i3, i4] * %1[i3, i4, i2])";
    };
    EXPECT_EQ(described(program(1, 3, 28)), "conv 1d");
    EXPECT_EQ(described(program(2, 3, 14)), "conv 1d");
    EXPECT_EQ(described(program(3, 3, 10)), "gemm NN");  // patches side by side share nothing
}

TEST(Describe, AReshapeIsAView) {
    EXPECT_EQ(described("%0 = f32[2, 12] input \"x\"\n%1 = f32[2, 3, 4] %0[i0, 4*i1 + i2]"), "pointwise view");
    EXPECT_EQ(described("%0 = f32[2, 3, 4] input \"x\"\n%1 = f32[2, 12] %0[i0, i1 div 4, i1 mod 4]"), "pointwise view");
    EXPECT_EQ(described("%0 = f32[2, 3, 4] input \"x\"\n%1 = f32[2, 12] %0[i0, i1 mod 3, i1 div 3]"), "pointwise transpose");
    EXPECT_EQ(described("%0 = f32[2, 5] input \"x\"\n%1 = f32[2, 4] %0[i0, i1 + 1]"), "pointwise copy");  // rows are apart
    EXPECT_EQ(described("%0 = f32[5] input \"x\"\n%1 = f32[4] %0[i0 + 1]"), "pointwise view");
}

TEST(Describe, Reductions) {
    EXPECT_EQ(described("%0 = f32[9, 50] input \"x\"\n%1 = f32[9] sum[50](exp(%0[i0, i1]))"), "reduce rows sum");
    EXPECT_EQ(described("%0 = f32[50, 9] input \"x\"\n%1 = f32[9] max[50](%0[i1, i0])"), "reduce columns max");
    EXPECT_EQ(described("%0 = f32[9, 50] input \"x\"\n%1 = f32[9] sum[50](%0[i0, i1] * %0[i0, i1])"), "reduce rows sum");
    EXPECT_EQ(described("%0 = f32[9, 50] input \"x\"\n%1 = f32[] sum[9, 50](%0[i0, i1])"), "reduce full sum");
    EXPECT_EQ(described("%0 = f32[50] input \"x\"\n%1 = f32[50] sum[50](%0[i1]) where i0 - i1 >= 0"), "prefix sum");
    EXPECT_EQ(described("%0 = f32[50] input \"x\"\n%1 = f32[50] max[50](%0[i1]) where i1 - i0 >= 0"), "prefix max from the end");
    EXPECT_EQ(described("%0 = f32[50, 50] input \"x\"\n%1 = f32[50] sum[50](%0[i0, i1]) where i0 - i1 >= 0"),
              "reduce rows scan sum");
    EXPECT_EQ(described("%0 = f32[90] input \"x\"\n%1 = f32[41] max[50](%0[i0 + i1])"), "reduce rows window max");
}

TEST(Describe, AShortReductionInAKernelIsWrittenOut) {
    const std::string pool = "%0 = f32[4, 8, 5] input \"in0\"\n%1 = f32[4, 4, 5] max[2](%0[i0, 2*i1 + i3, i2])\n";
    EXPECT_EQ(described(pool), "reduce columns max");
    EXPECT_EQ(describe(test::kernel_of(ir::read(pool + "value \"out0\" = %1")), Target{}), "pointwise max of 2");
}

TEST(Describe, AMatrixTimesAVector) {
    EXPECT_EQ(described("%0 = f32[50, 64] input \"w\"\n%1 = f32[50] input \"x\"\n%2 = f32[64] sum[50](%0[i1, i0] * %1[i1])"),
              "gemv");
}

}  // namespace
}  // namespace dlc::schedules
