// Learning-rate schedules: the rate as a function of the step, computed on the host into a program's `rate` leaves.
#pragma once
#include <cstdint>

namespace dlc::train {

struct Schedule {
    enum class Kind : std::uint8_t {
        constant,     // base
        linear,       // from base to last over `steps`, then last (Goodfellow, equation 8.14, with tau = steps)
        cosine,       // last + (base - last) (1 + cos(pi t / steps)) / 2, then last (Loshchilov & Hutter 2017)
        staircase,    // base * factor^floor(t / steps)
        exponential,  // base * factor^(t / steps)
    };
    Kind kind = Kind::constant;
    double base = 0;
    double last = 0;
    double factor = 1;
    std::int64_t steps = 1;
    /// The rate grows linearly over these first steps, base * (t + 1) / warmup, and the schedule begins after them.
    std::int64_t warmup = 0;

    /// The rate of step t, counted from 0.
    double at(std::int64_t t) const;
};

}  // namespace dlc::train
