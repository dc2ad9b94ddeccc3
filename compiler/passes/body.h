// The bodies of loops, for passes that change them.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "compiler/ir/loop.h"

namespace dlc::passes {

/// The body after the pipeline.  It may need fewer inputs; its yields are in order.
ir::LoopBody optimised(const ir::LoopBody&);

/// Makes the graph anew, each loop at once: `make` gets the nodes that are values of one loop, their operands already those of `b`,
/// and returns what stands for each.
ir::Graph rebuild_loops(const ir::Graph&,
                        const std::function<std::vector<ir::NodeId>(ir::Builder& b, std::vector<ir::Node> values)>& make);

}  // namespace dlc::passes
