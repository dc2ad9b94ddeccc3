// The loss of a classifier and its gradient, a row at a time while it is in the cache.
#include <cmath>
#include <numeric>

#include "bench/kernel_peers/loops/parts.h"

namespace dlc::bench::loops {
namespace {

/// The gradient of the row times `by` into `g`; -log of the label's probability.
float row(const float* __restrict z, float* __restrict g, std::int64_t columns, std::int32_t label, float by) {
    float top = z[0], sum = 0;
    for (std::int64_t k = 1; k < columns; ++k) top = z[k] > top ? z[k] : top;
    for (std::int64_t k = 0; k < columns; ++k) {
        g[k] = std::exp(z[k] - top);
        sum += g[k];
    }
    const float scale = by / sum;
    for (std::int64_t k = 0; k < columns; ++k) g[k] *= scale;
    g[label] -= by;
    return std::log(sum) + top - z[label];
}

std::vector<Way> ways(const Operands& o) {
    const Array z = o["z"], label = o["label"], seed = o["cotangent/loss"];
    const int threads = o.threads;
    const std::int64_t rows = z.shape[0], columns = z.shape[1];
    auto g = std::make_shared<std::vector<float>>(std::size_t(rows * columns));
    auto losses = std::make_shared<std::vector<float>>(std::size_t(rows));
    auto loss = std::make_shared<std::vector<float>>(1);
    return {{"loop",
             [=] {
                 const float by = *seed.floats() / float(rows);
                 in_parts(threads, rows, rows * columns, [&](int, std::int64_t first, std::int64_t last) {
                     for (std::int64_t n = first; n < last; ++n)
                         (*losses)[std::size_t(n)] =
                             row(z.floats() + n * columns, g->data() + n * columns, columns, label.integers()[n], by);
                 });
                 (*loss)[0] = std::accumulate(losses->begin(), losses->end(), 0.0F) / float(rows);
             },
             [=] {
                 return Results{{"loss", *loss}, {"grad/z", *g}};
             }}};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, loop_cross_entropy) = {"cross_entropy", ways};
}  // namespace rows
}  // namespace dlc::bench::loops
