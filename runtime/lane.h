// What a running kernel may use: the scratch of the thread it runs on, and where its errors go.
//
// Kernels call the allocator and the parallel loop by global C names without a context of ours, so the context is a thread-local
// pointer, set by Executor::run on its own thread and by each parallel task on a worker's.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "runtime/plan.h"

namespace dlc::runtime {

class ThreadPool;

/// A stack of allocations in memory that was made beforehand.  Frees may come in any order: a freed block is given back once all
/// above it are.
class Stack {
public:
    Stack() = default;
    Stack(std::byte* base, std::int64_t capacity) : base_(base), capacity_(capacity) {}
    /// Null when there is not enough left.
    void* allocate(std::int64_t bytes);
    /// False for a pointer that is not from here.
    bool free(const void*);
    void clear() { depth_ = 0; }
    std::int64_t capacity() const { return capacity_; }

private:
    struct Block {
        std::int64_t begin, end;
        bool live;
    };
    std::byte* base_ = nullptr;
    std::int64_t capacity_ = 0;
    std::array<Block, 64> blocks_;
    std::size_t depth_ = 0;
};

/// The first error of a run.  Any thread may report.
class ErrorSlot {
public:
    [[gnu::format(printf, 2, 3)]] void report(const char* format, ...);
    void clear() {
        text_[0] = '\0';
        taken_.store(false, std::memory_order_release);
    }
    const char* text() const { return text_.data(); }

private:
    std::atomic<bool> taken_{false};
    std::array<char, 512> text_{};
};

/// One run's view of the machine.
struct Frame {
    ThreadPool* pool = nullptr;
    Stack* thread_stacks = nullptr;  // by the pool's lane
    ErrorSlot* errors = nullptr;
};

struct Lane {
    Frame* frame = nullptr;
    Stack* stack = nullptr;
};

/// Of this thread; `frame` is null outside a run.
Lane& current_lane();

/// Flush-to-zero and denormals-are-zero while it lives.
class FlushDenormals {
public:
    FlushDenormals();
    ~FlushDenormals();
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;

private:
    std::uint64_t before_;
};

}  // namespace dlc::runtime
