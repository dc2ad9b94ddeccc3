// Reductions of everything, or to a few numbers: losses, norms of all gradients, accuracy.
#include <algorithm>

#include "compiler/schedules/reduction.h"

namespace dlc::schedules::rows {

/// With less to add up for each, a few results are rows like any others.
constexpr std::int64_t kManyTerms = 1 << 12;

DLC_ROW(KernelClass, reduce_full) = {
    .name = "reduce full",
    .doc = "all or nearly all is reduced: chunks shared out, vector accumulators in each",
    .rank = 210,
    .match =
        [](const Work& w) {
            if (!w.reduction || w.parts.node(w.reduction->node).equation()->scatter) return false;
            const bool few = w.space.out_volume() == 1 || (w.space.out_volume() < 8 && w.space.reduced_volume() >= kManyTerms);
            return few && dense_variable(w) >= static_cast<int>(w.space.outs);
        },
    .detail = reduction_detail,
    .parameters =
        [](const Work&) {
            return std::vector<Parameter>{{"vectors", {4, 2, 1, 8}, "independent vector accumulators"}};
        },
    .build =
        [](Work& w) {
            const int dense = dense_variable(w);
            const int longest = longest_reduced(w, dense);
            const std::int64_t blocks =
                longest == dense ? ceil_div(w.space.extents[dense], 4 * w.lanes()) : w.space.extents[longest];
            const std::int64_t chunks = std::min<std::int64_t>(tasks_for(w.cost()), std::max<std::int64_t>(1, blocks));
            build_reduction(w, {.lane_variable = dense,
                                .vectors = static_cast<int>(w.choose("vectors", 4)),
                                .chunk_variable = longest,
                                .chunks = chunks});
        },
};

}  // namespace dlc::schedules::rows
