// The pipeline on a graph, every pass held against the values of the graph.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "compiler/ir/text.h"
#include "compiler/ir/verify.h"
#include "compiler/passes/pass.h"
#include "tests/kernels/random_graph.h"

namespace dlc::passes::testing {

/// Runs the pipeline; every pass must verify and keep the values that the results have of `leaves`.
inline ir::Graph expect_kept(const ir::Graph& graph, const std::map<std::string, ir::Tensor>& leaves, const std::string& what) {
    const auto expected = ir::interpret(graph, leaves);
    ir::Graph before = graph;
    return run(graph, {}, [&](const Pass& pass, const ir::Graph& now) {
        if (::testing::Test::HasFatalFailure()) return;
        ir::verify_or_die(now, pass.name);
        dlc::testing::expect_same(
            expected, ir::interpret(now, leaves),
            what + ", after " + std::string(pass.name) + "\n" + ir::print(before) + "became\n" + ir::print(now), 1e-9);
        before = now;
    });
}

}  // namespace dlc::passes::testing
