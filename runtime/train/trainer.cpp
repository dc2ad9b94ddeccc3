// The loop is one class because everything it does between two steps — reporting, validating, saving — speaks of the same few
// numbers: the step, the sums of the epoch, the best value so far.  Those are `Memory`, and they are what a checkpoint's metadata
// hold.
#include "runtime/train/trainer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "runtime/data/file.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/log.h"
#include "runtime/train/steps.h"

namespace dlc::train {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Every so many steps the parameters are copied, so that a bad step can be run again: less often costs a longer replay, more often
// time.
constexpr std::int64_t kSnapshotSteps = 64;

/// The storage of a program's tensors at some moment.
class Snapshot {
public:
    template <class Wanted>
    Snapshot(const Program& program, const Wanted& wanted) {
        for (const Role role : {Role::parameter, Role::state, Role::slot})
            for (const Tensor* tensor : program.all(role))
                if (wanted(*tensor)) saved_.push_back({tensor, std::vector<std::byte>(storage(*tensor).size())});
    }
    void take() {
        for (Saved& saved : saved_) std::memcpy(saved.bytes.data(), saved.tensor->data, saved.bytes.size());
    }
    void put_back() const {
        for (const Saved& saved : saved_) std::memcpy(saved.tensor->data, saved.bytes.data(), saved.bytes.size());
    }
    /// Takes arrays that fit the program instead; what is not among them stays.
    void take(const data::NamedArrays& arrays) {
        for (Saved& saved : saved_)
            if (const auto array = arrays.find(saved.tensor->name); array != arrays.end())
                write(at(saved), array->second.bytes.data());
    }
    data::NamedArrays arrays() const {
        data::NamedArrays result;
        for (const Saved& saved : saved_) {
            const Tensor copy = at(saved);
            data::Array array(copy.type, copy.shape);
            read(copy, array.bytes.data());
            result.emplace(copy.name, std::move(array));
        }
        return result;
    }

private:
    struct Saved {
        const Tensor* tensor;
        std::vector<std::byte> bytes;
    };
    static Tensor at(const Saved& saved) {
        Tensor copy = *saved.tensor;
        copy.data = const_cast<std::byte*>(saved.bytes.data());
        return copy;
    }
    std::vector<Saved> saved_;
};

/// What the loop remembers from step to step.
struct Memory {
    std::int64_t step = 0;  // taken so far
    Values sums;            // over the steps of the running epoch
    Progress stopping;      // early
    std::int64_t best_epoch = -1;
};

/// The sign of a NaN says nothing.
std::string shown(double value) { return std::isnan(value) ? "nan" : fmt::format("{}", value); }
std::string exact(double value) { return fmt::format("{:a}", value); }

class Metadata {
public:
    Metadata(const std::map<std::string, std::string>& values, const std::filesystem::path& path) : values_(values), path_(path) {}
    bool has(const std::string& key) const { return values_.contains(key); }
    const std::string& text(const std::string& key) const {
        const auto found = values_.find(key);
        if (found == values_.end())
            data::fail_file(path_, fmt::format("its metadata lack `{}`; it is no checkpoint of a run", key));
        return found->second;
    }
    template <class Integer>
    Integer integer(const std::string& key) const {
        const std::string& value = text(key);
        Integer result = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
        if (error != std::errc{} || end != value.data() + value.size()) damaged(key, value);
        return result;
    }
    double real(const std::string& key) const {
        const std::string& value = text(key);
        char* end = nullptr;
        const double result = std::strtod(value.c_str(), &end);
        if (value.empty() || *end != '\0') damaged(key, value);
        return result;
    }

private:
    [[noreturn]] void damaged(const std::string& key, const std::string& value) const {
        data::fail_file(path_, fmt::format("damaged: its metadata say {} = `{}`", key, value));
    }
    const std::map<std::string, std::string>& values_;
    const std::filesystem::path& path_;
};

class Loop {
public:
    explicit Loop(const Run& run)
        : run_(run),
          recipe_(run.recipe),
          stepper_(run.step, run.training),
          seed_(run.step.all(Role::seed)),
          snapshot_(run.step, [](const Tensor&) { return true; }),
          best_(run.step, [](const Tensor& t) { return t.role != Role::slot || t.name.starts_with(kAverage); }),
          last_file_(run.files.folder / "last.safetensors"),
          best_file_(run.files.folder / "best.safetensors"),
          steps_per_epoch_(run.training.steps_per_epoch()),
          // Long enough for anyone, short enough to be added to.
          total_(std::min(recipe_.epochs > 0
                              ? std::min(recipe_.epochs, (std::int64_t{1} << 60) / steps_per_epoch_) * steps_per_epoch_
                              : (recipe_.steps ? *recipe_.steps : 0),
                          recipe_.steps.value_or(std::numeric_limits<std::int64_t>::max()))) {
        for (const Tensor* rate : run.step.all(Role::rate)) {
            const auto schedule = recipe_.rates.find(rate->name);
            DLC_ASSERT(schedule != recipe_.rates.end(), "the rate `" + rate->name + "` has a schedule");
            rates_.push_back({rate, schedule->second, {}, {}});
            rate_values_[rate->name] = 0;
        }
        for (const Tensor* tensor : stepper_.measured()) {
            values_[tensor->name] = 0;
            memory_.sums[tensor->name] = 0;
        }
        if (recipe_.patience) watched_ = find_watched(recipe_.patience->watch, "stop_early");
        for (Rate& rate : rates_)
            if (rate.schedule.kind->watches) rate.watched = find_watched(rate.schedule.watch, "schedule");
        prepare_folder();
    }

    Outcome go() {
        std::optional<std::int64_t> resumed = resume();
        Log log(run_.files.log, resumed);
        log_ = &log;
        for (const Tensor* seed : seed_) set_scalar(*seed, static_cast<std::int64_t>(recipe_.seed));
        run_.training.seek(memory_.step);
        std::int64_t saved_at = memory_.step;
        Clock::time_point saved_time = Clock::now(), epoch_start = saved_time;
        started_ = saved_time;
        snapshot_step_ = -1;
        while (memory_.step < total_ && !out_of_patience()) {
            take_step();
            if (memory_.step % steps_per_epoch_ == 0) {
                end_epoch(seconds_since(epoch_start));
                epoch_start = Clock::now();
            }
            const bool interrupted = run_.interrupt && run_.interrupt->load(std::memory_order_relaxed);
            const bool due = memory_.step % steps_per_epoch_ == 0 || memory_.step == total_ || interrupted ||
                             (run_.files.every_steps > 0 && memory_.step - saved_at >= run_.files.every_steps) ||
                             (run_.files.every_seconds > 0 && seconds_since(saved_time) >= run_.files.every_seconds);
            if (due && !run_.files.folder.empty()) {
                save_last();
                saved_at = memory_.step;
                saved_time = Clock::now();
            }
            if (interrupted && memory_.step < total_ && !out_of_patience()) return finish(Outcome::End::interrupted);
        }
        refuse_bad_parameters();
        return finish(memory_.step < total_ ? Outcome::End::stopped_early : Outcome::End::finished);
    }

private:
    struct Rate {
        const Tensor* tensor;
        Schedule schedule;    // a plateau lowers its base
        std::string watched;  // of a plateau
        Progress progress;
    };

    std::int64_t epoch() const { return memory_.step / steps_per_epoch_; }
    bool out_of_patience() const { return recipe_.patience && memory_.stopping.epochs_without >= recipe_.patience->epochs; }

    /// The full name of what a setting watches: "validation.NAME", "training.NAME" or NAME alone.
    std::string find_watched(const Watch& watch, const std::string& setting) const {
        std::vector<std::string> known;
        for (const auto& [name, value] : values_) known.push_back("training." + name);
        if (run_.validation)
            for (const Role role : {Role::loss, Role::metric})
                for (const Tensor* tensor : run_.evaluation->all(role)) known.push_back("validation." + tensor->name);
        for (const std::string& candidate : {watch.on, "validation." + watch.on, "training." + watch.on})
            if (std::find(known.begin(), known.end(), candidate) != known.end()) return candidate;
        const std::string_view near = source::nearest(watch.on, known);
        throw NothingToWatch(source::error(source::code("E0455"), fmt::format("`{}` watches `{}`, but a run has {}", setting,
                                                                              watch.on, fmt::join(known, ", ")))
                                 .helped(near.empty() ? "" : fmt::format("did you mean `{}`?", near)),
                             setting);
    }

    static double value_of(const EpochReport& report, const std::string& watched) {
        const std::size_t dot = watched.find('.');
        return (watched.starts_with("validation.") ? report.validation : report.training).at(watched.substr(dot + 1));
    }

    void prepare_folder() {
        const std::filesystem::path& folder = run_.files.folder;
        if (folder.empty()) return;
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) data::fail_file(folder, fmt::format("cannot make the folder: {}", error.message()));
        if (::access(folder.c_str(), W_OK) != 0)
            data::fail_file(folder, fmt::format("the folder is not writable: {}", std::strerror(errno)));
        data::remove_leftovers(folder);
    }

    /// Sets what step `step` depends on; the feed stands there.
    void prepare_step(std::int64_t step) {
        for (const Rate& rate : rates_) {
            const double value = rate.schedule.at(step);
            set_scalar(*rate.tensor, value);
            rate_values_.find(rate.tensor->name)->second = value;
        }
        const Clock::time_point start = Clock::now();
        stepper_.load(run_.training.next());
        input_seconds_ += seconds_since(start);
    }

    void take_snapshot() {
        snapshot_.take();
        snapshot_step_ = memory_.step;
    }

    void take_step() {
        const std::int64_t step = memory_.step;
        if (snapshot_step_ < 0 || step - snapshot_step_ >= kSnapshotSteps) take_snapshot();
        prepare_step(step);
        stepper_.run(step);
        for (const Tensor* tensor : stepper_.measured()) values_.find(tensor->name)->second = scalar(*tensor);
        for (const Tensor* loss : stepper_.losses())
            if (!std::isfinite(scalar(*loss))) explain_bad_step(step);
        for (auto& [name, sum] : memory_.sums) sum += values_.find(name)->second;
        const StepReport report{.step = step,
                                .epoch = step / steps_per_epoch_,
                                .step_in_epoch = step % steps_per_epoch_,
                                .steps_per_epoch = steps_per_epoch_,
                                .total_steps = total_,
                                .values = values_,
                                .seconds = seconds_since(started_)};
        if (run_.files.log_steps) log_->step(report, rate_values_);
        if (run_.listener) run_.listener->step(report);
        ++memory_.step;
    }

    void end_epoch(double seconds) {
        // Found here, a parameter that went bad in the last update is not blamed on the validation set.
        refuse_bad_parameters();
        EpochReport report;
        report.epoch = epoch() - 1;
        report.step = memory_.step;
        for (auto& [name, sum] : memory_.sums) {
            report.training[name] = sum / static_cast<double>(steps_per_epoch_);
            sum = 0;
        }
        if (run_.evaluation && run_.validation) {
            const Clock::time_point start = Clock::now();
            copy_parameters(run_.step, *run_.evaluation);
            report.validation = evaluate(*run_.evaluation, *run_.validation);
            seconds += seconds_since(start);
        }
        report.rates = rate_values_;
        report.improved = judge(report);
        follow_plateaus(report);
        report.seconds = seconds;
        report.input_seconds = std::exchange(input_seconds_, 0);
        log_->epoch(report);
        if (run_.listener) run_.listener->epoch(report);
        history_.push_back(std::move(report));
    }

    /// Steps are run again from the last snapshot with the rates there are now, so a rate that falls needs a new one.
    void follow_plateaus(const EpochReport& report) {
        bool fell = false;
        for (Rate& rate : rates_)
            if (!rate.watched.empty() && rate.schedule.follow(rate.progress, value_of(report, rate.watched))) fell = true;
        if (fell) take_snapshot();
    }

    /// Early stopping.
    bool judge(const EpochReport& report) {
        if (!recipe_.patience) return false;
        const double value = value_of(report, watched_);
        if (!memory_.stopping.judge(value, recipe_.patience->watch.maximize, recipe_.patience->least)) return false;
        memory_.best_epoch = report.epoch;
        best_.take();
        if (!run_.files.folder.empty())
            save(best_file_, {best_.arrays(),
                              {{"dlc.step", std::to_string(memory_.step)},
                               {"dlc.epoch", std::to_string(report.epoch)},
                               {"dlc.seed", std::to_string(recipe_.seed)},
                               {"dlc.model", run_.files.model_hash},
                               {"dlc.value", exact(value)},
                               {"dlc.watched", watched_}}});
        return true;
    }

    void save(const std::filesystem::path& path, Checkpoint checkpoint) {
        checkpoint.metadata.insert(run_.files.metadata.begin(), run_.files.metadata.end());
        try {
            write_checkpoint(path, checkpoint);
        } catch (const source::EnvironmentError& e) {
            throw source::EnvironmentError(
                fmt::format("{}; the checkpoint before is as it was: once this is mended, --resume goes on", e.what()));
        }
        if (run_.listener) run_.listener->saved(path);
    }

    void save_last() {
        refuse_bad_parameters();
        Checkpoint checkpoint;
        checkpoint.arrays = persistent(run_.step);
        auto& metadata = checkpoint.metadata;
        metadata["dlc.step"] = std::to_string(memory_.step);
        metadata["dlc.seed"] = std::to_string(recipe_.seed);
        metadata["dlc.epoch"] = std::to_string(epoch());
        metadata["dlc.position"] = std::to_string(memory_.step % steps_per_epoch_);  // batches of the epoch already used
        metadata["dlc.steps_per_epoch"] = std::to_string(steps_per_epoch_);
        metadata["dlc.model"] = run_.files.model_hash;
        for (const auto& [name, sum] : memory_.sums) metadata["dlc.sum." + name] = exact(sum);
        if (memory_.stopping.best) {
            metadata["dlc.best"] = exact(*memory_.stopping.best);
            metadata["dlc.best_epoch"] = std::to_string(memory_.best_epoch);
        }
        metadata["dlc.epochs_without"] = std::to_string(memory_.stopping.epochs_without);
        for (const Rate& rate : rates_) {
            if (rate.watched.empty()) continue;
            const std::string key = "dlc.plateau." + rate.tensor->name;
            metadata[key] = exact(rate.schedule.base);
            if (rate.progress.best) metadata[key + ".best"] = exact(*rate.progress.best);
            metadata[key + ".epochs_without"] = std::to_string(rate.progress.epochs_without);
        }
        save(last_file_, std::move(checkpoint));
    }

    /// The step to go on from, when there is a checkpoint and it is wanted.
    std::optional<std::int64_t> resume() {
        if (!run_.files.resume) return std::nullopt;
        if (std::error_code error; run_.files.folder.empty() || !std::filesystem::exists(last_file_, error)) return 0;
        const Checkpoint checkpoint = read_checkpoint(last_file_);
        const Metadata metadata(checkpoint.metadata, last_file_);
        const auto differs = [&](const std::string& what, const std::string& theirs, const std::string& ours,
                                 const std::string& help) {
            if (theirs == ours) return;
            throw source::UserError(source::error(source::code("E0451"), fmt::format("{} was made with {} {}, this run has {}",
                                                                                     last_file_.string(), what, theirs, ours))
                                        .helped(help));
        };
        check_fits(run_.step, checkpoint.arrays, Restore::everything, last_file_.string());
        differs("the model", metadata.text("dlc.model"), run_.files.model_hash,
                "the tensors are the same, but what is computed with them is not; to begin a new run from them, use --init");
        differs("seed", metadata.text("dlc.seed"), std::to_string(recipe_.seed), "");
        differs("steps an epoch:", metadata.text("dlc.steps_per_epoch"), std::to_string(steps_per_epoch_),
                "the data set and the batch must be those of the run");
        memory_.step = metadata.integer<std::int64_t>("dlc.step");
        if (memory_.step < 0) data::fail_file(last_file_, fmt::format("damaged: its metadata say dlc.step = `{}`", memory_.step));
        for (auto& [name, sum] : memory_.sums) sum = metadata.real("dlc.sum." + name);
        memory_.stopping.epochs_without = metadata.integer<std::int64_t>("dlc.epochs_without");
        for (Rate& rate : rates_) {
            const std::string key = "dlc.plateau." + rate.tensor->name;
            if (rate.watched.empty() || !metadata.has(key)) continue;
            rate.schedule.base = metadata.real(key);
            if (metadata.has(key + ".best")) rate.progress.best = metadata.real(key + ".best");
            rate.progress.epochs_without = metadata.integer<std::int64_t>(key + ".epochs_without");
        }
        if (recipe_.patience && metadata.has("dlc.best")) resume_best(metadata);
        restore(run_.step, checkpoint.arrays, Restore::everything, last_file_.string());
        if (run_.listener) run_.listener->resumed(memory_.step, last_file_);
        return memory_.step;
    }

    /// best.safetensors may be one improvement ahead of last.safetensors when the process was killed between the two; the same
    /// epoch is then run again and writes it again.
    void resume_best(const Metadata& last) {
        memory_.stopping.best = last.real("dlc.best");
        memory_.best_epoch = last.integer<std::int64_t>("dlc.best_epoch");
        const Checkpoint checkpoint = read_checkpoint(best_file_);
        const Metadata metadata(checkpoint.metadata, best_file_);
        if (const auto held = metadata.integer<std::int64_t>("dlc.epoch"); held < memory_.best_epoch)
            data::fail_file(best_file_, fmt::format("is of epoch {}, but {} speaks of epoch {}", held, last_file_.string(),
                                                    memory_.best_epoch));
        check_fits(run_.step, checkpoint.arrays, Restore::parameters, best_file_.string());
        best_.take();
        best_.take(checkpoint.arrays);
    }

    Outcome finish(Outcome::End end) {
        Outcome outcome;
        outcome.end = end;
        outcome.steps = memory_.step;
        outcome.epochs = epoch();
        outcome.history = std::move(history_);
        outcome.watched = watched_;
        outcome.epochs_without = memory_.stopping.epochs_without;
        if (!run_.files.folder.empty()) outcome.checkpoint = last_file_;
        if (memory_.stopping.best && end != Outcome::End::interrupted) {
            outcome.best_epoch = memory_.best_epoch;
            outcome.best_value = *memory_.stopping.best;
            best_.put_back();
            if (!run_.files.folder.empty()) outcome.checkpoint = best_file_;
        }
        return outcome;
    }

    /// A checkpoint with a NaN in it would replace the last good one.
    void refuse_bad_parameters() {
        if (snapshot_step_ < 0) return;  // no step was taken
        for (const Role role : {Role::parameter, Role::state, Role::slot})
            for (const Tensor* tensor : run_.step.all(role))
                if (bad_leaf(*tensor)) explain_bad_step(memory_.step - 1);
    }
    /// A model's own state may well hold an infinity, say of a maximum over nothing yet.
    static std::optional<double> bad_leaf(const Tensor& tensor) {
        const bool learned = tensor.role == Role::parameter || tensor.role == Role::slot;
        return first_bad(tensor.type, storage(tensor), learned ? Bad::nan_or_infinite : Bad::nan);
    }

    [[noreturn]] void found(std::int64_t step, int call, int buffer, const std::string& tensor, double value) {
        std::string losses;
        for (const Tensor* loss : stepper_.losses())
            if (const double now = values_.find(loss->name)->second; !std::isfinite(now))
                losses += fmt::format("{}`{}` is {}", losses.empty() ? "" : ", ", loss->name, shown(now));
        source::Diagnostic problem = source::error(
            source::code("E0501"), fmt::format("{} at step {}: `{}` is the first to hold {}",
                                               losses.empty() ? "a bad number appears" : losses, step, tensor, shown(value)));
        for (const auto& [name, rate] : rate_values_) problem.notes.push_back(fmt::format("`{}` is {} at this step", name, rate));
        throw NotFinite(std::move(problem), step, call, buffer, tensor);
    }

    /// Runs one call after the other, loops as a whole, and looks at what each left.
    template <class Look>
    void call_by_call(const Look& look) {
        for (int call = 0, end; call < run_.step.calls(); call = end) {
            end = run_.step.end_of(call);
            run_.step.run(call, end);
            for (int c = call; c < end; ++c) look(c);
        }
    }

    /// Runs again from the last snapshot, which gives the same bits, and the bad step call by call, to name the first bad tensor.
    [[noreturn]] void explain_bad_step(std::int64_t bad) {
        Program& program = run_.step;
        DLC_ASSERT(snapshot_step_ >= 0 && snapshot_step_ <= bad, "a snapshot was taken before the step");
        snapshot_.put_back();
        run_.training.seek(snapshot_step_);
        // A mask of -inf is as it should be: what was not finite in the good step before is no fault.
        std::vector<int> usual;
        for (std::int64_t step = snapshot_step_; step < bad; ++step) {
            prepare_step(step);
            if (step + 1 < bad) {
                program.run();
                continue;
            }
            call_by_call([&](int call) {
                for (const Touched& touched : program.touched_by(call))
                    if (first_bad(touched.type, touched.bytes)) usual.push_back(touched.buffer);
            });
        }
        prepare_step(bad);
        for (const Tensor& tensor : program.tensors()) {
            const bool leaf = tensor.role == Role::input || tensor.role == Role::target || tensor.role == Role::parameter ||
                              tensor.role == Role::state || tensor.role == Role::slot;
            if (!leaf) continue;
            if (const auto value = bad_leaf(tensor)) found(bad, -1, -1, tensor.name, *value);
        }
        call_by_call([&](int call) {
            for (const Touched& touched : program.touched_by(call)) {
                const auto value = first_bad(touched.type, touched.bytes);
                if (value && std::find(usual.begin(), usual.end(), touched.buffer) == usual.end())
                    found(bad, call, touched.buffer, touched.name, *value);
            }
        });
        for (const Tensor* loss : stepper_.losses())
            if (!std::isfinite(scalar(*loss))) found(bad, -1, -1, loss->name, scalar(*loss));
        throw source::InternalError(fmt::format("step {} gave a number that is not finite, but not when it was run again", bad));
    }

    const Run& run_;
    const Recipe& recipe_;
    Stepper stepper_;
    const std::vector<const Tensor*> seed_;
    std::vector<Rate> rates_;
    Snapshot snapshot_, best_;
    std::int64_t snapshot_step_ = -1;
    const std::filesystem::path last_file_, best_file_;
    const std::int64_t steps_per_epoch_, total_;
    std::string watched_;
    Values values_, rate_values_;  // of the step
    Memory memory_;
    Log* log_ = nullptr;
    std::vector<EpochReport> history_;
    Clock::time_point started_;
    double input_seconds_ = 0;  // of the running epoch
};

}  // namespace

NotFinite::NotFinite(source::Diagnostic diagnostic, std::int64_t the_step, int the_call, int the_buffer, std::string the_tensor)
    : UserError(std::move(diagnostic)), step(the_step), call(the_call), buffer(the_buffer), tensor(std::move(the_tensor)) {}

CheckFailed::CheckFailed(source::Diagnostic diagnostic, std::int64_t the_step, std::string the_check, double the_violations)
    : UserError(std::move(diagnostic)), step(the_step), check(std::move(the_check)), violations(the_violations) {}

NothingToWatch::NothingToWatch(source::Diagnostic diagnostic, std::string the_setting)
    : UserError(std::move(diagnostic)), setting(std::move(the_setting)) {}

Outcome train(const Run& run) { return Loop(run).go(); }

}  // namespace dlc::train
