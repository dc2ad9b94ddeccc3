// Which of a row of small things, one for each layer, become one kernel.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "compiler/ir/digest.h"

namespace dlc::kernels {

/// Cuts the row of things with these keys into batches of at most `most`; each batch lists positions of the row, ascending.  A
/// stretch of more than `most` that repeats, as the parameters of equal layers do, is cut alike in each repetition, so that equal
/// layers give equal batches; what is left is filled up in order, the last batch with what remains.  A row of at most `most` is
/// one batch.
std::vector<std::vector<std::size_t>> batches(std::span<const ir::Digest> keys, std::size_t most);

}  // namespace dlc::kernels
