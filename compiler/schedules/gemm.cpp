// Matrix products.
#include "compiler/schedules/tiled_product.h"

namespace dlc::schedules::rows {

DLC_ROW(KernelClass, gemm) = {
    .name = "gemm",
    .doc = "matrix product, any operand transposed, batched: register tiles over packed panels",
    .rank = 130,
    .match = [](const Work& w) { return contraction_of(w).has_value(); },
    .detail = [](const Work& w) { return layouts(w, *contraction_of(w)); },
    .parameters = tile_parameters,
    .build = build_tiled_product,
    .nests = true,
};

}  // namespace dlc::schedules::rows
