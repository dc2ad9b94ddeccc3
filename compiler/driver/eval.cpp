// dlc eval: losses and metrics on one split, with confidence intervals.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/driver/dataset.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/row.h"
#include "runtime/train/trainer.h"

namespace dlc::driver {
namespace {

using Options = TrainedOptions;

struct Interval {
    double mean = 0, half = 0;  // 95 %
};

// Student's t at 0.975 for `n` degrees of freedom (Abramowitz & Stegun 26.7.5, the expansion in 1/n; within 0.3 % from n = 4 on).
double student(double n) {
    const double z = 1.959963984540054, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

/// The mean over all examples, and an interval from the spread of the full batches' means, which are independent draws.
std::map<std::string, Interval> with_intervals(train::Program& program, data::Feed& feed) {
    std::map<std::string, std::vector<double>> means;
    const train::Values whole = train::evaluate(program, feed, [&](const train::Values& batch) {
        for (const auto& [name, mean] : batch) means[name].push_back(mean);
    });
    std::map<std::string, Interval> out;
    for (const auto& [name, mean_of_all] : whole) {
        const std::vector<double>& m = means[name];
        const double n = double(m.size());
        double mean = 0, squares = 0;
        for (double v : m) mean += v / n;
        for (double v : m) squares += (v - mean) * (v - mean);
        out[name] = {mean_of_all, n < 5 ? NAN : student(n - 1) * std::sqrt(squares / (n - 1) / n)};
    }
    return out;
}

void evaluate(const Global& global, const Options& options) {
    Session session(global);
    const auto program = session.load(options.program.file);
    const Model model = open_model(session, *program, session.options(options.program, false), options.model, 32);
    const ir::Graph declared = forward(session, *program, model, false).graph;
    Runnable runnable(declared, {global.threads, true, {}});
    session.guard([&] {
        const TrainedWeights weights = read_weights(options.weights, options.raw ? Weights::raw : Weights::averaged);
        load_weights(runnable.program(), declared, weights);
        const std::uint64_t seed = seed_of(session, model, options, weights.metadata);
        set_seed(runnable.program(), seed);
        const bool has_inputs = !model.info.inputs.empty();
        std::int64_t examples = 0;
        const auto values = guard_data(model, {}, [&] {
            if (!has_inputs) return guard_checks(declared, [&] { return with_intervals(runnable.program(), *data::nothing()); });
            const Data data = load_data(session, model, seed);
            data::Subset subset = evaluated(data, split_named(session, data, options.split), model.batch);
            examples = subset.examples();
            std::vector<data::Field> fields = fields_of(runnable.program(), declared, *subset.table);
            return guard_checks(declared, [&] {
                return with_intervals(runnable.program(), *data::in_order(std::move(subset), std::move(fields)));
            });
        });
        nlohmann::json json{{"schema", "dlc.eval/1"}, {"model", model.info.name}};
        if (has_inputs) json.update({{"split", options.split}, {"examples", examples}});
        std::vector<std::vector<std::string>> rows{{"", "mean", "95 % interval"}};
        for (const auto& [name, v] : values) {
            json["values"][name] = {{"mean", v.mean}, {"low", v.mean - v.half}, {"high", v.mean + v.half}};
            rows.push_back({name, fmt::format("{:.4f}", v.mean),
                            !has_inputs          ? "one value"
                            : std::isnan(v.half) ? "too few batches"
                                                 : fmt::format("[{:.4f}, {:.4f}]", v.mean - v.half, v.mean + v.half)});
        }
        if (global.json) fmt::print("{}\n", json.dump(2));
        if (!global.json)
            fmt::print(
                "{}{}\n{}", model.info.name,
                has_inputs ? fmt::format(" on {} examples ({})", human_count(examples), options.split) : ", which has no inputs",
                table(rows));
    });
}

void declare(CLI::App& app, Global& global, int&) {
    auto options = std::make_shared<Options>();
    options->declare(app);
    app.callback([&global, options] { evaluate(global, *options); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, eval) = {"eval", "losses and metrics on a split, with intervals",
                          "dlc eval models/xor/model.dlm --weights runs/Xor/0001", declare};
}  // namespace rows
}  // namespace dlc::driver
