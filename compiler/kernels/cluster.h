// Which nodes are computed together.
#pragma once
#include <span>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::kernels {

/// What one kernel computes.  A pointwise node may be in several clusters: it is then computed again where it is read.
struct Cluster {
    std::vector<ir::NodeId> nodes;    // equations, constants and library calls, in topological order
    std::vector<ir::NodeId> outputs;  // those that reach memory: results, and what other clusters read
};

/// Every result of the graph, no leaf and no constant among them, is an output of exactly one cluster; every other node that
/// is read across clusters too.  The clusters' dependences have no cycle.  Nodes of `alone` share their cluster with no other
/// output.  The values of a loop are a cluster of their own.
std::vector<Cluster> cluster(const ir::Graph&, std::span<const ir::NodeId> alone = {});

}  // namespace dlc::kernels
