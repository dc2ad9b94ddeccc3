// The first values of what a model learns and keeps.
#pragma once
#include <cstdint>

#include "compiler/ir/graph.h"
#include "runtime/train/program.h"

namespace dlc::driver {

/// Runs the initializers on so many threads (0: all processors): every parameter, state and slot gets its first value, the same for
/// any number of them.
void initialize(train::Program&, const ir::Graph& init, std::uint64_t seed, int threads);

}  // namespace dlc::driver
