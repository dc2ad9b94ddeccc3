// Making the body of a scan out of nodes of a larger graph.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::ir {

/// A node at which a body ends: inside it is a leaf of this kind, carry, slice or input, that stands for `outer`.
struct LoopInput {
    LeafKind kind = LeafKind::input;
    NodeId outer;
};

struct LoopBody {
    std::shared_ptr<const Graph> graph;
    std::vector<NodeId> inputs;  // as Scan::inputs
    std::vector<NodeId> yields;  // what was wanted, as nodes of the body
};

/// The body that computes `wanted` in each step.  Walks from `wanted` to operands; `boundary` says where to stop, and `next` gives
/// the node that a carry holds in the next step.  Carries that nothing wanted depends on are left out.  Leaves get names by their
/// order, so equal loops have equal bodies.
LoopBody cut_loop(std::span<const Node> from, std::span<const NodeId> wanted,
                  const std::function<std::optional<LoopInput>(NodeId)>& boundary, const std::function<NodeId(NodeId carry)>& next);

/// The stack of what a carry holds in each step: `start` in the first, then element by element `after`, the stack of what the steps
/// compute for it.
NodeId carried(Builder& b, NodeId after, NodeId start, bool backwards);

/// Element `t` of a stack.
NodeId element(Builder&, NodeId stack, std::int64_t t, const Origin&);
/// The sum of a stack over its steps.
NodeId sum_of_steps(Builder&, NodeId stack, const Origin&);

}  // namespace dlc::ir
