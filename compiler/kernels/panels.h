// Factors that are the same in every step of a loop, laid out once before it.
#pragma once
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::kernels {

/// A tensor whose elements are those of `leaf`, read at `at`, over variables of `shape`.
struct Panels {
    ir::NodeId leaf;
    ir::Shape shape;
    std::vector<ir::Index> at;
};

/// The body of a loop, whose leaves of kind `input` that are factors of products stand for panels instead: columns of the product
/// side by side, all their rows behind one another, as a matrix product reads them (Goto and van de Geijn 2008).  `made` are those
/// leaves, by their ids in `body`, which they keep.
ir::Graph with_panels(const ir::Graph& body, std::vector<Panels>& made);

}  // namespace dlc::kernels
