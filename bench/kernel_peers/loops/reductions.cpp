// Sums and maxima along rows, along columns, or of all elements, and running sums.
#include <limits>

#include "bench/kernel_peers/loops/parts.h"

namespace dlc::bench::loops {
namespace {

struct Sum {
    static constexpr float kFirst = 0;
    static float both(float a, float b) { return a + b; }
};
struct Max {
    static constexpr float kFirst = std::numeric_limits<float>::lowest();
    static float both(float a, float b) { return a > b ? a : b; }
};

/// Eight vectors of accumulators hide the latency of an addition.
template <class Op>
float reduced(const float* __restrict x, std::int64_t count) {
    constexpr int kLanes = 64;
    float lanes[kLanes];
    for (float& lane : lanes) lane = Op::kFirst;
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        for (int l = 0; l < kLanes; ++l) lanes[l] = Op::both(lanes[l], x[i + l]);
    float all = Op::kFirst;
    for (const float lane : lanes) all = Op::both(all, lane);
    for (; i < count; ++i) all = Op::both(all, x[i]);
    return all;
}

/// Rows [first, last) into `y`, four at a time, so that `y` is read once for four.
template <class Op>
void fold_rows(const float* __restrict x, float* __restrict y, std::int64_t first, std::int64_t last, std::int64_t columns) {
    for (std::int64_t k = 0; k < columns; ++k) y[k] = Op::kFirst;
    std::int64_t n = first;
    for (; n + 4 <= last; n += 4) {
        const float *a = x + n * columns, *b = a + columns, *c = b + columns, *d = c + columns;
        for (std::int64_t k = 0; k < columns; ++k) y[k] = Op::both(y[k], Op::both(Op::both(a[k], b[k]), Op::both(c[k], d[k])));
    }
    for (; n < last; ++n)
        for (std::int64_t k = 0; k < columns; ++k) y[k] = Op::both(y[k], x[n * columns + k]);
}

template <class Op>
void reduce(const float* x, float* y, std::int64_t rows, std::int64_t columns, const std::string& over, int threads,
            std::vector<float>& partial) {
    if (over == "rows") {
        in_parts(threads, rows, rows * columns, [&](int, std::int64_t first, std::int64_t last) {
            for (std::int64_t n = first; n < last; ++n) y[n] = reduced<Op>(x + n * columns, columns);
        });
        return;
    }
    const std::int64_t width = over == "columns" ? columns : 1, count = over == "columns" ? rows : rows * columns;
    float* parts = partial.data();
    std::fill(partial.begin(), partial.end(), Op::kFirst);
    in_parts(threads, count, rows * columns, [&](int part, std::int64_t first, std::int64_t last) {
        if (over == "columns") {
            fold_rows<Op>(x, parts + part * width, first, last, columns);
        } else {
            parts[part] = reduced<Op>(x + first, last - first);
        }
    });
    fold_rows<Op>(parts, y, 0, threads, width);
}

std::vector<Way> reduction(const Operands& o) {
    const Array x = o["x"];
    const std::string result = o.results.begin()->first, over = o.settings.at("over");
    const bool max = o.settings.at("of") == "max";
    const int threads = o.threads;
    auto y = std::make_shared<std::vector<float>>(std::size_t(volume(o.results.begin()->second)));
    auto partial =
        std::make_shared<std::vector<float>>(over == "columns" ? std::size_t(threads * x.shape[1]) : std::size_t(threads));
    return {{"loop",
             [=] { (max ? reduce<Max> : reduce<Sum>)(x.floats(), y->data(), x.shape[0], x.shape[1], over, threads, *partial); },
             [=] {
                 return Results{{result, *y}};
             }}};
}

std::vector<Way> prefix(const Operands& o) {
    const Array x = o["x"];
    const std::string result = o.results.begin()->first;
    const bool down = o.settings.at("over") == "columns";
    const int threads = o.threads;
    const std::int64_t rows = x.shape[0], columns = x.shape[1];
    auto y = std::make_shared<std::vector<float>>(std::size_t(rows * columns));
    return {{"loop",
             [=] {
                 const float* in = x.floats();
                 float* out = y->data();
                 in_parts(threads, down ? columns : rows, rows * columns, [&](int, std::int64_t first, std::int64_t last) {
                     if (down) {
                         std::copy(in + first, in + last, out + first);
                         for (std::int64_t n = 1; n < rows; ++n)
                             for (std::int64_t k = first; k < last; ++k)
                                 out[n * columns + k] = out[(n - 1) * columns + k] + in[n * columns + k];
                         return;
                     }
                     for (std::int64_t n = first; n < last; ++n) {
                         float sum = 0;
                         for (std::int64_t k = 0; k < columns; ++k) out[n * columns + k] = sum += in[n * columns + k];
                     }
                 });
             },
             [=] {
                 return Results{{result, *y}};
             }}};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, loop_reduction) = {"reduction", reduction};
DLC_ROW(Peer, loop_prefix) = {"prefix", prefix};
}  // namespace rows
}  // namespace dlc::bench::loops
