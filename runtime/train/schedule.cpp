#include "runtime/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace dlc::train {
namespace {

using Kind = ScheduleKind;
using Argument = Kind::Argument;
using Range = Argument::Range;

double progress(const Schedule& s, std::int64_t t) {
    return static_cast<double>(t) / static_cast<double>(std::max<std::int64_t>(s.steps, 1));
}

/// From `first` to `last` along half a cosine; `part` in [0, 1].
double anneal(double first, double last, double part) {
    return last + (first - last) * (1 + std::cos(std::numbers::pi * part)) / 2;
}

double constant(const Schedule& s, std::int64_t) { return s.base; }

/// From base to last over `steps`, then last (Goodfellow et al., equation 8.14, with tau = steps).
double linear(const Schedule& s, std::int64_t t) {
    const double part = progress(s, t);
    return part >= 1 ? s.last : (1 - part) * s.base + part * s.last;
}

/// last + (base - last) (1 + cos(pi t / steps)) / 2, then last (Loshchilov & Hutter 2017).
double cosine(const Schedule& s, std::int64_t t) {
    const double part = progress(s, t);
    return part >= 1 ? s.last : anneal(s.base, s.last, part);
}

/// base factor^(t / steps)
double exponential(const Schedule& s, std::int64_t t) { return s.base * std::pow(s.factor, progress(s, t)); }

/// base factor^floor(t / steps)
double staircase(const Schedule& s, std::int64_t t) {
    return s.base * std::pow(s.factor, static_cast<double>(t / std::max<std::int64_t>(s.steps, 1)));
}

/// base factor^(milestones reached)
double step(const Schedule& s, std::int64_t t) {
    const auto reached = std::upper_bound(s.milestones.begin(), s.milestones.end(), t + s.warmup) - s.milestones.begin();
    return s.base * std::pow(s.factor, static_cast<double>(reached));
}

/// From base / div_factor up to base until pct_start of the steps, then down to base / (div_factor final_div_factor) at the last
/// one, both along a cosine (Smith & Topin 2018, in the two phases of PyTorch's OneCycleLR).  Momentum stays as it is.
double one_cycle(const Schedule& s, std::int64_t t) {
    const double first = s.base / s.div_factor, last = first / s.final_div_factor;
    const double top = s.pct_start * static_cast<double>(s.steps) - 1, end = static_cast<double>(s.steps) - 1;
    const auto now = static_cast<double>(t);
    if (now >= end) return last;
    return now < top ? anneal(first, s.base, now / top) : anneal(s.base, last, (now - top) / (end - top));
}

/// base min(n^-1/2, n warmup^-3/2) for the n-th step (Vaswani et al. 2017, section 5.3, where base is d^-1/2).
double inverse_sqrt(const Schedule& s, std::int64_t t) {
    const auto n = static_cast<double>(t + 1), warmup = static_cast<double>(std::max<std::int64_t>(s.warmup, 1));
    return s.base * std::min(1 / std::sqrt(n), n / (warmup * std::sqrt(warmup)));
}

constexpr Argument kLast{"last", &Schedule::last, Range::at_least_0};
constexpr Argument kFactor{"factor", &Schedule::factor, Range::above_0};
constexpr Argument kTakesLast[] = {kLast};
constexpr Argument kTakesFactor[] = {kFactor};
constexpr Argument kOneCycle[] = {{"pct_start", &Schedule::pct_start, Range::between_0_and_1},
                                  {"div_factor", &Schedule::div_factor, Range::above_0},
                                  {"final_div_factor", &Schedule::final_div_factor, Range::above_0}};
constexpr Argument kPlateau[] = {
    kFactor, {"threshold", &Schedule::threshold, Range::at_least_0}, {"least", &Schedule::least, Range::at_least_0}};

constexpr Kind kKinds[] = {
    {.name = "constant", .rate = constant},
    {.name = "cosine", .rate = cosine, .length = Kind::Length::steps, .arguments = kTakesLast},
    {.name = "exponential", .rate = exponential, .length = Kind::Length::steps, .arguments = kTakesFactor},
    {.name = "inverse_sqrt", .rate = inverse_sqrt, .warmup = Kind::Warmup::within},
    {.name = "linear", .rate = linear, .length = Kind::Length::steps, .arguments = kTakesLast},
    {.name = "one_cycle", .rate = one_cycle, .length = Kind::Length::steps, .warmup = Kind::Warmup::none, .arguments = kOneCycle},
    {.name = "plateau", .rate = constant, .watches = true, .arguments = kPlateau},
    {.name = "staircase", .rate = staircase, .length = Kind::Length::steps, .arguments = kTakesFactor},
    {.name = "step", .rate = step, .length = Kind::Length::milestones, .arguments = kTakesFactor},
};

}  // namespace

std::span<const ScheduleKind> schedules() { return kKinds; }

const ScheduleKind* schedule_named(std::string_view name) {
    for (const ScheduleKind& kind : kKinds)
        if (kind.name == name) return &kind;
    return nullptr;
}

double Schedule::at(std::int64_t t) const {
    if (kind->warmup == ScheduleKind::Warmup::within) return kind->rate(*this, t);
    if (t < warmup) return base * static_cast<double>(t + 1) / static_cast<double>(warmup);
    return kind->rate(*this, t - warmup);
}

bool Progress::judge(double value, bool maximize, double least) {
    const double gain = !best ? std::numeric_limits<double>::infinity() : maximize ? value - *best : *best - value;
    if (std::isnan(value) || !(gain > least)) {
        ++epochs_without;
        return false;
    }
    best = value;
    epochs_without = 0;
    return true;
}

bool Schedule::follow(Progress& so_far, double value) {
    so_far.judge(value, watch.maximize, threshold * std::abs(so_far.best.value_or(0)));
    if (so_far.epochs_without < patience) return false;
    so_far.epochs_without = 0;
    const double before = base;
    base = std::min(base, std::max(base * factor, least));
    return base < before;
}

}  // namespace dlc::train
