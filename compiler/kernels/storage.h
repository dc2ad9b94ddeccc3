// The order in which the dimensions of each tensor lie in memory.
#pragma once
#include <span>
#include <vector>

#include "compiler/kernels/cluster.h"
#include "compiler/kernels/kernel.h"

namespace dlc::kernels {

/// By node id; leaves and results are row-major.
std::vector<Order> choose_orders(const ir::Graph&, std::span<const Cluster>);

}  // namespace dlc::kernels
