#include "compiler/ir/interpreter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/ir/arith.h"
#include "compiler/ir/text.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::numeric_limits<double>::quiet_NaN();

/// The value of the last line's node, for graphs written as text.
std::vector<double> value(const std::string& text, const std::map<std::string, Tensor>& leaves = {}) {
    const Graph graph = read(text);
    const NodeId last{static_cast<std::uint32_t>(graph.size() - 1)};
    return interpret(graph, leaves, std::vector{last}).front().values;
}
std::string failure(const std::string& text, const std::map<std::string, Tensor>& leaves = {}) {
    try {
        value(text, leaves);
    } catch (const source::UserError& error) { return std::string(error.diagnostic.code.text) + ": " + error.diagnostic.message; }
    return "";
}
using Values = std::vector<double>;

TEST(Interpreter, MatrixProduct) {
    EXPECT_EQ(value("%0 = f64[2, 3] constant {1, 2, 3, 4, 5, 6}\n"
                    "%1 = f64[3, 2] constant {1, 0, 0, 1, 1, 1}\n"
                    "%2 = f64[2, 2] sum[3](%0[i0, i2] * %1[i2, i1])\n"),
              (Values{4, 5, 10, 11}));
}

TEST(Interpreter, StridedConvolutionWithPadding) {
    // Stride 2, kernel 3, one zero on the left: sums of (0,1,2), (2,3,4), (4,5,0).
    EXPECT_EQ(value("%0 = f64[5] constant {1, 2, 3, 4, 5}\n"
                    "%1 = f64[3] sum[3](%0[2*i0 + i1 - 1 else 0])\n"),
              (Values{3, 9, 9}));
}

TEST(Interpreter, LargestFirstOnTiesAndNanOverAll) {
    const std::string x = "%0 = f64[2, 4] constant {3, 7, 7, 1, 5, nan, 9, nan}\n";
    EXPECT_EQ(value(x + "%1 = i32[2] argmax[4](%0[i0, i1])\n"), (Values{1, 1}));
    EXPECT_EQ(value(x + "%1 = i32[2] argmin[4](%0[i0, i1])\n"), (Values{3, 1}));
    const Values max = value(x + "%1 = f64[2] max[4](%0[i0, i1])\n"), min = value(x + "%1 = f64[2] min[4](%0[i0, i1])\n");
    EXPECT_EQ(max[0], 7);
    EXPECT_TRUE(std::isnan(max[1]));
    EXPECT_EQ(min[0], 1);
    EXPECT_TRUE(std::isnan(min[1]));
}

TEST(Interpreter, ExtremaOfInfinitiesHaveAPosition) {
    EXPECT_EQ(value("%0 = i32[] argmax[3](-inf:f64)\n"), (Values{0}));
    EXPECT_EQ(value("%0 = i32[] argmin[3](inf:f64)\n"), (Values{0}));
}

TEST(Interpreter, EmptyReductions) {
    EXPECT_EQ(value("%0 = f64[1] sum[0](1)\n"), (Values{0}));
    EXPECT_EQ(value("%0 = f64[1] prod[0](2)\n"), (Values{1}));
    EXPECT_EQ(value("%0 = f64[1] max[0](2)\n"), (Values{-kInf}));
    EXPECT_EQ(value("%0 = f64[1] min[0](2)\n"), (Values{kInf}));
    EXPECT_EQ(value("%0 = i32[1] argmax[0](2:f64)\n"), (Values{-1}));
    EXPECT_EQ(value("%0 = f64[2] max[3](f64(i1)) where i0 - i1 - 1 >= 0\n"), (Values{-kInf, 0}));
    EXPECT_EQ(value("%0 = f64[0] 1\n"), (Values{}));
}

TEST(Interpreter, PredicatesGuardEvaluation) {
    // The sum below the diagonal; reads where the predicate fails would leave the tensor.
    EXPECT_EQ(value("%0 = f64[3] constant {1, 2, 4}\n"
                    "%1 = f64[3] sum[3](%0[i0 - i1 - 1]) where i0 - i1 - 1 >= 0\n"),
              (Values{0, 1, 3}));
    EXPECT_EQ(value("%0 = f64[4] 1 where i0 mod 2 == 0\n"), (Values{1, 0, 1, 0}));
    EXPECT_EQ(value("%0 = f64[4] 1 where i0 - 2 != 0\n"), (Values{1, 1, 0, 1}));
}

TEST(Interpreter, SelectEvaluatesTheChosenBranchAlone) {
    const std::string x = "%0 = f64[2] constant {5, 6}\n";
    EXPECT_EQ(value(x + "%1 = f64[4] if i0 < 2 then %0[i0] else %0[i0 - 2]\n"), (Values{5, 6, 5, 6}));
    EXPECT_EQ(value(x + "%1 = f64[4] if i0 < 2 then if i0 < 1 then %0[i0 + 1] else 0 else %0[i0 - 2] * 2\n"),
              (Values{6, 0, 10, 12}));
    EXPECT_EQ(failure(x + "%1 = f64[4] if i0 < 3 then %0[i0] else 0\n"),
              "E0502: a read leaves its tensor: index 2 of a dimension of 2");
}

TEST(Interpreter, ElseIsEvaluatedOutsideAlone) {
    EXPECT_EQ(value("%0 = f64[2] constant {5, 6}\n"
                    "%1 = f64[2] constant {7, 8}\n"
                    "%2 = f64[4] %0[i0 else %1[i0 - 2]]\n"),
              (Values{5, 6, 7, 8}));
}

TEST(Interpreter, SharedReadUnderTwoMasks) {
    // The same read in a branch and beside the select: the wider mask must win.
    EXPECT_EQ(failure("%0 = f64[2] constant {5, 6}\n"
                      "%1 = i32[3] constant {0, 1, 2}\n"
                      "%2 = f64[3] (if i0 < 2 then %0[%1[i0]] else 0) + %0[%1[i0]]\n"),
              "E0502: a read leaves its tensor: index 2 of a dimension of 2");
}

TEST(Interpreter, NestedBranchesAskOnlyWhereAllConditionsHold) {
    const std::string x = "%0 = f64[2] constant {5, 6}\n%1 = i32[4] constant {0, 9, 9, 1}\n";
    EXPECT_EQ(value(x + "%2 = f64[4] if i0 < 2 then if i0 != 1 then %0[%1[i0]] else 0 else 7\n"), (Values{5, 0, 7, 7}));
    EXPECT_EQ(value(x + "%2 = f64[4] if i0 != 1 then %0[%1[i0]] else 7 where i0 - 2 != 0\n"), (Values{5, 7, 0, 6}));
}

TEST(Interpreter, DataDependentReads) {
    const std::string x = "%0 = i32[3] constant {2, 0, 1}\n%1 = f64[3] constant {10, 20, 30}\n";
    EXPECT_EQ(value(x + "%2 = f64[3] %1[%0[i0]]\n"), (Values{30, 10, 20}));
    EXPECT_EQ(value(x + "%2 = f64[3] %1[%0[i0] + 1 else -1]\n"), (Values{-1, 20, 30}));
    EXPECT_EQ(failure(x + "%2 = f64[3] %1[%0[i0] + 1]\n"), "E0502: a read leaves its tensor: index 3 of a dimension of 3");
    EXPECT_EQ(value(x + "%2 = f64[4] %1[%0[i0] else -1]\n"), (Values{30, 10, 20, -1}));
    EXPECT_EQ(failure(x + "%2 = f64[4] %1[%0[i0]]\n"), "E0502: a read leaves its tensor: an index it uses was itself read outside");
}

TEST(Interpreter, Scatter) {
    const std::string x = "%0 = i32[4] constant {1, 3, 1, 0}\n%1 = f64[4] constant {1, 2, 4, 8}\n";
    EXPECT_EQ(value(x + "%2 = f64[5] scatter sum[4](%1[i0]) to [%0[i0]]\n"), (Values{8, 5, 0, 2, 0}));
    EXPECT_EQ(value(x + "%2 = f64[5] scatter max[4](%1[i0]) to [%0[i0]]\n"), (Values{8, 4, -kInf, 2, -kInf}));
    EXPECT_EQ(value(x + "%2 = f64[2] scatter sum[4](%1[i0]) to [%0[i0]] lossy\n"), (Values{8, 5}));
    EXPECT_EQ(failure(x + "%2 = f64[2] scatter sum[4](%1[i0]) to [%0[i0]]\n"),
              "E0502: a scatter leaves its tensor: index 3 of a dimension of 2");
    EXPECT_EQ(value(x + "%2 = f64[] scatter sum[4](%1[i0]) to [] where i0 - 1 != 0\n"), (Values{13}));
}

TEST(Interpreter, FewOutputsOverManyTerms) {
    // 1000 terms are several blocks; the maximum stands in the third and again in the fourth.
    EXPECT_EQ(value("%0 = i32[2] argmax[1000](f64([i1 mod 700]) * (if i0 == 0 then 1 else -1))\n"), (Values{699, 0}));
    EXPECT_EQ(value("%0 = f64[2] sum[10, 100](f64([100*i1 + i2]))\n"), (Values{499500, 499500}));
}

TEST(Interpreter, BlocksAgreeWithOnePointAtATime) {
    // 7 x 45 outputs cross block boundaries inside a row.
    const Graph graph = read("%0 = f64[7, 45] f64([45*i0 + i1])\n");
    const Tensor value = interpret(graph, {}, std::vector{NodeId{0}}).front();
    for (std::size_t i = 0; i < value.values.size(); ++i) ASSERT_EQ(value.values[i], static_cast<double>(i));
}

TEST(Interpreter, ChecksComeBeforeWhatTheyProtect) {
    const Graph graph = read(
        "%0 = i32[2] input \"ids\"\n"
        "%1 = f64[2] constant {1, 2}\n"
        "%2 = f64[2] %1[%0[i0]]\n"
        "%3 = i32[] sum[2](i32(%0[i0] < 0 or %0[i0] >= 2))\n"
        "output \"y\" = %2\n"
        "check \"an id lies outside the table\" = %3\n");
    EXPECT_EQ(interpret(graph, {{"ids", {{2}, {1, 0}}}}).at("y").values, (Values{2, 1}));
    try {
        interpret(graph, {{"ids", {{2}, {1, 5}}}});
        FAIL() << "the check holds";
    } catch (const source::UserError& error) { EXPECT_STREQ(error.what(), "an id lies outside the table"); }
}

TEST(Interpreter, LeavesMustBeGivenInTheirShape) {
    const std::string x = "%0 = f64[2] input \"x\"\n%1 = f64[2] %0[i0] + 1\n";
    EXPECT_EQ(value(x, {{"x", {{2}, {1, 2}}}}), (Values{2, 3}));
    EXPECT_EQ(failure(x), "E0454: input `x` has no value");
    EXPECT_EQ(failure(x, {{"x", {{3}, {1, 2, 3}}}}), "E0454: input `x` has shape [2], its value [3]");
}

TEST(Interpreter, WantedTwiceAndUsedLater) {
    const Graph graph = read("%0 = f64[1] 2\n%1 = f64[1] %0[i0] * 3\n");
    const std::vector<NodeId> wanted{{0}, {0}, {1}};
    const std::vector<Tensor> values = interpret(graph, {}, wanted);
    EXPECT_EQ(values[0].values, (Values{2}));
    EXPECT_EQ(values[1].values, (Values{2}));
    EXPECT_EQ(values[2].values, (Values{6}));
}

TEST(Interpreter, OrthogonalMatrices) {
    for (const Shape& shape : {Shape{5, 5}, Shape{3, 7}, Shape{7, 3}, Shape{2, 2, 2}}) {
        Tensor normal{shape, {}};
        std::uint64_t state = 12345;
        for (std::int64_t i = 0; i < volume(shape); ++i) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            normal.values.push_back(static_cast<double>(state >> 40) / (1 << 23) - 1);
        }
        Builder b;
        const NodeId x = b.leaf(LeafKind::input, "x", Type::f64, shape);
        const NodeId q = b.library(Type::f64, shape, {"orthogonal", {x}, {}});
        const Graph graph = std::move(b).finish();
        const Tensor value = interpret(graph, {{"x", normal}}, std::vector{q}).front();
        const std::int64_t rows = shape[0], columns = volume(shape) / rows, few = std::min(rows, columns),
                           many = std::max(rows, columns);
        const auto at = [&](const Tensor& t, std::int64_t vector, std::int64_t i) {
            return t.values[static_cast<std::size_t>(columns <= rows ? i * columns + vector : vector * columns + i)];
        };
        for (std::int64_t u = 0; u < few; ++u)
            for (std::int64_t v = 0; v < few; ++v) {
                double product = 0, projection = 0;
                for (std::int64_t i = 0; i < many; ++i) {
                    product += at(value, u, i) * at(value, v, i);
                    projection += at(value, u, i) * at(normal, v, i);
                }
                EXPECT_NEAR(product, u == v, 1e-14);
                if (u == v) { EXPECT_GT(projection, 0) << "the diagonal of R"; }
                if (u > v) { EXPECT_NEAR(projection, 0, 1e-13) << "R is upper triangular"; }
            }
    }
}

TEST(Interpreter, OrthogonalOfADegenerateMatrix) {
    const Values q = value("%0 = f64[2, 2] constant {0, 0, 3, 3}\n%1 = f64[2, 2] library orthogonal(%0)\n");
    EXPECT_EQ(q, (Values{0, 1, 1, 0}));
}

}  // namespace
}  // namespace dlc::ir
