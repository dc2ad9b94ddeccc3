#include "bench/kernel_peers/peer.h"

#include <algorithm>
#include <stdexcept>

namespace dlc::bench {

namespace loops {
extern const Peer* const kPeerRows[];
}
namespace dnnl {
#ifdef DLC_BENCH_DNNL
extern const Peer* const kPeerRows[];
#else
constexpr const Peer* kPeerRows[] = {nullptr};
#endif
}  // namespace dnnl

#ifndef DLC_BENCH_DNNL
std::string dnnl_version() { return {}; }
void set_dnnl_threads(int) {}
/// Kinds that oneDNN alone computes: without it these have no way, and are no mistake.
constexpr std::string_view kOfDnnl[] = {"matmul",      "convolution", "softmax",   "layer_norm", "batch_norm",
                                        "elementwise", "max_pool",    "attention", "lstm"};
#else
constexpr std::string_view kOfDnnl[] = {""};
#endif

std::int64_t volume(const Shape& shape) {
    std::int64_t product = 1;
    for (const std::int64_t extent : shape) product *= extent;
    return product;
}

std::vector<Way> ways(const std::string& kind, const Operands& operands) {
    std::vector<Way> all;
    bool known = std::ranges::find(kOfDnnl, kind) != std::end(kOfDnnl);
    for (const Peer* const* table : {dnnl::kPeerRows + 0, loops::kPeerRows + 0})
        for (; *table; ++table) {
            if ((*table)->kind != kind) continue;
            known = true;
            for (Way& way : (*table)->ways(operands)) all.push_back(std::move(way));
        }
    if (!known) throw std::invalid_argument("no peer computes `" + kind + "`");
    return all;
}

}  // namespace dlc::bench
