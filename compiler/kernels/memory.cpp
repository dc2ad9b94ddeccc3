#include "compiler/kernels/memory.h"

#include <algorithm>
#include <vector>

#include "dsl/source/diagnostic.h"

namespace dlc::kernels {
namespace {

std::int64_t aligned(std::int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Buffers that lie at one place, one written over the other.
struct Block {
    std::vector<std::size_t> buffers;
    std::int64_t bytes = 0, offset = -1;
    int first = 0, last = 0;
};

}  // namespace

std::int64_t place_workspace(std::span<Buffer> buffers, std::span<const int> over) {
    std::vector<Block> blocks;
    std::vector<int> block_of(buffers.size(), -1);
    // A buffer is listed after the one it is written over: that one is made by an earlier call.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < buffers.size(); ++i)
        if (buffers[i].region == Region::workspace && buffers[i].inside < 0) order.push_back(i);
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return buffers[i].first; });
    for (std::size_t i : order) {
        int block = over[i] < 0 ? -1 : block_of[static_cast<std::size_t>(over[i])];
        DLC_ASSERT(over[i] < 0 || block >= 0, "a buffer is written over one that was made before");
        if (block < 0) {
            block = static_cast<int>(blocks.size());
            blocks.push_back({{}, 0, -1, buffers[i].first, buffers[i].last});
        }
        Block& b = blocks[static_cast<std::size_t>(block)];
        b.buffers.push_back(i);
        b.bytes = std::max(b.bytes, aligned(buffers[i].bytes));
        b.last = std::max(b.last, buffers[i].last);
        block_of[i] = block;
    }
    std::vector<std::size_t> by_size(blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) by_size[i] = i;
    std::ranges::stable_sort(by_size, std::greater{}, [&](std::size_t i) { return blocks[i].bytes; });
    std::int64_t peak = 0;
    std::vector<const Block*> placed;  // by offset
    for (std::size_t i : by_size) {
        Block& b = blocks[i];
        std::int64_t best = -1, best_gap = 0, end = 0;
        for (const Block* other : placed) {
            if (other->last < b.first || other->first > b.last) continue;
            const std::int64_t gap = other->offset - end;
            if (gap >= b.bytes && (best < 0 || gap < best_gap)) best = end, best_gap = gap;
            end = std::max(end, other->offset + other->bytes);
        }
        b.offset = best < 0 ? end : best;
        peak = std::max(peak, b.offset + b.bytes);
        placed.insert(std::ranges::upper_bound(placed, b.offset, {}, [](const Block* p) { return p->offset; }), &b);
        for (std::size_t member : b.buffers) buffers[member].offset = b.offset;
    }
    return peak;
}

void place_regions(std::span<Buffer> buffers, std::span<std::int64_t> region_bytes) {
    for (Buffer& b : buffers) {
        if (b.region == Region::workspace || b.inside >= 0) continue;
        std::int64_t& used = region_bytes[static_cast<std::size_t>(b.region)];
        b.offset = used;
        used += aligned(b.bytes);
    }
}

}  // namespace dlc::kernels
