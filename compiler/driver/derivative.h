// A graph extended by derivatives of its results, for `run --vjp`, `run --jvp` and `grad`.  The graph is one that was elaborated to
// be differentiated (elaborate::Options); the extended one is plain.
#pragma once
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::driver {

/// Leaves one may differentiate by: real inputs, targets and parameters; states are what earlier steps left, not arguments.
std::vector<ir::NodeId> differentiable_leaves(const ir::Graph&);

/// The graph with results `grad/LEAF`: the loss (the result of that name, of one element) differentiated `order` times; each order
/// differentiates the sum of the elements of the one before (order 2: row sums of the Hessian).
ir::Graph with_gradient(const ir::Graph&, const std::string& loss, const std::vector<std::string>& leaves, int order = 1);

/// The graph with input leaves `cotangent/RESULT` for every real value, output or loss, and results `grad/LEAF`.
ir::Graph with_vjp(const ir::Graph&);

/// The graph with input leaves `tangent/LEAF` and results `jvp/RESULT`.  Fails with E0216 where a given adjoint is not linear.
ir::Graph with_jvp(const ir::Graph&);

/// The graph with input leaves `direction/LEAF` and results `hvp/LEAF`: the Hessian of `loss` times the direction.
ir::Graph with_hvp(const ir::Graph&, const std::string& loss, const std::vector<std::string>& leaves);

/// The graph with only those results (and all checks).
ir::Graph with_results(const ir::Graph&, const std::vector<std::string>& names);

}  // namespace dlc::driver
