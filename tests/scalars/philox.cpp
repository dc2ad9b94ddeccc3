// Known answers of Philox4x32-10 (Salmon et al. 2011; the vectors are those of the Random123 distribution, kat_vectors), and that
// compiled code draws the interpreter's numbers.
#include "compiler/scalars/philox.h"

#include <Halide.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compiler/ir/scalar.h"

namespace dlc::test {
namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

TEST(Philox, GivesTheKnownAnswers) {
    EXPECT_EQ(scalars::philox4x32(Counter{0, 0, 0, 0}, Key{0, 0}), (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    const std::uint32_t ones = 0xffffffff;
    EXPECT_EQ(scalars::philox4x32(Counter{ones, ones, ones, ones}, Key{ones, ones}),
              (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(scalars::philox4x32(Counter{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, Key{0xa4093822, 0x299f31d0}),
              (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

double uniform(std::int64_t seed, std::int64_t step, std::int64_t site, std::int64_t position) {
    const std::vector<double> args = {static_cast<double>(seed), static_cast<double>(step), static_cast<double>(site),
                                      static_cast<double>(position)};
    return ir::find_scalar("philox")->meaning(args, ir::Type::f64);
}

TEST(Philox, TurnsTheFirstWordIntoANumberBetweenZeroAndOne) {
    EXPECT_EQ(uniform(0, 0, 0, 0), (0x6627e8d5 >> 9) * 0x1p-23 + 0x1p-24);
}

TEST(Philox, IsUniformAndDependsOnEveryArgument) {
    const int n = 200'000;
    double sum = 0, squares = 0, neighbours = 0, least = 1, most = 0;
    for (int i = 0; i < n; ++i) {
        const double u = uniform(7, 3, 11, i), v = uniform(7, 3, 11, i + 1);
        sum += u, squares += u * u, neighbours += u * v;
        least = std::min(least, u), most = std::max(most, u);
    }
    // Four standard deviations of each mean.
    EXPECT_NEAR(sum / n, 0.5, 4 * std::sqrt(1.0 / 12 / n));
    EXPECT_NEAR(squares / n, 1.0 / 3, 4 * std::sqrt(4.0 / 45 / n));
    EXPECT_NEAR(neighbours / n, 0.25, 4 * std::sqrt(7.0 / 144 / n));
    EXPECT_GT(least, 0);
    EXPECT_LT(most, 1);
    const double u = uniform(7, 3, 11, 5);
    EXPECT_NE(u, uniform(8, 3, 11, 5));
    EXPECT_NE(u, uniform(7, 4, 11, 5));
    EXPECT_NE(u, uniform(7, 3, 12, 5));
    EXPECT_NE(u, uniform(7, 3, 11, 6));
    EXPECT_NE(u, uniform(7 + (std::int64_t{1} << 40), 3, 11, 5));
    EXPECT_NE(u, uniform(7, 3, 11 + (std::int64_t{1} << 40), 5));
}

template <class Real>
void expect_same_bits(ir::Type type) {
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    const int n = 10'000;
    Halide::Buffer<std::int64_t> args(n, 4);
    for (int i = 0; i < n; ++i) {
        for (int k = 0; k < 4; ++k) args(i, k) = static_cast<std::int64_t>(random() >> (i % 2 ? 11 : 40));  // exact in a double
    }
    Halide::Var x("x");
    const std::vector<Halide::Expr> reads = {args(x, 0), args(x, 1), args(x, 2), args(x, 3)};
    Halide::Func f("draw");
    f(x) = ir::find_scalar("philox")->lower(reads, type);
    f.vectorize(x, 8);
    const Halide::Buffer<Real> got = f.realize({n});
    for (int i = 0; i < n; ++i) {
        ASSERT_EQ(static_cast<double>(got(i)), uniform(args(i, 0), args(i, 1), args(i, 2), args(i, 3)))
            << "seed " << seed << ", draw " << i;
    }
}

TEST(Philox, IsTheSameNumberInCode) {
    expect_same_bits<float>(ir::Type::f32);
    expect_same_bits<double>(ir::Type::f64);
}

}  // namespace
}  // namespace dlc::test
