// The schedule of large matrix products: both operands are copied into panels, a slice of the sum at a time, so that what the
// innermost loops read lies dense in the first two caches however long the sum is and however the operands lie in memory (Goto and
// van de Geijn, "Anatomy of high-performance matrix multiplication", 2008).
//
//     for task (blocks of m and n, batch)                        parallel
//       block = 0
//       for slice of k
//         pack b of this slice                                   panels [n / width][k][width]
//         for part of the block's rows
//           pack a of this slice and these rows                  [m / rows][k][rows], or [m][k] where a lies that way
//           for panel of n, row tile of m
//             registers = 0;  for k in slice: registers += a · b
//             block += registers
//       out = epilogue(block)
//
// All of m counts as one variable, however many the equation has.
#pragma once
#include "compiler/schedules/contraction.h"

namespace dlc::schedules {

/// Whether a product can be computed so: it has rows and a sum, and no windows.
bool can_block(const Work&, const Contraction&);
/// How many terms of the sum a slice has by default; 0 where the product is better off without blocks.
std::int64_t default_slice(const Work&, const Contraction&);
/// Of a product that can be.
void build_blocked_product(Work&, const Contraction&, std::int64_t slice);

}  // namespace dlc::schedules
