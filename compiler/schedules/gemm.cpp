// Matrix products.
#include "compiler/schedules/blocked_product.h"
#include "compiler/schedules/tiled_product.h"

namespace dlc::schedules::rows {
namespace {

std::vector<Parameter> parameters(const Work& w) {
    const Contraction c = *contraction_of(w);
    std::vector<Parameter> all = tile_parameters(w);
    if (!can_block(w, c)) return all;
    Parameter slice{"slice", {default_slice(w, c)}, "terms of the sum for which both operands are copied; 0: b alone, all of it"},
        chunks{"chunks", {0, 1, 2, 4, 16}, "sums made apart and added, where a slice is given; 0: as many as move least"};
    for (const std::int64_t length : {0, 16, 128, 256, 384})
        if (length != slice.choices[0]) slice.choices.push_back(length);
    all.push_back(std::move(slice));
    all.push_back(std::move(chunks));
    return all;
}

}  // namespace

DLC_ROW(KernelClass, gemm) = {
    .name = "gemm",
    .doc = "matrix product, any operand transposed, batched: register tiles over packed panels",
    .rank = 130,
    .match = [](const Work& w) { return contraction_of(w).has_value(); },
    .detail = [](const Work& w) { return layouts(w, *contraction_of(w)); },
    .parameters = parameters,
    .build =
        [](Work& w) {
            const Contraction c = *contraction_of(w);
            if (const std::int64_t slice = w.choose("slice", default_slice(w, c)); slice > 0) {
                build_blocked_product(w, c, slice);
            } else {
                build_tiled_product(w);
            }
        },
    .nests = true,
};

}  // namespace dlc::schedules::rows
