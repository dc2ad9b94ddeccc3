// Convolutions, and their gradients by the input, which are convolutions with the kernel turned round.
#include "compiler/schedules/tiled_product.h"

namespace dlc::schedules::rows {

DLC_ROW(KernelClass, conv) = {
    .name = "conv",
    .doc = "convolution or its gradient by the input: register tiles over staged, zero-bordered windows, packed weights",
    .rank = 110,
    .match =
        [](const Work& w) {
            const auto c = contraction_of(w);
            return c && c->convolves();
        },
    .detail = [](const Work& w) { return dimensions(*contraction_of(w)); },
    .parameters = tile_parameters,
    .build = build_tiled_product,
    .nests = true,
};

}  // namespace dlc::schedules::rows
