// dlc predict: a model's outputs for given inputs or for a split, as .npz or .csv.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>

#include "compiler/driver/dataset.h"
#include "compiler/driver/dynamic.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/row.h"
#include "runtime/data/file.h"
#include "runtime/data/numpy.h"
#include "runtime/train/steps.h"

namespace dlc::driver {
namespace {

struct Options : TrainedOptions {
    DynamicOption dynamic;
    std::string in, out;
};

/// A program for so many examples at a time, and those it is to do: `examples` from `first` on.
struct Part {
    Runnable* runnable;
    std::int64_t batch, first, examples;
};

/// Tiles of one size in a row are one part.
std::vector<Part> parts(Dynamic& dynamic) {
    std::vector<Part> parts;
    for (const runtime::Tile& tile : dynamic.tiles()) {
        if (parts.empty() || parts.back().batch != tile.size) parts.push_back({&dynamic.program(tile), tile.size, tile.first, 0});
        parts.back().examples += tile.count;
    }
    return parts;
}

/// Fails with E0406 for an output without a row for each example.
void check_outputs(Session& session, const train::Program& program, std::int64_t batch) {
    for (const train::Tensor* t : program.all(train::Role::output)) {
        if (!t->shape.empty() && t->shape[0] == batch) continue;
        session.diagnostics.report(
            source::error(source::code("E0406"), fmt::format("output `{}` has no row for each example", t->name)));
        session.fail();
    }
}

/// The outputs of all examples, in order; only outputs with one row an example can be joined.
data::NamedArrays outputs(Session& session, const std::vector<Part>& parts, const ir::Graph& declared, const data::Subset& subset) {
    data::NamedArrays joined;
    for (const Part& part : parts) {
        train::Program& program = part.runnable->program();
        check_outputs(session, program, part.batch);
        std::vector<data::Field> fields = fields_of(program, declared, *subset.table);
        for (data::Field& field : fields) field.shape[0] = part.batch;
        data::check_fields(*subset.table, fields);
        data::Subset mine = subset;
        mine.rows.assign(subset.rows.begin() + part.first, subset.rows.begin() + part.first + part.examples);
        for (const train::Tensor* t : program.all(train::Role::output)) {
            data::Shape shape = t->shape;
            shape[0] = subset.examples();
            joined.try_emplace(t->name, t->type, shape);
        }
        const std::unique_ptr<data::Feed> feed = data::in_order(std::move(mine), std::move(fields));
        train::Stepper stepper(program, *feed);
        for (std::int64_t done = 0; done < part.examples;) {
            const data::Batch& b = feed->next();
            stepper.load(b);
            part.runnable->run();
            for (const train::Tensor* t : program.all(train::Role::output)) {
                std::vector<std::byte> packed(std::size_t(train::bytes(*t)));
                train::read(*t, packed.data());
                const std::size_t row = packed.size() / std::size_t(part.batch);
                std::memcpy(joined.at(t->name).bytes.data() + std::size_t(part.first + done) * row, packed.data(),
                            std::size_t(b.examples) * row);
            }
            done += b.examples;
        }
    }
    return joined;
}

/// The outputs of a model without inputs, whatever their shapes.
data::NamedArrays outputs(Runnable& runnable) {
    train::Stepper(runnable.program(), *data::nothing()).run(std::nullopt);
    data::NamedArrays found;
    for (const train::Tensor* t : runnable.program().all(train::Role::output))
        train::read(*t, found.try_emplace(t->name, t->type, t->shape).first->second.bytes.data());
    return found;
}

/// The forward graph of a model with its outputs, and the checks that need no target, alone: losses and metrics want targets, which
/// are not there when one predicts.
ir::Graph of_outputs(Session& session, const Model& model, const ir::Graph& whole) {
    ir::Builder b(ir::Builder::Sharing::off);
    for (const ir::Node& node : whole.nodes()) b.copy(node, [](ir::NodeId id) { return id; });
    std::vector<bool> told(whole.size());  // depends on a target
    for (std::uint32_t k = 0; k < whole.size(); ++k) {
        const ir::Node& node = whole.nodes()[k];
        told[k] = node.leaf() ? node.leaf()->kind == ir::LeafKind::target
                              : std::ranges::any_of(ir::operands(node), [&](ir::NodeId id) { return told[id.value]; });
    }
    for (const ir::Result& r : whole.results())
        if (r.kind == ir::Result::output || (r.kind == ir::Result::check && !told[r.node.value])) b.result(r);
    if (std::ranges::none_of(b.graph().results(), [](const ir::Result& r) { return r.kind == ir::Result::output; })) {
        session.diagnostics.report(source::error(source::code("E0406"), fmt::format("model `{}` has no output", model.info.name))
                                       .helped("add `output name = …` to the model"));
        session.fail();
    }
    return ir::share(std::move(b).finish());
}

/// The dimension of `--dynamic`, which in a model is that of the examples.
std::optional<DynamicDim> dynamic_batch(const Options& options, const Model& model) {
    const std::optional<DynamicDim> dim = parse_dynamic(options.dynamic, model.info.inputs);
    if (!dim) return {};
    for (const std::string& set : options.program.dims)
        if (set.starts_with(dim->name + "="))
            usage_error(fmt::format("`{}` is of any size by --dynamic and of one by --dim", dim->name));
    const auto axes = axes_of(dim->name, model.info.inputs);
    for (const elaborate::Port& port : model.info.inputs)
        if (const auto axis = axes.find(port.name); axis == axes.end() || axis->second != 0)
            usage_error(
                fmt::format("--dynamic {}: examples lie along the first axis of `{}`, which is another", dim->name, port.name),
                "`dlc run --dynamic` takes any dimension");
    return dim;
}

/// A row for each index of the first axis; a single number is a row.  Fails with E0406 where the arrays have not as many rows.
std::string csv(Session& session, const data::NamedArrays& arrays) {
    const auto rows_of = [](const data::Array& a) { return a.shape.empty() ? 1 : a.shape[0]; };
    const auto& [first_name, first_array] = *arrays.begin();
    const std::int64_t rows = rows_of(first_array);
    for (const auto& [name, a] : arrays)
        if (rows_of(a) != rows) {
            session.diagnostics.report(
                source::error(source::code("E0406"), fmt::format("outputs `{}` {} and `{}` {} make no table of rows", first_name,
                                                                 data::describe(first_array), name, data::describe(a)))
                    .helped("an .npz file holds arrays of any shapes"));
            session.fail();
        }
    std::string out;
    for (const auto& [name, a] : arrays) {
        const std::int64_t width = rows ? a.count() / rows : 0;
        for (std::int64_t i = 0; i < width; ++i)
            out += (out.empty() ? "" : ",") + (width == 1 ? name : fmt::format("{}_{}", name, i));
    }
    out += "\n";
    for (std::int64_t r = 0; r < rows; ++r) {
        bool first = true;
        for (const auto& [name, a] : arrays) {
            const std::int64_t width = a.count() / rows;
            for (std::int64_t i = 0; i < width; ++i) {
                out += fmt::format("{}{:.9g}", first ? "" : ",", data::load(a.type, a.bytes.data(), r * width + i));
                first = false;
            }
        }
        out += "\n";
    }
    return out;
}

void predict(const Global& global, const Options& options) {
    Session session(global);
    const auto program = session.load(options.program.file);
    const Model model = open_model(session, *program, session.options(options.program, false), options.model, 32);
    if (model.info.inputs.empty() && !options.in.empty())
        usage_error(fmt::format("--in {}: model `{}` has no inputs", options.in, model.info.name));
    session.guard([&] {
        const std::optional<DynamicDim> dynamic_dim = dynamic_batch(options, model);
        const auto of_size = [&](std::int64_t examples) {
            Model sized = model;
            if (dynamic_dim) sized.options.dims[dynamic_dim->name] = examples;
            return forward(session, *program, sized, false).graph;
        };
        const ir::Graph declared = of_size(model.batch);
        const ir::Graph fixed = of_outputs(session, model, declared);
        const TrainedWeights weights = read_weights(options.weights, options.raw ? Weights::raw : Weights::averaged);
        const std::uint64_t seed = seed_of(session, model, options, weights.metadata);
        const auto prepare = [&](Runnable& runnable) {
            load_weights(runnable.program(), declared, weights);
            set_seed(runnable.program(), seed);
        };
        const CompileSettings settings{global.threads, true, {}};
        const auto predicted = [&] {
            if (model.info.inputs.empty()) {
                Runnable runnable(fixed, settings);
                prepare(runnable);
                return outputs(runnable);
            }
            const data::Subset subset = options.in.empty() ? split_named(session, load_data(session, model, seed), options.split)
                                                           : data::everything(data::arrays(options.in).training);
            if (dynamic_dim) {
                Dynamic dynamic(
                    *dynamic_dim, axes_of(dynamic_dim->name, model.info.inputs), subset.examples(),
                    [&](std::int64_t size) { return of_outputs(session, model, of_size(size)); }, settings, prepare);
                return outputs(session, parts(dynamic), declared, subset);
            }
            Runnable runnable(fixed, settings);
            prepare(runnable);
            return outputs(session, {{&runnable, model.batch, 0, subset.examples()}}, declared, subset);
        };
        const data::NamedArrays results = guard_data(model, options.in, [&] { return guard_checks(declared, predicted); });
        if (options.out.ends_with(".csv")) {
            const std::string text = csv(session, results);
            data::write_file_atomically(options.out, {{std::as_bytes(std::span(text))}});
        } else {
            data::write_npz(options.out, results);
        }
        nlohmann::json json{{"schema", "dlc.predict/1"}, {"out", options.out}, {"outputs", nlohmann::json::array()}};
        for (const auto& [name, array] : results) {
            json["outputs"].push_back({{"name", name}, {"type", data::name(array.type)}, {"shape", array.shape}});
            if (!global.json && !global.quiet) fmt::print("{:<24} {}\n", name, data::describe(array));
        }
        if (global.json) fmt::print("{}\n", json.dump(2));
    });
}

void declare(CLI::App& app, Global& global, int&) {
    auto options = std::make_shared<Options>();
    options->declare(app);
    options->dynamic.declare(app);
    app.add_option("--in", options->in, "arrays named like the inputs, one row an example (default: the recipe's data)")
        ->type_name("NPZ");
    app.add_option("-o,--out", options->out, "where the outputs go; .csv for text, else .npz")->required()->type_name("FILE");
    app.callback([&global, options] { predict(global, *options); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, predict) = {"predict", "a model's outputs for inputs, as .npz or .csv",
                             "dlc predict models/xor/model.dlm --weights runs/Xor/0001 --out probability.csv", declare};
}  // namespace rows
}  // namespace dlc::driver
