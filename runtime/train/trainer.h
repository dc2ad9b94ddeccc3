// The training loop: epochs, validation, early stopping, checkpoints, the log.
//
// A run is a function of its seed: batches, random numbers and rates depend on the step alone, so a run that was killed and resumed
// ends with the bits of one that was not.  What the loop itself remembers (the best value so far, epochs without improvement, the
// rate that a plateau lowered) lies in the metadata of `last.safetensors`; the best parameters lie in `best.safetensors`, which is
// written before it.
#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/source/diagnostic.h"
#include "runtime/data/feed.h"
#include "runtime/train/program.h"
#include "runtime/train/schedule.h"

namespace dlc::train {

struct Patience {
    int epochs = 3;  // without improvement, after which training stops
    Watch watch = {};
    double least = 0;  // smaller changes are no improvement
};

struct Recipe {
    std::uint64_t seed = 1;
    std::int64_t epochs = 1;
    std::optional<std::int64_t> steps;      // in all; ends the run before `epochs` do, or after when epochs is 0
    std::map<std::string, Schedule> rates;  // by the name of the `rate` leaf; one for each
    std::optional<Patience> patience;
};

struct Files {
    std::filesystem::path folder;  // of last.safetensors and best.safetensors; empty: no checkpoints
    double every_seconds = 0;      // besides the one an epoch; 0: none
    std::int64_t every_steps = 0;
    std::filesystem::path log;                         // JSON lines; empty: none
    bool log_steps = false;                            // a line for each step as well
    bool resume = false;                               // from last.safetensors; from the start where there is none
    std::map<std::string, std::string> metadata = {};  // further ones of every checkpoint
    std::string model_hash;                            // a checkpoint of another model is refused
};

/// Values by the name of the loss or metric.
using Values = std::map<std::string, double>;

struct StepReport {
    std::int64_t step = 0, epoch = 0;  // step: from 0 over the whole run
    std::int64_t step_in_epoch = 0, steps_per_epoch = 0;
    std::int64_t total_steps = 0;  // an upper bound: early stopping may end sooner
    const Values& values;          // of this step, before its update
    double seconds = 0;            // since the loop began
};
struct EpochReport {
    std::int64_t epoch = 0, step = 0;  // epoch: from 0; step: taken so far
    Values training;                   // mean over the epoch's steps
    Values validation;                 // empty without a validation set
    Values rates;                      // of the epoch's last step
    bool improved = false;
    double seconds = 0;        // this epoch took
    double input_seconds = 0;  // of them, its steps stood still until their batch was there and copied
};

/// What the loop tells while it runs; all on the calling thread.
class Listener {
public:
    virtual ~Listener() = default;
    virtual void resumed(std::int64_t /*step*/, const std::filesystem::path&) {}
    virtual void step(const StepReport&) {}
    virtual void epoch(const EpochReport&) {}
    virtual void saved(const std::filesystem::path&) {}
};

struct Outcome {
    enum class End { finished, stopped_early, interrupted } end = End::finished;
    std::int64_t steps = 0, epochs = 0;
    std::optional<std::int64_t> best_epoch;  // whose parameters the program now holds, with patience
    double best_value = 0;                   // of `watched` in that epoch
    std::string watched;                     // "validation.accuracy"; empty without patience
    std::int64_t epochs_without = 0;         // improvement, at the end
    std::vector<EpochReport> history;        // of this process
    std::filesystem::path checkpoint;        // holds what the program now holds; empty without a folder
};

/// A tensor became NaN or infinite (E0501).  The driver adds where in the source.
struct NotFinite : source::UserError {
    NotFinite(source::Diagnostic, std::int64_t step, int call, int buffer, std::string tensor);
    std::int64_t step;
    int call;    // that wrote it; -1: a leaf held it already
    int buffer;  // number in the plan; -1 for a leaf
    std::string tensor;
};
/// A run-time check of the program failed (E0502); `check` names it.
struct CheckFailed : source::UserError {
    CheckFailed(source::Diagnostic, std::int64_t step, std::string check, double violations);
    std::int64_t step;
    std::string check;
    double violations;
};
/// A setting watches a loss or metric that the run does not have (E0455).
struct NothingToWatch : source::UserError {
    NothingToWatch(source::Diagnostic, std::string setting);
    std::string setting;  // "stop_early", "schedule"
};

struct Run {
    Program& step;                  // holds the initial parameters
    Program* evaluation = nullptr;  // same parameters (or their averages) and state by name; null: no validation
    data::Feed& training;
    data::Feed* validation = nullptr;  // its fields are those of `evaluation`
    Recipe recipe;
    Files files;
    Listener* listener = nullptr;
    const std::atomic<bool>* interrupt = nullptr;  // looked at after each step: checkpoint, then return
};

/// Trains.  Afterwards `step` holds the last parameters, or the best ones with patience.  Throws NotFinite, CheckFailed,
/// source::EnvironmentError (checkpoint, log), NothingToWatch, E0451 (resume).  The last good checkpoint stays in every case.
Outcome train(const Run&);

/// Means over all examples of the feed's epoch.  A batch counts with its number of examples; a last batch of r < b examples is
/// filled with copies of one of them, x, and evaluated once more with x alone: the mean over the r is (b m - (b - r) m_x) / r,
/// exact for every metric that is a mean over examples plus a constant and draws no random numbers, else right in expectation.  The
/// numbers drawn are others in every batch and the same in every call.  `full_batch` gets the values of each batch that is full.
Values evaluate(Program& evaluation, data::Feed&, const std::function<void(const Values&)>& full_batch = {});

/// Copies parameters and state, by name; of a parameter that has an average, that.
void copy_parameters(const Program& from, Program& to);

}  // namespace dlc::train
