#include "compiler/driver/recipe.h"

#include <fmt/format.h>

#include <set>

namespace dlc::driver {
namespace {

using Call = elaborate::Recipe::Call;

std::optional<double> as_number(const elaborate::Static& s) {
    if (auto real = std::get_if<double>(&s.value)) return *real;
    if (auto integer = std::get_if<std::int64_t>(&s.value)) return double(*integer);
    return {};
}

/// The arguments of a setting that is a call, taken one by one; what is left over at the end is an error.
class Arguments {
public:
    Arguments(Session& session, const Call& call, std::vector<std::string> positional) : session_(session), call_(call) {
        std::size_t next = 0;
        for (const auto& [name, value] : call.arguments) {
            const std::string key = !name.empty() ? name : next < positional.size() ? positional[next++] : "";
            if (key.empty() || !values_.emplace(key, &value).second)
                fail(fmt::format("`{}` is given too many arguments", call.name));
        }
    }

    std::optional<double> number(const std::string& name) {
        const elaborate::Static* value = take(name);
        if (!value) return {};
        if (auto n = as_number(*value)) return n;
        fail(fmt::format("`{}` of `{}` must be a number", name, call_.name));
    }
    std::optional<std::string> text(const std::string& name) {
        const elaborate::Static* value = take(name);
        if (!value) return {};
        if (auto s = std::get_if<std::string>(&value->value)) return *s;
        fail(fmt::format("`{}` of `{}` must be a text in quotes", name, call_.name));
    }
    void done() {
        if (values_.empty()) return;
        std::vector<std::string> known(asked_.begin(), asked_.end());
        const std::string near(source::nearest(values_.begin()->first, known));
        fail(fmt::format("`{}` has no argument `{}`", call_.name, values_.begin()->first),
             near.empty() ? "" : fmt::format("did you mean `{}`?", near));
    }
    [[noreturn]] void fail(const std::string& message, const std::string& help = {}) {
        session_.diagnostics.report(source::error(source::code("E0401"), message).at(call_.span).helped(help));
        session_.fail();
    }

private:
    const elaborate::Static* take(const std::string& name) {
        asked_.insert(name);
        auto found = values_.find(name);
        if (found == values_.end()) return nullptr;
        const elaborate::Static* value = found->second;
        values_.erase(found);
        return value;
    }

    Session& session_;
    const Call& call_;
    std::map<std::string, const elaborate::Static*> values_;
    std::set<std::string> asked_;
};

const Call* call_of(Session& session, const elaborate::Recipe& recipe, const std::string& key, const char* example) {
    auto found = recipe.settings.find(key);
    if (found == recipe.settings.end()) return nullptr;
    if (auto call = std::get_if<Call>(&found->second)) return call;
    session.diagnostics.report(source::error(source::code("E0401"), fmt::format("`{}` must be a call such as `{}`", key, example))
                                   .at(recipe.spans.at(key)));
    session.fail();
}

train::Patience patience(Session& session, const Call& call, const elaborate::Elaborated& program) {
    Arguments arguments(session, call, {"epochs"});
    if (call.name != "patience") arguments.fail("`stop_early` must be `patience(epochs, on = \"validation.cross_entropy\")`");
    train::Patience p;
    p.epochs = int(arguments.number("epochs").value_or(3));
    if (p.epochs < 1) arguments.fail("`epochs` of `patience` must be at least 1");
    std::vector<std::string> names;
    std::string loss;
    for (const ir::Result& r : program.graph.results()) {
        if (r.kind == ir::Result::loss) loss = r.name;
        if (r.kind == ir::Result::loss || r.kind == ir::Result::metric) names.push_back(r.name);
    }
    p.on = arguments.text("on").value_or(loss);
    p.least = arguments.number("least").value_or(0);
    const std::string name = p.on.substr(p.on.find('.') + 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        const std::string near(source::nearest(name, names));
        session.diagnostics.report(
            source::error(source::code("E0455"),
                          fmt::format("`stop_early` watches `{}`, but the model has {}", p.on, fmt::join(names, ", ")))
                .at(call.span)
                .helped(near.empty() ? "" : fmt::format("did you mean `{}`?", near)));
        session.fail();
    }
    const std::string mode = arguments.text("mode").value_or(name == loss ? "min" : "max");
    if (mode != "min" && mode != "max") arguments.fail("`mode` of `patience` must be \"min\" or \"max\"");
    p.maximize = mode == "max";
    arguments.done();
    return p;
}

train::Schedule schedule(Session& session, const Model& model, const Call& call, std::int64_t steps_per_epoch,
                         std::int64_t total_steps) {
    using Kind = train::Schedule::Kind;
    static const std::map<std::string, Kind> kKinds{{"constant", Kind::constant},
                                                    {"linear", Kind::linear},
                                                    {"cosine", Kind::cosine},
                                                    {"staircase", Kind::staircase},
                                                    {"exponential", Kind::exponential}};
    Arguments arguments(session, call, {});
    auto kind = kKinds.find(call.name);
    if (kind == kKinds.end()) {
        std::vector<std::string> names;
        for (const auto& [name, k] : kKinds) names.push_back(name);
        const std::string near(source::nearest(call.name, names));
        arguments.fail(fmt::format("there is no schedule `{}`", call.name),
                       near.empty() ? "schedules: constant cosine exponential linear staircase" : "did you mean `" + near + "`?");
    }
    train::Schedule s;
    s.kind = kind->second;
    const Call* optimizer = call_of(session, model.recipe, "optimizer", "adam(lr = 1e-3)");
    bool known = false;
    for (const auto& [name, value] : optimizer->arguments)
        if (name == "lr" || (name.empty() && &value == &optimizer->arguments.front().second))
            if (auto lr = as_number(value)) s.base = *lr, known = true;
    if (!known)
        arguments.fail("a schedule starts from the optimizer's `lr`, which is not given",
                       fmt::format("write `optimizer = {}(lr = …)`", optimizer->name));
    s.last = arguments.number("last").value_or(0);
    s.factor = arguments.number("factor").value_or(0.1);
    if (auto steps = arguments.number("steps")) {
        s.steps = std::int64_t(*steps);
    } else if (auto epochs = arguments.number("epochs")) {
        s.steps = std::int64_t(*epochs * double(steps_per_epoch));
    } else {
        s.steps = total_steps;
    }
    s.warmup = std::int64_t(arguments.number("warmup").value_or(0));
    if (s.steps < 1 || s.warmup < 0) arguments.fail("a schedule needs at least one step");
    arguments.done();
    return s;
}

}  // namespace

train::Recipe training_recipe(Session& session, const Model& model, const elaborate::Elaborated& program,
                              std::int64_t steps_per_epoch, const Overrides& overrides) {
    train::Recipe recipe;
    recipe.seed = overrides.seed.value_or(seed_of(session, model));
    recipe.epochs = overrides.epochs.value_or(integer_setting(session, model.recipe, "epochs").value_or(1));
    recipe.steps = overrides.steps;
    if (recipe.epochs < 0) {
        session.diagnostics.report(
            source::error(source::code("E0401"), "`epochs` must not be negative").at(model.recipe.spans.at("epochs")));
        session.fail();
    }
    if (const Call* call = call_of(session, model.recipe, "stop_early", "patience(3)"))
        recipe.patience = patience(session, *call, program);
    const Call* call = call_of(session, model.recipe, "schedule", "cosine()");
    const std::int64_t total = recipe.steps.value_or(recipe.epochs * steps_per_epoch);
    for (ir::NodeId leaf : program.graph.leaves(ir::LeafKind::rate))
        if (call)
            recipe.rates[program.graph[leaf].leaf()->name] =
                schedule(session, model, *call, steps_per_epoch, std::max<std::int64_t>(total, 1));
    return recipe;
}

std::uint64_t seed_of(Session& session, const Model& model) {
    const std::int64_t seed = integer_setting(session, model.recipe, "seed").value_or(1);
    if (seed < 0 || seed > kLargestSeed) {
        session.diagnostics.report(source::error(source::code("E0401"), fmt::format("`seed` must be from 0 to {}", kLargestSeed))
                                       .at(model.recipe.spans.at("seed")));
        session.fail();
    }
    return std::uint64_t(seed);
}

}  // namespace dlc::driver
