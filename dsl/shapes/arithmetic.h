// Integer arithmetic of sizes and indices.  Division rounds towards minus infinity, as index expressions do.  The checked
// operations fail with std::overflow_error at run time and are no constant expression at compile time.
#pragma once
#include <cstdint>
#include <numeric>
#include <stdexcept>

namespace dlc::shapes {

/// The largest integer <= a / b.  b > 0.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }
/// a - b * floor_div(a, b), in [0, b).  b > 0.
constexpr std::int64_t floor_mod(std::int64_t a, std::int64_t b) { return a % b + (a % b < 0 ? b : 0); }
/// The smallest integer >= a / b.  b > 0.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a / b + (a % b > 0); }

constexpr std::int64_t checked_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) throw std::overflow_error("a sum of sizes exceeds 64 bits");
    return sum;
}
constexpr std::int64_t checked_sub(std::int64_t a, std::int64_t b) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a, b, &difference)) throw std::overflow_error("a difference of sizes exceeds 64 bits");
    return difference;
}
constexpr std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) throw std::overflow_error("a product of sizes exceeds 64 bits");
    return product;
}

}  // namespace dlc::shapes
