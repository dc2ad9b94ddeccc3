#include "runtime/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/lane.h"

namespace dlc::runtime {
namespace {

constexpr int kSpins = 2000;  // some tens of microseconds: longer than the serial stretch between two loops of a step

thread_local int t_lane = 0;
thread_local bool t_in_task = false;

void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
}

/// The failure of the lowest task so far.
struct Failure {
    int task = std::numeric_limits<int>::max();
    int code = 0;
    void note(int at, int what) {
        if (what != 0 && at < task) *this = {at, what};
    }
};

/// Neighbouring tasks of a loop, meant for one thread.
struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
    bool open() const { return next.load(std::memory_order_relaxed) < end; }
};
constexpr int kMostShares = 16;

/// A parallel loop; lives on the stack of the thread that runs it.
///
/// Each thread has a share of the tasks, the same one in every loop of that many tasks, so it finds in its caches what it used or
/// wrote there before: weights in each step of a recurrence, the rows that the kernel before wrote.  When its share is done it
/// helps with the others'.
class Job {
public:
    Job(int (*task)(void*, int, void*), void* context, void* closure, std::int64_t begin, std::int64_t count, int threads)
        : task_(task), context_(context), closure_(closure), count_(std::min(threads, kMostShares)) {
        for (std::int64_t s = 0; s < count_; ++s) {
            shares_[s].next.store(begin + count * s / count_, std::memory_order_relaxed);
            shares_[s].end = begin + count * (s + 1) / count_;
        }
    }

    Failure work(int lane) {
        Failure mine;
        t_in_task = true;
        for (int s = 0; s < count_; ++s) {
            Share& share = shares_[(lane + s) % count_];
            for (std::int64_t i; share.open() && (i = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;) {
                const int at = static_cast<int>(i);
                mine.note(at, task_(context_, at, closure_));
            }
        }
        t_in_task = false;
        return mine;
    }
    bool open() const {
        return std::any_of(shares_, shares_ + count_, [](const Share& share) { return share.open(); });
    }

    std::atomic<int> helpers{0};  // workers that hold a pointer to it; grows under the pool's mutex only
    Failure failure;              // under the pool's mutex
    Job* following = nullptr;

private:
    int (*task_)(void*, int, void*);
    void* context_;
    void* closure_;
    int count_;
    Share shares_[kMostShares];
};

}  // namespace

struct ThreadPool::Impl {
    std::mutex mutex;
    std::condition_variable work_arrived, helper_left;
    Job* jobs = nullptr;
    std::atomic<std::uint64_t> arrivals{0};
    std::atomic<int> busy{0};
    int sleepers = 0;
    bool stop = false;
    std::vector<std::thread> workers;

    Job* find() const {
        for (Job* job = jobs; job; job = job->following)
            if (job->open()) return job;
        return nullptr;
    }

    void serve(int lane) {
        t_lane = lane;
        const FlushDenormals flush;
        std::unique_lock lock(mutex);
        while (!stop) {
            if (Job* job = find()) {
                job->helpers.fetch_add(1, std::memory_order_relaxed);
                lock.unlock();
                const Failure mine = job->work(lane);
                lock.lock();
                job->failure.note(mine.task, mine.code);
                // The owner may return as soon as the last helper is gone: `job` is not touched below.
                if (job->helpers.fetch_sub(1, std::memory_order_acq_rel) == 1) helper_left.notify_all();
                continue;
            }
            const std::uint64_t seen = arrivals.load(std::memory_order_relaxed);
            lock.unlock();
            for (int i = 0;
                 i < kSpins && busy.load(std::memory_order_relaxed) > 0 && arrivals.load(std::memory_order_relaxed) == seen; ++i)
                relax();
            lock.lock();
            if (stop || arrivals.load(std::memory_order_relaxed) != seen) continue;
            ++sleepers;
            work_arrived.wait(lock);
            --sleepers;
        }
    }

    int run(Job& job) {
        {
            const std::lock_guard lock(mutex);
            job.following = jobs;
            jobs = &job;
            arrivals.fetch_add(1, std::memory_order_relaxed);
            if (sleepers > 0) work_arrived.notify_all();
        }
        const Failure mine = job.work(t_lane);
        std::unique_lock lock(mutex);
        Job** at = &jobs;
        while (*at != &job) at = &(*at)->following;
        *at = job.following;
        if (job.helpers.load(std::memory_order_acquire) > 0) {
            lock.unlock();
            for (int i = 0; i < kSpins && job.helpers.load(std::memory_order_acquire) > 0; ++i) relax();
            lock.lock();
            helper_left.wait(lock, [&] { return job.helpers.load(std::memory_order_acquire) == 0; });
        }
        job.failure.note(mine.task, mine.code);
        return job.failure.code;
    }
};

ThreadPool::ThreadPool(int threads) : impl_(std::make_unique<Impl>()) {
    for (int i = 1; i < threads; ++i) impl_->workers.emplace_back([this, i] { impl_->serve(i); });
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stop = true;
    }
    impl_->work_arrived.notify_all();
    for (std::thread& worker : impl_->workers) worker.join();
}

int ThreadPool::threads() const { return static_cast<int>(impl_->workers.size()) + 1; }

int ThreadPool::lane() { return t_lane; }

int ThreadPool::parallel_for(int (*task)(void*, int, void*), void* context, int begin, int count, void* closure) {
    if (count <= 0) return 0;
    if (count == 1 || t_in_task || impl_->workers.empty()) {
        Failure failure;
        for (std::int64_t i = begin; i < std::int64_t{begin} + count; ++i) {
            const int at = static_cast<int>(i);
            failure.note(at, task(context, at, closure));
        }
        return failure.code;
    }
    Job job(task, context, closure, begin, count, threads());
    return impl_->run(job);
}

ThreadPool::Busy::Busy(ThreadPool& pool) : pool_(pool) { pool_.impl_->busy.fetch_add(1, std::memory_order_relaxed); }
ThreadPool::Busy::~Busy() { pool_.impl_->busy.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace dlc::runtime
