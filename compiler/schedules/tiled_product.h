// The schedule of matrix products and convolutions alike: a register tile of the result, b packed in panels, a read in place or
// staged.
//
//     for task (blocks of m and n, batch, outer variables of m)   parallel
//       stage a                                                    zero-bordered windows, prologue
//       for panel of n
//         for row tile of m
//           registers = 0;  for k: registers += a · b
//           out = epilogue(registers)
//
// The register tile is what the speed comes from: enough independent accumulators to cover the latency of a multiply-add and few
// loads for each.  b is packed once, for all tasks, into panels that the innermost loop walks through one after another.
#pragma once
#include "compiler/schedules/contraction.h"

namespace dlc::schedules {

/// The size of the tile, and whether b is packed.
std::vector<Parameter> tile_parameters(const Work&);
/// Of a stage that is a contraction.
void build_tiled_product(Work&);

}  // namespace dlc::schedules
