// Reading through a pointwise node.
#pragma once
#include <optional>

#include "compiler/ir/graph.h"

namespace dlc::passes {

/// Whether each index of the read lies inside the tensor for every point of the box.
bool provably_inside(const ir::ExprNode& read, const ir::Shape& tensor, const ir::Box& box);
/// The value of `read`, a read of a node in an equation over `box`, as an expression over what the node reads; nothing if the node
/// is not pointwise, or if the read may leave it and that cannot be said by the `else` of one read.
std::optional<ir::Expr> read_through(const ir::ExprNode& read, const ir::Builder&, const ir::Box& box);

}  // namespace dlc::passes
