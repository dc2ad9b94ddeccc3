// The text form of a graph: one line a node, one line a result.  `read(print(g))` equals g, origins aside.
#pragma once
#include <string>

#include "compiler/ir/graph.h"

namespace dlc::ir {

std::string print(const Graph&);
std::string print(const Graph&, NodeId);
std::string print(const Expr&);   // variables are i0, i1, … ; tensors %N
std::string print(const Index&);
std::string print(const Predicate&);
/// Fails with std::invalid_argument that names the line and what was expected.
Graph read(std::string_view text);

}  // namespace dlc::ir
