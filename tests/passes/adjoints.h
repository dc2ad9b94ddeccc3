// What tests of `gatherize` share: gradients of graphs, the pass itself, and what must not be left after it.
#pragma once
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "tests/autodiff/random_equation.h"

namespace dlc::passes::testing {

ir::Graph gatherize(const ir::Graph&);

/// The graph, and the gradient with respect to the leaves `inputs` of `cotangent` . result as results "PREFIX NAME".  `cotangent`
/// becomes an input leaf; a leaf that the graph has lost because nothing reads it is made again, with the shape of its value.
ir::Graph with_gradient(const ir::Graph&, const std::string& result, const std::string& cotangent,
                        const std::vector<std::string>& inputs, const std::string& prefix, const autodiff::testing::Values&);

struct Remains {
    int scatters = 0;  // with affine positions
    int data_dependent_scatters = 0;
    int inner_congruences = 0;  // conditions with a remainder of something that is reduced
};
Remains remains(const ir::Graph&);

/// Every result of `before` is the same in `after`, by the interpreter.
void expect_equal(const ir::Graph& before, const ir::Graph& after, const autodiff::testing::Values&);

}  // namespace dlc::passes::testing
