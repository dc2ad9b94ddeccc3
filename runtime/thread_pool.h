// Worker threads that kernels' parallel loops run on.
#pragma once
#include <memory>

namespace dlc::runtime {

/// One pool a process serves all executors, also at the same time.  Flush-to-zero is on in each worker.
///
/// Which thread runs a task is left open, so results must not depend on it: a task writes what no other task of the loop touches.
/// Then the bits are the same for any number of threads.  Where threads are not held up, loops of as many tasks give task i to the
/// same thread, which has what it worked on in its caches.
class ThreadPool {
public:
    explicit ThreadPool(int threads);  // including the caller's; at least 1
    ~ThreadPool();
    int threads() const;
    /// Calls task(context, i, closure) for i in [begin, begin + count), on any thread; returns when all are done.  All run even
    /// when some fail; the answer is that of the lowest i that failed, or 0.  A loop inside a task runs on the thread that reached
    /// it.
    int parallel_for(int (*task)(void*, int, void*), void* context, int begin, int count, void* closure);
    /// Of the calling thread: 1 … threads-1 on a worker, 0 elsewhere.
    static int lane();
    /// While one lives, idle workers spin for a moment before they sleep, since the next loop is near.
    class Busy {
    public:
        explicit Busy(ThreadPool&);
        ~Busy();
        Busy(const Busy&) = delete;
        Busy& operator=(const Busy&) = delete;

    private:
        ThreadPool& pool_;
    };

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace dlc::runtime
