// Graphs without given adjoints.
#pragma once
#include "compiler/ir/graph.h"

namespace dlc::ir {

/// The graph with each value of which the program says the derivative (Custom) taken for what it is; also in the bodies of loops.
/// What is compiled or run is such a graph: derivatives are taken before.
Graph plain(const Graph&);

}  // namespace dlc::ir
