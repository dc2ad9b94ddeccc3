#include "compiler/kernels/traffic.h"

#include <set>

namespace dlc::kernels {

std::int64_t bytes_moved(const Layout& layout) {
    const std::vector<std::int64_t> runs = times(layout);
    std::int64_t total = 0;
    for (std::size_t c = 0; c < layout.calls.size(); ++c) {
        const Call& call = layout.calls[c];
        std::int64_t bytes = 0;
        for (const int b : std::set<int>(call.inputs.begin(), call.inputs.end())) bytes += layout.buffers[std::size_t(b)].bytes;
        for (const int b : call.outputs) bytes += layout.buffers[std::size_t(b)].bytes;
        total += runs[c] * bytes;
    }
    return total;
}

}  // namespace dlc::kernels
