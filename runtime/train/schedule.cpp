#include "runtime/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dlc::train {

double Schedule::at(std::int64_t t) const {
    if (t < warmup) return base * static_cast<double>(t + 1) / static_cast<double>(warmup);
    const std::int64_t whole = std::max<std::int64_t>(steps, 1);
    const double progress = static_cast<double>(t - warmup) / static_cast<double>(whole);
    switch (kind) {
        case Kind::constant: return base;
        case Kind::linear: return progress >= 1 ? last : (1 - progress) * base + progress * last;
        case Kind::cosine: return progress >= 1 ? last : last + (base - last) * (1 + std::cos(std::numbers::pi * progress)) / 2;
        case Kind::staircase: return base * std::pow(factor, static_cast<double>((t - warmup) / whole));
        case Kind::exponential: return base * std::pow(factor, progress);
    }
    return base;
}

}  // namespace dlc::train
