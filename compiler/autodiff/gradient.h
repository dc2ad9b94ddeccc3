// Differentiation of index equations, in defining (scatter) form.
//
// The adjoint of a read `A[u(v)]` is the scatter `dA[u(v)] += dO[i] * d body / d read` over v, itself an index equation, so reverse
// mode is closed to any order and knows no operation; scalar primitives bring their derivatives (compiler/scalars/).  The pass
// `gatherize` turns the scatters into gathers after all differentiation.  docs/autodiff.md has the mathematics.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::autodiff {

struct Seed {
    ir::NodeId of;         // a real node
    ir::NodeId cotangent;  // same type and shape
};

/// Vector-Jacobian products: for each of `wrt` (any real nodes, leaves or not) the sum over seeds of cotangentᵀ · d of / d wrt, a
/// node of wrt's type and shape; zeros where nothing depends on it.  Nodes are appended to `b`.
std::vector<ir::NodeId> vjp(ir::Builder& b, std::span<const Seed> seeds, std::span<const ir::NodeId> wrt);

/// d scalar / d wrt.  `scalar` has rank 0 (or one element).
std::vector<ir::NodeId> gradient(ir::Builder& b, ir::NodeId scalar, std::span<const ir::NodeId> wrt);

struct Tangent {
    ir::NodeId of;
    ir::NodeId tangent;  // same type and shape
};
/// Jacobian-vector products of each of `outputs` along the given tangents.
std::vector<ir::NodeId> jvp(ir::Builder& b, std::span<const Tangent> along, std::span<const ir::NodeId> outputs);

/// Where something on the way from `by` to `of` was given an adjoint that is not linear in what it is given, so that there is no
/// tangent of it.
std::optional<source::Span> without_tangent(const ir::Builder& b, ir::NodeId of, std::span<const ir::NodeId> by);

/// Nodes that depend on any of `on`, by id: `result[id]`.
std::vector<bool> dependents(const ir::Builder& b, std::span<const ir::NodeId> on);

}  // namespace dlc::autodiff
