// Runs a plan.  Everything is allocated when the executor is made; a step allocates nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/plan.h"

namespace dlc::runtime {

/// Worker threads that kernels' parallel loops run on.  One pool a process serves all executors; flush-to-zero is on in each
/// worker.
class ThreadPool {
public:
    explicit ThreadPool(int threads);  // including the caller's
    ~ThreadPool();
    int threads() const;
    /// Calls task(i) for i in [begin, begin + count), on any thread; returns when all are done, with the first non-zero answer.
    int parallel_for(int (*task)(void*, int, void*), void* context, int begin, int count, void* closure);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

class Executor {
public:
    /// Lays out the regions and the argument lists.  `plan` must outlive it.
    Executor(const dlc_plan& plan, ThreadPool& pool);
    ~Executor();
    /// Runs every call in order.  Returns the first kernel's error code, or 0.
    int run();
    /// Runs calls [first, last): for timing and for finding the first bad value.
    int run(int first, int last);
    /// What a kernel said when the last run failed; empty after one that did not.
    std::string_view message() const;
    std::byte* region(int region);
    /// The bytes of one buffer.
    std::span<std::byte> bytes(int buffer);
    /// All memory it holds: regions and scratch.
    std::int64_t memory_bytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace dlc::runtime
