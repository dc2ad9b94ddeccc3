// Positions as digits of a mixed radix: `n1*n2*a + n2*b + c` with 0 <= b < n1, 0 <= c < n2 counts row-major through an [n0, n1, n2]
// box.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "dsl/shapes/range.h"

namespace dlc::shapes {

/// One term `weight * v`, 0 <= v < extent, of an index.
struct Digit {
    std::int64_t weight = 1, extent = 1;
};

/// Whether the digits, heaviest first, reach every position of [0, product of extents) exactly once: each weighs what all lighter
/// ones can count.
constexpr bool dense(std::span<const Digit> digits) {
    std::int64_t counted = 1;
    for (std::size_t d = digits.size(); d-- > 0;) {
        if (digits[d].weight != counted) return false;
        counted = checked_mul(counted, digits[d].extent);
    }
    return true;
}

/// Whether `weight * q + rest` determines q and rest: `rest` spans at most |weight| values.
constexpr bool separates(std::int64_t weight, const Range& rest) {
    return !far(rest.low) && !far(rest.high) && rest.high - rest.low < (weight < 0 ? -weight : weight);
}

/// The row-major position of `at` in a box of these extents.
constexpr std::int64_t flatten(std::span<const std::int64_t> at, std::span<const std::int64_t> extents) {
    std::int64_t position = 0;
    for (std::size_t d = 0; d < extents.size(); ++d) position = checked_add(checked_mul(position, extents[d]), at[d]);
    return position;
}
/// Its inverse: fills `at`.  No extent is 0.
constexpr void unflatten(std::int64_t position, std::span<const std::int64_t> extents, std::span<std::int64_t> at) {
    for (std::size_t d = extents.size(); d-- > 0;) {
        at[d] = floor_mod(position, extents[d]);
        position = floor_div(position, extents[d]);
    }
}
/// Elements between neighbours of each dimension of a dense row-major array: fills `strides`.
constexpr void row_major_strides(std::span<const std::int64_t> extents, std::span<std::int64_t> strides) {
    std::int64_t stride = 1;
    for (std::size_t d = extents.size(); d-- > 0;) {
        strides[d] = stride;
        stride = checked_mul(stride, extents[d] > 0 ? extents[d] : 1);
    }
}

}  // namespace dlc::shapes
