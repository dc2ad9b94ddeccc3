// A matrix times a vector: a product in which one operand has no rows, so every element of the other is used once.
#include "compiler/schedules/tiled_product.h"

namespace dlc::schedules::rows {

DLC_ROW(KernelClass, gemv) = {
    .name = "gemv",
    .doc = "matrix times vector, batched: vectors along the result, the matrix read in place where it is dense",
    .rank = 120,
    .match =
        [](const Work& w) {
            const auto c = contraction_of(w);
            return c && c->m.empty();
        },
    .detail = nullptr,
    .parameters = tile_parameters,
    .build = build_tiled_product,
};

}  // namespace dlc::schedules::rows
