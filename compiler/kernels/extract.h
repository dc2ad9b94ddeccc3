// From a cluster to a kernel's body, and where it may write in place.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "compiler/kernels/cluster.h"
#include "compiler/kernels/kernel.h"
#include "compiler/kernels/uses.h"

namespace dlc::kernels {

/// A kernel's body with the nodes that its leaves and results stand for.
struct Extracted {
    ir::Graph body;
    std::vector<ir::NodeId> inputs, outputs;  // of the graph; in0, in1, … and out0, out1, …
};
/// Numbers the nodes in the order in which a walk from the outputs finds them, so equal clusters give equal bodies.
Extracted extract(const ir::Graph&, const Cluster&);

// Below, `uses` holds those of every node of the graph, by id.

/// An output that takes the place of something the kernel reads.
struct InPlace {
    ir::NodeId output, input;
};
/// Whether every node of the cluster is pointwise and reads `input`, of the output's shape and type, only where it computes.
bool may_overwrite(const ir::Graph&, std::span<const Uses>, const Cluster&, InPlace);
/// The outputs that read `input` without going through another output.
std::vector<ir::NodeId> direct_readers(std::span<const Uses>, const Cluster&, ir::NodeId input);
/// An order of the outputs in which each output follows those it reads, and those that read what it overwrites; empty when there is
/// none.
std::optional<std::vector<ir::NodeId>> output_order(std::span<const Uses>, const Cluster&, std::span<const InPlace>);

}  // namespace dlc::kernels
