// Where buffers lie.
#pragma once
#include <span>

#include "compiler/kernels/kernel.h"

namespace dlc::kernels {

/// Gives each workspace buffer that lies inside no other an offset so that no two that live at the same time overlap; returns the
/// bytes of the workspace.
/// `over[i]` is the buffer that buffer i is written over, or -1: both then lie at one place.  Largest first, each at the lowest
/// place that is free while it lives, the tightest of them (greedy by size: Pisarchyk and Lee 2020, arXiv:2001.03288).
std::int64_t place_workspace(std::span<Buffer> buffers, std::span<const int> over);

/// Lays the buffers of the other regions that lie inside no other side by side, in order; adds up `region_bytes`.
void place_regions(std::span<Buffer> buffers, std::span<std::int64_t> region_bytes);

}  // namespace dlc::kernels
