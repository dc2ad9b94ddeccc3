// The bodies of loops, for passes that change them.
#pragma once
#include "compiler/ir/loop.h"

namespace dlc::passes {

/// The body after the pipeline.  It may need fewer inputs; its yields are in order.
ir::LoopBody optimised(const ir::LoopBody&);

}  // namespace dlc::passes
