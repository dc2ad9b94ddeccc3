// The rules one node obeys by itself and towards the nodes before it: what `Builder` asserts and `verify` reports.
#pragma once
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::ir {

/// One line for each rule that `node`, about to be or being nodes[id], breaks; operands are looked up among the first `id` nodes.
std::vector<std::string> broken_rules(const Node& node, std::span<const Node> nodes, std::size_t id);

}  // namespace dlc::ir
