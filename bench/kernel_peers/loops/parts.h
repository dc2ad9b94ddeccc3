// Loops over parts of a range, on the threads that dlc's kernels run on.
#pragma once
#include <algorithm>
#include <cstdint>

#include "bench/kernel_peers/peer.h"
#include "compiler/driver/runnable.h"
#include "compiler/ir/row.h"

namespace dlc::bench::loops {

/// Calls body(part, first, last) for each of `threads` even parts of [0, count), or for all of it at once where `work`, in
/// elements, is not worth another thread.
template <class Body>
void in_parts(int threads, std::int64_t count, std::int64_t work, const Body& body) {
    constexpr std::int64_t kWorth = 16384;
    if (threads == 1 || work < kWorth) return body(0, 0, count);
    struct Context {
        const Body* body;
        std::int64_t count;
        int parts;
    } context{&body, count, threads};
    runtime::ThreadPool& pool = driver::threads(threads);
    const runtime::ThreadPool::Busy busy(pool);
    pool.parallel_for(
        [](void*, int part, void* closure) {
            const auto& c = *static_cast<const Context*>(closure);
            (*c.body)(part, c.count * part / c.parts, c.count * (part + 1) / c.parts);
            return 0;
        },
        nullptr, 0, threads, &context);
}

}  // namespace dlc::bench::loops
