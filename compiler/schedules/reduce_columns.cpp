// Reductions across rows: bias gradients, batch statistics, sums over batch and space.
#include <algorithm>

#include "compiler/schedules/reduction.h"

namespace dlc::schedules::rows {

namespace {

/// Of an output variable that vectors run along: as many accumulators as the taps of a small kernel, for each of its vectors.
constexpr std::int64_t kTogether = 32;

/// Whether positions of the output read the same elements, as the taps of a depthwise convolution's weight gradient do: then all of
/// them take part in one pass.
bool shares_passes(const Work& w, int dense) {
    const std::int64_t others = w.space.out_volume() / std::max<std::int64_t>(1, w.space.extents[dense]);
    return others > 1 && others <= kTogether && slides(w.space.term, w.space);
}

}  // namespace

DLC_ROW(KernelClass, reduce_columns) = {
    .name = "reduce columns",
    .doc = "the dense dimension stays: vectors along it, rows cut into chunks that are summed apart",
    .rank = 230,
    .match =
        [](const Work& w) {
            if (!w.reduction || w.parts.node(w.reduction->node).equation()->scatter || w.space.outs == 0) return false;
            const int dense = dense_variable(w);
            return dense >= 0 && dense < static_cast<int>(w.space.outs) && w.space.extents.size() > w.space.outs &&
                   (dense == storage_order(w.space)[0] || shares_passes(w, dense));
        },
    .detail = reduction_detail,
    .parameters = nullptr,
    .build =
        [](Work& w) {
            const int longest = longest_reduced(w, -1), dense = dense_variable(w);
            const bool together = shares_passes(w, dense);
            const std::int64_t blocks = together ? ceil_div(w.space.extents[dense], w.lanes()) : 1;
            const std::int64_t chunks =
                std::min<std::int64_t>(ceil_div(tasks_for(w.cost()), blocks), std::max<std::int64_t>(1, w.space.extents[longest]));
            build_reduction(w, {.chunk_variable = longest, .chunks = chunks, .vector_variable = dense, .together = together});
        },
};

}  // namespace dlc::schedules::rows
