// The rules every graph obeys; run after every pass in test builds.
#pragma once
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::ir {

/// One line for each broken rule: operands precede users, ranks and types agree, variables exist, reads without `else` are in range
/// where ranges are provable, every dimension fits 31 bits, results name existing nodes, one leaf a name.
std::vector<std::string> verify(const Graph&);
/// Fails an assertion that names `after` (a pass) and shows the node.
void verify_or_die(const Graph&, std::string_view after);

}  // namespace dlc::ir
