// The cache on disk and what surrounds it: damage, concurrent processes, scratch sizes, environment failures.
#include "compiler/codegen/compile.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "compiler/codegen/object.h"
#include "compiler/ir/arith.h"
#include "dsl/source/diagnostic.h"
#include "tests/codegen/fixtures.h"

namespace dlc::codegen {
namespace {

using ir::Index;

/// A product with panels larger than what the stack takes.
kernels::Kernel product(std::int64_t n) {
    ir::Builder b;
    const ir::NodeId x = b.leaf(ir::LeafKind::input, "in0", ir::Type::f32, {n, n}),
                     w = b.leaf(ir::LeafKind::input, "in1", ir::Type::f32, {n, n});
    ir::Equation e;
    e.reduce = ir::Reduce::sum;
    e.reductions = {n};
    const Index i = Index::variable(0), j = Index::variable(1), k = Index::variable(2);
    e.body = b.read(x, {i, k}) * b.read(w, {j, k});
    b.result({ir::Result::value, "out0", b.equation(ir::Type::f32, {n, n}, e), {}, {}});
    kernels::Kernel kernel;
    kernel.body = std::move(b).finish();
    kernel.inputs = {{0, 1}, {0, 1}};
    kernel.outputs = {{0, 1}};
    kernel.alias = {-1};
    return kernel;
}
struct Argument {
    explicit Argument(float fill) {
        values.fill(fill);
        dimension = {0, 16, 1, 0};
        buffer.host = reinterpret_cast<std::uint8_t*>(values.data());
        buffer.type = halide_type_of<float>();
        buffer.dimensions = 1;
        buffer.dim = &dimension;
    }
    alignas(kernels::kAlignment) std::array<float, 16> values;
    halide_dimension_t dimension;
    halide_buffer_t buffer = {};
};
float third_element(const dlc_kernel& k) {
    Argument in(3), out(0);
    void* arguments[] = {&in.buffer, &out.buffer};
    EXPECT_EQ(k.run(arguments), 0);
    return out.values[3];
}

TEST(Cache, SecondCompileComesFromDisk) {
    const Folder folder;
    const kernels::Plan plan = plan_of({scaled(2), scaled(5)});
    const Options options{.target = schedules::host(), .cache = folder.path};
    const Compiled first = compile(plan, options), second = compile(plan, options);
    EXPECT_EQ(first.from_cache, 0u);
    EXPECT_EQ(second.from_cache, 2u);
    EXPECT_EQ(folder.files().size(), 2u);
    EXPECT_EQ(third_element(second.kernels[0]), 6);
    EXPECT_EQ(third_element(second.kernels[1]), 15);
}

TEST(Cache, ADamagedEntryIsRebuilt) {
    const Folder folder;
    const kernels::Plan plan = plan_of({scaled(2)});
    const Options options{.target = schedules::host(), .cache = folder.path};
    compile(plan, options);
    const auto entry = folder.files().at(0);
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(entry));
    for (const std::int64_t at : {std::int64_t{100}, size / 2, size - 60, size - 3}) {
        damage(entry, at);
        const Compiled again = compile(plan, options);
        EXPECT_EQ(again.from_cache, 0u) << "byte " << at;
        EXPECT_EQ(third_element(again.kernels[0]), 6);
    }
    std::filesystem::resize_file(entry, 10);
    EXPECT_EQ(compile(plan, options).from_cache, 0u);
    EXPECT_EQ(compile(plan, options).from_cache, 1u);
}

TEST(Cache, ProcessesShareAFolder) {
    const Folder folder;
    const kernels::Plan plan = plan_of({scaled(2), scaled(3), scaled(4)});
    const Options options{.target = schedules::host(), .cache = folder.path};
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            const Compiled c = compile(plan, options);
            _exit(third_element(c.kernels[2]) == 12 ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(folder.files().size(), 3u) << "temporary files stayed behind";
    EXPECT_EQ(compile(plan, options).from_cache, 3u);
}

TEST(Cache, TargetsAndChoicesHaveEntriesOfTheirOwn) {
    const Folder folder;
    const kernels::Plan plan = plan_of({product(64)});
    Options options{.target = schedules::host(), .cache = folder.path};
    compile(plan, options);
    options.target.l2_bytes *= 2;
    EXPECT_EQ(compile(plan, options).from_cache, 0u);
    options.choose = [](const kernels::Kernel&) { return schedules::Choice{{"tile_rows", 4}}; };
    EXPECT_EQ(compile(plan, options).from_cache, 0u);
    EXPECT_EQ(compile(plan, options).from_cache, 1u);
}

TEST(Cache, AFolderThatCannotBeMadeIsTheEnvironmentsFault) {
    const Options options{.target = schedules::host(), .cache = "/proc/no/such/folder"};
    EXPECT_THROW(compile(plan_of({scaled(2)}), options), source::EnvironmentError);
}

TEST(Compile, ReportsProgressAndLinksWithoutACache) {
    std::vector<std::size_t> done;
    Options options{.target = schedules::host()};
    options.progress = [&](std::size_t d, std::size_t total, bool from_cache) {
        done.push_back(d);
        EXPECT_EQ(total, 2u);
        EXPECT_FALSE(from_cache);
    };
    const Compiled c = compile(plan_of({scaled(2), scaled(7)}), options);
    EXPECT_EQ(done, (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(third_element(c.kernels[1]), 21);
}

TEST(Compile, WorksWithoutALinker) {
    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nowhere", 1);
    const Compiled c = compile(plan_of({scaled(2)}), {.target = schedules::host()});
    setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(third_element(c.kernels[0]), 6);
}

TEST(Compile, CountsScratch) {
    // The packed operand is as large as the operand itself, and nothing else is on the heap outside tasks.
    const Compiled c = compile(plan_of({product(256), scaled(2)}), {.target = schedules::host()});
    EXPECT_GE(c.kernels[0].scratch_shared, 256 * 256 * 4);
    EXPECT_LT(c.kernels[0].scratch_shared, 256 * 256 * 4 + 1024);
    EXPECT_EQ(c.kernels[1].scratch_shared, 0);
    EXPECT_EQ(c.kernels[1].scratch_thread, 0);
}

TEST(Scratch, OfALoopInsideATaskLiesOnTopOfTheTasks) {
    Halide::Func inner("inner"), middle("middle"), outer("outer");
    const Halide::Var x("x"), y("y"), z("z");
    inner(x, y, z) = x * y + z;
    middle(x, y, z) = inner(x, y, z) + inner(x + 1, y, z);
    outer(x, y, z) = middle(x, y, z) + middle(x, y + 1, z);
    outer.bound(x, 0, 8192).bound(y, 0, 4).bound(z, 0, 8).parallel(z);
    middle.compute_at(outer, z).parallel(y);
    inner.compute_at(middle, y);
    const Halide::Target target(schedules::host().halide + "-no_runtime-no_asserts-no_bounds_query");
    const Scratch scratch = scratch_of(outer.compile_to_module({}, "nested", target), "nested");
    constexpr std::int64_t kMiddle = 8192 * 5 * 4, kInner = 8193 * 4;
    EXPECT_EQ(scratch.shared, 0);
    EXPECT_GE(scratch.thread, kMiddle + kInner);
    EXPECT_LT(scratch.thread, kMiddle + kInner + 1024);
}

TEST(Compile, PrintsNothing) {
    // Every point may meet every other, so the update has no loop that could be scheduled: of such Halide warns.
    ir::Builder b;
    const ir::NodeId ids = b.leaf(ir::LeafKind::input, "in0", ir::Type::i32, {16});
    ir::Equation e;
    e.reduce = ir::Reduce::sum;
    e.scatter = e.lossy = true;
    e.reductions = {16};
    e.body = ir::Expr::constant(1, ir::Type::f32);
    e.map = {Index::get(ids, {Index::variable(0)})};
    b.result({ir::Result::value, "out0", b.equation(ir::Type::f32, {64}, e), {}, {}});
    kernels::Kernel k;
    k.body = std::move(b).finish();
    k.inputs = k.outputs = {{0}};
    k.alias = {-1};
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    compile(plan_of({k}), {.target = schedules::host()});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(Show, NamesTheClassAndPrintsTheCode) {
    const kernels::Kernel k = product(64);
    EXPECT_NE(show(k, schedules::host(), View::schedule).find("gemm: "), std::string::npos);
    EXPECT_NE(show(k, schedules::host(), View::statement).find("out"), std::string::npos);
    EXPECT_NE(show(k, schedules::host(), View::assembly).find("fmadd"), std::string::npos);
}

}  // namespace
}  // namespace dlc::codegen
