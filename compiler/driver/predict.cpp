// dlc predict: a model's outputs for given inputs or for a split, as .npz or .csv.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>

#include "compiler/driver/dataset.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/row.h"
#include "runtime/data/file.h"
#include "runtime/data/numpy.h"

namespace dlc::driver {
namespace {

struct Options : TrainedOptions {
    std::string in, out;
};

/// The outputs of all examples, in order; only outputs with one row an example can be joined.
data::NamedArrays outputs(Session& session, train::Program& program, const std::vector<data::Field>& fields, data::Subset subset,
                          std::int64_t batch) {
    const std::int64_t examples = subset.examples();
    data::NamedArrays joined;
    for (const train::Tensor* t : program.all(train::Role::output)) {
        if (t->shape.empty() || t->shape[0] != batch) {
            session.diagnostics.report(
                source::error(source::code("E0406"), fmt::format("output `{}` has no row for each example", t->name)));
            session.fail();
        }
        data::Shape shape = t->shape;
        shape[0] = examples;
        joined[t->name] = data::Array(t->type, shape);
    }
    const std::unique_ptr<data::Feed> feed = data::in_order(std::move(subset), fields);
    std::int64_t done = 0;
    while (done < examples) {
        const data::Batch& b = feed->next();
        feed_batch(program, fields, b);
        const int failed = program.run();
        DLC_ASSERT(failed == 0, "a kernel failed: " + program.message());
        for (const train::Tensor* t : program.all(train::Role::output)) {
            std::vector<std::byte> packed(std::size_t(train::bytes(*t)));
            train::read(*t, packed.data());
            const std::size_t row = packed.size() / std::size_t(batch);
            std::memcpy(joined[t->name].bytes.data() + std::size_t(done) * row, packed.data(), std::size_t(b.examples) * row);
        }
        done += b.examples;
    }
    return joined;
}

std::string csv(const data::NamedArrays& arrays) {
    std::string out;
    std::int64_t rows = 0;
    for (const auto& [name, a] : arrays) {
        rows = a.shape[0];
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
    session.guard([&] {
        // Losses and metrics want targets, which are not there when one predicts: only the outputs are kept.
        const ir::Graph whole = forward(session, *program, model, false).graph;
        ir::Builder b(ir::Builder::Sharing::off);
        for (const ir::Node& node : whole.nodes()) b.copy(node, [](ir::NodeId id) { return id; });
        for (const ir::Result& r : whole.results())
            if (r.kind == ir::Result::output) b.result(r);
        if (b.graph().results().empty()) {
            session.diagnostics.report(
                source::error(source::code("E0406"), fmt::format("model `{}` has no output", model.info.name))
                    .helped("add `output name = …` to the model"));
            session.fail();
        }
        Runnable runnable(ir::share(std::move(b).finish()), {global.threads, true, {}});
        const auto metadata =
            load_weights(runnable.program(), whole, options.weights, options.raw ? Weights::raw : Weights::averaged);
        const std::uint64_t seed = seed_of(session, model, options, metadata);
        set_seed(runnable.program(), seed);
        const data::NamedArrays results = guard_data(model, options.in, [&] {
            data::Subset subset = options.in.empty() ? split_named(session, load_data(session, model, seed), options.split)
                                                     : data::everything(data::arrays(options.in).training);
            const std::vector<data::Field> fields = fields_of(runnable.program(), whole, *subset.table);
            data::check_fields(*subset.table, fields);
            return outputs(session, runnable.program(), fields, std::move(subset), model.batch);
        });
        if (options.out.ends_with(".csv")) {
            const std::string text = csv(results);
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
