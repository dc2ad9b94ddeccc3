// The 16-bit reals, f16 and bf16, in code: memory holds their bits, computation is in f32.
//
// Halide's own conversions are not used: from f64 they round twice, for some targets they call functions that kernels do not have,
// and bf16 loses its subnormal numbers where the processor converts.
#pragma once
#include "compiler/scalars/lowering.h"

namespace dlc::scalars {

/// The bits, an unsigned 16-bit integer, as the f32 they stand for.
Code half_of_bits(const Code& bits, ir::Type half);
/// The bits of the f16 or bf16 nearest to an f32 or f64, ties to even; what is too large becomes an infinity, NaN a quiet NaN.
Code bits_of_half(const Code& real, ir::Type half);

}  // namespace dlc::scalars
