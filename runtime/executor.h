// Runs a plan.  Everything is allocated when the executor is made; a step allocates nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/plan.h"
#include "runtime/thread_pool.h"

namespace dlc::runtime {

/// What the kernels of a plan allocate while they run on so many threads, at most; an executor holds it beside the regions.
std::int64_t scratch_bytes(const dlc_plan&, int threads);

/// One run at a time; different executors may run at the same time, on one pool.  Denormals are flushed to zero during a run.
class Executor {
public:
    /// Lays out the regions (zeros) and the argument lists.  `plan` and `pool` must outlive it.  Fails with std::invalid_argument
    /// when a buffer lies outside its region or a number points at nothing.
    Executor(const dlc_plan& plan, ThreadPool& pool);
    ~Executor();
    /// Runs every call in order.  Returns the first kernel's error code, or 0.
    int run();
    /// Runs calls [first, last): for timing and for finding the first bad value.  Of a loop that does not lie within, the calls run
    /// once, at t = 0.
    int run(int first, int last);
    /// What a kernel said when the last run failed; empty after one that did not.
    std::string_view message() const;
    std::byte* region(int region);
    /// The bytes of one buffer; of one that moves in loops, where it lies when t is 0 in all of them.
    std::span<std::byte> bytes(int buffer);
    /// All bytes that a buffer covers as loops move it.
    std::span<std::byte> all_bytes(int buffer);
    /// All memory it holds: regions and scratch.
    std::int64_t memory_bytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace dlc::runtime
