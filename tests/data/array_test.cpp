#include "runtime/data/array.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace dlc;
using namespace dlc::data;

namespace {

double through(dlc_type type, double value) {
    std::byte element[8];
    store(type, element, 0, value);
    return load(type, element, 0);
}

}  // namespace

TEST(Array, VolumesThatOverflowAreRefused) {
    EXPECT_EQ(volume({}), 1);
    EXPECT_EQ(volume({3, 0, 5}), 0);
    EXPECT_EQ(volume({60000, 28, 28}), 47040000);
    EXPECT_EQ(volume({-1, 2}), -1);
    EXPECT_EQ(volume({1L << 40, 1L << 40}), -1);
    EXPECT_EQ(volume({4294967295, 4294967295, 4294967295}), -1);
    EXPECT_EQ(volume({0, -1}), -1);
}

TEST(Array, IsDescribedLikeItsDeclaration) {
    EXPECT_EQ(describe(Array(DLC_F32, {2, 3})), "f32[2, 3]");
    EXPECT_EQ(describe(Array(DLC_BOOL, {})), "bool");
}

TEST(Array, HalfPrecisionRoundsOnceToNearestEven) {
    EXPECT_EQ(through(DLC_F16, 1 + std::ldexp(1, -11)), 1);
    EXPECT_EQ(through(DLC_F16, 1 + std::ldexp(3, -11)), 1 + std::ldexp(1, -9));
    EXPECT_EQ(through(DLC_F16, 65504), 65504);
    EXPECT_EQ(through(DLC_F16, 65519.9), 65504);
    EXPECT_EQ(through(DLC_F16, 65520), INFINITY);
    EXPECT_EQ(through(DLC_F16, std::ldexp(1, -24)), std::ldexp(1, -24));
    EXPECT_EQ(through(DLC_F16, std::ldexp(1, -25)), 0);
    EXPECT_EQ(through(DLC_F16, -std::ldexp(1.5, -25)), -std::ldexp(1, -24));
    EXPECT_TRUE(std::signbit(through(DLC_F16, -0.0)));
    EXPECT_TRUE(std::isnan(through(DLC_F16, NAN)));
    EXPECT_EQ(through(DLC_BF16, 1 + std::ldexp(1, -8)), 1);
    EXPECT_EQ(through(DLC_BF16, 1 + std::ldexp(3, -8)), 1 + std::ldexp(1, -6));
    EXPECT_EQ(through(DLC_BF16, 1e39), INFINITY);
    EXPECT_EQ(through(DLC_BF16, -INFINITY), -INFINITY);
    // A double between two halves' midpoint and the float nearest to it must not be rounded twice.
    EXPECT_EQ(through(DLC_F16, 1 + std::ldexp(1, -11) + std::ldexp(1, -40)), 1 + std::ldexp(1, -10));
}

TEST(Array, EveryHalfIsItself) {
    for (const dlc_type type : {DLC_F16, DLC_BF16})
        for (int code = 0; code < 65536; ++code) {
            const std::uint16_t bits = static_cast<std::uint16_t>(code);
            const double value = load(type, reinterpret_cast<const std::byte*>(&bits), 0);
            if (std::isnan(value)) continue;
            std::uint16_t again = 0;
            store(type, reinterpret_cast<std::byte*>(&again), 0, value);
            ASSERT_EQ(again, bits);
        }
#ifdef __FLT16_MAX__
    std::uint16_t bits = 0x3555;
    _Float16 compiler;
    std::memcpy(&compiler, &bits, 2);
    EXPECT_EQ(load(DLC_F16, reinterpret_cast<const std::byte*>(&bits), 0), static_cast<double>(compiler));
#endif
}

TEST(Array, IntegersSaturate) {
    EXPECT_EQ(through(DLC_U8, 300), 255);
    EXPECT_EQ(through(DLC_U8, -3), 0);
    EXPECT_EQ(through(DLC_I8, -1000), -128);
    EXPECT_EQ(through(DLC_I32, 2.9), 2);
    EXPECT_EQ(through(DLC_I32, -2.9), -2);
    EXPECT_EQ(through(DLC_I32, 1e20), 2147483647);
    EXPECT_EQ(through(DLC_I64, 1e30), std::ldexp(1, 63));
    EXPECT_EQ(through(DLC_I64, NAN), 0);
    EXPECT_EQ(through(DLC_BOOL, 0.25), 1);
}

TEST(Array, ConvertsLargeIntegersExactly) {
    Array wide(DLC_I64, {1});
    wide.as<std::int64_t>()[0] = (1L << 31) - 1;
    EXPECT_EQ(converted(wide, DLC_I32).as<std::int32_t>()[0], 2147483647);
    EXPECT_EQ(converted(wide, DLC_I64), wide);
}
