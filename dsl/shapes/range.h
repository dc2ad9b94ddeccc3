// Intervals of integers and how index arithmetic maps them.  A bound at or beyond +-kFar stands for "unbounded" and absorbs
// whatever is added to it, so nothing here overflows.
#pragma once
#include <algorithm>
#include <cstdint>

#include "dsl/shapes/arithmetic.h"

namespace dlc::shapes {

/// Inclusive; empty when `low > high`.
struct Range {
    std::int64_t low = 0, high = -1;
    bool operator==(const Range&) const = default;
    static constexpr std::int64_t kFar = std::int64_t{1} << 60;
    static constexpr Range everything() { return {-kFar, kFar}; }
    constexpr bool empty() const { return low > high; }
    constexpr bool within(const Range& outer) const { return outer.low <= low && high <= outer.high; }
    constexpr bool contains(std::int64_t value) const { return low <= value && value <= high; }
};

constexpr std::int64_t clamped(__int128 bound) {
    return static_cast<std::int64_t>(std::clamp<__int128>(bound, -Range::kFar, Range::kFar));
}
constexpr bool far(std::int64_t bound) { return bound <= -Range::kFar || bound >= Range::kFar; }

/// The sums of one value of each.
constexpr Range sum(const Range& a, const Range& b) {
    const auto bound = [](std::int64_t x, std::int64_t y) {
        return far(x) ? clamped(x) : far(y) ? clamped(y) : clamped(__int128{x} + y);
    };
    return {bound(a.low, b.low), bound(a.high, b.high)};
}
/// The values times `factor`.
constexpr Range scaled(const Range& r, std::int64_t factor) {
    if (factor == 0) return {0, 0};
    const std::int64_t a = clamped(__int128{r.low} * factor), b = clamped(__int128{r.high} * factor);
    return factor > 0 ? Range{a, b} : Range{b, a};
}
/// The floor quotients by `modulus` > 0.
constexpr Range divided(const Range& r, std::int64_t modulus) {
    return {far(r.low) ? r.low : floor_div(r.low, modulus), far(r.high) ? r.high : floor_div(r.high, modulus)};
}
/// Whether all values have one floor quotient by `modulus` > 0.
constexpr bool one_quotient(const Range& r, std::int64_t modulus) {
    return !far(r.low) && !far(r.high) && floor_div(r.low, modulus) == floor_div(r.high, modulus);
}
/// The remainders by `modulus` > 0.
constexpr Range remainders(const Range& r, std::int64_t modulus) {
    return one_quotient(r, modulus) ? Range{floor_mod(r.low, modulus), floor_mod(r.high, modulus)} : Range{0, modulus - 1};
}

}  // namespace dlc::shapes
