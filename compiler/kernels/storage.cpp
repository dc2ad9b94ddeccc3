#include "compiler/kernels/storage.h"

namespace dlc::kernels {

std::vector<Order> choose_orders(const ir::Graph& graph, std::span<const Cluster>) {
    std::vector<Order> orders;
    for (const ir::Node& node : graph.nodes()) orders.push_back(row_major(node.shape.size()));
    return orders;
}

}  // namespace dlc::kernels
