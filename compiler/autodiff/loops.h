// Derivatives of scans.
//
// The derivative of a loop is a loop again.  In reverse mode it runs the other way: its carries are the adjoints of the carries,
// its body is the vector-Jacobian product of the body (back-propagation through time).  In forward mode it runs the same way and
// hands on the tangents.  Either reads the values of the first loop, which stacks whatever of its body is needed but was not made
// in a checkpoint.  Both are scans, so nothing ends at the first order.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "compiler/autodiff/gradient.h"

namespace dlc::autodiff {

/// The adjoints of the inputs of the loop of `members`, nodes that are values of one loop with cotangents `cotangents` (of the
/// stacks' shapes): for each input of the scan a node of its type and shape, or an empty id where `relevant` says it is not wanted
/// or nothing depends on it.  `at_hand` gives what holds the value of an input where the adjoint is computed.
std::vector<ir::NodeId> loop_vjp(ir::Builder& b, std::span<const ir::NodeId> members, std::span<const ir::NodeId> cotangents,
                                 const std::vector<bool>& relevant, const std::function<ir::NodeId(ir::NodeId)>& at_hand);

/// The tangents of `members`, given those of the inputs; an empty id stands for zero, here and there.
std::vector<ir::NodeId> loop_jvp(ir::Builder& b, std::span<const ir::NodeId> members, std::span<const ir::NodeId> tangents);

}  // namespace dlc::autodiff
