#include "compiler/passes/renaming.h"

namespace dlc::passes {

Renaming renaming(const std::vector<ir::Var>& order, const ir::Shape& extents) {
    Renaming result{std::vector<ir::Index>(extents.size()), {}};
    for (std::size_t k = 0; k < order.size(); ++k) {
        result.by[order[k]] = ir::Index::variable(static_cast<ir::Var>(k));
        result.box.push_back({0, extents[order[k]] - 1});
    }
    return result;
}

}  // namespace dlc::passes
