// What computing an equation costs, roughly: what passes and clustering weigh against moving its result through memory.
#pragma once
#include <span>

#include "compiler/ir/graph.h"

namespace dlc::ir {

/// Scalar operations of a body: an addition counts 1, what takes a polynomial 8.
int weight(const Expr& body);
/// Whether the equation sums over operands none of which has all of another's output variables, or over windows of one of them:
/// each element is read many times, so what it reads is better stored than computed again.  A node that is no equation is none.
bool is_contraction(const Node&);
/// Of the sums of products among the nodes from `first` on, all steps of a loop counted.  What depends on one of them that is a
/// leaf of a scan's body is not counted: it stands for what that body became.
std::int64_t multiply_adds(std::span<const Node> nodes, std::size_t first = 0);

}  // namespace dlc::ir
