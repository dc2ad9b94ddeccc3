#include "runtime/train/schedule.h"

#include <gtest/gtest.h>

using dlc::train::Schedule;
using Kind = Schedule::Kind;

TEST(Schedule, Constant) {
    const Schedule rate{.base = 0.1};
    EXPECT_EQ(rate.at(0), 0.1);
    EXPECT_EQ(rate.at(1000000), 0.1);
}

TEST(Schedule, LinearToTau) {
    // Goodfellow, Bengio, Courville, equation 8.14: (1 - a) e0 + a et with a = k / tau, constant after tau.
    const Schedule rate{.kind = Kind::linear, .base = 1, .last = 0.01, .steps = 100};
    EXPECT_DOUBLE_EQ(rate.at(0), 1);
    EXPECT_DOUBLE_EQ(rate.at(25), 0.7525);
    EXPECT_DOUBLE_EQ(rate.at(100), 0.01);
    EXPECT_DOUBLE_EQ(rate.at(5000), 0.01);
}

TEST(Schedule, Cosine) {
    const Schedule rate{.kind = Kind::cosine, .base = 1, .last = 0.2, .steps = 60};
    EXPECT_DOUBLE_EQ(rate.at(0), 1);
    EXPECT_DOUBLE_EQ(rate.at(20), 0.2 + 0.8 * 0.75);
    EXPECT_DOUBLE_EQ(rate.at(30), 0.6);
    EXPECT_DOUBLE_EQ(rate.at(60), 0.2);
    EXPECT_DOUBLE_EQ(rate.at(61), 0.2);
}

TEST(Schedule, Staircase) {
    const Schedule rate{.kind = Kind::staircase, .base = 1, .factor = 0.5, .steps = 10};
    EXPECT_DOUBLE_EQ(rate.at(9), 1);
    EXPECT_DOUBLE_EQ(rate.at(10), 0.5);
    EXPECT_DOUBLE_EQ(rate.at(39), 0.125);
}

TEST(Schedule, Exponential) {
    const Schedule rate{.kind = Kind::exponential, .base = 1, .factor = 0.25, .steps = 10};
    EXPECT_DOUBLE_EQ(rate.at(5), 0.5);
    EXPECT_DOUBLE_EQ(rate.at(20), 0.0625);
}

TEST(Schedule, WarmupComesBefore) {
    const Schedule rate{.kind = Kind::linear, .base = 1, .last = 0, .steps = 10, .warmup = 4};
    EXPECT_DOUBLE_EQ(rate.at(0), 0.25);
    EXPECT_DOUBLE_EQ(rate.at(3), 1);
    EXPECT_DOUBLE_EQ(rate.at(4), 1);
    EXPECT_DOUBLE_EQ(rate.at(9), 0.5);
    EXPECT_DOUBLE_EQ(rate.at(14), 0);
}
