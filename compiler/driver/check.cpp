// dlc check: names, types, shapes; a table of the layers with parameters, multiply-adds and bytes.  Runs nothing.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "compiler/driver/program.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/row.h"

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
        rows.push_back({layer.path, layer.kind, shapes_text(layer.inputs), shapes_text(layer.outputs),
                        human_count(layer.parameters), human_count(layer.multiply_adds),
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

void check(const Global& global, const ProgramOptions& given) {
    Session session(global);
    const auto program = session.load(given.file);
    const elaborate::Options options = session.options(given, true);
    session.guard([&] {
        const std::vector<elaborate::TestCase> tests = elaborate::tests(*program, options, session.diagnostics);
        session.settle();
        if (!has_model(*program)) {
            if (global.json) fmt::print("{}\n", nlohmann::json{{"schema", "dlc.check/1"}, {"tests", tests.size()}}.dump(2));
            if (!global.json && !global.quiet) fmt::print("{}: no model; {} tests\n", given.file, tests.size());
            return;
        }
        const Model model = open_model(session, *program, options);
        const elaborate::Elaborated layers = forward(session, *program, model, true);
        if (model.recipe.settings.contains("optimizer")) step(session, *program, model);
        if (global.json) fmt::print("{}\n", as_json(model, layers).dump(2));
        if (!global.json && !global.quiet) print_table(model, layers);
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
