#include "runtime/train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

using dlc::train::Progress;
using dlc::train::Schedule;
using dlc::train::schedule_named;

TEST(Schedule, Constant) {
    const Schedule rate{.base = 0.1};
    EXPECT_EQ(rate.at(0), 0.1);
    EXPECT_EQ(rate.at(1000000), 0.1);
}

TEST(Schedule, LinearToTau) {
    // Goodfellow, Bengio, Courville, equation 8.14: (1 - a) e0 + a et with a = k / tau, constant after tau.
    const Schedule rate{.kind = schedule_named("linear"), .base = 1, .last = 0.01, .steps = 100};
    EXPECT_DOUBLE_EQ(rate.at(0), 1);
    EXPECT_DOUBLE_EQ(rate.at(25), 0.7525);
    EXPECT_DOUBLE_EQ(rate.at(100), 0.01);
    EXPECT_DOUBLE_EQ(rate.at(5000), 0.01);
}

TEST(Schedule, Cosine) {
    const Schedule rate{.kind = schedule_named("cosine"), .base = 1, .last = 0.2, .steps = 60};
    EXPECT_DOUBLE_EQ(rate.at(0), 1);
    EXPECT_DOUBLE_EQ(rate.at(20), 0.2 + 0.8 * 0.75);
    EXPECT_DOUBLE_EQ(rate.at(30), 0.6);
    EXPECT_DOUBLE_EQ(rate.at(60), 0.2);
    EXPECT_DOUBLE_EQ(rate.at(61), 0.2);
}

TEST(Schedule, Staircase) {
    const Schedule rate{.kind = schedule_named("staircase"), .base = 1, .factor = 0.5, .steps = 10};
    EXPECT_DOUBLE_EQ(rate.at(9), 1);
    EXPECT_DOUBLE_EQ(rate.at(10), 0.5);
    EXPECT_DOUBLE_EQ(rate.at(39), 0.125);
}

TEST(Schedule, Exponential) {
    const Schedule rate{.kind = schedule_named("exponential"), .base = 1, .factor = 0.25, .steps = 10};
    EXPECT_DOUBLE_EQ(rate.at(5), 0.5);
    EXPECT_DOUBLE_EQ(rate.at(20), 0.0625);
}

TEST(Schedule, WarmupComesBefore) {
    const Schedule rate{.kind = schedule_named("linear"), .base = 1, .last = 0, .steps = 10, .warmup = 4};
    EXPECT_DOUBLE_EQ(rate.at(0), 0.25);
    EXPECT_DOUBLE_EQ(rate.at(3), 1);
    EXPECT_DOUBLE_EQ(rate.at(4), 1);
    EXPECT_DOUBLE_EQ(rate.at(9), 0.5);
    EXPECT_DOUBLE_EQ(rate.at(14), 0);
}

// What PyTorch 2.15 gives (torch.optim.lr_scheduler, float64).
namespace pytorch {

void expect_rates(const Schedule& schedule, const std::vector<double>& rates) {
    for (std::size_t t = 0; t < rates.size(); ++t)
        EXPECT_NEAR(schedule.at(static_cast<std::int64_t>(t)), rates[t], 1e-15) << "step " << t;
}

}  // namespace pytorch

TEST(Schedule, StepFallsAtItsMilestones) {
    // MultiStepLR(milestones=[3, 7], gamma=0.2)
    pytorch::expect_rates({.kind = schedule_named("step"), .base = 0.1, .factor = 0.2, .milestones = {3, 7}},
                          {0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.02, 0.004, 0.004});
    const Schedule warm{.kind = schedule_named("step"), .base = 1, .factor = 0.5, .milestones = {6}, .warmup = 4};
    EXPECT_DOUBLE_EQ(warm.at(0), 0.25);
    EXPECT_DOUBLE_EQ(warm.at(5), 1);
    EXPECT_DOUBLE_EQ(warm.at(6), 0.5) << "milestones are places in the run";
}

TEST(Schedule, OneCycle) {
    // OneCycleLR(max_lr=0.1, total_steps=21)
    pytorch::expect_rates(
        {.kind = schedule_named("one_cycle"), .base = 0.1, .steps = 21},
        {0.0040000000000000036, 0.012188527098390314, 0.03396027605851658,  0.06188697369957272,  0.08644034833812791,
         0.09924306774148466,   0.09944154354509119,  0.09673623556045154,  0.09190443762697105,  0.08516599658482699,
         0.07682751154913771,   0.0672683836480545,   0.056923553268744854, 0.046263710266697504, 0.035773877573965704,
         0.02593134265232537,   0.01718394091038552,  0.009929679189326548, 0.004498626448808909, 0.0011378956269720922});
    // OneCycleLR(max_lr=0.5, total_steps=11, pct_start=0.45, div_factor=10, final_div_factor=100)
    const Schedule short_one{.kind = schedule_named("one_cycle"),
                             .base = 0.5,
                             .steps = 11,
                             .pct_start = 0.45,
                             .div_factor = 10,
                             .final_div_factor = 100};
    pytorch::expect_rates(short_one,
                          {0.04999999999999999, 0.11749053322187925, 0.27947349222464074, 0.4387727323331361, 0.4999158255845523,
                           0.46378759688876803, 0.37136270910053565, 0.2470078895563168, 0.12350781404334776, 0.03342181520536371});
    EXPECT_DOUBLE_EQ(short_one.at(10), 0.0005);
    EXPECT_DOUBLE_EQ(short_one.at(1000), 0.0005);
}

TEST(Schedule, PlateauFallsWhereNothingImproves) {
    const auto rates = [](Schedule schedule, const std::vector<double>& values) {
        Progress progress;
        std::vector<double> seen;
        for (const double value : values) schedule.follow(progress, value), seen.push_back(schedule.at(0));
        return seen;
    };
    // ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.02), whose patience is one less; 0.89995 is too little better than 0.9.
    EXPECT_EQ(rates({.kind = schedule_named("plateau"), .base = 0.1, .factor = 0.5, .patience = 3, .least = 0.02},
                    {1, 0.9, 0.9, 0.91, 0.92, 0.89995, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}),
              (std::vector<double>{0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.02, 0.02, 0.02, 0.02,
                                   0.02, 0.02, 0.02}));
    // ReduceLROnPlateau(mode='max', factor=0.5, patience=1)
    EXPECT_EQ(rates({.kind = schedule_named("plateau"), .base = 0.1, .factor = 0.5, .watch = {"accuracy", true}, .patience = 2},
                    {0.1, 0.2, 0.2, 0.2, 0.2, 0.30, 0.29, 0.28, 0.27, 0.26}),
              (std::vector<double>{0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.0125}));
    EXPECT_EQ(rates({.kind = schedule_named("plateau"), .base = 1, .factor = 0.5, .patience = 1, .threshold = 0.1},
                    {-1, -1.05, -1.2, NAN}),
              (std::vector<double>{1, 0.5, 0.5, 0.25}))
        << "a tenth of -1 is a tenth, and no number is no improvement";
}

TEST(Schedule, InverseSquareRoot) {
    // Vaswani et al. 2017, section 5.3, with d = 512 and 4000 steps of warmup: 512^-0.5 min(n^-0.5, n 4000^-1.5).
    const Schedule rate{.kind = schedule_named("inverse_sqrt"), .base = 1 / std::sqrt(512.0), .warmup = 4000};
    EXPECT_DOUBLE_EQ(rate.at(0), 1.746928107421711e-07);
    EXPECT_DOUBLE_EQ(rate.at(3999), 0.0006987712429686843);
    EXPECT_DOUBLE_EQ(rate.at(15999), 0.00034938562148434214);
    EXPECT_LT(rate.at(4000), rate.at(3999));
}

TEST(Schedule, EveryKindHasANameOfItsOwnAndStaysPut) {
    for (const auto& kind : dlc::train::schedules()) {
        EXPECT_EQ(schedule_named(kind.name), &kind);
        const Schedule rate{.kind = &kind, .base = 0.5, .steps = 10, .milestones = {3}, .warmup = 2};
        for (std::int64_t t = 0; t < 40; ++t) EXPECT_TRUE(rate.at(t) >= 0 && rate.at(t) <= 0.5) << kind.name << " at " << t;
    }
    EXPECT_EQ(schedule_named("cosin"), nullptr);
}
