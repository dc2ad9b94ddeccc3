// The machine's limits, measured: what a benchmark's rates are shares of.
#pragma once
#include <cstdint>

namespace dlc::bench {

/// float32 GFLOP/s (a multiply-add counts as two) of `threads` threads that do nothing but independent fused multiply-adds in
/// registers, with the widest vectors the processor has.  The best of several short runs.
double multiply_add_peak(int threads);

/// GB/s (10^9 bytes), the best of several short runs.
struct Bandwidth {
    /// Sums of what lies in memory.
    double read = 0;
    /// a[i] = b[i] + s c[i], 12 bytes an element; what a store reads before it writes is not counted (McCalpin 1995).
    double triad = 0;
};
/// Of `threads` threads that share `bytes` evenly, each a part of its own: many times the last cache for the main memory, half a
/// second-level cache each for that.
Bandwidth bandwidth(int threads, std::int64_t bytes);

}  // namespace dlc::bench
