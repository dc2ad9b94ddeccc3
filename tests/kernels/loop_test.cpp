// Scans as loops of calls: their carries, rows and workspace, alone and inside one another.
#include <gtest/gtest.h>

#include "compiler/autodiff/gradient.h"
#include "compiler/passes/pass.h"
#include "tests/kernels/expect_plan.h"

namespace dlc::kernels {
namespace {

/// A recurrent layer; `results` speak of %3 the states, %0 the first state, %1 the sequence.
std::string recurrent(const std::string& results, const std::string& how = "") {
    return R"(
body @0
  %0 = f32[2, 3] carry "h"
  %1 = f32[2, 3] slice "x"
  %2 = f32[3, 3] input "w"
  %3 = f32[2, 3] sum[3](%0[i0, i2] * %2[i2, i1])
  %4 = f32[2, 3] max(%3[i0, i1] + %1[i0, i1], 0)
  update "h" = %4 to %0
end
%0 = f32[2, 3] parameter "h0"
%1 = f32[5, 2, 3] parameter "xs"
%2 = f32[3, 3] parameter "w"
%3 = f32[5, 2, 3] scan @0 %4)" +
           how + R"( (%0, %1, %2)
)" + results;
}

TEST(Loop, RunsItsBodyOnceAStep) {
    const ir::Graph graph = ir::read(recurrent("value \"y\" = %3\n"));
    expect_plan_computes(graph, "recurrent");
    const Plan p = plan(graph);
    ASSERT_EQ(p.loops.size(), 1u) << print(p);
    EXPECT_EQ(p.loops.front().steps, 5);
    EXPECT_FALSE(p.loops.front().backwards);
    // The leaf keeps its value, so the carry is a copy.
    EXPECT_EQ(p.loops.front().first, 1) << print(p);
    EXPECT_EQ(static_cast<std::size_t>(p.loops.front().last), p.calls.size()) << print(p);
}

TEST(Loop, KeepsTheLastValueAlone) {
    for (const char* how : {" last of 5", " last of 5 backwards", " last of 5 checkpointed"}) {
        std::string text = recurrent("%4 = f32[2, 3] %3[i0, i1] * %3[i0, i1]\nvalue \"y\" = %4\n", how);
        text.replace(text.find("f32[5, 2, 3] scan"), 17, "f32[2, 3] scan");
        expect_plan_computes(ir::read(text), how);
        const Plan p = plan(ir::read(text));
        EXPECT_TRUE(std::ranges::none_of(p.buffers, [](const Buffer& b) { return b.name != "xs" && b.shape.size() == 3; }))
            << print(p);
    }
}

TEST(Loop, Backwards) { expect_plan_computes(ir::read(recurrent("value \"y\" = %3\n", " backwards")), "backwards"); }

TEST(Loop, AFactorOfEveryStepIsLaidOutOnce) {
    for (const char* at : {"i2, i1", "i1, i2"}) {
        const ir::Graph graph = ir::read(R"(
body @0
  %0 = f32[2, 64] carry "h"
  %1 = f32[64, 64] input "w"
  %2 = f32[2, 64] sum[64](%0[i0, i2] * %1[)" +
                                         std::string(at) + R"(])
  update "h" = %2 to %0
end
%0 = f32[2, 64] parameter "h0"
%1 = f32[64, 64] parameter "w"
%2 = f32[3, 2, 64] scan @0 %2 (%0, %1)
value "y" = %2
)");
        expect_plan_computes(graph, at);
        const Plan p = plan(graph);
        ASSERT_EQ(p.loops.size(), 1u) << print(p);
        EXPECT_EQ(p.loops.front().first, 2) << print(p);  // copies of the first state and of the matrix
        const Buffer& panels = p.buffers[static_cast<std::size_t>(p.calls[1].outputs.front())];
        EXPECT_EQ(panels.shape, (ir::Shape{2, 64, 32})) << print(p);
    }
}

TEST(Loop, ACarryTakesThePlaceOfAFirstValueThatNothingElseReads) {
    std::string text = recurrent("");
    const std::string scan = "%3 = f32[5, 2, 3] scan @0 %4 (%0, %1, %2)\n";
    text.replace(text.find(scan), scan.size(),
                 "%3 = f32[2, 3] %0[i0, i1] * 2\n%4 = f32[5, 2, 3] scan @0 %4 (%3, %1, %2)\nvalue \"y\" = %4\n");
    const ir::Graph once = ir::read(text);
    expect_plan_computes(once, "a start of its own");
    EXPECT_EQ(plan(once).loops.front().first, 1) << print(plan(once));  // the product, no copy
    const ir::Graph twice = ir::read(text + "%5 = f32[] sum[2, 3](%3[i0, i1])\nvalue \"start\" = %5\n");
    expect_plan_computes(twice, "a start that is read later");
    const ir::Graph kept = ir::read(text + "value \"start\" = %3\n");
    expect_plan_computes(kept, "a start that is a result");
}

TEST(Loop, WhatAStepReadsOutlivesTheLoop) {
    // The sequence and the weight are made before the loop and read by nothing else; their memory is not used for the body's.
    expect_plan_computes(ir::read(R"(
body @0
  %0 = f32[4] carry "h"
  %1 = f32[4] slice "x"
  %2 = f32[4, 4] input "w"
  %3 = f32[4] sum[4](%0[i1] * %2[i0, i1])
  %4 = f32[4] %3[i0] + %1[i0]
  %5 = f32[4] sum[4](%4[i1] * %2[i1, i0])
  %6 = f32[4] sum[4](%5[i1] * %2[i0, i1])
  update "h" = %6 to %0
end
%0 = f32[4] parameter "h0"
%1 = f32[3, 4] parameter "xs"
%2 = f32[4, 4] parameter "w"
%3 = f32[4, 4] sum[4](%2[i0, i2] * %2[i2, i1])
%4 = f32[3, 4] sum[4](%1[i0, i2] * %2[i2, i1])
%5 = f32[3, 4] scan @0 %5 (%0, %4, %3)
%6 = f32[3, 4] sum[4](%5[i0, i2] * %2[i2, i1])
value "y" = %6
)"),
                         "made before");
}

TEST(Loop, CarriesThatSwapStayAndDelay) {
    expect_plan_computes(ir::read(R"(
body @0
  %0 = f32[2] carry "a"
  %1 = f32[2] carry "b"
  %2 = f32[2] carry "constant"
  %3 = f32[2] carry "delayed"
  %4 = f32[2] slice "x"
  %5 = f32[2] %0[i0] * %2[i0] + %3[i0] * %4[i0]
  update "a" = %1 to %0
  update "b" = %5 to %1
  update "constant" = %2 to %2
  update "delayed" = %4 to %3
end
%0 = f32[2] parameter "a"
%1 = f32[2] parameter "b"
%2 = f32[2] parameter "c"
%3 = f32[6, 2] parameter "xs"
%4 = f32[2] constant {0.5, -1}
%5 = f32[6, 2] scan @0 %5 (%0, %1, %2, %4, %3)
%6 = f32[6, 2] scan @0 %0 (%0, %1, %2, %4, %3)
%7 = f32[6, 2] scan @0 %4 (%0, %1, %2, %4, %3)
value "y" = %5
value "a" = %6
value "x" = %7
update "b" = %0 to %1
)"),
                         "swap");
}

TEST(Loop, InALoop) {
    const std::string text = R"(
body @0
  %0 = f32[] carry "s"
  %1 = f32[] slice "x"
  %2 = f32[] input "w"
  %3 = f32[] %0[] * %2[] + %1[]
  update "s" = %3 to %0
end
body @1
  %0 = f32[] carry "total"
  %1 = f32[4] slice "row"
  %2 = f32[] input "w"
  %3 = f32[4] scan @0 %3 (%0, %1, %2)
  %4 = f32[] %3[3]
  %5 = f32[4] %3[i0] + %1[3 - i0]
  %6 = f32[4] scan @0 %3 backwards (%4, %5, %0)
  update "total" = %4 to %0
end
%0 = f32[] parameter "start"
%1 = f32[3, 4] parameter "x"
%2 = f32[] parameter "w"
%3 = f32[3, 4] scan @1 %3 (%0, %1, %2)
%4 = f32[3, 4] scan @1 %6 (%0, %1, %2)
value "y" = %3
value "z" = %4
)";
    const ir::Graph graph = ir::read(text);
    expect_plan_computes(graph, "nested");
    const Plan p = plan(graph);
    ASSERT_EQ(p.loops.size(), 3u) << print(p);
    for (std::size_t inner : {1u, 2u}) {
        EXPECT_GE(p.loops[inner].first, p.loops[0].first);
        EXPECT_LE(p.loops[inner].last, p.loops[0].last);
    }
}

TEST(Loop, ItsGradientsAfterThePasses) {
    for (const char* how : {"", " backwards"}) {
        const ir::Graph forward =
            ir::read(recurrent("%4 = f32[] sum[5, 2, 3](%3[i0, i1, i2] * %3[i0, i1, i2])\nvalue \"loss\" = %4\n", how));
        ir::Builder b;
        for (const ir::Node& node : forward.nodes()) b.copy(node, [](ir::NodeId id) { return id; });
        const std::vector<ir::NodeId> leaves{forward.leaf("h0"), forward.leaf("xs"), forward.leaf("w")};
        const std::vector<ir::NodeId> slopes = autodiff::gradient(b, forward.result("loss")->node, leaves);
        for (std::size_t k = 0; k < leaves.size(); ++k) {
            const ir::NodeId step = b.pointwise(b[leaves[k]].type, ir::Shape(b[leaves[k]].shape),
                                                b.read_all(leaves[k]) - b.read_all(slopes[k]) * 0.125);
            b.result({ir::Result::update, b[leaves[k]].leaf()->name, step, leaves[k], {}});
        }
        b.result({ir::Result::loss, "loss", forward.result("loss")->node, {}, {}});
        const ir::Graph graph = std::move(b).finish();
        expect_plan_computes(graph, "a step of descent");
        expect_plan_computes(passes::run(graph), "a step of descent after the passes");
    }
}

}  // namespace
}  // namespace dlc::kernels
