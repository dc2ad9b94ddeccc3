// Reductions across rows: bias gradients, batch statistics, sums over batch and space.
#include <algorithm>

#include "compiler/schedules/reduction.h"

namespace dlc::schedules::rows {

DLC_ROW(KernelClass, reduce_columns) = {
    .name = "reduce columns",
    .doc = "the dense dimension stays: vectors along it, rows cut into chunks that are summed apart",
    .rank = 230,
    .match =
        [](const Work& w) {
            if (!w.reduction || w.parts.node(w.reduction->node).equation()->scatter || w.space.outs == 0) return false;
            const int dense = dense_variable(w);
            return dense >= 0 && dense < static_cast<int>(w.space.outs) && dense == storage_order(w.space)[0] &&
                   w.space.extents.size() > w.space.outs;
        },
    .detail = reduction_detail,
    .parameters = nullptr,
    .build =
        [](Work& w) {
            const int longest = longest_reduced(w, -1);
            const std::int64_t chunks =
                std::min<std::int64_t>(tasks_for(w.cost()), std::max<std::int64_t>(1, w.space.extents[longest]));
            build_reduction(w, {.chunk_variable = longest, .chunks = chunks});
        },
};

}  // namespace dlc::schedules::rows
