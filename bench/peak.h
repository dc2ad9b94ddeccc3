// The machine's multiply-add limit, measured: what a benchmark's rate is a share of.
#pragma once

namespace dlc::bench {

/// float32 GFLOP/s (a multiply-add counts as two) of `threads` threads that do nothing but independent fused multiply-adds in
/// registers, with the widest vectors the processor has.  The best of several short runs.
double multiply_add_peak(int threads);

}  // namespace dlc::bench
