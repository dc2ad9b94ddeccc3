// A program for one point becomes a program for every point of a box.
//
// What does not depend on the point is computed once; what does gets leading axes, one for each variable of the box it depends on.
// This is how a function of one vector is applied along an index beside others, and a function of one number to each element.
#pragma once
#include <map>
#include <span>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::ir {

/// A tensor for each point of a box: at the point v it is `node[at(v), …]`.  `at` is empty for the same tensor everywhere.
struct Family {
    NodeId node;
    std::vector<Index> at;
};

/// More than sums, products, choices and comparisons: at finite numbers it, or a derivative of it, may not be finite.
bool may_diverge(const Expr&);

struct Batched {
    std::vector<Family> wanted;
    std::vector<Result> checks;  // results for `b`
};

/// Appends to `b` what `wanted` and the checks of `body` need.  `arguments` says what stands for leaves or other nodes of `body`,
/// over the variables 0 <= v < extents[v]; other leaves keep their names.  A check fails where it fails at any point at which
/// `conditions`, bools over the same variables, hold; elsewhere what may diverge is not computed, so that its derivative there is
/// 0.  Library operations must not depend on the point.
Batched batch(Builder& b, const Graph& body, const Shape& extents, const std::map<NodeId, Family>& arguments,
              std::span<const Expr> conditions, std::span<const NodeId> wanted);

}  // namespace dlc::ir
