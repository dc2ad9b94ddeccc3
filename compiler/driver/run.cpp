// dlc run: one function, layer or model evaluated on arrays from an .npz file; --vjp and --jvp add derivatives.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "compiler/driver/dataset.h"
#include "compiler/driver/derivative.h"
#include "compiler/driver/dynamic.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/interpreter.h"
#include "compiler/ir/memory.h"
#include "compiler/ir/row.h"
#include "dsl/text/parse.h"
#include "runtime/data/numpy.h"

namespace dlc::driver {
namespace {

struct Options {
    ProgramOptions program;
    DynamicOption dynamic;
    std::string call, in, out;
    bool vjp = false, jvp = false, training = false, interpret = false;
    std::uint64_t seed = 1;
};

[[noreturn]] void wrong_array(const Options& options, const std::string& message, const std::string& help = {},
                              const std::string& note = {}) {
    source::Diagnostic d =
        source::error(source::code("E0454"), options.in.empty() ? message : options.in + ": " + message).helped(help);
    if (!note.empty()) d.notes.push_back(note);
    throw source::UserError(std::move(d));
}

/// The shapes that decide the program's sizes: those of what it takes, not of its parameters or of directions.
std::map<std::string, ir::Shape> shapes_of(const Options& options, const std::vector<elaborate::Port>& ports,
                                           const data::NamedArrays& arrays) {
    std::map<std::string, ir::Shape> shapes;
    std::string missing, held;
    for (const elaborate::Port& port : ports) {
        if (auto given = arrays.find(port.name); given != arrays.end()) {
            shapes[port.name] = given->second.shape;
        } else if (port.required && std::none_of(options.program.sets.begin(), options.program.sets.end(),
                                                 [&](const std::string& set) { return set.starts_with(port.name + "="); })) {
            missing += fmt::format("{}`{}: {}`", missing.empty() ? "" : ", ", port.name, text::print(port.type));
        }
    }
    for (const auto& [name, array] : arrays)
        held += fmt::format("{}`{}` {}", held.empty() ? "" : ", ", name, data::describe(array));
    if (!missing.empty())
        wrong_array(options, "no array for " + missing, options.in.empty() ? "give a file that holds it: --in FILE.npz" : "",
                    held.empty() ? "" : "the file holds " + held);
    return shapes;
}

// At the boundary i32 and i64 stand for one another and reals for reals; an integer or a bool may feed a real, never the reverse.
bool acceptable(dlc_type given, ir::Type wanted) {
    if (ir::is_real(wanted)) return true;
    return !data::is_real(given);
}

constexpr std::string_view kState = "state/";

/// The array for a leaf: of its own name, or, for a state, of its path, which is how a layer speaks of it.  A path that is also the
/// name of a leaf means that leaf.
const data::NamedArrays::value_type* given_for(const Options& options, const ir::Graph& graph, const std::string& leaf,
                                               const data::NamedArrays& arrays) {
    const auto own = arrays.find(leaf);
    if (leaf.starts_with(kState) && !graph.leaf(leaf.substr(kState.size()))) {
        const auto path = arrays.find(leaf.substr(kState.size()));
        if (path != arrays.end() && own != arrays.end())
            wrong_array(options, fmt::format("`{}` and `{}` are the same state", path->first, leaf));
        if (path != arrays.end()) return &*path;
    }
    return own == arrays.end() ? nullptr : &*own;
}

/// What a leaf holds when no array is given for it: a missing parameter or state is initialised later, a missing tangent is 0, and
/// the cotangent of a single number is 1.  A model is differentiated for its loss, so cotangents of its outputs may be missing too.
std::optional<double> value_by_default(const ir::Graph& graph, const ir::Node& node) {
    const ir::LeafKind kind = node.leaf()->kind;
    if (kind != ir::LeafKind::input && kind != ir::LeafKind::target) return 0;
    const std::string& name = node.leaf()->name;
    if (name.starts_with("tangent/")) return 0;
    if (!name.starts_with("cotangent/")) return {};
    if (ir::volume(node.shape) == 1) return 1;
    const bool has_loss =
        std::any_of(graph.results().begin(), graph.results().end(), [](const ir::Result& r) { return r.kind == ir::Result::loss; });
    return has_loss ? std::optional<double>(0) : std::nullopt;
}

ir::Tensor checked(const Options& options, const ir::Node& node, const std::string& name, const data::Array& array) {
    const auto wanted = data::describe(dlc_type(node.type), node.shape);
    if (array.shape != node.shape || !acceptable(array.type, node.type))
        wrong_array(options, fmt::format("array `{}` is {}, but `{}` of the program is {}", name, data::describe(array),
                                         node.leaf()->name, wanted));
    ir::Tensor tensor{array.shape, std::vector<double>(std::size_t(array.count()))};
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        const double value = tensor.values[i] = data::load(array.type, array.bytes.data(), std::int64_t(i));
        if (ir::is_integer(node.type) && std::abs(value) > 9007199254740992.0)
            wrong_array(options,
                        fmt::format("array `{}`: element {} is beyond 2^53, up to which integers are exact here", name, i));
        const bool fits = node.type == ir::Type::i32       ? value >= -2147483648.0 && value <= 2147483647.0
                          : node.type == ir::Type::u8      ? value >= 0 && value <= 255
                          : node.type == ir::Type::i8      ? value >= -128 && value <= 127
                          : node.type == ir::Type::boolean ? value == 0 || value == 1
                                                           : true;
        if (!fits)
            wrong_array(options,
                        fmt::format("array `{}`: element {} is {}, which {} cannot hold", name, i, value, ir::name(node.type)));
    }
    return tensor;
}

/// Every leaf of the graph with its value.
std::map<std::string, ir::Tensor> values_of_leaves(const Options& options, const ir::Graph& graph, const ir::Graph& init,
                                                   const data::NamedArrays& arrays) {
    std::map<std::string, ir::Tensor> values;
    std::set<std::string> used, initialised;
    std::vector<std::string> names;
    std::string missing;
    for (const ir::Node& node : graph.nodes()) {
        if (!node.leaf()) continue;
        const std::string& name = node.leaf()->name;
        const ir::LeafKind kind = node.leaf()->kind;
        const bool from_file = kind != ir::LeafKind::seed && kind != ir::LeafKind::step;  // those the options decide
        if (from_file) names.push_back(name);
        if (kind == ir::LeafKind::state) names.push_back(name.substr(kState.size()));
        if (const auto* given = from_file ? given_for(options, graph, name, arrays) : nullptr) {
            values[name] = checked(options, node, given->first, given->second);
            used.insert(given->first);
        } else if (const std::optional<double> value = value_by_default(graph, node)) {
            ir::require_memory(node);
            values[name] = {node.shape, std::vector<double>(std::size_t(ir::volume(node.shape)), *value)};
            initialised.insert(name);
        } else {
            missing += fmt::format("{}`{}` {}", missing.empty() ? "" : ", ", name, data::describe(dlc_type(node.type), node.shape));
        }
    }
    for (const auto& [name, array] : arrays) {
        if (used.contains(name)) continue;
        const std::string near(source::nearest(name, names));
        wrong_array(options, fmt::format("array `{}` {} belongs to nothing the program has", name, data::describe(array)),
                    near.empty() ? "" : fmt::format("did you mean `{}`?", near));
    }
    if (!missing.empty()) wrong_array(options, "no array for " + missing);
    std::map<std::string, ir::Tensor> seeds;
    for (const ir::Graph* g : {&graph, &init})
        for (ir::NodeId leaf : g->leaves(ir::LeafKind::seed)) seeds[(*g)[leaf].leaf()->name] = {{}, {double(options.seed)}};
    for (ir::NodeId leaf : init.leaves(ir::LeafKind::step)) seeds[init[leaf].leaf()->name] = {{}, {0}};
    for (ir::NodeId leaf : graph.leaves(ir::LeafKind::seed)) values[graph[leaf].leaf()->name] = {{}, {double(options.seed)}};
    if (!init.results().empty())
        for (auto& [name, tensor] : ir::interpret(init, seeds))
            if (initialised.contains(name)) values[name] = std::move(tensor);
    return values;
}

/// What is written for a result; in training the states after the call are results too.
bool wanted(const Options& options, const ir::Result& r) {
    if (r.kind == ir::Result::update) return options.training && r.name.starts_with(kState);
    return r.kind != ir::Result::check;
}

data::Array to_array(const ir::Tensor& tensor, ir::Type type) {
    data::Array array(dlc_type(type), tensor.shape);
    for (std::size_t i = 0; i < tensor.values.size(); ++i)
        data::store(array.type, array.bytes.data(), std::int64_t(i), tensor.values[i]);
    return array;
}

data::NamedArrays interpreted(const Options& options, const ir::Graph& graph, const std::map<std::string, ir::Tensor>& leaves) {
    data::NamedArrays results;
    const std::map<std::string, ir::Tensor> values = ir::interpret(graph, leaves);
    for (const ir::Result& r : graph.results())
        if (wanted(options, r)) results[r.name] = to_array(values.at(r.name), graph[r.node].type);
    return results;
}

data::NamedArrays compiled(const Global& global, const Options& options, const ir::Graph& graph,
                           const std::map<std::string, ir::Tensor>& leaves) {
    Runnable runnable(graph, {global.threads, true, {}});
    for (const auto& [name, value] : leaves)
        if (runnable.has_leaf(name)) assign(runnable.leaf(name), value);
    runnable.run();
    data::NamedArrays results;
    const auto& all = runnable.layout().results;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!wanted(options, all[i])) continue;
        const TensorView view = runnable.result(i);
        data::Array& array = results[all[i].name] = data::Array(dlc_type(view.type), *view.shape);
        std::copy(view.bytes.begin(), view.bytes.end(), array.bytes.begin());
    }
    return results;
}

std::map<std::string, ir::Shape> with_size(std::map<std::string, ir::Shape> shapes, const std::map<std::string, std::size_t>& axes,
                                           std::int64_t size) {
    for (const auto& [port, axis] : axes)
        if (const auto shape = shapes.find(port); shape != shapes.end()) shape->second.at(axis) = size;
    return shapes;
}

/// As `compiled`, by programs for a few sizes of a dimension.
data::NamedArrays in_tiles(const Global& global, const ir::Graph& graph, const std::map<std::string, ir::Tensor>& leaves,
                           const DynamicDim& dim, const std::vector<elaborate::Port>& ports,
                           const Dynamic::ProgramOfSize& of_size) {
    const std::map<std::string, std::size_t> axes = axes_of(dim.name, ports);
    std::optional<std::int64_t> points;
    for (const auto& [port, axis] : axes)
        if (const ir::NodeId leaf = graph.leaf(port)) points = graph[leaf].shape.at(axis);
    if (!points) usage_error(fmt::format("--dynamic {}: no array has that dimension", dim.name));
    Dynamic dynamic(dim, axes, *points, of_size, {global.threads, true, {}}, [](Runnable&) {});
    std::map<std::string, ir::Tensor> values = dynamic.run(leaves);
    data::NamedArrays results;
    for (const ir::Result& r : graph.results())
        if (const auto value = values.find(r.name); value != values.end() && r.kind != ir::Result::check)
            results[r.name] = to_array(value->second, graph[r.node].type);
    return results;
}

constexpr std::int64_t kShown = 8;  // arrays of more elements are shown by their shape alone

/// The elements from `at` on that a shape's axes from `axis` on hold, as nested lists.
nlohmann::json nested(const data::Array& array, std::size_t axis, std::int64_t& at) {
    if (axis == array.shape.size()) return data::load(array.type, array.bytes.data(), at++);
    nlohmann::json list = nlohmann::json::array();
    for (std::int64_t i = 0; i < array.shape[axis]; ++i) list.push_back(nested(array, axis + 1, at));
    return list;
}

std::string shown(const nlohmann::json& value, const char* format) {
    if (!value.is_array()) return fmt::format(fmt::runtime(format), value.get<double>());
    std::string text;
    for (const nlohmann::json& item : value) text += (text.empty() ? "" : ", ") + shown(item, format);
    return "[" + text + "]";
}

void report(const Global& global, const Options& options, const std::string& name, const data::NamedArrays& results) {
    nlohmann::json json{{"schema", "dlc.run/1"}, {"call", name}, {"results", nlohmann::json::array()}};
    if (!options.out.empty()) json["out"] = options.out;
    std::size_t width = 24;
    for (const auto& [result, array] : results) width = std::max(width, result.size());
    for (const auto& [result, array] : results) {
        nlohmann::json entry{{"name", result}, {"type", data::name(array.type)}, {"shape", array.shape}};
        std::string line = fmt::format("{:<{}} {}", result, width, data::describe(array));
        if (array.count() >= 1 && array.count() <= kShown) {
            std::int64_t at = 0;
            entry["value"] = nested(array, 0, at);
            line += "  " + shown(entry["value"], array.count() == 1 ? "{:.9g}" : "{:.6g}");
        }
        json["results"].push_back(std::move(entry));
        if (!global.json && !global.quiet) fmt::print("{}\n", line);
    }
    if (global.json) fmt::print("{}\n", json.dump(2));
}

void run(const Global& global, const Options& options) {
    Session session(global);
    const auto program = session.load(options.program.file);
    elaborate::Options how = session.options(options.program, options.training);
    how.differentiated = options.vjp || options.jvp;
    session.guard([&] {
        const data::NamedArrays arrays = options.in.empty() ? data::NamedArrays{} : data::read_npz(options.in);
        std::string name = options.call;
        if (name.empty() && !has_model(*program)) name = "main";
        if (name.empty()) {
            auto model = elaborate::find_model(*program, {}, session.diagnostics);
            if (!model) session.fail();
            name = model->name;
        }
        const auto ports = elaborate::ports(*program, name, session.diagnostics);
        if (!ports) session.fail();
        check_dims(how.dims, *ports);
        const std::map<std::string, ir::Shape> shapes = shapes_of(options, *ports, arrays);
        check_dims(how.dims, *ports, shapes);
        const auto elaborated = [&](const std::map<std::string, ir::Shape>& of_shapes) {
            auto made = elaborate::elaborate(*program, name, how, of_shapes, session.diagnostics);
            if (!made) session.fail();
            session.settle();
            if (options.vjp) made->graph = with_vjp(made->graph);
            if (options.jvp) made->graph = with_jvp(made->graph);
            return std::move(*made);
        };
        const elaborate::Elaborated whole = elaborated(shapes);
        const std::map<std::string, ir::Tensor> leaves = values_of_leaves(options, whole.graph, whole.init, arrays);
        const auto results = [&] {
            if (const std::optional<DynamicDim> dim = parse_dynamic(options.dynamic, *ports))
                return in_tiles(global, whole.graph, leaves, *dim, *ports, [&](std::int64_t size) {
                    return elaborated(with_size(shapes, axes_of(dim->name, *ports), size)).graph;
                });
            return options.interpret ? interpreted(options, whole.graph, leaves) : compiled(global, options, whole.graph, leaves);
        }();
        if (!options.out.empty()) data::write_npz(options.out, results);
        report(global, options, name, results);
    });
}

void declare(CLI::App& app, Global& global, int&) {
    auto options = std::make_shared<Options>();
    options->program.declare(app);
    app.add_option("--call", options->call, "the fn, layer or model to evaluate (default: the model, else `main`)")
        ->type_name("NAME");
    app.add_option("--in", options->in,
                   "arrays named like the parameters, inputs and targets; learned parameters and state by their path")
        ->type_name("NPZ");
    app.add_option("--out", options->out, "one array for each result")->type_name("NPZ");
    auto* vjp =
        app.add_flag("--vjp", options->vjp,
                     "also grad/NAME for every real input and parameter, from cotangent/RESULT (default: 1 for a single number)");
    app.add_flag("--jvp", options->jvp, "also jvp/RESULT, from tangent/NAME (default: 0)")->excludes(vjp);
    CLI::Option* dynamic = options->dynamic.declare(app);
    app.add_flag("--train", options->training,
                 "as in training: dropout drops, batch norm uses the batch; also state/PATH, each state after the call")
        ->excludes(dynamic);
    app.add_flag("--interpret", options->interpret, "evaluate in double by the interpreter, without compiling")->excludes(dynamic);
    app.add_option("--seed", options->seed, "of initial parameters and random numbers (default 1)")->check(seeds());
    app.callback([&global, options] { run(global, *options); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, run) = {"run", "evaluate one fn, layer or model on arrays",
                         "dlc run models/xor/model.dlm --in batch.npz --out results.npz", declare};
}  // namespace rows
}  // namespace dlc::driver
