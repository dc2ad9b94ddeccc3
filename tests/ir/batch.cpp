// A batched program is the program at each point.
#include "compiler/ir/batch.h"

#include <gtest/gtest.h>

#include "compiler/ir/interpreter.h"
#include "compiler/ir/text.h"

namespace dlc::ir {
namespace {

// One point: a gather, a reduction under a predicate, a scatter at data, and a check that counts positions beyond the end.
constexpr const char* kBody = R"(%0 = f64[3] input "v"
%1 = i64[3] input "at"
%2 = f64[3] input "w"
%3 = f64[3] %0[i0] * %2[%1[i0]]
%4 = f64[3] sum[3](%3[i1]) where i0 - i1 >= 0
%5 = f64[4] scatter sum[3](%4[i0] + f64([i0 div 2])) to [%1[i0]]
%6 = f64[3] %2[i0] * 2
%7 = i32[] sum[3](i32(%1[i0] > 1))
check "beyond" = %7
)";

TEST(Batch, EqualsTheBodyAtEachPoint) {
    const Graph body = read(kBody);
    Builder b(Builder::Sharing::off);
    const NodeId v = b.leaf(LeafKind::input, "V", Type::f64, {2, 3});
    const NodeId at = b.leaf(LeafKind::input, "At", Type::i64, {3, 5});
    const NodeId w = b.leaf(LeafKind::input, "W", Type::f64, {3});
    // The box is [5, 2]: `v` differs along its second variable, `at` along its first, where it is stored transposed.
    const Shape extents = {5, 2};
    const NodeId turned = b.pointwise(Type::i64, {5, 3}, b.read(at, {Index::variable(1), Index::variable(0)}));
    const std::map<NodeId, Family> arguments = {
        {body.leaf("v"), {v, {Index::variable(1)}}}, {body.leaf("at"), {turned, {Index::variable(0)}}}, {body.leaf("w"), {w, {}}}};
    const std::vector<NodeId> wanted = {{5}, {6}};
    const auto [families, checks] = batch(b, body, extents, arguments, {}, wanted);
    for (const Result& check : checks) b.result(check);
    ASSERT_EQ(families.size(), 2u);
    EXPECT_EQ(b[families[0].node].shape, (Shape{5, 2, 4}));
    EXPECT_TRUE(families[1].at.empty()) << "what does not depend on the point is computed once";
    const Graph whole = std::move(b).finish();
    ASSERT_EQ(whole.results().size(), 1u);

    std::map<std::string, Tensor> leaves = {{"V", {{2, 3}, {1, 2, 3, -4, 5, 0.5}}},
                                            {"At", {{3, 5}, {0, 1, 2, 0, 1, 1, 1, 0, 2, 2, 0, 2, 1, 1, 0}}},
                                            {"W", {{3}, {10, 20, 30}}}};
    const std::vector<NodeId> both = {families[0].node, whole.results()[0].node};
    const std::vector<Tensor> found = interpret(whole, leaves, both);
    double beyond = 0;
    for (std::size_t p = 0; p < 5; ++p)
        for (std::size_t q = 0; q < 2; ++q) {
            std::map<std::string, Tensor> point = {{"w", leaves["W"]}, {"v", {{3}, {}}}, {"at", {{3}, {}}}};
            for (std::size_t k = 0; k < 3; ++k) {
                point["v"].values.push_back(leaves["V"].values[q * 3 + k]);
                point["at"].values.push_back(leaves["At"].values[k * 5 + p]);
                beyond += q == 0 && point["at"].values.back() > 1;
            }
            const std::vector<NodeId> one = {{5}};
            const Tensor expected = interpret(body, point, one)[0];
            for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(found[0].values[(p * 2 + q) * 4 + k], expected.values[k]);
        }
    EXPECT_EQ(found[1].values[0], beyond);
}

TEST(Batch, ComputesWhatMayDivergeOnlyWhereTheConditionsHold) {
    const Graph body = read("%0 = f64[2] input \"v\"\n%1 = f64[] sum[2](log(%0[i0]))\nvalue \"y\" = %1\n");
    Builder b(Builder::Sharing::off);
    const NodeId v = b.leaf(LeafKind::input, "V", Type::f64, {2, 2});
    const std::map<NodeId, Family> arguments = {{body.leaf("v"), {v, {Index::variable(0)}}}};
    const std::vector<Expr> conditions = {
        Expr::call("gt", {b.read(v, {Index::variable(0), Index(0)}), Expr::constant(0, Type::f64)})};
    const std::vector<NodeId> wanted = {{1}};
    const NodeId made = batch(b, body, {2}, arguments, conditions, wanted).wanted[0].node;
    const Graph whole = std::move(b).finish();
    const std::vector<NodeId> one = {made};
    const Tensor y = interpret(whole, {{"V", {{2, 2}, {1, 1, 0, 0}}}}, one)[0];
    EXPECT_EQ(y.values, (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace dlc::ir
