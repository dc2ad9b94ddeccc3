// The meaning of a graph, over double: the oracle for everything below it.  f32 does not round; the value of an f16 or bf16 node is
// rounded to nearest once it is complete, what is inside its equation is not.  Integers are exact to 2^53.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::ir {

struct Tensor {
    Shape shape;
    std::vector<double> values;  // row-major
};

/// Evaluates every result, checks first.  `leaves` gives each leaf's value by name.  Fails with source::UserError when a leaf is
/// missing or of another shape (E0454), or when a data-dependent read without `else` or a user's scatter leaves its tensor or a
/// check does not hold (E0502), or when there is no memory for a value (E0504).
std::map<std::string, Tensor> interpret(const Graph&, const std::map<std::string, Tensor>& leaves);
/// The values of `wanted`, in their order; no check is looked at unless it is one of them.
std::vector<Tensor> interpret(const Graph&, const std::map<std::string, Tensor>& leaves, std::span<const NodeId> wanted);

}  // namespace dlc::ir
