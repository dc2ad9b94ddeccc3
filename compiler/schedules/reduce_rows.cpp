// Reductions along the dimension that is dense in memory: softmax's maximum and sum, norms, losses by row.
#include "compiler/schedules/reduction.h"

namespace dlc::schedules::rows {

DLC_ROW(KernelClass, reduce_rows) = {
    .name = "reduce rows",
    .doc = "the dense dimension is reduced: vector accumulators along it, rows shared out",
    .rank = 220,
    .match =
        [](const Work& w) {
            return w.reduction && !w.parts.node(w.reduction->node).equation()->scatter &&
                   dense_variable(w) >= static_cast<int>(w.space.outs);
        },
    .detail = reduction_detail,
    .parameters =
        [](const Work&) {
            return std::vector<Parameter>{{"vectors", {4, 2, 1, 8}, "independent vector accumulators"}};
        },
    .build =
        [](Work& w) {
            build_reduction(w, {.lane_variable = dense_variable(w), .vectors = static_cast<int>(w.choose("vectors", 4))});
        },
};

}  // namespace dlc::schedules::rows
