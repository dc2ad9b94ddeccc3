// Learning-rate schedules: the rate as a function of the step, computed on the host into a program's `rate` leaves.  The kinds are
// rows of one table; a row says what it takes, so that readers of recipes and this file agree.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dlc::train {

struct Schedule;

/// One kind of schedule.
struct ScheduleKind {
    std::string_view name;
    /// The rate of step t, counted from 0 at the end of the warmup.
    double (*rate)(const Schedule&, std::int64_t t);
    enum class Length : std::uint8_t {
        none,
        steps,       // `steps`, else the whole run
        milestones,  // a list of steps
    } length = Length::none;
    enum class Warmup : std::uint8_t {
        before,  // optional; the schedule begins after it
        within,  // part of the formula: t counts from the first step, and it has at least one
        none,
    } warmup = Warmup::before;
    /// The rate follows a value of the run: Schedule::plateau is used.
    bool watches = false;
    struct Argument {
        std::string_view name;
        double Schedule::*field;
        enum class Range : std::uint8_t { at_least_0, above_0, between_0_and_1 } range;
    };
    std::span<const Argument> arguments = {};
};

/// All kinds, by name.
std::span<const ScheduleKind> schedules();
/// The kind of that name, or null.
const ScheduleKind* schedule_named(std::string_view name);

/// A loss or metric that is looked at after each epoch.
struct Watch {
    std::string on;  // "validation.cross_entropy", "training.accuracy"; a name alone means validation if there is one
    bool maximize = false;
};

/// The best value so far of what is watched, and for how many epochs it has not improved.
struct Progress {
    std::optional<double> best;
    std::int64_t epochs_without = 0;
    /// One epoch more: whether its value is better than the best by more than `least`.  NaN is never better.
    bool judge(double value, bool maximize, double least);
};

struct Schedule {
    const ScheduleKind* kind = schedule_named("constant");
    double base = 0;  // the optimizer's `lr`
    double last = 0;
    double factor = 0.1;
    std::int64_t steps = 1;
    std::vector<std::int64_t> milestones = {};  // ascending, from the beginning of the run, warmup included
    /// The rate grows linearly over these first steps, base * (t + 1) / warmup.
    std::int64_t warmup = 0;
    // one_cycle; the names and values are those of PyTorch's OneCycleLR
    double pct_start = 0.3;
    double div_factor = 25;
    double final_div_factor = 1e4;
    // plateau: `base` is multiplied by `factor`, but not below `least`, after `patience` epochs in which `watch` has not improved
    // by more than the share `threshold` of its best value
    Watch watch = {};
    std::int64_t patience = 10;
    double threshold = 1e-4;
    double least = 0;

    /// The rate of step t, counted from 0.
    double at(std::int64_t t) const;
    /// plateau: takes the watched value of one more epoch; whether the rate falls.
    bool follow(Progress&, double value);
};

}  // namespace dlc::train
