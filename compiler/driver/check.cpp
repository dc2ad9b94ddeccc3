// dlc check: names, types, shapes; a table of the layers with parameters, multiply-adds and bytes.  Runs nothing.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <tuple>

#include "compiler/driver/augment.h"
#include "compiler/driver/program.h"
#include "compiler/driver/recipe.h"
#include "compiler/driver/terminal.h"
#include "compiler/driver/trial.h"
#include "compiler/ir/row.h"
#include "dsl/text/parse.h"

namespace dlc::driver {
namespace {

std::string shapes_text(const std::vector<ir::Shape>& shapes) {
    std::string out;
    for (const ir::Shape& s : shapes) out += (out.empty() ? "" : ", ") + show_shape(s);
    return out;
}

std::int64_t output_bytes(const elaborate::LayerInfo& layer, ir::Type real) {
    std::int64_t bytes = 0;
    for (const ir::Shape& s : layer.outputs) bytes += ir::volume(s) * ir::bytes(real);
    return bytes;
}

void print_table(const Model& model, const elaborate::Elaborated& program) {
    std::vector<std::vector<std::string>> rows{{"layer", "kind", "input", "output", "parameters", "multiply-adds", "output bytes"}};
    std::int64_t multiply_adds = 0, parameters = 0, bytes = 0;
    for (const elaborate::LayerInfo& layer : program.layers) {
        rows.push_back({layer.path.empty() ? model.info.name : layer.path, layer.kind, shapes_text(layer.inputs),
                        shapes_text(layer.outputs), human_count(layer.parameters), human_count(layer.multiply_adds),
                        human_bytes(output_bytes(layer, model.options.real))});
        multiply_adds += layer.multiply_adds;
        bytes += output_bytes(layer, model.options.real);
    }
    for (const elaborate::ParameterInfo& p : program.parameters) parameters += ir::volume(p.shape);
    rows.push_back({"total", "", "", "", human_count(parameters), human_count(multiply_adds), human_bytes(bytes)});
    fmt::print("{}, a batch of {}\n{}", model.info.name, model.batch, table(rows));
}

nlohmann::json as_json(const Model& model, const elaborate::Elaborated& program) {
    nlohmann::json out{{"schema", "dlc.check/1"},
                       {"model", model.info.name},
                       {"batch", model.batch},
                       {"layers", nlohmann::json::array()},
                       {"parameters", nlohmann::json::array()}};
    for (const elaborate::LayerInfo& layer : program.layers)
        out["layers"].push_back({{"path", layer.path},
                                 {"kind", layer.kind},
                                 {"inputs", layer.inputs},
                                 {"outputs", layer.outputs},
                                 {"parameters", layer.parameters},
                                 {"multiply_adds", layer.multiply_adds},
                                 {"output_bytes", output_bytes(layer, model.options.real)}});
    for (const elaborate::ParameterInfo& p : program.parameters)
        out["parameters"].push_back({{"path", p.path}, {"type", ir::name(p.type)}, {"shape", p.shape}});
    return out;
}

/// What the file declares besides its model.  Functions that nothing instantiates are tried out.
struct Contents {
    std::vector<elaborate::Declared> all;
    std::map<std::string, Trial> tried;
};

Contents contents(Session& session, const elaborate::Program& program, const elaborate::Options& options) {
    Contents found{elaborate::declared(program), {}};
    for (const elaborate::Declared& d : found.all)
        if (d.kind == "fn" || d.kind == "layer") found.tried[d.name] = try_function(session, program, options, d);
    session.settle();
    return found;
}

std::string verdict(const Contents& contents, const elaborate::Declared& d) {
    if (d.kind == "study") return "ok";
    const auto tried = contents.tried.find(d.name);
    if (tried == contents.tried.end()) return "parsed only";
    return tried->second == Trial::holds ? "ok" : "parsed only: no size tried fits, see dlc explain --call";
}

void print_contents(const std::string& file, const Contents& contents) {
    std::map<std::string, int> counts;
    std::vector<std::vector<std::string>> rows{{"kind", "declaration", "checked"}};
    for (const elaborate::Declared& d : contents.all) {
        ++counts[d.kind];
        if (d.kind != "test") rows.push_back({d.kind, d.signature, verdict(contents, d)});
    }
    std::string summary;
    for (const auto& [kind, one, many] : {std::tuple{"fn", "function", "functions"},
                                          {"layer", "layer", "layers"},
                                          {"init", "initializer", "initializers"},
                                          {"optimizer", "optimizer", "optimizers"},
                                          {"study", "study", "studies"},
                                          {"test", "test", "tests"}})
        if (const int n = counts[kind]) summary += fmt::format(", {} {}", n, n == 1 ? one : many);
    fmt::print("{}: no model{}\n", file, summary);
    if (rows.size() > 1) fmt::print("{}", table(rows));
}

nlohmann::json contents_json(const Contents& contents) {
    nlohmann::json out = nlohmann::json::array();
    for (const elaborate::Declared& d : contents.all) {
        nlohmann::json one{{"kind", d.kind}, {"name", d.name}, {"signature", d.signature}};
        if (const auto tried = contents.tried.find(d.name); tried != contents.tried.end() && (d.kind == "fn" || d.kind == "layer"))
            one["checked"] = tried->second == Trial::holds;
        out.push_back(std::move(one));
    }
    return out;
}

/// What is wrong with declarations whether they are used or not.  It is told last, also after errors that end the command: what was
/// said of those in use is not said again.
class Declarations {
public:
    Declarations(Session& session, const elaborate::Program& program) : session_(session) {
        elaborate::check_declarations(program, found_);
    }
    ~Declarations() {
        if (std::uncaught_exceptions() == 0) return;
        for (const source::Diagnostic& d : found_.all())
            if (!told(d)) session_.show(d);
    }
    void report() const {
        for (const source::Diagnostic& d : found_.all())
            if (!told(d)) session_.diagnostics.report(d);
    }

private:
    bool told(const source::Diagnostic& d) const {
        return std::ranges::any_of(session_.diagnostics.all(), [&](const source::Diagnostic& other) {
            return other.code == d.code && !other.labels.empty() && other.labels.front().span == d.labels.front().span;
        });
    }

    Session& session_;
    source::Diagnostics found_;
};

void check_recipe(Session& session, const elaborate::Program& program, const Model& model) {
    const elaborate::Elaborated trained = step(session, program, model);
    training_recipe(session, model, trained, 1, {});
    augments(session, model, trained.graph);
    layer_scales(session, program, model);
}

/// That each value of each axis fits is seen by putting it in its place.
void try_values(Session& session, const elaborate::Program& program, const elaborate::Options& options,
                const elaborate::Study& study) {
    for (const elaborate::Study::Axis& axis : study.axes)
        for (const text::ExprRef& value : axis.values) {
            elaborate::Options with = options;
            with.overrides[axis.path] = value;
            const Model model = open_model(session, program, with, study.model);
            check_recipe(session, program, model);
        }
}

std::string described(const elaborate::Study& study) {
    std::string text =
        fmt::format("study {} of {}: {} variants, {} seeds", study.name, study.model, study.variants.size(), study.seeds.size());
    if (study.validation)
        text += study.validation->folds_of_all ? fmt::format(", {} folds", study.validation->folds)
                                               : fmt::format(", {} held out", study.validation->fraction);
    return text + fmt::format("; {}\n", study.metric);
}

nlohmann::json studies_json(const std::vector<elaborate::Study>& studies) {
    nlohmann::json out = nlohmann::json::array();
    for (const elaborate::Study& s : studies) {
        nlohmann::json variants = nlohmann::json::array();
        for (const auto& variant : s.variants) {
            nlohmann::json sets = nlohmann::json::object();
            for (const auto& [path, value] : variant) sets[path] = text::print(*value);
            variants.push_back(std::move(sets));
        }
        out.push_back({{"name", s.name}, {"model", s.model}, {"variants", variants}, {"seeds", s.seeds}, {"metric", s.metric}});
        if (s.validation && s.validation->folds_of_all)
            out.back()["validate"] = {{"folds", s.validation->folds}, {"stratified", s.validation->stratified}};
        if (s.validation && !s.validation->folds_of_all) out.back()["validate"] = {{"fraction", s.validation->fraction}};
    }
    return out;
}

void check(const Global& global, const ProgramOptions& given) {
    Session session(global);
    const auto program = session.load(given.file);
    const elaborate::Options options = session.options(given, true);
    session.guard([&] {
        const Declarations declarations(session, *program);
        elaborate::tests(*program, options, session.diagnostics);
        session.settle();
        std::vector<std::string> names;
        for (const elaborate::Declared& d : elaborate::declared(*program))
            if (d.kind == "model") names.push_back(d.name);
        std::vector<std::pair<Model, elaborate::Elaborated>> models;
        for (const std::string& name : names) {
            Model model = open_model(session, *program, options, name);
            elaborate::Elaborated layers = forward(session, *program, model, true);
            // Where there are several models, the recipe is of those that have a loss.
            const bool trained = names.size() == 1 || std::any_of(layers.graph.results().begin(), layers.graph.results().end(),
                                                                  [](const ir::Result& r) { return r.kind == ir::Result::loss; });
            if (trained && model.recipe.settings.contains("optimizer")) check_recipe(session, *program, model);
            models.emplace_back(std::move(model), std::move(layers));
        }
        const std::vector<elaborate::Study> studies = elaborate::studies(*program, options, session.diagnostics);
        session.settle();
        for (const elaborate::Study& study : studies) try_values(session, *program, options, study);
        const Contents found = contents(session, *program, options);
        declarations.report();
        session.settle();
        if (!global.json) {
            if (global.quiet) return;
            for (const auto& [model, layers] : models) print_table(model, layers);
            if (models.empty()) print_contents(given.file, found);
            for (const elaborate::Study& study : studies) fmt::print("{}", described(study));
            return;
        }
        nlohmann::json json{{"schema", "dlc.check/1"}};
        if (models.size() == 1) {
            json = as_json(models[0].first, models[0].second);
        } else {
            json["models"] = nlohmann::json::array();
            for (const auto& [model, layers] : models) json["models"].push_back(as_json(model, layers));
        }
        json["declared"] = contents_json(found);
        if (!studies.empty()) json["studies"] = studies_json(studies);
        fmt::print("{}\n", json.dump(2));
    });
}

void declare(CLI::App& app, Global& global, int&) {
    auto options = std::make_shared<ProgramOptions>();
    options->declare(app);
    app.callback([&global, options] { check(global, *options); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, check) = {"check", "names, types and shapes; a table of the layers", "dlc check models/lenet/model.dlm", declare};
}  // namespace rows
}  // namespace dlc::driver
