#include "compiler/driver/dataset.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>

#include "compiler/driver/recipe.h"
#include "compiler/ir/interpreter.h"
#include "runtime/data/file.h"
#include "runtime/train/checkpoint.h"

namespace dlc::driver {
namespace {

const elaborate::Recipe::Call* call_setting(Session& session, const elaborate::Recipe& recipe, const std::string& key,
                                            const char* example) {
    auto found = recipe.settings.find(key);
    if (found == recipe.settings.end()) return nullptr;
    if (auto call = std::get_if<elaborate::Recipe::Call>(&found->second)) return call;
    session.diagnostics.report(source::error(source::code("E0401"), fmt::format("`{}` must be a call such as `{}`", key, example))
                                   .at(recipe.spans.at(key)));
    session.fail();
}

data::DataSet named_set(Session& session, const elaborate::Recipe::Call& call) {
    std::vector<std::string> names;
    for (const data::Source* source : data::sources()) {
        names.emplace_back(source->name);
        if (source->name != call.name) continue;
        const auto given = given_arguments(session, call, fmt::format("data set `{}`", call.name), source::code("E0403"));
        try {
            return source->load(data::arguments_of(*source, given));
        } catch (const source::UserError& e) {
            source::Diagnostic d = e.diagnostic;
            if (d.labels.empty() && d.code == source::code("E0403")) d.at(call.span);
            throw source::UserError(std::move(d));
        }
    }
    const std::string near(source::nearest(call.name, names));
    std::string known;
    for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
    session.diagnostics.report(source::error(source::code("E0403"), fmt::format("there is no data set `{}`", call.name))
                                   .at(call.span)
                                   .note("known: " + known)
                                   .helped(near.empty() ? "" : fmt::format("did you mean `{}`?", near)));
    session.fail();
}

double fraction_of(Session& session, const elaborate::Recipe::Call& call) {
    if (call.name == "holdout" && call.arguments.size() == 1) {
        if (auto real = std::get_if<double>(&call.arguments[0].value.value); real && *real > 0 && *real < 1) return *real;
    }
    session.diagnostics.report(
        source::error(source::code("E0403"), "`validation` must be `holdout(fraction)` with a fraction between 0 and 1")
            .at(call.span));
    session.fail();
}

}  // namespace

void TrainedOptions::declare(CLI::App& app) {
    program.declare(app);
    app.add_option("--model", model, "the model, where the file declares several")->type_name("NAME");
    app.add_option("-w,--weights", weights, "a .safetensors file or a folder `dlc train` wrote")->required()->type_name("PATH");
    app.add_option("--split", split, "of the recipe's data: test (default), validation or training")
        ->check(CLI::IsMember({"test", "validation", "training"}));
    app.add_flag("--raw", raw, "the parameters themselves where the checkpoint holds averages of them, too");
    app.add_option("--seed", seed, "of the hold-out split (default: that of the run)")->check(seeds());
}

data::GivenArguments given_arguments(Session& session, const elaborate::Recipe::Call& call, const std::string& callee,
                                     source::Code code) {
    data::GivenArguments given;
    for (const auto& [name, value, where] : call.arguments) {
        if (const auto* flag = std::get_if<bool>(&value.value)) {
            given.emplace_back(name, *flag);
        } else if (const auto* integer = std::get_if<std::int64_t>(&value.value)) {
            given.emplace_back(name, *integer);
        } else if (const auto* real = std::get_if<double>(&value.value)) {
            given.emplace_back(name, *real);
        } else if (const auto* text = std::get_if<std::string>(&value.value)) {
            given.emplace_back(name, *text);
        } else {
            session.diagnostics.report(
                source::error(code, fmt::format("{} takes no list{}", callee, name.empty() ? "" : " for `" + name + "`"))
                    .at(where));
            session.fail();
        }
    }
    return given;
}

Data load_data(Session& session, const Model& model, std::uint64_t seed) {
    const elaborate::Recipe::Call* set = call_setting(session, model.recipe, "data", "fashion_mnist()");
    if (!set) {
        session.diagnostics.report(
            source::error(source::code("E0404"), fmt::format("the recipe of `{}` names no data", model.info.name))
                .at(recipe_span(model))
                .helped("add `data = fashion_mnist()` to the train block, or give --set 'data=arrays(\"file.npz\")'"));
        session.fail();
    }
    Data data;
    data.set = session.guard([&] { return guard_data(model, {}, [&] { return named_set(session, *set); }); });
    data.training = data::everything(data.set.training);
    if (data.set.test) data.test = data::everything(data.set.test);
    if (auto validation = call_setting(session, model.recipe, "validation", "holdout(0.1)")) {
        std::string label;
        for (const auto& port : model.info.inputs)
            if (port.target && data.set.training->column(port.name)) label = port.name;
        const data::Column* column = data.set.training->column(label);
        if (column && (data::is_real(column->values.type) || column->values.shape.size() != 1)) label.clear();
        data::Split split = session.guard([&] {
            const double fraction = fraction_of(session, *validation);
            try {
                if (data.set.continuous) return data::hold_out_end(data.set.training, fraction);
                return data::hold_out(data.set.training, fraction, seed, 0, label);
            } catch (const source::UserError& e) {
                source::Diagnostic d = e.diagnostic;
                if (d.labels.empty()) d.at(validation->span);
                throw source::UserError(std::move(d));
            }
        });
        data.training = std::move(split.training);
        data.validation = std::move(split.validation);
    }
    return data;
}

std::vector<data::Field> fields_of(const train::Program& program, const ir::Graph& declared,
                                   const std::function<bool(const std::string&)>& has) {
    std::vector<data::Field> fields, all;
    for (const ir::LeafKind kind : {ir::LeafKind::input, ir::LeafKind::target})
        for (ir::NodeId leaf : declared.leaves(kind)) {
            const ir::Node& node = declared[leaf];
            const data::Field& field = all.emplace_back(data::Field{node.leaf()->name, dlc_type(node.type), node.shape});
            const bool read = program.find(train::Role::input, field.name) || program.find(train::Role::target, field.name);
            if (read || has(field.name)) fields.push_back(field);
        }
    return fields.empty() ? all : fields;
}

std::vector<data::Field> fields_of(const train::Program& program, const ir::Graph& declared, const data::Table& table) {
    return fields_of(program, declared, [&](const std::string& name) { return table.column(name) != nullptr; });
}

data::Subset split_named(Session& session, const Data& data, const std::string& name) {
    if (name == "training") return data.training;
    if (name == "validation" && data.validation) return *data.validation;
    if (name == "test" && data.test) return *data.test;
    session.diagnostics.report(source::error(source::code("E0405"), fmt::format("`{}` has no {} set", data.set.name, name))
                                   .helped(name == "validation" ? "add `validation = holdout(0.1)` to the train block" : ""));
    session.fail();
}

data::Subset evaluated(const Data& data, data::Subset subset, std::int64_t batch) {
    return data.set.continuous ? data::continued(std::move(subset), batch) : subset;
}

void set_seed(train::Program& program, std::uint64_t seed) {
    for (const train::Tensor* tensor : program.all(train::Role::seed)) train::set_scalar(*tensor, double(seed));
}

TrainedWeights read_weights(const std::string& path, Weights which) {
    namespace fs = std::filesystem;
    fs::path file = path;
    if (fs::is_directory(file)) {
        file = fs::exists(file / "best.safetensors") ? file / "best.safetensors" : file / "last.safetensors";
        if (!fs::exists(file)) data::fail_file(path, "the folder holds neither best.safetensors nor last.safetensors");
    }
    train::Checkpoint checkpoint = train::read_checkpoint(file);
    if (which == Weights::averaged) train::take_averages(checkpoint.arrays);
    return {file.string(), std::move(checkpoint.arrays), std::move(checkpoint.metadata)};
}

void load_weights(const train::Program& program, const ir::Graph& declared, const TrainedWeights& weights) {
    data::NamedArrays arrays = weights.arrays;
    for (const auto& [kind, role] :
         {std::pair{ir::LeafKind::parameter, train::Role::parameter}, {ir::LeafKind::state, train::Role::state}})
        for (ir::NodeId leaf : declared.leaves(kind)) {
            const ir::Node& node = declared[leaf];
            const std::string& name = node.leaf()->name;
            // Other programs call a state by its path alone.
            if (const std::string path = name.substr(name.find('/') + 1);
                kind == ir::LeafKind::state && !arrays.contains(name) && !declared.leaf(path))
                if (auto array = arrays.extract(path)) {
                    array.key() = name;
                    arrays.insert(std::move(array));
                }
            const auto held = arrays.find(name);
            if (held != arrays.end() && held->second.shape == node.shape && !program.find(role, name)) arrays.erase(held);
        }
    train::restore(program, arrays, train::Restore::parameters, weights.file);
}

std::uint64_t seed_of(Session& session, const Model& model, const TrainedOptions& options,
                      const std::map<std::string, std::string>& metadata) {
    if (options.seed) return *options.seed;
    std::uint64_t seed = 0;
    if (const auto run = metadata.find("dlc.seed"); run != metadata.end()) {
        const char* end = run->second.data() + run->second.size();
        if (std::from_chars(run->second.data(), end, seed).ptr == end) return seed;
    }
    return seed_of(session, model);
}

source::Diagnostic located(const std::vector<ir::Result>& results, const train::CheckFailed& failed) {
    source::Diagnostic d = failed.diagnostic;
    for (const ir::Result& r : results) {
        if (r.kind != ir::Result::check || r.name != failed.check) continue;
        d.at(r.span);
        if (r.inside) d.at(r.inside);
    }
    return d;
}

source::Diagnostic located(const Model& model, const std::string& file, source::Diagnostic d) {
    const bool misfit = d.code == source::code("E0452"), few = d.code == source::code("E0453");
    const bool damaged = d.code == source::code("E0457");
    if (!d.labels.empty() || !(misfit || few || damaged)) return d;
    if (!file.empty()) {
        if (!d.message.starts_with(file + ": ")) d.message = file + ": " + d.message;
        return d;
    }
    for (const char* key : {few ? "batch" : "data", "data"})
        if (auto span = model.recipe.spans.find(key); span != model.recipe.spans.end()) return d.at(span->second);
    return d.at(recipe_span(model));
}

}  // namespace dlc::driver
