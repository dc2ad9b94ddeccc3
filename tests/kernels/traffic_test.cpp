// What a plan moves between its kernels, counted by hand.
#include "compiler/kernels/traffic.h"

#include <gtest/gtest.h>

#include "compiler/ir/arith.h"
#include "compiler/ir/text.h"

namespace dlc::kernels {
namespace {

TEST(Traffic, ReadsAnInputOnceAndWritesTheResult) {
    ir::Builder b;
    const ir::NodeId x = b.leaf(ir::LeafKind::input, "x", ir::Type::f32, {4, 4});
    b.result({ir::Result::output, "y", b.pointwise(ir::Type::f32, {4, 4}, b.read_all(x) * b.read_all(x)), {}, {}});
    EXPECT_EQ(bytes_moved(plan(std::move(b).finish())), 2 * 64);
}

TEST(Traffic, AnUpdateInPlaceIsReadAndWritten) {
    ir::Builder b;
    const ir::NodeId s = b.leaf(ir::LeafKind::state, "s", ir::Type::f64, {8});
    b.result({ir::Result::update, "s", b.pointwise(ir::Type::f64, {8}, b.read_all(s) * 0.5), s, {}});
    EXPECT_EQ(bytes_moved(plan(std::move(b).finish())), 2 * 64);
}

TEST(Traffic, ALoopCountsEachOfItsSteps) {
    const Plan p = plan(ir::read(R"(
body @0
  %0 = f32[16] carry "h"
  %1 = f32[16] slice "x"
  %2 = f32[16] max(%0[i0] + %1[i0], 0)
  update "h" = %2 to %0
end
%0 = f32[16] parameter "h0"
%1 = f32[5, 16] parameter "xs"
%2 = f32[5, 16] scan @0 %2 (%0, %1)
value "y" = %2
)"));
    // The first state is copied; each step reads the state and a row and writes a row.
    std::int64_t wanted = 0;
    for (std::size_t c = 0; c < p.calls.size(); ++c)
        wanted += times(p)[c] * std::int64_t(64 * (p.calls[c].inputs.size() + p.calls[c].outputs.size()));
    EXPECT_EQ(bytes_moved(p), wanted) << print(p);
    EXPECT_GE(wanted, 5 * 3 * 64);
}

}  // namespace
}  // namespace dlc::kernels
