// A pass is a value: a name (also its command-line flag), a line of documentation and a function from graph to graph.
#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "compiler/ir/graph.h"

namespace dlc::passes {

struct Pass {
    std::string_view name;
    std::string_view doc;
    ir::Graph (*run)(const ir::Graph&);
};

/// The passes between differentiation and clustering, in order (pipeline.cpp).
std::span<const Pass* const> pipeline();

/// Runs the pipeline, or its beginning up to and including the pass named `until`.  `after` sees each result.  Verifies after every
/// pass in builds with DLC_VERIFY.
ir::Graph run(const ir::Graph&, std::string_view until = {}, const std::function<void(const Pass&, const ir::Graph&)>& after = {});

}  // namespace dlc::passes
