#include "runtime/tiles.h"

#include <algorithm>
#include <utility>

namespace dlc::runtime {

namespace {

// What starting a program takes, in examples: small networks measure 3 to 15.
constexpr std::int64_t kStart = 8;

/// The time to cover so many examples, and the size of the first run.
std::pair<std::int64_t, std::int64_t> cover(std::int64_t examples, std::span<const std::int64_t> sizes) {
    const auto above = std::ranges::lower_bound(sizes, examples);  // the least that holds them all
    const std::int64_t in_one = above == sizes.end() ? 0 : *above + kStart;
    if (above == sizes.begin()) return {in_one, *above};
    const std::int64_t below = *std::prev(above);
    const std::int64_t in_several = below + kStart + cover(examples - below, sizes).first;
    return in_one != 0 && in_one <= in_several ? std::pair{in_one, *above} : std::pair{in_several, below};
}

}  // namespace

std::vector<Tile> tiles(std::int64_t examples, std::span<const std::int64_t> sizes) {
    std::vector<Tile> all;
    for (std::int64_t first = 0; first < examples;) {
        const std::int64_t left = examples - first;
        const std::int64_t size = left >= sizes.back() ? sizes.back() : cover(left, sizes).second;
        all.push_back({size, first, std::min(size, left)});
        first += all.back().count;
    }
    return all;
}

}  // namespace dlc::runtime
