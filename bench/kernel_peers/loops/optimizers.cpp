// Updates in place, as the optimizers of the language define them: one pass over memory.
#include <cmath>

#include "bench/kernel_peers/loops/parts.h"

namespace dlc::bench::loops {
namespace {

using Floats = std::shared_ptr<std::vector<float>>;

/// The loop works on a copy, since dlc has its own.
Floats copied(const Array& a) { return std::make_shared<std::vector<float>>(a.floats(), a.floats() + volume(a.shape)); }

void adam_part(float* __restrict w, float* __restrict m, float* __restrict v, const float* __restrict g, std::int64_t count,
               float by_m, float by_v) {
    for (std::int64_t i = 0; i < count; ++i) {
        m[i] = 0.9F * m[i] + 0.1F * g[i];
        v[i] = 0.999F * v[i] + 0.001F * g[i] * g[i];
        w[i] -= 1e-3F * (m[i] * by_m) / (std::sqrt(v[i] * by_v) + 1e-8F);
    }
}

std::vector<Way> adam(const Operands& o) {
    const Floats w = copied(o["w"]), m = copied(o["optimizer/m/w"]), v = copied(o["optimizer/v/w"]);
    const float* g = o["g"].floats();
    const int threads = o.threads;
    const auto count = std::int64_t(w->size());
    return {{"loop",
             [=] {
                 in_parts(threads, count, count, [&](int, std::int64_t first, std::int64_t last) {
                     adam_part(w->data() + first, m->data() + first, v->data() + first, g + first, last - first, 1 / 0.1F,
                               1 / 0.001F);
                 });
             },
             [=] {
                 return Results{{"w", *w}, {"optimizer/m/w", *m}, {"optimizer/v/w", *v}};
             }}};
}

void momentum_part(float* __restrict w, float* __restrict v, const float* __restrict g, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        v[i] = 0.9F * v[i] + g[i];
        w[i] -= 0.01F * v[i];
    }
}

std::vector<Way> momentum(const Operands& o) {
    const Floats w = copied(o["w"]), v = copied(o["optimizer/v/w"]);
    const float* g = o["g"].floats();
    const int threads = o.threads;
    const auto count = std::int64_t(w->size());
    return {{"loop",
             [=] {
                 in_parts(threads, count, count, [&](int, std::int64_t first, std::int64_t last) {
                     momentum_part(w->data() + first, v->data() + first, g + first, last - first);
                 });
             },
             [=] {
                 return Results{{"w", *w}, {"optimizer/v/w", *v}};
             }}};
}

}  // namespace

namespace rows {
DLC_ROW(Peer, loop_adam) = {"adam", adam};
DLC_ROW(Peer, loop_momentum) = {"momentum", momentum};
}  // namespace rows
}  // namespace dlc::bench::loops
