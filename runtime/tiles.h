// Any number of examples by programs for a few numbers of them.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace dlc::runtime {

/// One run of the program for `size` examples: it does examples [first, first + count), and what is left of it is filled up.
struct Tile {
    std::int64_t size = 0;
    std::int64_t first = 0;
    std::int64_t count = 0;  // 1 … size
    bool operator==(const Tile&) const = default;
};

/// Covers `examples` in order, the largest of `sizes` (ascending, at least 1) first; the rest by what takes the least time, if a
/// run takes as long as its size and a few examples more.
std::vector<Tile> tiles(std::int64_t examples, std::span<const std::int64_t> sizes);

}  // namespace dlc::runtime
