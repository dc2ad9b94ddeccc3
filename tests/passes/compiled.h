// What the pipeline makes of the function `main` of a text.
#pragma once
#include <gtest/gtest.h>

#include "compiler/ir/cost.h"
#include "compiler/passes/pass.h"
#include "tests/elaborate/evaluate.h"

namespace dlc::passes::testing {

/// Elaborated; an empty graph, and a failed test with the diagnostics, where it cannot be.
inline ir::Graph elaborated(const std::string& text, const test::How& how = {}) {
    const test::Outcome made = test::elaborate_text(text, "main", how);
    if (made.made) return made.made->graph;
    ADD_FAILURE() << made.errors();
    return {};
}
inline ir::Graph compiled(const std::string& text, const test::How& how = {}) { return run(elaborated(text, how)); }
inline std::int64_t multiply_adds(const std::string& text) { return ir::multiply_adds(compiled(text).nodes()); }

}  // namespace dlc::passes::testing
