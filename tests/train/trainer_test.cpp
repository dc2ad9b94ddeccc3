#include "runtime/train/trainer.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/train/checkpoint.h"
#include "tests/data/files.h"
#include "tests/runtime/allocations.h"
#include "tests/train/fake_model.h"

using namespace dlc;
using namespace dlc::train;
using fake::Experiment;
using nlohmann::json;

namespace {

std::vector<float> weights(Program& program) {
    data::NamedArrays arrays = persistent(program);
    const auto values = arrays.at("net.weight").as<float>();
    return {values.begin(), values.end()};
}

std::vector<json> lines(const std::filesystem::path& path) {
    std::vector<json> result;
    std::istringstream text(contents(path));
    for (std::string line; std::getline(text, line);) {
        result.push_back(json::parse(line));
        result.back().erase("seconds");
        result.back().erase("input_seconds");
    }
    return result;
}

/// Calls a function at each step.
struct AtStep : Listener {
    std::function<void(const StepReport&)> act;
    explicit AtStep(std::function<void(const StepReport&)> what) : act(std::move(what)) {}
    void step(const StepReport& report) override { act(report); }
};

}  // namespace

TEST(Train, LearnsAndReports) {
    Experiment setup;
    setup.run.recipe.epochs = 12;
    const Outcome outcome = train::train(setup.run);
    EXPECT_EQ(outcome.end, Outcome::End::finished);
    EXPECT_EQ(outcome.steps, 12 * 12);
    EXPECT_EQ(outcome.epochs, 12);
    ASSERT_EQ(outcome.history.size(), 12u);
    EXPECT_GT(outcome.history.front().validation.at("squared_error"), 1);
    EXPECT_LT(outcome.history.back().validation.at("squared_error"), 0.2);
    EXPECT_LT(outcome.history.back().training.at("absolute_error"), outcome.history.front().training.at("absolute_error"));
    EXPECT_EQ(scalar(*setup.model.program().find(Role::state, "state/net.count")), 144);
    EXPECT_FALSE(outcome.best_epoch);
}

TEST(Train, SameBitsForAnyNumberOfThreads) {
    std::vector<float> first;
    for (const int threads : {1, 2, 3, 8}) {
        Experiment setup(threads);
        train::train(setup.run);
        if (first.empty()) first = weights(setup.model.program());
        EXPECT_EQ(weights(setup.model.program()), first) << threads << " threads";
    }
    Experiment other(2, 8, 6);
    train::train(other.run);
    EXPECT_NE(weights(other.model.program()), first) << "another seed";
}

TEST(Train, InterruptedAndResumedEndsWithTheSameBits) {
    const TemporaryFolder whole, parts;
    {
        Experiment setup;
        setup.run.files.folder = whole.path;
        setup.run.files.log = whole / "log.jsonl";
        setup.run.files.log_steps = true;
        setup.run.recipe.patience = Patience{.epochs = 50, .watch = {"validation.squared_error", false}, .least = 0};
        train::train(setup.run);
    }
    std::atomic<bool> stop{false};
    int runs = 0;
    for (bool finished = false; !finished; ++runs) {
        Experiment setup(1 + runs % 3);
        AtStep listener([&](const StepReport& report) { stop = report.step >= 10 * (runs + 1); });
        stop = false;
        setup.run.files.folder = parts.path;
        setup.run.files.log = parts / "log.jsonl";
        setup.run.files.log_steps = true;
        setup.run.files.resume = true;
        setup.run.recipe.patience = Patience{.epochs = 50, .watch = {"squared_error", false}, .least = 0};
        setup.run.listener = &listener;
        setup.run.interrupt = &stop;
        const Outcome outcome = train::train(setup.run);
        finished = outcome.end == Outcome::End::finished;
        if (!finished) { EXPECT_EQ(outcome.end, Outcome::End::interrupted); }
    }
    EXPECT_GT(runs, 5);
    EXPECT_EQ(contents(parts / "last.safetensors"), contents(whole / "last.safetensors"));
    EXPECT_EQ(contents(parts / "best.safetensors"), contents(whole / "best.safetensors"));
    EXPECT_EQ(lines(parts / "log.jsonl"), lines(whole / "log.jsonl"));
}

TEST(Train, KilledAtAnyMomentAndResumedEndsWithTheSameBits) {
    const TemporaryFolder whole, killed;
    const auto run_in = [](const std::filesystem::path& folder, int pause_us) {
        Experiment setup;
        AtStep listener([&](const StepReport&) { std::this_thread::sleep_for(std::chrono::microseconds(pause_us)); });
        setup.run.files.folder = folder;
        setup.run.files.every_steps = 1;  // so that many kills fall into the writing of a checkpoint
        setup.run.files.log = folder / "log.jsonl";
        setup.run.files.log_steps = true;
        setup.run.files.resume = true;
        setup.run.listener = &listener;
        setup.run.recipe.patience = Patience{.epochs = 50, .watch = {"squared_error", false}, .least = 0};
        train::train(setup.run);
    };
    run_in(whole.path, 0);
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    int kills = 0;
    unsigned longest_us = 20000;
    std::string progress;
    for (bool finished = false; !finished;) {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                run_in(killed.path, 300);
            } catch (const std::exception& error) {
                std::fprintf(stderr, "%s\n", error.what());
                ::_exit(9);
            }
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(random() % longest_us));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        finished = WIFEXITED(status);
        if (finished) { ASSERT_EQ(WEXITSTATUS(status), 0); }
        kills += !finished;
        ASSERT_LT(kills, 2000) << "no progress";
        // A machine so slow that nothing was saved in the time gets more.
        const std::string now = contents(killed / "last.safetensors");
        if (now == progress) longest_us += longest_us / 2;
        progress = now;
    }
    EXPECT_GE(kills, 2);
    EXPECT_EQ(contents(killed / "last.safetensors"), contents(whole / "last.safetensors"));
    EXPECT_EQ(contents(killed / "best.safetensors"), contents(whole / "best.safetensors"));
    EXPECT_EQ(lines(killed / "log.jsonl"), lines(whole / "log.jsonl"));
}

TEST(Train, KilledBetweenBestAndLastLosesNothing) {
    const TemporaryFolder folder;
    const auto run = [&](std::int64_t epochs) {
        Experiment setup;
        setup.run.files.folder = folder.path;
        setup.run.files.resume = true;
        setup.run.recipe.epochs = epochs;
        setup.run.recipe.patience = Patience{.epochs = 50, .watch = {"squared_error", false}, .least = 0};
        train::train(setup.run);
        return weights(setup.model.program());
    };
    run(3);
    const std::string last = contents(folder / "last.safetensors");
    const std::vector<float> expected = run(4);
    folder.write("last.safetensors", last);  // as if killed after best.safetensors of epoch 4 was written
    EXPECT_EQ(run(4), expected);
}

TEST(Train, PatienceStopsAndPutsTheBestBack) {
    const TemporaryFolder folder;
    Experiment setup;
    setup.run.files.folder = folder.path;
    setup.run.recipe.epochs = 100;
    setup.run.recipe.patience = Patience{.epochs = 3, .watch = {"validation.squared_error", false}, .least = 0};
    std::vector<std::vector<float>> after_epoch;
    struct Watch : Listener {
        Experiment& setup;
        std::vector<std::vector<float>>& seen;
        Watch(Experiment& s, std::vector<std::vector<float>>& v) : setup(s), seen(v) {}
        void epoch(const EpochReport&) override { seen.push_back(weights(setup.model.program())); }
    } watch(setup, after_epoch);
    setup.run.listener = &watch;
    const Outcome outcome = train::train(setup.run);
    ASSERT_EQ(outcome.end, Outcome::End::stopped_early);
    ASSERT_TRUE(outcome.best_epoch);
    EXPECT_EQ(outcome.epochs, *outcome.best_epoch + 1 + 3);
    double least = 1e300;
    std::int64_t best = -1;
    for (const EpochReport& report : outcome.history)
        if (report.validation.at("squared_error") < least) least = report.validation.at("squared_error"), best = report.epoch;
    EXPECT_EQ(*outcome.best_epoch, best);
    EXPECT_EQ(weights(setup.model.program()), after_epoch[static_cast<std::size_t>(best)]);
    EXPECT_EQ(outcome.checkpoint, folder / "best.safetensors");
    EXPECT_EQ(read_checkpoint(outcome.checkpoint).metadata.at("dlc.epoch"), std::to_string(best));

    Experiment again;
    again.run.files = setup.run.files;
    again.run.files.resume = true;
    again.run.recipe = setup.run.recipe;
    const Outcome resumed = train::train(again.run);
    EXPECT_EQ(resumed.end, Outcome::End::stopped_early) << "it stays stopped";
    EXPECT_EQ(weights(again.model.program()), after_epoch[static_cast<std::size_t>(best)]);
}

TEST(Train, PatienceCanMaximizeAndAskForAStep) {
    Experiment setup;
    setup.run.recipe.epochs = 100;
    setup.run.recipe.patience = Patience{.epochs = 2, .watch = {"training.squared_error", true}, .least = 0};
    EXPECT_EQ(train::train(setup.run).best_epoch, 0) << "the error only falls";
    Experiment demanding;
    demanding.run.recipe.epochs = 100;
    demanding.run.recipe.patience = Patience{.epochs = 2, .watch = {"squared_error", false}, .least = 1e6};
    EXPECT_EQ(train::train(demanding.run).epochs, 3);
}

TEST(Train, APlateauLowersTheRateUntilTheLeast) {
    Experiment setup;
    setup.run.recipe.epochs = 8;
    // The training error only falls, so looked at as something to maximise it never improves on its first value.
    setup.run.recipe.rates["lr"] = {.kind = schedule_named("plateau"),
                                    .base = 0.02,
                                    .factor = 0.5,
                                    .watch = {"training.squared_error", true},
                                    .patience = 2,
                                    .least = 0.004};
    const Outcome outcome = train::train(setup.run);
    std::vector<double> rates;
    for (const EpochReport& report : outcome.history) rates.push_back(report.rates.at("lr"));
    EXPECT_EQ(rates, (std::vector<double>{0.02, 0.02, 0.02, 0.01, 0.01, 0.005, 0.005, 0.004}));
}

TEST(Train, APlateauResumedEndsWithTheSameBits) {
    const TemporaryFolder whole, parts;
    const auto run = [](const std::filesystem::path& folder, std::int64_t steps) {
        Experiment setup;
        setup.run.files.folder = folder;
        setup.run.files.resume = true;
        setup.run.recipe.epochs = 8;
        setup.run.recipe.steps = steps;
        setup.run.recipe.rates["lr"] = {.kind = schedule_named("plateau"),
                                        .base = 0.02,
                                        .factor = 0.5,
                                        .warmup = 5,
                                        .watch = {"squared_error", true},
                                        .patience = 2};
        train::train(setup.run);
        return read_checkpoint(folder / "last.safetensors").metadata.at("dlc.plateau.lr");
    };
    EXPECT_EQ(run(whole.path, 96), "0x1.47ae147ae147bp-9") << "0.02 / 8, in hexadecimal";
    // Amid the first wait, at the end of an epoch, after a fall, amid a wait.
    for (const std::int64_t steps : {17, 36, 41, 60, 96}) run(parts.path, steps);
    EXPECT_EQ(contents(parts / "last.safetensors"), contents(whole / "last.safetensors"));
}

TEST(Train, AStepThatGoesBadAfterAPlateauIsRunAgainWithItsRates) {
    Experiment setup;
    setup.run.recipe.epochs = 50;
    // The error grows from the first step on, and the rate falls after every epoch but the first.
    setup.run.recipe.rates["lr"] = {
        .kind = schedule_named("plateau"), .base = 1.2, .factor = 0.95, .watch = {"training.squared_error", false}, .patience = 1};
    try {
        train::train(setup.run);
        FAIL() << "the run diverges";
    } catch (const NotFinite& error) {
        EXPECT_GT(error.step % 64, 12) << "the rate, which falls each epoch, fell since the last regular snapshot";
        EXPECT_EQ(error.tensor, "squared_error");
        EXPECT_NE(error.diagnostic.notes.at(0), "`lr` is 1.2 at this step");
    }
}

TEST(Train, PatienceOnAnUnknownNameIsAnErrorBeforeTheFirstStep) {
    Experiment setup;
    setup.run.recipe.patience = Patience{.epochs = 3, .watch = {"validation.square_error", false}, .least = 0};
    EXPECT_EQ(
        user_error([&] { train::train(setup.run); }),
        "E0455: `stop_early` watches `validation.square_error`, but a run has training.absolute_error, training.squared_error, "
        "validation.squared_error, validation.absolute_error");
}

TEST(Train, ALossThatIsNotFiniteNamesTheFirstBadTensor) {
    const TemporaryFolder folder;
    Experiment setup;
    setup.run.files.folder = folder.path;
    setup.run.recipe.epochs = 50;
    setup.run.recipe.rates["lr"] = {.base = 3};  // diverges: the error grows by a factor each step until squares overflow
    try {
        train::train(setup.run);
        FAIL() << "the run diverges";
    } catch (const NotFinite& error) {
        EXPECT_EQ(error.diagnostic.code.text, "E0501");
        EXPECT_GT(error.step, 12) << "a whole epoch went well";
        EXPECT_EQ(error.tensor, "squared_error") << "the square overflows first";
        EXPECT_EQ(error.call, 2);
        EXPECT_EQ(error.diagnostic.message,
                  "`squared_error` is inf at step " + std::to_string(error.step) + ": `squared_error` is the first to hold inf");
        ASSERT_EQ(error.diagnostic.notes.size(), 1u);
        EXPECT_EQ(error.diagnostic.notes[0], "`lr` is 3 at this step");
    }
    const Checkpoint last = read_checkpoint(folder / "last.safetensors");
    for (const float value : last.arrays.at("net.weight").as<float>()) EXPECT_TRUE(std::isfinite(value));
}

TEST(Train, ABadInputIsNamed) {
    Experiment setup;
    data::Table table = *setup.training_set;
    table.columns[0].values.as<float>()[40 * fake::kInputs + 2] = NAN;
    const auto shared = std::make_shared<const data::Table>(std::move(table));
    const auto feed = data::shuffled(data::everything(shared), fields(setup.model.program()), 5);
    train::Run run{setup.run.step, nullptr, *feed, nullptr, setup.run.recipe, {}, nullptr, nullptr};
    try {
        train::train(run);
        FAIL();
    } catch (const NotFinite& error) {
        EXPECT_EQ(error.tensor, "x");
        EXPECT_EQ(error.call, -1);
        EXPECT_NE(error.diagnostic.message.find("`x` is the first to hold nan"), std::string::npos) << error.diagnostic.message;
    }
}

TEST(Train, AnUpdateThatOverflowsIsFoundBeforeItIsSaved) {
    const TemporaryFolder folder;
    Experiment setup;
    setup.run.files.folder = folder.path;
    // The rate becomes huge in the last step of the second epoch: its loss is fine, what it leaves is not.
    setup.run.recipe.rates["lr"] = {.kind = schedule_named("staircase"), .base = 1e-6, .factor = 3e44, .steps = 23};
    try {
        train::train(setup.run);
        FAIL();
    } catch (const NotFinite& error) {
        EXPECT_EQ(error.step, 23);
        EXPECT_EQ(error.tensor, "net.weight");
        EXPECT_EQ(error.call, 3);
        EXPECT_EQ(error.diagnostic.message.substr(0, 32), "a bad number appears at step 23:") << error.diagnostic.message;
    }
    EXPECT_EQ(read_checkpoint(folder / "last.safetensors").metadata.at("dlc.step"), "12");
}

TEST(Train, AFailedCheckStops) {
    Experiment setup;
    data::Table table = *setup.training_set;
    table.columns[0].values.as<float>()[40 * fake::kInputs + 2] = 2000;
    const auto shared = std::make_shared<const data::Table>(std::move(table));
    const auto feed = data::shuffled(data::everything(shared), fields(setup.model.program()), 5);
    train::Run run{setup.run.step, nullptr, *feed, nullptr, setup.run.recipe, {}, nullptr, nullptr};
    try {
        train::train(run);
        FAIL();
    } catch (const CheckFailed& error) {
        EXPECT_EQ(error.diagnostic.code.text, "E0502");
        EXPECT_EQ(error.check, "inputs stay below 1000");
        EXPECT_EQ(error.violations, 1);
        EXPECT_EQ(error.diagnostic.message, "inputs stay below 1000 (at step " + std::to_string(error.step) + " once)");
    }
}

TEST(Resume, RefusesACheckpointOfAnotherRun) {
    const TemporaryFolder folder;
    Experiment first;
    first.run.files.folder = folder.path;
    first.run.recipe.epochs = 1;
    train::train(first.run);
    const std::string file = (folder / "last.safetensors").string();
    const auto error = [&](auto change) {
        Experiment setup;
        setup.run.files.folder = folder.path;
        setup.run.files.resume = true;
        change(setup.run);
        const std::vector<float> before = weights(setup.model.program());
        const std::string said = user_error([&] { train::train(setup.run); });
        EXPECT_EQ(weights(setup.model.program()), before) << "nothing was copied";
        return said;
    };
    EXPECT_EQ(error([](train::Run& run) { run.files.model_hash = "beef"; }),
              "E0451: " + file + " was made with the model 5eed, this run has beef");
    EXPECT_EQ(error([](train::Run& run) { run.recipe.seed = 6; }), "E0451: " + file + " was made with seed 5, this run has 6");
    {
        Experiment setup(2, 4);
        setup.run.files = {.folder = folder.path, .log = {}, .resume = true, .model_hash = "5eed"};
        EXPECT_EQ(user_error([&] { train::train(setup.run); }),
                  "E0451: " + file + " was made with steps an epoch: 12, this run has 25");
    }
    Checkpoint other = read_checkpoint(file);
    other.arrays["conv.weight"] = other.arrays["net.weight"];
    other.arrays.erase("net.weight");
    write_checkpoint(file, other);
    EXPECT_EQ(error([](train::Run&) {}), "E0451: " + file + " lacks `net.weight`, which is f32[2, 3] in the model");
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    EXPECT_NE(environment_error(folder,
                                [&] {
                                    Experiment setup;
                                    setup.run.files.folder = folder.path;
                                    setup.run.files.resume = true;
                                    train::train(setup.run);
                                })
                  .find("last.safetensors: damaged"),
              std::string::npos);
}

TEST(Train, AnUnwritableFolderOrLogIsAnErrorBeforeTheFirstStep) {
    const TemporaryFolder folder;
    folder.write("file", "");
    int steps = 0;
    AtStep listener([&](const StepReport&) { ++steps; });
    Experiment setup;
    setup.run.listener = &listener;
    setup.run.files.folder = folder / "file/run";
    EXPECT_NE(environment_error(folder, [&] { train::train(setup.run); }).find("file/run: cannot make the folder"),
              std::string::npos);
    setup.run.files.folder = folder / "runs/0001";
    setup.run.files.log = folder / "nowhere/log.jsonl";
    EXPECT_EQ(environment_error(folder, [&] { train::train(setup.run); }),
              "nowhere/log.jsonl: cannot write the log: No such file or directory");
    EXPECT_EQ(steps, 0);
    EXPECT_TRUE(std::filesystem::is_directory(folder / "runs/0001")) << "missing folders are made";
    setup.run.files.log = "/dev/full";
    setup.run.files.log_steps = true;
    EXPECT_EQ(environment_error(folder, [&] { train::train(setup.run); }),
              "/dev/full: cannot write the log: No space left on device");
}

TEST(Train, StepsMayEndARunOrStandForEpochs) {
    Experiment setup;
    setup.run.recipe.steps = 5;
    EXPECT_EQ(train::train(setup.run).steps, 5);
    Experiment alone;
    alone.run.recipe.steps = 30;
    alone.run.recipe.epochs = 0;
    const Outcome outcome = train::train(alone.run);
    EXPECT_EQ(outcome.steps, 30);
    EXPECT_EQ(outcome.epochs, 2);
    Experiment none;
    none.run.recipe.epochs = 0;
    EXPECT_EQ(train::train(none.run).steps, 0);
}

TEST(Train, GivenBatchesAreTakenInTheirOrderAndLossesLoggedBeforeTheUpdate) {
    const TemporaryFolder folder;
    Experiment setup;
    data::Array x(DLC_F32, {3, 8, fake::kInputs}), y(DLC_F32, {3, 8});
    for (std::size_t i = 0; i < 24; ++i) y.as<float>()[i] = static_cast<float>(i / 8 + 1);
    const auto feed = data::given({{"x", x}, {"y", y}}, fields(setup.model.program()));
    train::Run run{setup.run.step, nullptr, *feed, nullptr, setup.run.recipe, {}, nullptr, nullptr};
    run.recipe.epochs = 1;
    run.files.log = folder / "steps.jsonl";
    run.files.log_steps = true;
    train::train(run);
    const std::vector<json> log = lines(folder / "steps.jsonl");
    ASSERT_EQ(log.size(), 4u);
    for (int step = 0; step < 3; ++step) {
        const json& line = log[static_cast<std::size_t>(step)];
        EXPECT_EQ(line["event"], "step");
        EXPECT_EQ(line["step"], step);
        EXPECT_EQ(line["values"]["squared_error"], (step + 1) * (step + 1)) << "x is zero, so h is";
        EXPECT_NEAR(line["rates"]["lr"].get<double>(), 0.02 * (step + 1) / 5, 1e-12);
    }
    EXPECT_EQ(log[3]["event"], "epoch");
    EXPECT_NEAR(log[3]["training"]["squared_error"].get<double>(), 14.0 / 3, 1e-12);
}

TEST(Train, TheRateIsSetEachStep) {
    Experiment setup;
    std::vector<double> seen;
    const Tensor& rate = *setup.model.program().find(Role::rate, "lr");
    AtStep listener([&](const StepReport&) { seen.push_back(scalar(rate)); });
    setup.run.listener = &listener;
    setup.run.recipe.epochs = 1;
    train::train(setup.run);
    ASSERT_EQ(seen.size(), 12u);
    for (std::size_t step = 0; step < 12; ++step)
        EXPECT_EQ(seen[step], static_cast<float>(setup.run.recipe.rates.at("lr").at(static_cast<std::int64_t>(step))));
}

TEST(Train, StepsDoNotAllocate) {
#if DLC_COUNTS_ALLOCATIONS
    Experiment setup;
    std::vector<long> counts;
    counts.reserve(1000);
    AtStep listener([&](const StepReport&) { counts.push_back(g_allocations); });
    setup.run.listener = &listener;
    train::train(setup.run);
    // Within an epoch, past the first steps, in which the prefetching thread starts: neither the loop, nor the feed, nor the
    // kernels.
    for (std::size_t step = 3; step < 12; ++step) EXPECT_EQ(counts[step], counts[step - 1]) << "step " << step;
#else
    GTEST_SKIP() << "the sanitizer owns the allocator";
#endif
}

TEST(Evaluate, CountsEveryExampleOnce) {
    // 27 examples in batches of 8: the last holds 3.
    Experiment setup;
    copy_parameters(setup.model.program(), setup.evaluation.program());
    const Values means = evaluate(setup.evaluation.program(), *setup.validation);
    double squares = 0, absolute = 0;
    const std::vector<float> packed = weights(setup.model.program());
    float stored[fake::kInputs];
    for (int k = 0; k < fake::kInputs; ++k) stored[k] = packed[static_cast<std::size_t>(k % 2 * 3 + k / 2)];
    for (std::size_t i = 0; i < 27; ++i) {
        float h = 0;
        for (std::size_t k = 0; k < fake::kInputs; ++k)
            h += setup.validation_set->columns[0].values.as<float>()[i * fake::kInputs + k] * stored[k];
        const double d = h - setup.validation_set->columns[1].values.as<float>()[i];
        squares += d * d, absolute += std::fabs(d);
    }
    EXPECT_NEAR(means.at("squared_error"), squares / 27, 1e-5);
    EXPECT_NEAR(means.at("absolute_error"), absolute / 27, 1e-5);
}

TEST(Evaluate, FewerExamplesThanABatchAreEnough) {
    Experiment setup;
    const auto feed_of = [&](std::vector<std::int64_t> rows) {
        return data::in_order({setup.validation_set, std::move(rows)}, fields(setup.evaluation.program()));
    };
    copy_parameters(setup.model.program(), setup.evaluation.program());
    const double both = evaluate(setup.evaluation.program(), *feed_of({0, 1})).at("squared_error");
    const double first = evaluate(setup.evaluation.program(), *feed_of({0})).at("squared_error");
    const double second = evaluate(setup.evaluation.program(), *feed_of({1})).at("squared_error");
    EXPECT_NEAR(both / ((first + second) / 2), 1, 1e-6) << "four times the rounding of a float";
}
