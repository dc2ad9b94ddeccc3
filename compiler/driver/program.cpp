#include "compiler/driver/program.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>

#include "compiler/driver/terminal.h"

namespace dlc::driver {
namespace {

const elaborate::Static* setting(const elaborate::Recipe& recipe, const std::string& key) {
    auto found = recipe.settings.find(key);
    return found == recipe.settings.end() ? nullptr : std::get_if<elaborate::Static>(&found->second);
}

[[noreturn]] void wrong_type(Session& session, const elaborate::Recipe& recipe, const std::string& key, const char* wanted) {
    auto span = recipe.spans.find(key);
    session.diagnostics.report(source::error(source::code("E0401"), fmt::format("`{}` must be {}", key, wanted))
                                   .at(span == recipe.spans.end() ? source::Span{} : span->second));
    session.fail();
}

void names_in(const text::Expr& e, std::vector<std::string>& names) {
    if (const auto* name = std::get_if<text::Name>(&e.node)) names.push_back(name->text);
    if (const auto* unary = std::get_if<text::Unary>(&e.node)) names_in(*unary->operand, names);
    if (const auto* binary = std::get_if<text::Binary>(&e.node)) {
        names_in(*binary->left, names);
        names_in(*binary->right, names);
    }
}

}  // namespace

void check_dims(const char* option, const std::vector<std::string>& given, const std::vector<elaborate::Port>& ports) {
    std::vector<std::string> names;
    for (const elaborate::Port& port : ports)
        for (const text::Dim& dim : port.type.dims.value_or(std::vector<text::Dim>{})) {
            if (dim.name) names.push_back(dim.name->text);
            if (dim.size) names_in(*dim.size, names);
        }
    std::erase_if(names,
                  [](const std::string& name) { return name.empty() || !std::isupper(static_cast<unsigned char>(name[0])); });
    for (const std::string& name : given) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const std::string near(source::nearest(name, names));
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        usage_error(fmt::format("{} {}: no argument has a dimension of that name", option, name),
                    !near.empty()   ? fmt::format("did you mean `{}`?", near)
                    : names.empty() ? ""
                                    : fmt::format("there is {}", fmt::join(names, ", ")));
    }
}

void check_dims(const std::map<std::string, std::int64_t>& dims, const std::vector<elaborate::Port>& ports,
                const std::map<std::string, ir::Shape>& shapes) {
    std::vector<std::string> given;
    for (const auto& [name, size] : dims) given.push_back(name);
    check_dims("--dim", given, ports);
    for (const elaborate::Port& port : ports) {
        const auto shape = shapes.find(port.name);
        if (shape == shapes.end() || !port.type.dims || port.type.dims->size() != shape->second.size()) continue;
        for (std::size_t d = 0; d < shape->second.size(); ++d) {
            const text::Dim& dim = (*port.type.dims)[d];
            if (dim.pack) break;
            const auto* name = dim.size ? std::get_if<text::Name>(&dim.size->node) : nullptr;
            const auto size = name ? dims.find(name->text) : dims.end();
            if (size != dims.end() && size->second != shape->second[d])
                usage_error(fmt::format("--dim {}={}: `{}` is {}, whose {} is {}", size->first, size->second, port.name,
                                        show_shape(shape->second), size->first, shape->second[d]));
        }
    }
}

void Callable::declare(CLI::App& app) {
    app.add_option("--call", name, "the fn, layer or model to take (default: the model, else the function `main`)")
        ->type_name("NAME");
    app.add_option("--shape", shapes, "the shape of an argument: --shape x=4,8")->type_name("NAME=SIZES");
}

std::map<std::string, ir::Shape> parse_shapes(const std::vector<std::string>& texts) {
    std::map<std::string, ir::Shape> shapes;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            usage_error("--shape wants NAME=SIZES, got `" + text + "`", "--shape x=4,8");
        ir::Shape shape;
        const char* at = text.data() + equals + 1;
        const char* end = text.data() + text.size();
        while (at < end) {
            std::int64_t size = 0;
            const auto parsed = std::from_chars(at, end, size);
            if (parsed.ec != std::errc() || size < 0 || (parsed.ptr != end && *parsed.ptr != ','))
                usage_error("--shape wants sizes separated by commas, got `" + text + "`", "--shape x=4,8");
            shape.push_back(size);
            at = parsed.ptr + 1;
        }
        shapes[text.substr(0, equals)] = shape;
    }
    return shapes;
}

std::optional<std::int64_t> integer_setting(Session& session, const elaborate::Recipe& recipe, const std::string& key) {
    if (!recipe.settings.contains(key)) return {};
    const elaborate::Static* value = setting(recipe, key);
    const std::int64_t* integer = value ? std::get_if<std::int64_t>(&value->value) : nullptr;
    if (!integer) wrong_type(session, recipe, key, "an integer");
    return *integer;
}

std::optional<double> real_setting(Session& session, const elaborate::Recipe& recipe, const std::string& key) {
    if (!recipe.settings.contains(key)) return {};
    const elaborate::Static* value = setting(recipe, key);
    if (value) {
        if (auto real = std::get_if<double>(&value->value)) return *real;
        if (auto integer = std::get_if<std::int64_t>(&value->value)) return double(*integer);
    }
    wrong_type(session, recipe, key, "a number");
}

source::Span recipe_span(const Model& model) { return model.recipe.block ? model.recipe.block : model.info.span; }

bool has_model(const elaborate::Program& program) {
    source::Diagnostics quiet;
    return elaborate::find_model(program, {}, quiet).has_value();
}

Model open_model(Session& session, const elaborate::Program& program, elaborate::Options options, const std::string& name,
                 std::int64_t fallback_batch) {
    Model model;
    auto info = elaborate::find_model(program, name, session.diagnostics);
    if (!info) session.fail();
    model.info = std::move(*info);
    check_dims(options.dims, model.info.inputs);
    auto recipe = elaborate::recipe(program, options, model.info.name, session.diagnostics);
    if (!recipe) session.fail();
    model.recipe = std::move(*recipe);
    model.options = std::move(options);
    model.batch = integer_setting(session, model.recipe, "batch").value_or(fallback_batch);
    if (model.batch < 1) wrong_type(session, model.recipe, "batch", "at least 1");
    for (const elaborate::ModelInfo::Port& port : model.info.inputs) {
        if (!port.type.dims || port.type.dims->empty() || port.type.dims->front().pack || !port.type.dims->front().size) continue;
        const text::Name* dim = std::get_if<text::Name>(&port.type.dims->front().size->node);
        if (!dim) continue;
        auto [given, added] = model.options.dims.emplace(dim->text, model.batch);
        if (!added) model.batch = given->second;
    }
    session.settle();
    return model;
}

elaborate::Elaborated forward(Session& session, const elaborate::Program& program, const Model& model, bool training) {
    elaborate::Options options = model.options;
    options.training = training;
    auto result = elaborate::elaborate(program, model.info.name, options, {}, session.diagnostics);
    if (!result) session.fail();
    session.settle();
    return std::move(*result);
}

elaborate::Elaborated step(Session& session, const elaborate::Program& program, const Model& model) {
    auto result = elaborate::elaborate_step(program, model.info.name, model.recipe, model.options, {}, session.diagnostics);
    if (!result) session.fail();
    session.settle();
    return std::move(*result);
}

elaborate::Elaborated callable(Session& session, const elaborate::Program& program, const Callable& wanted,
                               const elaborate::Options& options) {
    if (wanted.name.empty() && has_model(program))
        return forward(session, program, open_model(session, program, options), options.training);
    const std::string name = wanted.name.empty() ? "main" : wanted.name;
    const auto ports = elaborate::ports(program, name, session.diagnostics);
    if (!ports) session.fail();
    const std::map<std::string, ir::Shape> shapes = parse_shapes(wanted.shapes);
    check_dims(options.dims, *ports, shapes);
    auto result = elaborate::elaborate(program, name, options, shapes, session.diagnostics);
    if (!result) session.fail();
    session.settle();
    return std::move(*result);
}

}  // namespace dlc::driver
