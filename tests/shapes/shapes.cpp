#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "dsl/shapes/arithmetic.h"
#include "dsl/shapes/mixed_radix.h"
#include "dsl/shapes/range.h"

namespace dlc::shapes {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// A compile-time front end uses the same functions: these hold before anything runs.
static_assert(floor_div(-7, 2) == -4 && floor_mod(-7, 2) == 1 && ceil_div(7, 2) == 4 && ceil_div(-7, 2) == -3);
static_assert(sum({0, 3}, {-1, 1}) == Range{-1, 4});
static_assert(scaled({0, 3}, -2) == Range{-6, 0});
static_assert(divided({-1, 7}, 4) == Range{-1, 1});
static_assert(remainders({4, 6}, 4) == Range{0, 2} && remainders({3, 4}, 4) == Range{0, 3});
static_assert(dense(std::array{Digit{12, 2}, Digit{4, 3}, Digit{1, 4}}));
static_assert(!dense(std::array{Digit{12, 2}, Digit{5, 3}, Digit{1, 4}}));
static_assert(separates(4, {0, 3}) && separates(-4, {-1, 2}) && !separates(4, {0, 4}));

TEST(Shapes, DivisionRoundsDown) {
    for (std::int64_t a = -20; a <= 20; ++a)
        for (std::int64_t b = 1; b <= 7; ++b) {
            EXPECT_EQ(b * floor_div(a, b) + floor_mod(a, b), a);
            EXPECT_GE(floor_mod(a, b), 0);
            EXPECT_LT(floor_mod(a, b), b);
            EXPECT_EQ(ceil_div(a, b), -floor_div(-a, b));
        }
}

TEST(Shapes, CheckedOperationsReportOverflow) {
    EXPECT_EQ(checked_add(kMost - 1, 1), kMost);
    EXPECT_THROW(checked_add(kMost, 1), std::overflow_error);
    EXPECT_THROW(checked_sub(-2, kMost), std::overflow_error);
    EXPECT_THROW(checked_mul(kMost / 2, 3), std::overflow_error);
}

TEST(Shapes, RangesContainWhatTheyMap) {
    for (std::int64_t low = -6; low <= 6; ++low)
        for (std::int64_t high = low; high <= low + 9; ++high)
            for (std::int64_t x = low; x <= high; ++x)
                for (std::int64_t m = 1; m <= 5; ++m) {
                    const Range r{low, high};
                    EXPECT_TRUE(divided(r, m).contains(floor_div(x, m)));
                    EXPECT_TRUE(remainders(r, m).contains(floor_mod(x, m)));
                    EXPECT_TRUE(scaled(r, -m).contains(-m * x));
                    EXPECT_TRUE(sum(r, {m, 2 * m}).contains(x + m));
                }
}

TEST(Shapes, UnboundedAbsorbs) {
    const Range all = Range::everything();
    EXPECT_EQ(sum(all, {5, 5}), all);
    EXPECT_EQ(scaled(all, -3), all);
    EXPECT_EQ(divided(all, 8), all);
    EXPECT_EQ(remainders(all, 8), (Range{0, 7}));
    EXPECT_EQ(scaled(all, 0), (Range{0, 0}));
    EXPECT_EQ(scaled({0, Range::kFar / 2}, 4), (Range{0, Range::kFar}));
}

TEST(Shapes, PositionsAreDigits) {
    const std::vector<std::int64_t> extents{2, 3, 4};
    std::vector<std::int64_t> at(3), strides(3);
    row_major_strides(extents, strides);
    EXPECT_EQ(strides, (std::vector<std::int64_t>{12, 4, 1}));
    for (std::int64_t position = 0; position < 24; ++position) {
        unflatten(position, extents, at);
        EXPECT_EQ(flatten(at, extents), position);
        EXPECT_EQ(at[0] * strides[0] + at[1] * strides[1] + at[2], position);
    }
}

}  // namespace
}  // namespace dlc::shapes
