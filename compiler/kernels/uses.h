// How a node reads its operands: the questions clustering, storage orders and in-place writing ask.
#pragma once
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::kernels {

/// Equation without reduction, in gather form.
bool is_pointwise(const ir::Node&);

/// A constant without dimensions.  Kernels read it from memory, so that those which differ in it alone are one kernel; other
/// constants are part of the kernels that read them.
bool is_number(const ir::Node&);

/// The reads of one node, found once.
struct Uses {
    ir::Shape shape;                   // of the node
    std::vector<ir::NodeId> operands;  // sorted
    std::vector<ir::Expr> reads;       // of the body, distinct
    std::vector<ir::NodeId> gets;      // tensors read inside indices, conditions and maps, sorted

    bool gets_from(ir::NodeId) const;
    /// The first `rank` indices of every read of `tensor` are the first `rank` variables (or 0 in dimensions of extent 1), and
    /// nothing gets from it.
    bool aligned(ir::NodeId tensor, std::size_t rank) const;
};
Uses uses_of(const ir::Node&);

}  // namespace dlc::kernels
