// Derivatives of values whose adjoint the program gives (`with adjoint`).
#pragma once
#include <map>
#include <span>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::autodiff {

/// The adjoints of the inputs of a call, of which `members` are results with these cotangents; empty for inputs that have none.
std::vector<ir::NodeId> custom_vjp(ir::Builder&, std::span<const ir::NodeId> members, std::span<const ir::NodeId> cotangents);
/// The tangent of a result of a call as its inputs move along `tangents`, of which some may be empty: the given adjoint transposed.
/// It must be linear.
ir::NodeId custom_jvp(ir::Builder&, ir::NodeId member, std::span<const ir::NodeId> tangents);

}  // namespace dlc::autodiff
