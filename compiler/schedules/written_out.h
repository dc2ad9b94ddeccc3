// Reductions of a few terms that become an expression where they are read: pooling windows, phases, depthwise convolutions.
#pragma once
#include "compiler/schedules/stage.h"

namespace dlc::schedules {

/// Whether the reduction is one of these.
bool written_out(const Parts&, const Parts::Stage&, const Target&);
/// Reads of it become an expression over all its terms.  Its factors that depend on one output variable alone, and lie in memory in
/// another order, as the weights of a depthwise convolution do, are copied first, so that neighbours along that variable are one
/// vector.
void write_out(const Parts&, const Parts::Stage&, Lowering&);

}  // namespace dlc::schedules
