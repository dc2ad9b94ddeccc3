// A layout survives the way to bytes and back; bytes that are not whole give none.
#include "compiler/kernels/layout_bytes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compiler/passes/pass.h"
#include "tests/kernels/networks.h"

namespace dlc::kernels {
namespace {

/// One of everything that a layout has; every number differs from its default.
Layout example() {
    const source::Span here{1, 20, 30}, there{2, 5, 6};
    Layout layout;
    Buffer buffer;
    buffer.name = "w";
    buffer.type = ir::Type::f64;
    buffer.shape = {std::int64_t{1} << 40, 3};
    buffer.order = {1, 0};
    buffer.region = Region::constant;
    buffer.offset = 64;
    buffer.bytes = std::int64_t{1} << 45;
    buffer.first = 3, buffer.last = 7, buffer.inside = 2;
    buffer.value = -0.0;
    layout.buffers = {buffer, {}};
    layout.calls = {{4, {0, 1}, {1}, {{here, "conv/y", {there}, 9, "conv"}}}};
    layout.loops = {{0, 1, 12, true}};
    layout.moves = {{0, 1, -128}};
    layout.results = {{ir::Result::check, "row < 3", ir::NodeId{7}, ir::NodeId{8}, here, there}};
    layout.result_buffers = {1};
    for (std::size_t r = 0; r < kRegions; ++r) layout.region_bytes[r] = static_cast<std::int64_t>(100 + r);
    return layout;
}

TEST(LayoutBytes, EveryMemberComesBack) {
    const Layout before = example();
    const std::optional<Layout> after = layout_from(to_bytes(before));
    ASSERT_TRUE(after);
    ASSERT_EQ(after->buffers.size(), 2u);
    const Buffer &a = before.buffers[0], &b = after->buffers[0];
    EXPECT_EQ(std::tie(b.name, b.type, b.shape, b.order, b.region, b.offset, b.bytes, b.first, b.last, b.inside),
              std::tie(a.name, a.type, a.shape, a.order, a.region, a.offset, a.bytes, a.first, a.last, a.inside));
    EXPECT_TRUE(b.value == 0 && std::signbit(b.value));
    ASSERT_EQ(after->calls.size(), 1u);
    const Call &c = before.calls[0], &d = after->calls[0];
    EXPECT_EQ(std::tie(d.kernel, d.inputs, d.outputs), std::tie(c.kernel, c.inputs, c.outputs));
    ASSERT_EQ(d.origins.size(), 1u);
    const ir::Origin &e = c.origins[0], &f = d.origins[0];
    EXPECT_EQ(std::tie(f.span, f.name, f.also, f.checkpoint, f.layer), std::tie(e.span, e.name, e.also, e.checkpoint, e.layer));
    const Loop &g = before.loops[0], &h = after->loops.at(0);
    EXPECT_EQ(std::tie(h.first, h.last, h.steps, h.backwards), std::tie(g.first, g.last, g.steps, g.backwards));
    const Move &i = before.moves[0], &j = after->moves.at(0);
    EXPECT_EQ(std::tie(j.loop, j.buffer, j.bytes), std::tie(i.loop, i.buffer, i.bytes));
    const ir::Result &k = before.results[0], &l = after->results.at(0);
    EXPECT_EQ(std::tie(l.kind, l.name, l.node.value, l.target.value, l.span, l.inside),
              std::tie(k.kind, k.name, k.node.value, k.target.value, k.span, k.inside));
    EXPECT_EQ(after->result_buffers, before.result_buffers);
    EXPECT_TRUE(std::ranges::equal(after->region_bytes, before.region_bytes));
}

TEST(LayoutBytes, OfATrainingStep) {
    const Plan plan = kernels::plan(passes::run(dlc::testing::lenet(4)));
    const std::string bytes = to_bytes(plan);
    const std::optional<Layout> again = layout_from(bytes);
    ASSERT_TRUE(again);
    EXPECT_EQ(print_memory(*again), print_memory(plan));
    EXPECT_EQ(to_bytes(*again), bytes);
}

TEST(LayoutBytes, WhatIsNotWholeIsNone) {
    const std::string bytes = to_bytes(example());
    for (std::size_t end = 0; end < bytes.size(); ++end) EXPECT_FALSE(layout_from(std::string_view(bytes).substr(0, end))) << end;
    EXPECT_FALSE(layout_from(bytes + '\0'));
    std::string endless = bytes;
    endless.replace(0, 8, 8, '\xff');  // the number of buffers
    EXPECT_FALSE(layout_from(endless));
}

}  // namespace
}  // namespace dlc::kernels
