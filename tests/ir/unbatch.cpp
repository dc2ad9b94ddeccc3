// The program for one point is what a program of independent points does at each of them; points that meet are found.
#include "compiler/ir/unbatch.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cmath>

#include "compiler/ir/interpreter.h"
#include "compiler/ir/text.h"

namespace dlc::ir {
namespace {

/// `N` stands for the number of points, `N*3` for three times as many.
std::string with_points(std::string text, std::int64_t n) {
    for (std::size_t at = 0; (at = text.find('N', at)) != std::string::npos;) {
        std::size_t end = at + 1;
        std::int64_t factor = 1;
        if (text[end] == '*' && std::isdigit(static_cast<unsigned char>(text[end + 1]))) {
            std::size_t digits = 0;
            factor = std::stoll(text.substr(end + 1), &digits);
            end += 1 + digits;
        }
        const std::string number = std::to_string(n * factor);
        text.replace(at, end - at, number);
        at += number.size();
    }
    return text;
}

std::variant<PerPoint, Coupling> unbatched(const std::string& text, std::int64_t n,
                                           const std::map<std::string, std::size_t>& axes) {
    const Graph graph = read(with_points(text, n));
    std::map<NodeId, std::size_t> leaves;
    for (const auto& [name, axis] : axes) leaves[graph.leaf(name)] = axis;
    return unbatch(graph, n, leaves);
}

/// A tensor seen as [outside, points, inside].
struct Rows {
    std::size_t outside, inside;
};
Rows rows_of(const Shape& whole, const PointAxis& axis, std::int64_t n) {
    std::int64_t inside = axis.inner, all = 1;
    for (std::size_t d = 0; d < whole.size(); ++d) {
        all *= whole[d];
        if (d > axis.axis) inside *= whole[d];
    }
    return {std::size_t(all / (n * inside)), std::size_t(inside)};
}
Tensor row(const Tensor& whole, const PointAxis& axis, std::int64_t n, std::int64_t point) {
    const auto [outside, inside] = rows_of(whole.shape, axis, n);
    Tensor one{whole.shape, {}};
    one.shape[axis.axis] /= n;
    for (std::size_t o = 0; o < outside; ++o)
        for (std::size_t i = 0; i < inside; ++i)
            one.values.push_back(whole.values[(o * std::size_t(n) + std::size_t(point)) * inside + i]);
    return one;
}

/// Holds the program of one point against the whole at every point, for two numbers of points, and the two against one another.
PerPoint expect_independent(const std::string& text, const std::map<std::string, std::size_t>& axes) {
    Digest first = {};
    PerPoint last;
    for (const std::int64_t n : {2, 5}) {
        const Graph whole = read(with_points(text, n));
        auto made = unbatched(text, n, axes);
        if (const auto* coupling = std::get_if<Coupling>(&made)) {
            ADD_FAILURE() << "points meet at `" << coupling->origin.name << "`, kind " << coupling->kind << "\n" << print(whole);
            return {};
        }
        last = std::get<PerPoint>(std::move(made));
        if (n == 2) first = last.graph.digest();
        EXPECT_EQ(first, last.graph.digest()) << "the number of points is left in\n" << print(last.graph);
        std::map<std::string, Tensor> leaves;
        double number = 0;
        for (const Node& node : whole.nodes()) {
            if (!node.leaf()) continue;
            Tensor& t = leaves[node.leaf()->name] = {node.shape, std::vector<double>(std::size_t(volume(node.shape)))};
            for (double& v : t.values) v = is_integer(node.type) ? std::fmod(++number, 3) : std::sin(++number);
        }
        const std::map<std::string, Tensor> all = interpret(whole, leaves);
        for (std::int64_t point = 0; point < n; ++point) {
            std::map<std::string, Tensor> mine = leaves;
            for (const auto& [name, axis] : axes) mine[name] = row(leaves[name], {axis, 1}, n, point);
            std::erase_if(mine, [&](const auto& leaf) { return !last.graph.leaf(leaf.first); });
            const std::map<std::string, Tensor> found = interpret(last.graph, mine);
            for (std::size_t r = 0; r < whole.results().size(); ++r) {
                const std::string& name = whole.results()[r].name;
                const Tensor expected = last.axes[r] ? row(all.at(name), *last.axes[r], n, point) : all.at(name);
                EXPECT_EQ(found.at(name).shape, expected.shape);
                EXPECT_EQ(found.at(name).values, expected.values) << name << " at point " << point << " of " << n;
            }
        }
    }
    return last;
}

void expect_meet(const std::string& text, const std::map<std::string, std::size_t>& axes, Coupling::Kind kind,
                 const std::string& name, const std::string& other = {}) {
    const auto made = unbatched(text, 7, axes);
    const auto* coupling = std::get_if<Coupling>(&made);
    ASSERT_TRUE(coupling) << print(std::get<PerPoint>(made).graph);
    EXPECT_EQ(coupling->kind, kind);
    EXPECT_EQ(coupling->origin.name, name);
    EXPECT_EQ(coupling->other, other);
}

TEST(Unbatch, ALayerAndASoftmax) {
    const PerPoint one = expect_independent(R"(
%0 = f64[N, 3] input "x"
%1 = f64[4, 3] parameter "weight"
%2 = f64[N, 4] sum[3](%0[i0, i2] * %1[i1, i2])
%3 = f64[N] max[4](%2[i0, i1])
%4 = f64[N, 4] exp(%2[i0, i1] - %3[i0])
%5 = f64[N] sum[4](%4[i0, i1])
%6 = f64[N, 4] %4[i0, i1] / %5[i0]
value "y" = %6
)",
                                            {{"x", 0}});
    EXPECT_EQ(one.axes[0], (PointAxis{0, 1}));
    EXPECT_EQ(one.graph[one.graph.leaf("x")].shape, (Shape{1, 3}));
    EXPECT_EQ(one.graph[one.graph.leaf("weight")].shape, (Shape{4, 3}));
}

TEST(Unbatch, PointsBehindAnotherAxis) {
    const PerPoint one = expect_independent(R"(
%0 = f64[3, N] input "x"
%1 = f64[N, 3] %0[i1, i0] * 2
%2 = f64[3, N] %1[i1, i0] + %0[i0, i1]
value "turned" = %1
value "back" = %2
)",
                                            {{"x", 1}});
    EXPECT_EQ(one.axes[0], (PointAxis{0, 1}));
    EXPECT_EQ(one.axes[1], (PointAxis{1, 1}));
}

TEST(Unbatch, PointsInAnAxisWithOthers) {
    // Flattened with the points outside, inside and in the middle, and back.
    const PerPoint one = expect_independent(R"(
%0 = f64[N, 4, 3] input "x"
%1 = f64[N*4, 3] %0[i0 div 4, i0 mod 4, i1] + f64([i0 mod 4])
%2 = f64[N, 4, 3] %1[4*i0 + i1, i2]
%3 = f64[N*4, 3] %0[i0 mod N, i0 div N, i1]
%4 = f64[N, 4, 3] %3[i0 + N*i1, i2] * %2[i0, i1, i2]
%5 = f64[N*12] %0[(i0 div 3) mod N, i0 div N*3, i0 mod 3]
%6 = f64[4, N, 3] %5[3*i1 + N*3*i0 + i2] + %4[i1, i0, i2]
value "outside" = %1
value "inside" = %3
value "middle" = %5
value "all" = %6
)",
                                            {{"x", 0}});
    EXPECT_EQ(one.axes[0], (PointAxis{0, 4}));
    EXPECT_EQ(one.axes[1], (PointAxis{0, 1}));
    EXPECT_EQ(one.axes[2], (PointAxis{0, 3}));
    EXPECT_EQ(one.axes[3], (PointAxis{1, 1}));
}

TEST(Unbatch, TablesWindowsConditionsAndScatters) {
    expect_independent(R"(
%0 = i32[N, 4] input "word"
%1 = f64[3, 2] parameter "table"
%2 = f64[N, 4, 2] %1[%0[i0, i1], i2]
%3 = f64[N, 4, 2] sum[3](%2[i0, i1 + i3 - 1, i2 else 0]) where 3 - i1 - i3 >= 0
%4 = f64[N, 3] scatter sum[N, 4, 2](%3[i0, i1, i2] * 2) to [i0, %0[i0, i1]]
%5 = i32[N] argmax[3](%4[i0, i1])
%6 = f64[N] %4[i0, %5[i0]]
%7 = i32[] sum[N, 4](i32(%0[i0, i1] > 2))
value "counted" = %4
value "largest" = %6
check "beyond" = %7
)",
                       {{"word", 0}});
}

TEST(Unbatch, WhatIsTheSameForAllPoints) {
    // Tensors of the size of the points that say nothing of them; a result without them.
    const PerPoint one = expect_independent(R"(
%0 = f64[N, 2] input "x"
%1 = f64[2] parameter "b"
%2 = f64[N, 2] 0
%3 = f64[N, 2] %1[i1] + %2[i0, i1]
%4 = f64[N, 2] %0[i0, i1] * %3[i0, i1]
%5 = f64[2] exp(%1[i0])
value "y" = %4
value "same" = %5
)",
                                            {{"x", 0}});
    EXPECT_FALSE(one.axes[1]);
}

TEST(Unbatch, ARecurrenceFromAStateOfZeros) {
    const PerPoint one = expect_independent(R"(
body @0
  %0 = f64[N, 2] carry "h"
  %1 = f64[N, 3] slice "x"
  %2 = f64[2, 3] input "w"
  %3 = f64[2, 2] input "u"
  %4 = f64[N, 2] sum[2](%0[i0, i2] * %3[i1, i2])
  %5 = f64[N, 2] sum[3](%1[i0, i2] * %2[i1, i2])
  %6 = f64[N, 2] tanh(%4[i0, i1] + %5[i0, i1])
  %7 = i32[] sum[N, 2](i32(%6[i0, i1] > 2))
  update "h" = %6 to %0
end
%0 = f64[N, 4, 3] input "x"
%1 = f64[2, 3] parameter "w"
%2 = f64[2, 2] parameter "u"
%3 = f64[N, 2] 0
%4 = f64[4, N, 3] %0[i1, i0, i2]
%5 = f64[4, N, 2] scan @0 %6 (%3, %4, %1, %2)
%6 = i32[4] scan @0 %7 (%3, %4, %1, %2)
%7 = i32[] sum[4](%6[i0])
%8 = f64[N, 2] %5[3, i0, i1]
value "states" = %5
value "last" = %8
check "large" = %7
)",
                                            {{"x", 0}});
    EXPECT_EQ(one.axes[0], (PointAxis{1, 1}));
}

TEST(Unbatch, ARecurrenceWithWhatIsTheSameForAllPoints) {
    const PerPoint one = expect_independent(R"(
body @0
  %0 = f64[N, 2] carry "h"
  %1 = f64[N, 2] slice "x"
  %2 = bool[N] slice "on"
  %3 = f64[N*2] input "scale"
  %4 = f64[N, 2] select(%2[i0], %0[i0, i1] + %1[i0, i1] * %3[2*i0 + i1], %0[i0, i1])
  update "h" = %4 to %0
end
%0 = f64[4, N, 2] input "x"
%1 = f64[N, 2] 0
%2 = bool[4, N] [i0] < 3
%3 = f64[N*2] 0.5
%4 = f64[4, N, 2] scan @0 %4 (%1, %0, %2, %3)
value "states" = %4
)",
                                            {{"x", 1}});
    EXPECT_EQ(one.axes[0], (PointAxis{1, 1}));
}

TEST(Unbatch, PointsThatMeet) {
    const std::string x = "%0 = f64[N, 2] input \"x\"\n";
    const std::map<std::string, std::size_t> leading = {{"x", 0}};
    expect_meet(x + "%1 = f64[2] sum[N](%0[i1, i0])  # mean\nvalue \"y\" = %1\n", leading, Coupling::reduces, "mean");
    expect_meet(x + "%1 = f64[N, 2] %0[i0, i1] - %0[0, i1]  # first\nvalue \"y\" = %1\n", leading, Coupling::another, "first");
    expect_meet(x + "%1 = f64[N, 2] %0[i0, i1] - %0[i0 - 1, i1 else 0]  # step\nvalue \"y\" = %1\n", leading, Coupling::another,
                "step");
    expect_meet(x + "%1 = f64[N, N] sum[2](%0[i0, i2] * %0[i1, i2])  # gram\nvalue \"y\" = %1\n", leading, Coupling::another,
                "gram");
    expect_meet(x + "%1 = f64[N, 2] %0[i0, i1] + f64([i0])  # numbered\nvalue \"y\" = %1\n", leading, Coupling::place, "numbered");
    expect_meet(x + "%1 = f64[N] sum[2](%0[i0, i1]) where i0 - 3 >= 0  # later\nvalue \"y\" = %1\n", leading, Coupling::place,
                "later");
    expect_meet(x + "%1 = f64[N, 2] parameter \"w\"\n%2 = f64[N, 2] %0[i0, i1] * %1[i0, i1]  # owned\nvalue \"y\" = %2\n", leading,
                Coupling::shared, "owned", "");
    expect_meet(x + "%1 = i64[N] constant {0, 1, 2, 3, 4, 5, 6}\n%2 = f64[N, 2] %0[%1[i0], i1]  # permuted\nvalue \"y\" = %2\n",
                leading, Coupling::another, "permuted");
    expect_meet(x + "%1 = f64[2] scatter sum[N, 2](%0[i0, i1]) to [i1]  # total\nvalue \"y\" = %1\n", leading, Coupling::reduces,
                "total");
    expect_meet(
        "body @0\n  %0 = f64[2] carry \"h\"\n  %1 = f64[2] slice \"x\"\n  %2 = f64[2] %0[i0] + %1[i0]\n  update \"h\" = %2 to "
        "%0\nend\n" +
            x + "%1 = f64[2] 0\n%2 = f64[N, 2] scan @0 %2 (%1, %0)  # along\nvalue \"y\" = %2\n",
        leading, Coupling::steps, "along");
}

TEST(Unbatch, ANumberMadeOfHowManyPointsThereAreIsLeftIn) {
    const std::string text = "%0 = f64[N, 2] input \"x\"\n%1 = f64[N, 2] %0[i0, i1] / N\nvalue \"y\" = %1\n";
    const auto two = unbatched(text, 2, {{"x", 0}}), five = unbatched(text, 5, {{"x", 0}});
    EXPECT_NE(std::get<PerPoint>(two).graph.digest(), std::get<PerPoint>(five).graph.digest());
}

}  // namespace
}  // namespace dlc::ir
