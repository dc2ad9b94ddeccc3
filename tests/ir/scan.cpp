// Scans: the interpreter, the text form, the rules.
#include <gtest/gtest.h>

#include <cmath>

#include "compiler/ir/interpreter.h"
#include "compiler/ir/text.h"
#include "compiler/ir/verify.h"

using namespace dlc;

namespace {

/// h[t] = tanh(w h[t-1] + x[t]), and the squares of h.
constexpr const char* kRecurrence = R"(
body @0
  %0 = f64[2] carry "h"
  %1 = f64[2] slice "x"
  %2 = f64[] input "w"
  %3 = f64[2] tanh(%0[i0] * %2[] + %1[i0])
  %4 = f64[2] %3[i0] * %3[i0]
  update "h" = %3 to %0
end
%0 = f64[2] input "start"
%1 = f64[3, 2] input "xs"
%2 = f64[] parameter "weight"
%3 = f64[3, 2] scan @0 %3 (%0, %1, %2)
%4 = f64[3, 2] scan @0 %4 backwards (%0, %1, %2)
value "states" = %3
value "squares" = %4
)";

const std::map<std::string, ir::Tensor> kLeaves = {
    {"start", {{2}, {0.5, -1}}}, {"xs", {{3, 2}, {1, 2, 3, 4, 5, 6}}}, {"weight", {{}, {0.25}}}};

}  // namespace

TEST(Scan, HandsTheCarryFromStepToStep) {
    const auto values = ir::interpret(ir::read(kRecurrence), kLeaves);
    double h[2] = {0.5, -1};
    for (int t = 0; t < 3; ++t)
        for (int k = 0; k < 2; ++k) {
            h[k] = std::tanh(0.25 * h[k] + (1 + 2 * t + k));
            EXPECT_EQ(values.at("states").values[2 * t + k], h[k]);
        }
}
TEST(Scan, RunsBackwards) {
    const auto values = ir::interpret(ir::read(kRecurrence), kLeaves);
    double h[2] = {0.5, -1};
    for (int t = 2; t >= 0; --t)
        for (int k = 0; k < 2; ++k) {
            h[k] = std::tanh(0.25 * h[k] + (1 + 2 * t + k));
            EXPECT_EQ(values.at("squares").values[2 * t + k], h[k] * h[k]);
        }
}
TEST(Scan, HoldsTheLastValueAlone) {
    std::string text = kRecurrence;
    text.replace(text.find("%3 = f64[3, 2] scan @0 %3 ("), 27, "%3 = f64[2] scan @0 %3 last of 3 (");
    text.replace(text.find("%4 = f64[3, 2] scan @0 %4 backwards ("), 37,
                 "%4 = f64[2] scan @0 %4 last of 3 backwards checkpointed (");
    const ir::Graph graph = ir::read(text);
    EXPECT_EQ(ir::print(ir::read(ir::print(graph))), ir::print(graph));
    const auto whole = ir::interpret(ir::read(kRecurrence), kLeaves), last = ir::interpret(graph, kLeaves);
    for (std::size_t k = 0; k < 2; ++k) {
        EXPECT_EQ(last.at("states").values.at(k), whole.at("states").values.at(4 + k));
        EXPECT_EQ(last.at("squares").values.at(k), whole.at("squares").values.at(k));
    }
}
TEST(Scan, OfNoStepsIsEmpty) {
    const ir::Graph graph = ir::read(R"(
body @0
  %0 = f64[2] carry "h"
  %1 = f64[2] slice "x"
  %2 = f64[2] %0[i0] + %1[i0]
  update "h" = %2 to %0
end
%0 = f64[2] input "start"
%1 = f64[0, 2] input "xs"
%2 = f64[0, 2] scan @0 %2 (%0, %1)
value "sums" = %2
)");
    EXPECT_TRUE(ir::interpret(graph, {{"start", {{2}, {1, 2}}}, {"xs", {{0, 2}, {}}}}).at("sums").values.empty());
}
TEST(Scan, NestsAndPrints) {
    const std::string text = R"(body @0
  %0 = f64[] carry "s"
  %1 = f64[] slice "x"
  %2 = f64[] %0[] + %1[]
  update "s" = %2 to %0
end
body @1
  %0 = f64[] carry "total"
  %1 = f64[4] slice "row"
  %2 = f64[4] scan @0 %2 (%0, %1)
  %3 = f64[] %2[3]
  update "total" = %3 to %0
end
%0 = f64[] constant {0}
%1 = f64[3, 4] input "x"
%2 = f64[3, 4] scan @1 %2 (%0, %1)
value "sums" = %2
)";
    const ir::Graph graph = ir::read(text);
    EXPECT_TRUE(ir::verify(graph).empty());
    EXPECT_EQ(ir::print(graph), text);
    EXPECT_EQ(ir::read(ir::print(graph)).digest(), graph.digest());
    std::vector<double> x(12), sums(12);
    for (int k = 0; k < 12; ++k) x[k] = k + 1, sums[k] = (k ? sums[k - 1] : 0) + x[k];
    EXPECT_EQ(ir::interpret(graph, {{"x", {{3, 4}, x}}}).at("sums").values, sums);
}
TEST(Scan, RulesAreChecked) {
    const auto broken = [](std::string text, const std::string& from, const std::string& to) {
        text.replace(text.find(from), from.size(), to);
        std::string what;
        try {
            const auto rules = ir::verify(ir::read(text));
            what = rules.empty() ? "" : rules.front();
        } catch (const std::invalid_argument& error) { what = error.what(); }
        return what;
    };
    EXPECT_NE(broken(kRecurrence, "f64[3, 2] input \"xs\"", "f64[4, 2] input \"xs\"").find("slice `x` wants f64[3, 2]"),
              std::string::npos);
    EXPECT_NE(broken(kRecurrence, "  update \"h\" = %3 to %0\n", "").find("each carry"), std::string::npos);
    EXPECT_NE(broken(kRecurrence, "(%0, %1, %2)", "(%0, %1)").find("an input for each leaf"), std::string::npos);
    EXPECT_NE(broken(kRecurrence, "input \"w\"", "parameter \"w\"").find("leaf of kind parameter"), std::string::npos);
}
