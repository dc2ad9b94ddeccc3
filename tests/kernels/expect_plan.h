// Holds a plan against the interpreter, in memory that knows what lies where.
#pragma once
#include "compiler/ir/text.h"
#include "compiler/kernels/simulate.h"
#include "tests/kernels/random_graph.h"

namespace dlc::kernels {

inline void expect_plan_computes(const ir::Graph& graph, const std::string& what) {
    const Plan p = plan(graph);
    ASSERT_EQ(verify(p), std::vector<std::string>{}) << what << "\n" << print(p);
    const auto leaves = testing::RandomGraph::values(graph, 7);
    testing::expect_same(ir::interpret(graph, leaves), simulate(p, leaves), what + "\n" + ir::print(graph) + print(p));
}

}  // namespace dlc::kernels
