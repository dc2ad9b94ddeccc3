// Executors on kernels written by hand, which use the C functions as compiled ones do.
#include "runtime/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "runtime/halide_abi.h"
#include "runtime/kernel_runtime.h"
#include "runtime/lane.h"
#include "runtime/plan_builder.h"
#include "tests/runtime/allocations.h"

namespace hl = dlc::runtime::halide;
using dlc::runtime::Executor;
using dlc::runtime::PlanBuilder;
using dlc::runtime::Stack;
using dlc::runtime::ThreadPool;

namespace {

constexpr int kRows = 37, kColumns = 50;

hl::Buffer& argument(void** arguments, int i) { return *static_cast<hl::Buffer*>(arguments[i]); }
float* floats(void** arguments, int i) { return reinterpret_cast<float*>(argument(arguments, i).host); }

/// out[x] = in[x] + 1
int increment(void** arguments) {
    const hl::Buffer& in = argument(arguments, 0);
    for (int i = 0; i < in.dim[0].extent; ++i) floats(arguments, 1)[i] = floats(arguments, 0)[i] + 1;
    return 0;
}

/// out[x] = a[x] + b[x]
int add(void** arguments) {
    for (int i = 0; i < argument(arguments, 0).dim[0].extent; ++i)
        floats(arguments, 2)[i] = floats(arguments, 0)[i] + floats(arguments, 1)[i];
    return 0;
}

int fail_with_7(void**) { return 7; }

int out_of_bounds(void**);

/// out[row] = sum over columns of exp(in), staged through scratch: once for the loop, once for each task.
struct SumClosure {
    const float* in;
    float* staged;
    float* out;
};
int sum_row(void*, int row, std::uint8_t* closure) {
    const SumClosure& c = *reinterpret_cast<SumClosure*>(closure);
    auto* copy = static_cast<float*>(halide_malloc(nullptr, kColumns * sizeof(float)));
    if (!copy) return hl::kOutOfMemory;
    for (int i = 0; i < kColumns; ++i) copy[i] = std::exp(c.in[row * kColumns + i]);
    float sum = 0;
    for (int i = 0; i < kColumns; ++i) sum += copy[i];
    c.staged[row] = sum;
    halide_free(nullptr, copy);
    return 0;
}
int sum_rows(void** arguments) {
    auto* staged = static_cast<float*>(halide_malloc(nullptr, kRows * sizeof(float)));
    if (!staged) return hl::kOutOfMemory;
    SumClosure closure{floats(arguments, 0), staged, floats(arguments, 1)};
    const int code = halide_do_par_for(nullptr, sum_row, 0, kRows, reinterpret_cast<std::uint8_t*>(&closure));
    if (code == 0) std::memcpy(closure.out, staged, kRows * sizeof(float));
    halide_free(nullptr, staged);
    return code;
}

struct SumPlan {
    PlanBuilder builder;
    int in = 0, out = 0;
    explicit SumPlan(std::int64_t shared = dlc_scratch_bytes(kRows * 4), std::int64_t thread = dlc_scratch_bytes(kColumns * 4)) {
        const int kernel = builder.kernel({sum_rows, shared, thread});
        in = builder.buffer(DLC_INPUT, DLC_F32, {kColumns, kRows}, {1, kColumns}, 0, kRows * kColumns * 4);
        out = builder.buffer(DLC_OUTPUT, DLC_F32, {kRows}, {1}, 64, kRows * 4);
        builder.call(kernel, {in, out});
    }
    void fill(Executor& executor) const {
        std::mt19937 random(7);
        auto* values = reinterpret_cast<float*>(executor.bytes(in).data());
        for (int i = 0; i < kRows * kColumns; ++i) values[i] = std::normal_distribution<float>(0, 1)(random);
    }
    std::vector<std::byte> result(Executor& executor) const { return {executor.bytes(out).begin(), executor.bytes(out).end()}; }
};

extern "C" int halide_error_access_out_of_bounds(void*, const char*, int, int, int, int, int);
int out_of_bounds(void**) { return halide_error_access_out_of_bounds(nullptr, "in0", 1, -1, 9, 0, 8); }

}  // namespace

/// h[t] = h[t - 1] + x[t] over rows of two, then of what came out the same backwards, in loops that stand inside another.
TEST(Executor, LoopsMoveAlongTheRowsOfTheirTensors) {
    PlanBuilder builder;
    const int kernel = builder.kernel({add, 0, 0});
    constexpr int kSteps = 5, kTimes = 3;
    const int x = builder.buffer(DLC_INPUT, DLC_F32, {2}, {1}, 0, 8);
    const int h = builder.buffer(DLC_STATE, DLC_F32, {2}, {1}, 0, 8);
    const int y = builder.buffer(DLC_OUTPUT, DLC_F32, {2}, {1}, 0, 8);
    const int z = builder.buffer(DLC_OUTPUT, DLC_F32, {2}, {1}, kTimes * kSteps * 8, 8);
    builder.region(DLC_INPUT, kSteps * 8);
    builder.region(DLC_OUTPUT, 2 * kTimes * kSteps * 8);
    builder.call(kernel, {h, x, h});
    builder.call(kernel, {h, x, y});
    builder.call(kernel, {y, y, z});
    builder.loop(0, 3, kTimes);
    builder.move(y, kSteps * 8);
    builder.move(z, kSteps * 8);
    builder.loop(0, 2, kSteps);
    builder.move(x, 8);
    builder.move(y, 8);
    builder.loop(2, 3, kSteps, true);
    builder.move(y, 8);
    builder.move(z, 8);
    ThreadPool pool(1);
    Executor executor(builder.plan(), pool);
    auto* in = reinterpret_cast<float*>(executor.region(DLC_INPUT));
    for (int i = 0; i < kSteps * 2; ++i) in[i] = static_cast<float>(i + 1);
    for (int again = 0; again < 2; ++again) {
        std::memset(executor.region(DLC_STATE), 0, 8);
        EXPECT_EQ(executor.run(), 0);
        const auto* out = reinterpret_cast<const float*>(executor.region(DLC_OUTPUT));
        float state[2] = {0, 0};
        for (int time = 0; time < kTimes; ++time)
            for (int t = 0; t < kSteps; ++t)
                for (int k = 0; k < 2; ++k) {
                    state[k] += in[2 * t + k];
                    const int at = (time * kSteps + t) * 2 + k;
                    EXPECT_EQ(out[at], state[k] + in[2 * t + k]);
                    EXPECT_EQ(out[kTimes * kSteps * 2 + at], 2 * out[at]);
                }
    }
}
TEST(Executor, RefusesLoopsThatLeaveARegionOrCross) {
    ThreadPool pool(1);
    const auto make = [&](int last, int steps) {
        PlanBuilder builder;
        const int kernel = builder.kernel({increment, 0, 0});
        const int x = builder.buffer(DLC_INPUT, DLC_F32, {2}, {1}, 0, 8);
        const int y = builder.buffer(DLC_OUTPUT, DLC_F32, {2}, {1}, 0, 8);
        builder.region(DLC_INPUT, 4 * 8);
        for (int c = 0; c < 3; ++c) builder.call(kernel, {x, y});
        builder.loop(0, 2, 2);
        builder.loop(1, last, steps);
        builder.move(x, 8);
        Executor executor(builder.plan(), pool);
    };
    EXPECT_NO_THROW(make(2, 4));
    EXPECT_THROW(make(2, 5), std::invalid_argument);
    EXPECT_THROW(make(3, 4), std::invalid_argument);
    EXPECT_THROW(make(1, 4), std::invalid_argument);
}

TEST(Executor, RunsCallsInOrderOnSharedMemory) {
    PlanBuilder builder;
    const int kernel = builder.kernel({increment, 0, 0});
    const int x = builder.buffer(DLC_INPUT, DLC_F32, {3}, {1}, 0, 12);
    const int h = builder.buffer(DLC_WORKSPACE, DLC_F32, {3}, {1}, 64, 12);
    const int y = builder.buffer(DLC_OUTPUT, DLC_F32, {3}, {1}, 0, 12);
    builder.call(kernel, {x, h});
    builder.call(kernel, {h, y});
    ThreadPool pool(1);
    Executor executor(builder.plan(), pool);
    auto* values = reinterpret_cast<float*>(executor.bytes(x).data());
    values[0] = 1, values[1] = -5, values[2] = 0.5f;

    EXPECT_EQ(executor.run(), 0);
    const auto* results = reinterpret_cast<const float*>(executor.bytes(y).data());
    EXPECT_EQ(results[0], 3);
    EXPECT_EQ(results[1], -3);
    EXPECT_EQ(results[2], 2.5f);
    EXPECT_EQ(executor.message(), "");
    EXPECT_EQ(executor.region(DLC_WORKSPACE) + 64, executor.bytes(h).data());
    EXPECT_EQ(executor.memory_bytes(), 12 + 12 + 76);

    values[0] = 10;
    EXPECT_EQ(executor.run(1, 2), 0);
    EXPECT_EQ(results[0], 3) << "only the second call ran";
}

TEST(Executor, StopsAtTheFirstErrorAndSaysWhatItWas) {
    PlanBuilder builder;
    const int good = builder.kernel({increment, 0, 0}), bad = builder.kernel({fail_with_7, 0, 0}),
              loud = builder.kernel({out_of_bounds, 0, 0});
    const int x = builder.buffer(DLC_INPUT, DLC_F32, {1}, {1}, 0, 4), y = builder.buffer(DLC_OUTPUT, DLC_F32, {1}, {1}, 0, 4);
    builder.call(bad, {});
    builder.call(good, {x, y});
    builder.call(loud, {});
    ThreadPool pool(2);
    Executor executor(builder.plan(), pool);
    EXPECT_EQ(executor.run(), 7);
    EXPECT_EQ(executor.message(), "call 0 ended with code 7");
    EXPECT_EQ(*reinterpret_cast<float*>(executor.bytes(y).data()), 0) << "nothing ran after the error";
    EXPECT_EQ(executor.run(1, 3), hl::kAccessOutOfBounds);
    EXPECT_EQ(executor.message(), "in0 is accessed at [-1, 9] in dimension 1, which holds [0, 8]");
    EXPECT_EQ(executor.run(1, 2), 0);
    EXPECT_EQ(executor.message(), "");
}

TEST(Executor, SameBitsForAnyNumberOfThreads) {
    const SumPlan plan;
    std::vector<std::byte> first;
    for (const int threads : {1, 2, 3, 8}) {
        SumPlan mine;
        ThreadPool pool(threads);
        Executor executor(mine.builder.plan(), pool);
        mine.fill(executor);
        for (int repeat = 0; repeat < 50; ++repeat) {
            ASSERT_EQ(executor.run(), 0) << executor.message();
            if (first.empty()) first = mine.result(executor);
            ASSERT_EQ(mine.result(executor), first) << threads << " threads, repeat " << repeat;
        }
    }
    EXPECT_GT(*reinterpret_cast<float*>(first.data()), 1);
}

TEST(Executor, AskingForMoreScratchThanDeclaredIsAnError) {
    ThreadPool pool(2);
    {
        SumPlan plan(dlc_scratch_bytes(kRows * 4), 0);
        Executor executor(plan.builder.plan(), pool);
        EXPECT_EQ(executor.run(), hl::kOutOfMemory);
        EXPECT_EQ(executor.message(), "a kernel asks for 200 bytes of scratch beyond the 0 it declared");
    }
    {
        SumPlan plan(64);
        Executor executor(plan.builder.plan(), pool);
        EXPECT_EQ(executor.run(), hl::kOutOfMemory);
    }
}

TEST(Executor, StepsDoNotAllocate) {
#if DLC_COUNTS_ALLOCATIONS
    ThreadPool pool(3);
    SumPlan plan;
    Executor executor(plan.builder.plan(), pool);
    plan.fill(executor);
    const long before = g_allocations;
    std::vector<int> proof(10);
    EXPECT_GT(g_allocations, before) << "the counter counts";
    const long start = g_allocations;
    int code = 0;
    for (int step = 0; step < 100; ++step) code |= executor.run();
    const long after = g_allocations;
    EXPECT_EQ(code, 0);
    EXPECT_EQ(after - start, 0);
#else
    GTEST_SKIP() << "the sanitizer owns the allocator";
#endif
}

TEST(Executor, FlushesDenormalsDuringARunOnly) {
    static volatile float seen;
    const auto halve = [](void**) {
        volatile float small = FLT_MIN;
        seen = small * 0.5f;
        return 0;
    };
    PlanBuilder builder;
    builder.call(builder.kernel({halve, 0, 0}), {});
    ThreadPool pool(1);
    Executor executor(builder.plan(), pool);
    EXPECT_EQ(executor.run(), 0);
    EXPECT_EQ(seen, 0.0f);
    volatile float small = FLT_MIN;
    EXPECT_NE(small * 0.5f, 0.0f);
}

TEST(Executor, FlushesDenormalsOnEveryThreadAndLeavesTheCallersModeAsItWas) {
    constexpr int kThreads = 3;
    static std::atomic<int> tasks[kThreads], kept[kThreads];
    // Until every thread has done some of the tasks.
    const auto multiply = [](void**) {
        const auto task = [](void*, int, std::uint8_t*) {
            volatile float smallest = FLT_TRUE_MIN, small = FLT_MIN;
            const auto lane = static_cast<std::size_t>(ThreadPool::lane());
            tasks[lane]++;
            kept[lane] += small * 0.5f != 0.0f || smallest * 0x1p100f != 0.0f;  // a result, an operand
            std::this_thread::yield();
            return 0;
        };
        while (std::ranges::any_of(tasks, [](const auto& count) { return count < 10; }))
            if (const int code = halide_do_par_for(nullptr, task, 0, 300, nullptr)) return code;
        return 0;
    };
    PlanBuilder builder;
    builder.call(builder.kernel({multiply, 0, 0}), {});
    ThreadPool pool(kThreads);
    Executor executor(builder.plan(), pool);
    const int rounding = std::fegetround();
    std::fesetround(FE_UPWARD);
    EXPECT_EQ(executor.run(), 0);
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    std::fesetround(rounding);
    for (int lane = 0; lane < kThreads; ++lane) EXPECT_EQ(kept[lane], 0) << lane;
    volatile float smallest = FLT_TRUE_MIN;
    EXPECT_NE(smallest * 0x1p100f, 0.0f);
}

TEST(Executor, SeveralRunAtOnceOnOnePool) {
    ThreadPool pool(3);
    std::vector<std::byte> expected;
    {
        SumPlan plan;
        Executor executor(plan.builder.plan(), pool);
        plan.fill(executor);
        ASSERT_EQ(executor.run(), 0);
        expected = plan.result(executor);
    }
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    for (int c = 0; c < 4; ++c)
        callers.emplace_back([&] {
            SumPlan plan;
            Executor executor(plan.builder.plan(), pool);
            plan.fill(executor);
            for (int step = 0; step < 200; ++step) wrong += executor.run() != 0 || plan.result(executor) != expected;
        });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Executor, RefusesMalformedPlans) {
    ThreadPool pool(1);
    {
        PlanBuilder builder;
        builder.buffer(DLC_INPUT, DLC_F32, {4}, {1}, 0, 16);
        dlc_plan plan = builder.plan();
        plan.region_bytes[DLC_INPUT] = 15;
        EXPECT_THROW(Executor(plan, pool), std::invalid_argument);
    }
    {
        PlanBuilder builder;
        builder.call(builder.kernel({increment, 0, 0}), {0, 1});
        EXPECT_THROW(Executor(builder.plan(), pool), std::invalid_argument);
    }
    {
        PlanBuilder builder;
        builder.call(3, {});
        EXPECT_THROW(Executor(builder.plan(), pool), std::invalid_argument);
    }
}

TEST(Stack, FreesInAnyOrder) {
    alignas(128) static std::byte memory[1024];
    Stack stack(memory, sizeof memory);
    void* a = stack.allocate(100);
    void* b = stack.allocate(0);
    void* c = stack.allocate(300);
    ASSERT_TRUE(a && b && c);
    EXPECT_EQ(a, memory);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(c) % DLC_SCRATCH_ALIGNMENT, 0u);
    EXPECT_TRUE(stack.free(a));
    EXPECT_FALSE(stack.free(a)) << "once";
    void* d = stack.allocate(64);
    EXPECT_GT(d, c) << "c is still alive";
    EXPECT_TRUE(stack.free(c));
    EXPECT_TRUE(stack.free(d));
    EXPECT_TRUE(stack.free(b));
    EXPECT_EQ(stack.allocate(900), memory) << "all was given back";
    EXPECT_EQ(stack.allocate(1), nullptr);
    EXPECT_FALSE(stack.free(nullptr));
}

TEST(KernelRuntime, ServesKernelsOutsideARunFromTheHeap) {
    float in[kRows * kColumns] = {}, out[kRows] = {};
    hl::Dimension dims[2] = {{0, kColumns, 1, 0}, {0, kRows, kColumns, 0}};
    hl::Buffer a{0, nullptr, reinterpret_cast<std::byte*>(in), 0, hl::type_of(DLC_F32), 2, dims, nullptr};
    hl::Buffer b{0, nullptr, reinterpret_cast<std::byte*>(out), 0, hl::type_of(DLC_F32), 1, dims + 1, nullptr};
    void* arguments[] = {&a, &b};
    EXPECT_EQ(sum_rows(arguments), 0);
    EXPECT_EQ(out[kRows - 1], kColumns);
}
