#include "runtime/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cfloat>
#include <thread>
#include <vector>

using dlc::runtime::ThreadPool;

namespace {

int count_task(void* context, int i, void*) {
    static_cast<std::atomic<int>*>(context)[i].fetch_add(1);
    return 0;
}

}  // namespace

TEST(ThreadPool, RunsEveryTaskOnce) {
    for (const int threads : {1, 2, 3, 8}) {
        ThreadPool pool(threads);
        EXPECT_EQ(pool.threads(), threads);
        for (const int count : {0, 1, 2, 7, 1000}) {
            std::vector<std::atomic<int>> hits(1010);
            EXPECT_EQ(pool.parallel_for(count_task, hits.data(), 5, count, nullptr), 0);
            for (int i = 0; i < 1010; ++i) EXPECT_EQ(hits[static_cast<std::size_t>(i)], i >= 5 && i < 5 + count ? 1 : 0) << i;
        }
    }
}

TEST(ThreadPool, AnswersForTheLowestFailedTask) {
    ThreadPool pool(4);
    const auto task = [](void*, int i, void*) { return i == 90 ? -90 : i == 17 ? -17 : 0; };
    for (int repeat = 0; repeat < 100; ++repeat) EXPECT_EQ(pool.parallel_for(task, nullptr, 0, 100, nullptr), -17);
    ThreadPool alone(1);
    EXPECT_EQ(alone.parallel_for(task, nullptr, 0, 100, nullptr), -17);
}

TEST(ThreadPool, LoopsInsideTasksRunWhereTheyAreReached) {
    ThreadPool pool(3);
    struct Context {
        ThreadPool& pool;
        std::atomic<int> sum{0};
        std::atomic<int> strangers{0};
    } context{pool};
    const auto outer = [](void* at, int, void*) {
        const int lane = ThreadPool::lane();
        const auto inner = [](void* c, int i, void* outer_lane) {
            Context& shared = *static_cast<Context*>(c);
            shared.sum += i;
            shared.strangers += ThreadPool::lane() != *static_cast<int*>(outer_lane);
            return 0;
        };
        return static_cast<Context*>(at)->pool.parallel_for(inner, at, 0, 10, const_cast<int*>(&lane));
    };
    EXPECT_EQ(pool.parallel_for(outer, &context, 0, 20, nullptr), 0);
    EXPECT_EQ(context.sum, 20 * 45);
    EXPECT_EQ(context.strangers, 0);
}

TEST(ThreadPool, ServesSeveralCallersAtOnce) {
    ThreadPool pool(3);
    std::vector<std::thread> callers;
    std::vector<std::vector<std::atomic<int>>> hits;
    for (int c = 0; c < 4; ++c) hits.emplace_back(64);
    for (int c = 0; c < 4; ++c)
        callers.emplace_back([&, c] {
            for (int repeat = 0; repeat < 500; ++repeat)
                pool.parallel_for(count_task, hits[static_cast<std::size_t>(c)].data(), 0, 64, nullptr);
        });
    for (std::thread& caller : callers) caller.join();
    for (const auto& of_caller : hits)
        for (const auto& hit : of_caller) EXPECT_EQ(hit, 500);
}

TEST(ThreadPool, WorkersFlushDenormals) {
    ThreadPool pool(3);
    std::atomic<int> on_worker{0}, kept{0};
    struct Context {
        std::atomic<int>&on_worker, &kept;
    } context{on_worker, kept};
    const auto task = [](void* at, int, void*) {
        Context& c = *static_cast<Context*>(at);
        if (ThreadPool::lane() == 0) {
            std::this_thread::yield();
            return 0;
        }
        volatile float small = FLT_MIN;
        c.on_worker++;
        c.kept += small * 0.5f != 0.0f;
        return 0;
    };
    while (on_worker < 10) pool.parallel_for(task, &context, 0, 1000, nullptr);
    EXPECT_EQ(kept, 0);
}
