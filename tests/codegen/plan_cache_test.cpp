// Plans on disk: what tells them apart, and that one which is not whole is none.
#include "compiler/codegen/plan_cache.h"

#include <gtest/gtest.h>

#include "compiler/kernels/layout_bytes.h"
#include "tests/codegen/fixtures.h"

namespace dlc::codegen {
namespace {

namespace fs = std::filesystem;

/// out = x * factor, of a source that says so at `span`.
ir::Graph scaling(double factor, source::Span span, const std::string& name = "y") {
    ir::Builder b;
    const ir::NodeId x = b.leaf(ir::LeafKind::input, "x", ir::Type::f32, {16});
    const ir::NodeId y = b.pointwise(ir::Type::f32, {16}, b.read_all(x) * factor, {span, name});
    b.result({ir::Result::output, "out", y, {}, {}});
    return std::move(b).finish();
}
/// A recurrence whose step is such a source.
ir::Graph repeated(source::Span span) {
    ir::Builder inner, b;
    const ir::NodeId state = inner.leaf(ir::LeafKind::carry, "state", ir::Type::f32, {16});
    const ir::NodeId next = inner.pointwise(ir::Type::f32, {16}, inner.read_all(state) * 2, {span, "next"});
    inner.result({ir::Result::update, "state", next, state, {}});
    ir::Scan scan;
    scan.body = std::make_shared<const ir::Graph>(std::move(inner).finish());
    scan.yield = next;
    scan.steps = 3;
    scan.inputs = {b.leaf(ir::LeafKind::input, "x", ir::Type::f32, {16})};
    b.result({ir::Result::output, "out", b.scan(std::move(scan)), {}, {}});
    return std::move(b).finish();
}

fs::path entry_of(const Folder& folder, std::string_view kind) {
    for (const fs::path& file : folder.files())
        if (file.extension() == kind) return file;
    ADD_FAILURE() << "no entry of kind " << kind;
    return {};
}

class PlanCache : public ::testing::Test {
protected:
    PlanCache() : plan(plan_of({scaled(2), scaled(5)})) {
        plan.buffers = {{.name = "x", .type = ir::Type::f32, .shape = {16}, .order = {0}, .bytes = 64}};
        plan.calls = {{1, {0}, {0}, {}}, {0, {0}, {0}, {}}};
        store_plan(key, plan, compile(plan, {.target = target, .cache = folder.path}), folder.path);
    }
    const Folder folder;
    const schedules::Target target = schedules::host();
    const ir::Digest key = plan_key(scaling(2, {}), target);
    kernels::Plan plan;
};

TEST_F(PlanCache, GivesWhatWasStored) {
    const std::optional<StoredPlan> found = load_plan(key, folder.path);
    ASSERT_TRUE(found);
    EXPECT_EQ(kernels::to_bytes(found->layout), kernels::to_bytes(plan));
    EXPECT_EQ(found->code.kernels.size(), 2u);
    EXPECT_EQ(found->code.from_cache, 2u);
    EXPECT_EQ(found->code.keys, compile(plan, {.target = target, .cache = folder.path}).keys);
}

TEST_F(PlanCache, ADamagedPlanIsNone) {
    const fs::path entry = entry_of(folder, ".plan");
    const auto size = static_cast<std::int64_t>(fs::file_size(entry));
    for (const std::int64_t at : {std::int64_t{0}, std::int64_t{20}, size / 2, size - 20, size - 1}) {
        damage(entry, at);
        EXPECT_FALSE(load_plan(key, folder.path)) << "byte " << at;
        damage(entry, at);
        EXPECT_TRUE(load_plan(key, folder.path)) << "byte " << at;
    }
    fs::resize_file(entry, size - 1);
    EXPECT_FALSE(load_plan(key, folder.path));
    fs::resize_file(entry, 0);
    EXPECT_FALSE(load_plan(key, folder.path));
}

TEST_F(PlanCache, APlanWithoutItsKernelsIsNone) {
    damage(entry_of(folder, ".so"), 100);
    EXPECT_FALSE(load_plan(key, folder.path));
    compile(plan, {.target = target, .cache = folder.path});
    EXPECT_TRUE(load_plan(key, folder.path));
    fs::remove(entry_of(folder, ".so"));
    EXPECT_FALSE(load_plan(key, folder.path));
}

TEST(PlanKey, TellsApartWhatPlansDependOn) {
    const schedules::Target target = schedules::host();
    schedules::Target other = target;
    other.vector_bytes *= 2;
    const source::Span here{0, 10, 20}, there{0, 11, 21};
    const ir::Digest key = plan_key(scaling(2, here), target);
    EXPECT_EQ(key, plan_key(scaling(2, here), target));
    EXPECT_NE(key, plan_key(scaling(3, here), target)) << "another program";
    EXPECT_NE(key, plan_key(scaling(2, there), target)) << "another place";
    EXPECT_NE(key, plan_key(scaling(2, here, "z"), target)) << "another name";
    EXPECT_NE(key, plan_key(scaling(2, here), other)) << "another target";
    EXPECT_NE(plan_key(repeated(here), target), plan_key(repeated(there), target)) << "another place in a loop";
}

}  // namespace
}  // namespace dlc::codegen
