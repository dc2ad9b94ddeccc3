// dlc train: trains as the model's file declares, or step by step from given parameters and batches.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "compiler/driver/augment.h"
#include "compiler/driver/dataset.h"
#include "compiler/driver/initialize.h"
#include "compiler/driver/program.h"
#include "compiler/driver/recipe.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/row.h"
#include "runtime/data/numpy.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/trainer.h"

namespace dlc::driver {
namespace {

namespace fs = std::filesystem;

struct Options {
    ProgramOptions program;
    std::string model, folder, init, batches, log, save;
    bool resume = false, no_cache = false;
    std::optional<std::int64_t> memory_limit;
    Overrides overrides;
};

std::atomic<bool> interrupted{false};
std::atomic<int> interrupted_by{0};

// The first Ctrl-C asks for a checkpoint, the second ends the process at once.
void catch_interrupts() {
    struct sigaction action {};
    action.sa_handler = [](int signal) {
        interrupted_by = signal;
        interrupted = true;
    };
    action.sa_flags = int(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

// Four decimals where they say something.
std::string show(double value) {
    const double size = std::abs(value);
    return size == 0 || (size >= 1e-3 && size < 1e6) ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
}

std::string show(const train::Values& values, const std::string& prefix) {
    std::string out;
    for (const auto& [name, value] : values) out += fmt::format(" {}{}={}", prefix, name, show(value));
    return out;
}

/// A program that reads --json reads standard error too, where errors are JSON lines.
bool silent(const Global& global) { return global.quiet || global.json; }

std::string counted(std::int64_t count, const char* what) { return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s"); }

class Reporter final : public train::Listener {
public:
    explicit Reporter(const Global& global) : global_(global), line_(global) {}

    void resumed(std::int64_t step, const fs::path& from) override {
        if (!silent(global_)) narrate("resumed from {} at step {}\n", from.string(), step);
        first_ = step;
    }
    void step(const train::StepReport& r) override {
        if (!first_) first_ = r.step;
        const double rate = double(r.step + 1 - *first_) / std::max(r.seconds, 1e-9);
        const double left = double(r.total_steps - r.step - 1) / std::max(rate, 1e-9);
        line_.show(fmt::format("epoch {}  {:3.0f} %  {:.{}f} steps/s {}  at most {} left", r.epoch + 1,
                               100.0 * double(r.step_in_epoch + 1) / double(r.steps_per_epoch), rate, rate < 10 ? 2 : 0,
                               show(r.values, ""), human_seconds(left)));
    }
    void epoch(const train::EpochReport& r) override {
        line_.clear();
        if (silent(global_)) return;
        const std::string input =
            global_.verbose ? fmt::format(" input={:.1f}%", 100 * r.input_seconds / std::max(r.seconds, 1e-9)) : "";
        narrate("epoch={}{}{} seconds={:.1f}{}{}\n", r.epoch + 1, show(r.training, ""), show(r.validation, "validation."),
                r.seconds, input, r.improved ? " *" : "");
        std::fflush(stderr);
    }

private:
    const Global& global_;
    ProgressLine line_;
    std::optional<std::int64_t> first_;
};

/// The folder of this run: as given, or the next number under runs/MODEL; with --resume the newest there.
fs::path run_folder(const Options& options, const std::string& model) {
    if (!options.folder.empty()) {
        if (!options.resume && fs::exists(fs::path(options.folder) / "last.safetensors"))
            usage_error(options.folder + " holds a run already", "--resume continues it; --out takes another folder");
        return options.folder;
    }
    const fs::path parent = fs::path("runs") / model;
    int newest = 0;
    std::error_code error;
    for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error))
        newest = std::max(newest, std::atoi(it->path().filename().c_str()));
    if (options.resume && newest == 0)
        usage_error("there is no run of " + model + " to resume under runs/", "leave --resume out to begin one");
    return parent / fmt::format("{:04}", options.resume ? newest : newest + 1);
}

/// That a file can be made there is looked at before training, not after.
void check_place(const std::string& path) {
    if (path.empty()) return;
    fs::path folder = fs::path(path).parent_path();
    if (folder.empty()) folder = ".";
    if (!fs::is_directory(folder)) throw source::EnvironmentError(fmt::format("{}: there is no folder {}", path, folder.string()));
    if (access(folder.c_str(), W_OK) != 0)
        throw source::EnvironmentError(fmt::format("{}: the folder {} is not writable", path, folder.string()));
}

/// The call in the user's file of the layer a value belongs to: `dense_2/y` is of `dense_2`.
source::Span layer_of(const elaborate::Elaborated& program, std::string value) {
    const std::size_t slash = value.rfind('/');
    if (slash == std::string::npos) return {};
    value.resize(slash);
    std::replace(value.begin(), value.end(), '/', '.');
    for (const elaborate::LayerInfo& layer : program.layers)
        if (layer.path == value) return layer.span;
    return {};
}

// The line of the program a bad number came from: of what the call that wrote it computes, the value that is bad.  What a library
// layer computes is the user's call of that layer first.
[[noreturn]] void explain_bad_number(Session& session, const elaborate::Elaborated& program, const Runnable& step,
                                     const train::NotFinite& e, const fs::path& folder) {
    source::Diagnostic d = e.diagnostic;
    if (e.call >= 0) {
        const ir::Origin* found = nullptr;
        for (const ir::Origin& origin : step.layout().calls[std::size_t(e.call)].origins)
            if (origin.span && (!found || (origin.name == e.tensor && found->name != e.tensor))) found = &origin;
        const source::Span layer = found ? layer_of(program, found->name) : source::Span{};
        if (layer) d.labels.push_back({layer, "in this layer"});
        if (found) d.labels.push_back({found->span, fmt::format("`{}` is computed here", e.tensor)});
    } else if (ir::NodeId leaf = program.graph.leaf(e.tensor)) {
        d.labels.push_back({program.graph[leaf].origin.span, "it held a bad value before the step"});
    }
    if (!folder.empty() && fs::exists(folder / "last.safetensors"))
        d.notes.push_back("last good checkpoint: " + (folder / "last.safetensors").string());
    if (d.help.empty() && e.step > 0) d.help = "try a smaller learning rate: --set optimizer.lr=…";
    session.show(d);
    throw Exit{1};
}

void describe(const Global& global, const Model& model, const elaborate::Elaborated& elaborated, const Runnable& step) {
    if (silent(global)) return;
    std::int64_t parameters = 0;
    for (const auto& p : elaborated.parameters) parameters += ir::volume(p.shape);
    const CompileTimes& t = step.times();
    narrate("{}: {} parameters, batch {}, {} kernels ({} from the cache) in {}, {} of memory\n", model.info.name,
            human_count(parameters), model.batch, step.layout().calls.size(), t.from_cache,
            human_seconds(t.passes + t.plan + t.codegen + t.memory), human_bytes(step.memory_bytes()));
    if (model.options.real == ir::Type::bf16) narrate("bf16 is what is stored; products are computed in f32\n");
    if (const std::optional<Recomputation>& r = step.recomputation())
        narrate("memory limit: workspace {} instead of {}, {:.1f} % more multiply-adds\n", human_bytes(r->workspace),
                human_bytes(r->workspace_without),
                100 * double(r->multiply_adds - r->multiply_adds_without) /
                    double(std::max<std::int64_t>(r->multiply_adds_without, 1)));
    if (global.verbose)
        narrate("  {}, code {}, memory {}\n",
                t.plan_from_cache ? fmt::format("plan from the cache {}", human_seconds(t.plan))
                                  : fmt::format("passes {}, plan {}", human_seconds(t.passes), human_seconds(t.plan)),
                human_seconds(t.codegen), human_seconds(t.memory));
}

Model open_recipe(Session& session, const elaborate::Program& program, const Options& options) {
    Model model = open_model(session, program, session.options(options.program, true), options.model, 32);
    if (!model.recipe.settings.contains("optimizer")) {
        session.diagnostics.report(
            source::error(source::code("E0404"), fmt::format("the recipe of `{}` names no optimizer", model.info.name))
                .at(recipe_span(model))
                .helped("add `optimizer = adam(lr = 1e-3)` to the train block"));
        session.fail();
    }
    return model;
}

Runnable compile_step(Session& session, const ir::Graph& graph, const Options& options,
                      std::optional<std::int64_t> memory_limit = {}) {
    CompileSettings settings{.threads = session.global.threads, .cache = !options.no_cache, .memory_limit = memory_limit};
    ProgressLine line(session.global);
    settings.progress = [&](std::size_t done, std::size_t total, bool) {
        line.show(fmt::format("compiling: {} of {} kernels", done, total));
    };
    return Runnable(graph, settings);
}

void report(const Global& global, const Runnable& step, const train::Outcome& outcome, const fs::path& folder,
            const std::string& save) {
    if (global.json) {
        nlohmann::json json{{"schema", "dlc.train/1"},
                            {"steps", outcome.steps},
                            {"epochs", outcome.epochs},
                            {"folder", folder.string()},
                            {"memory_bytes", step.memory_bytes()},
                            {"history", nlohmann::json::array()}};
        json["end"] = outcome.end == train::Outcome::End::finished        ? "finished"
                      : outcome.end == train::Outcome::End::stopped_early ? "stopped_early"
                                                                          : "interrupted";
        if (const std::optional<Recomputation>& r = step.recomputation())
            json["memory_limit"] = {{"workspace_bytes", r->workspace},
                                    {"workspace_bytes_without", r->workspace_without},
                                    {"multiply_adds", r->multiply_adds},
                                    {"multiply_adds_without", r->multiply_adds_without}};
        if (!folder.empty()) json["checkpoint"] = outcome.checkpoint.string();
        if (outcome.best_epoch) {
            json["best_epoch"] = *outcome.best_epoch + 1;
            json["best"] = {{"epoch", *outcome.best_epoch + 1}, {"name", outcome.watched}, {"value", outcome.best_value}};
        }
        for (const train::EpochReport& e : outcome.history)
            json["history"].push_back({{"epoch", e.epoch + 1},
                                       {"training", e.training},
                                       {"validation", e.validation},
                                       {"seconds", e.seconds},
                                       {"input_seconds", e.input_seconds}});
        fmt::print("{}\n", json.dump(2));
    } else if (!global.quiet) {
        if (outcome.end == train::Outcome::End::interrupted) narrate("stopped at step {}", outcome.steps);
        if (outcome.end == train::Outcome::End::finished)
            narrate("finished {}, {}", counted(outcome.epochs, "epoch"), counted(outcome.steps, "step"));
        if (outcome.end == train::Outcome::End::stopped_early)
            narrate("stopped early after {}: {} has not improved for {}", counted(outcome.epochs, "epoch"), outcome.watched,
                    counted(outcome.epochs_without, "epoch"));
        if (outcome.best_epoch)
            narrate("; the best epoch is {} with {}={}{}", *outcome.best_epoch + 1, outcome.watched, show(outcome.best_value),
                    outcome.checkpoint.empty() ? "" : ", in best.safetensors");
        if (!folder.empty()) narrate("; {}", folder.string());
        if (!save.empty()) narrate("; parameters in {}", save);
        narrate("\n");
    }
}

/// Where `initialize` says so, weights are scaled; one that stays outside the tolerance is a warning.
void scale_layers(Session& session, const Options& options, const Model& model, const LayerScales& scales, train::Program& step,
                  data::Feed& training, std::uint64_t seed) {
    Runnable forward = compile_step(session, scales.forward, options);
    set_seed(forward.program(), seed);
    const source::Span setting = model.recipe.spans.at("initialize");
    std::vector<train::Scaled> scaled;
    try {
        scaled = train::lsuv(step, forward.program(), training, scales.weights, scales.settings);
    } catch (const source::UserError& e) {
        source::Diagnostic d = e.diagnostic;
        if (d.code == source::code("E0456")) d.at(setting);
        throw source::UserError(std::move(d));
    }
    double least = scaled.front().after, most = least;
    for (const train::Scaled& s : scaled) {
        least = std::min(least, s.after), most = std::max(most, s.after);
        if (std::abs(s.after - 1) >= scales.settings.tolerance)
            session.show(source::warning(source::code("E0456"),
                                         fmt::format("what the layer of `{}` returns has variance {} after {} of `lsuv`", s.weight,
                                                     show(s.after), counted(s.steps, "step")))
                             .at(setting));
        if (session.global.verbose && !silent(session.global))
            narrate("  {}: variance {} -> {} in {}\n", s.weight, show(s.before), show(s.after), counted(s.steps, "step"));
    }
    if (!silent(session.global))
        narrate("lsuv: {} scaled, variances from {} to {}\n", counted(std::ssize(scaled), "weight"), show(least), show(most));
}

/// The sizes that batches given as arrays fix: each named dimension of an input, behind the leading axis of steps, unless --dim
/// says it.
Options with_sizes_of(const elaborate::Program& program, Options options, const data::NamedArrays& batches) {
    source::Diagnostics said_later;
    const auto info = elaborate::find_model(program, options.model, said_later);
    if (!info) return options;
    for (const elaborate::ModelInfo::Port& port : info->inputs) {
        const auto array = batches.find(port.name);
        if (array == batches.end() || !port.type.dims || array->second.shape.size() != port.type.dims->size() + 1) continue;
        for (std::size_t d = 0; d < port.type.dims->size(); ++d) {
            const text::Dim& dim = (*port.type.dims)[d];
            const auto* name = dim.pack || !dim.size ? nullptr : std::get_if<text::Name>(&dim.size->node);
            if (!name || !std::isupper(static_cast<unsigned char>(name->text.front())))
                continue;  // a hyperparameter is set otherwise
            const std::string set = name->text + "=";
            const auto same = [&](const std::string& other) { return other.starts_with(set); };
            if (std::none_of(options.program.dims.begin(), options.program.dims.end(), same))
                options.program.dims.push_back(set + std::to_string(array->second.shape[d + 1]));
        }
    }
    return options;
}

/// The batches given, as they are, else those of the data set, augmented; a model without inputs wants none.
std::unique_ptr<data::Feed> training_feed(const train::Program& step, const ir::Graph& declared, data::NamedArrays* batches,
                                          data::Subset examples, bool continuous, std::vector<data::Augment> augments,
                                          std::uint64_t seed) {
    if (batches) {
        auto fields = fields_of(step, declared, [&](const std::string& name) { return batches->contains(name); });
        return data::given(std::move(*batches), std::move(fields));
    }
    if (!examples.table) return data::nothing();
    auto fields = fields_of(step, declared, *examples.table);
    return (continuous ? data::continuous : data::shuffled)(std::move(examples), std::move(fields), seed, std::move(augments),
                                                            data::kAhead);
}

void train_model(const Global& global, const Options& given_options, int& exit_code) {
    Session session(global);
    const auto program = session.load(given_options.program.file);
    const bool given = !given_options.batches.empty();
    data::NamedArrays batches;
    if (given) batches = data::read_npz(given_options.batches);
    const Options options = given ? with_sizes_of(*program, given_options, batches) : given_options;
    const Model model = open_recipe(session, *program, options);
    const elaborate::Elaborated elaborated = driver::step(session, *program, model);
    const std::uint64_t seed = options.overrides.seed.value_or(seed_of(session, model));

    // What may be wrong with files and data is said before the kernels are compiled.
    std::vector<data::Augment> augmented = augments(session, model, elaborated.graph);
    const fs::path folder = given ? fs::path(options.folder) : run_folder(options, model.info.name);
    check_place(options.log);
    check_place(options.save);
    Data data;
    const bool has_inputs = !model.info.inputs.empty();
    if (!given && has_inputs) data = load_data(session, model, seed);
    const bool begins = options.init.empty() && !(options.resume && fs::exists(folder / "last.safetensors"));
    const std::optional<LayerScales> scales = layer_scales(session, *program, model);

    Runnable compiled = session.guard([&] {
        try {
            return compile_step(session, elaborated.graph, options, options.memory_limit);
        } catch (const source::UserError& e) {
            source::Diagnostic d = e.diagnostic;
            if (d.code == source::code("E0505")) d.at(model.info.span);
            throw source::UserError(std::move(d));
        }
    });
    train::PlanProgram& step = compiled.program();
    describe(global, model, elaborated, compiled);
    set_seed(step, seed);
    initialize(step, elaborated.init, seed, global.threads);

    std::unique_ptr<data::Feed> training, validation;
    std::optional<Runnable> evaluation;
    session.guard([&] {
        if (!options.init.empty()) load_weights(step, elaborated.graph, read_weights(options.init, Weights::raw));
        guard_data(model, options.batches, [&] {
            training = training_feed(step, elaborated.graph, given ? &batches : nullptr, std::move(data.training),
                                     data.set.continuous, std::move(augmented), seed);
            if (!data.validation) return;
            const ir::Graph declared = forward(session, *program, model, false).graph;
            evaluation.emplace(declared, CompileSettings{global.threads, !options.no_cache, {}});
            set_seed(evaluation->program(), seed);
            auto fields = fields_of(evaluation->program(), declared, *data.validation->table);
            validation = data::in_order(evaluated(data, std::move(*data.validation), model.batch), std::move(fields));
        });
    });
    Overrides overrides = options.overrides;
    if (!overrides.epochs && overrides.steps) overrides.epochs = 0;  // that many, however many epochs they are
    if (given && !overrides.epochs) overrides.epochs = 1;
    train::Recipe recipe =
        session.guard([&] { return training_recipe(session, model, elaborated, training->steps_per_epoch(), overrides); });
    if (!options.batches.empty()) recipe.patience.reset();
    catch_interrupts();
    Reporter reporter(global);
    train::Run run{step,        evaluation ? &evaluation->program() : nullptr, *training, validation.get(), recipe, {}, &reporter,
                   &interrupted};
    run.files.folder = folder;
    run.files.log = !options.log.empty() ? fs::path(options.log) : folder.empty() ? fs::path() : folder / "log.jsonl";
    run.files.log_steps = !options.log.empty();
    run.files.every_seconds = 60;
    run.files.resume = options.resume;
    run.files.model_hash = elaborated.graph.digest().hex();
    if (!data.set.vocabulary.empty()) run.files.metadata["dlc.vocabulary"] = nlohmann::json(data.set.vocabulary).dump();
    train::Outcome outcome;
    session.guard([&] {
        try {
            if (scales && begins) scale_layers(session, options, model, *scales, step, *training, seed);
            outcome = train::train(run);
        } catch (const train::NotFinite& e) {
            explain_bad_number(session, elaborated, compiled, e, folder);
        } catch (const train::CheckFailed& e) {
            throw source::UserError(located(compiled.layout().results, e));
        } catch (const train::NothingToWatch& e) {
            source::Diagnostic d = e.diagnostic;
            d.labels.push_back({model.recipe.spans.at(e.setting), ""});
            throw source::UserError(d);
        }
    });
    if (!options.save.empty()) {
        train::Checkpoint final;
        final.arrays = train::persistent(step);
        final.metadata = run.files.metadata;
        final.metadata["dlc.step"] = std::to_string(outcome.steps);
        final.metadata["dlc.seed"] = std::to_string(seed);
        final.metadata["dlc.model"] = run.files.model_hash;
        train::write_checkpoint(options.save, final);
    }
    report(global, compiled, outcome, folder, options.save);
    if (outcome.end == train::Outcome::End::interrupted) exit_code = 128 + interrupted_by;
}

void declare(CLI::App& app, Global& global, int& exit_code) {
    auto options = std::make_shared<Options>();
    options->program.declare(app);
    app.add_option("--model", options->model, "the model, where the file declares several")->type_name("NAME");
    app.add_option("-o,--out", options->folder, "folder for checkpoints and the log (default: runs/MODEL/NUMBER)")
        ->type_name("DIR");
    app.add_flag("--resume", options->resume, "continue from the folder's last checkpoint, bit for bit");
    app.add_option("--epochs", options->overrides.epochs, "passes over the training data")->check(CLI::Range(0, 1000000000));
    app.add_option("--steps", options->overrides.steps, "steps in all (with --epochs: at most)")
        ->check(CLI::Range(std::int64_t(0), std::int64_t(1) << 50));
    app.add_option("--seed", options->overrides.seed, "of the initial parameters, the order of the data and every random number")
        ->check(seeds());
    app.add_option("--init", options->init, "initial parameters")->type_name("SAFETENSORS");
    app.add_option("--batches", options->batches, "batches in order: arrays named like the inputs with a leading axis of steps")
        ->type_name("NPZ");
    app.add_option("--log", options->log, "a JSON line for each step")->type_name("FILE");
    app.add_option("--save", options->save, "parameters, state and slots at the end")->type_name("SAFETENSORS");
    add_memory_limit(app, options->memory_limit, "what the step may take: values are computed again where it must be");
    app.add_flag("--no-cache", options->no_cache, "compile every kernel again");
    app.callback([&global, &exit_code, options] { train_model(global, *options, exit_code); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, train) = {"train", "train as the file declares", "dlc train models/xor/model.dlm", declare};
}  // namespace rows
}  // namespace dlc::driver
