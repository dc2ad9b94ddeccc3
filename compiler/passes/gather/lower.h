// One scatter as gathers.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::passes::gather {

using NodeOf = std::function<const ir::Node&(ir::NodeId)>;

/// A part of the result.  Without moduli a piece covers all of it and the pieces are to be accumulated; otherwise it holds, for
/// each output dimension p with a modulus m, the positions p = m * p' + phase, and pieces of one phase are to be accumulated.
struct Piece {
    std::map<ir::Var, std::int64_t> phase;  // of the dimensions that have a modulus
    ir::Shape shape;
    ir::Equation equation;  // in scatter form only if a data-dependent index could not be turned into a condition
};
struct Gathered {
    std::map<ir::Var, std::int64_t> moduli;
    std::vector<Piece> pieces;  // none: nothing is ever hit, the result is the accumulator's identity
};

/// The gathers that equal the scatter equation `scatter`, whose positions outside its shape are dropped.  Nothing where its numbers
/// are too large to solve.
std::optional<Gathered> lower(const ir::Node& scatter, const NodeOf&);

}  // namespace dlc::passes::gather
