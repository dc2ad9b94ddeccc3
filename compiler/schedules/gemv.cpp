// A matrix times a vector: a product in which one operand has no rows, so every element of the other is used once.
//
// Where neighbours in memory are terms of one sum the matrix is read as it lies, row by row; a tile of columns would have to be
// copied out of it first, which moves the matrix twice more.
#include <algorithm>

#include "compiler/schedules/reduction.h"
#include "compiler/schedules/tiled_product.h"

namespace dlc::schedules::rows {
namespace {

/// The variable of the sum along which the matrix is dense, where that is long enough for vectors; -1: columns are dense.
int dense_term(const Work& w) {
    const Contraction c = *contraction_of(w);
    for (const int k : c.k)
        if (w.space.extents[k] >= 2 * w.lanes() && stride_along(c.b, k, w) == 1) return k;
    return -1;
}

std::vector<Parameter> parameters(const Work& w) {
    if (dense_term(w) < 0) return tile_parameters(w);
    return {{"vectors", {4, 2, 1, 8}, "independent vector accumulators"}};
}

void build(Work& w) {
    if (const int k = dense_term(w); k >= 0) {
        build_reduction(w, {.lane_variable = k, .vectors = static_cast<int>(w.choose("vectors", 4))});
    } else {
        build_tiled_product(w);
    }
}

}  // namespace

DLC_ROW(KernelClass, gemv) = {
    .name = "gemv",
    .doc = "matrix times vector, batched: vectors along the result or along the sum, whichever is dense in the matrix",
    .rank = 120,
    .match =
        [](const Work& w) {
            const auto c = contraction_of(w);
            return c && c->m.empty();
        },
    .detail = nullptr,
    .parameters = parameters,
    .build = build,
};

}  // namespace dlc::schedules::rows
