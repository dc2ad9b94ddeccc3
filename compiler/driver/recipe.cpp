#include "compiler/driver/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace dlc::driver {
namespace {

using Call = elaborate::Recipe::Call;
using Given = elaborate::Recipe::Argument;

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
        for (const Given& a : call.arguments) {
            const std::string key = !a.name.empty() ? a.name : next < positional.size() ? positional[next++] : "";
            if (key.empty() || !given_.emplace(key, &a).second)
                fail(a.where, fmt::format("`{}` is given too many arguments", call.name));
        }
    }

    std::optional<double> number(const std::string& name) {
        const Given* given = take(name);
        if (!given) return {};
        if (auto n = as_number(given->value)) return n;
        fail(given->where, fmt::format("`{}` of `{}` must be a number", name, call_.name));
    }
    /// A whole number of at least `least`.
    std::optional<std::int64_t> whole(const std::string& name, std::int64_t least) {
        const Given* given = take(name);
        if (!given) return {};
        const std::optional<double> n = as_number(given->value);
        if (!n || *n != std::floor(*n) || *n < double(least) || *n > double(std::int64_t{1} << 52))
            fail(given->where, fmt::format("`{}` of `{}` must be a whole number of at least {}", name, call_.name, least));
        return std::int64_t(*n);
    }
    /// Ascending numbers above 0; one alone stands for a list of it.
    std::optional<std::vector<double>> ascending(const std::string& name) {
        const Given* given = take(name);
        if (!given) return {};
        std::vector<double> numbers;
        const auto* list = std::get_if<std::vector<elaborate::Static>>(&given->value.value);
        for (const elaborate::Static& item : list ? *list : std::vector{given->value}) {
            const std::optional<double> n = as_number(item);
            if (!n || *n <= (numbers.empty() ? 0 : numbers.back()))
                fail(given->where, fmt::format("`{}` of `{}` must be ascending numbers above 0", name, call_.name));
            numbers.push_back(*n);
        }
        return numbers;
    }
    std::optional<std::string> text(const std::string& name) {
        const Given* given = take(name);
        if (!given) return {};
        if (auto s = std::get_if<std::string>(&given->value.value)) return *s;
        fail(given->where, fmt::format("`{}` of `{}` must be a text in quotes", name, call_.name));
    }
    void done() {
        if (given_.empty()) return;
        std::vector<std::string> known(asked_.begin(), asked_.end());
        const std::string near(source::nearest(given_.begin()->first, known));
        fail(given_.begin()->second->where, fmt::format("`{}` has no argument `{}`", call_.name, given_.begin()->first),
             near.empty() ? "" : fmt::format("did you mean `{}`?", near));
    }
    [[noreturn]] void fail(const std::string& message, const std::string& help = {}) { fail(call_.span, message, help); }
    [[noreturn]] void fail(source::Span where, const std::string& message, const std::string& help = {}) {
        session_.diagnostics.report(source::error(source::code("E0401"), message).at(where).helped(help));
        session_.fail();
    }

private:
    const Given* take(const std::string& name) {
        asked_.insert(name);
        auto found = given_.find(name);
        if (found == given_.end()) return nullptr;
        const Given* given = found->second;
        given_.erase(found);
        return given;
    }

    Session& session_;
    const Call& call_;
    std::map<std::string, const Given*> given_;
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

bool call_has(const Call& call, const std::string& argument) {
    return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const auto& a) { return a.name == argument; });
}

/// `on` and `mode` of what watches a value: the loss unless it says otherwise; losses are minimised, metrics maximised.
train::Watch watch(Session& session, const Call& call, const std::string& setting, Arguments& arguments,
                   const elaborate::Elaborated& program) {
    std::vector<std::string> names;
    std::string loss;
    for (const ir::Result& r : program.graph.results()) {
        if (r.kind == ir::Result::loss) loss = r.name;
        if (r.kind == ir::Result::loss || r.kind == ir::Result::metric) names.push_back(r.name);
    }
    train::Watch w;
    w.on = arguments.text("on").value_or(loss);
    const std::string name = w.on.substr(w.on.find('.') + 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        const std::string near(source::nearest(name, names));
        session.diagnostics.report(source::error(source::code("E0455"), fmt::format("`{}` watches `{}`, but the model has {}",
                                                                                    setting, w.on, fmt::join(names, ", ")))
                                       .at(call.span)
                                       .helped(near.empty() ? "" : fmt::format("did you mean `{}`?", near)));
        session.fail();
    }
    const std::string mode = arguments.text("mode").value_or(name == loss ? "min" : "max");
    if (mode != "min" && mode != "max") arguments.fail(fmt::format("`mode` of `{}` must be \"min\" or \"max\"", call.name));
    w.maximize = mode == "max";
    return w;
}

train::Patience patience(Session& session, const Call& call, const elaborate::Elaborated& program) {
    Arguments arguments(session, call, {"epochs"});
    if (call.name != "patience") arguments.fail("`stop_early` must be `patience(epochs, on = \"validation.cross_entropy\")`");
    train::Patience p;
    p.epochs = int(arguments.number("epochs").value_or(3));
    if (p.epochs < 1) arguments.fail("`epochs` of `patience` must be at least 1");
    p.watch = watch(session, call, "stop_early", arguments, program);
    p.least = arguments.number("least").value_or(0);
    arguments.done();
    return p;
}

/// What the kind of the schedule takes, into its fields.
void read_arguments(train::Schedule& s, Arguments& arguments, const Call& call) {
    using Range = train::ScheduleKind::Argument::Range;
    for (const auto& [name, field, range] : s.kind->arguments) {
        s.*field = arguments.number(std::string(name)).value_or(s.*field);
        const double value = s.*field;
        const bool fits = range == Range::at_least_0 ? value >= 0 : value > 0 && (range == Range::above_0 || value < 1);
        const char* wanted = range == Range::at_least_0 ? "at least 0" : range == Range::above_0 ? "above 0" : "between 0 and 1";
        if (!fits || !std::isfinite(value)) arguments.fail(fmt::format("`{}` of `{}` must be {}", name, call.name, wanted));
    }
}

train::Schedule schedule(Session& session, const Model& model, const Call& call, const elaborate::Elaborated& program,
                         std::int64_t steps_per_epoch, std::int64_t total_steps) {
    using Kind = train::ScheduleKind;
    Arguments arguments(session, call, {});
    train::Schedule s;
    s.kind = train::schedule_named(call.name);
    if (!s.kind) {
        std::vector<std::string> names;
        for (const Kind& kind : train::schedules()) names.emplace_back(kind.name);
        const std::string near(source::nearest(call.name, names));
        arguments.fail(
            fmt::format("there is no schedule `{}`", call.name),
            near.empty() ? fmt::format("schedules: {}", fmt::join(names, " ")) : fmt::format("did you mean `{}`?", near));
    }
    const Call* optimizer = call_of(session, model.recipe, "optimizer", "adam(lr = 1e-3)");
    bool known = false;
    for (const Given& a : optimizer->arguments)
        if (a.name == "lr" || (a.name.empty() && &a == &optimizer->arguments.front()))
            if (auto lr = as_number(a.value)) s.base = *lr, known = true;
    if (!known)
        arguments.fail("a schedule starts from the optimizer's `lr`, which is not given",
                       fmt::format("write `optimizer = {}(lr = …)`", optimizer->name));
    read_arguments(s, arguments, call);
    if (s.kind->warmup != Kind::Warmup::none) s.warmup = arguments.whole("warmup", 0).value_or(0);
    if (s.kind->length == Kind::Length::steps) {
        if (auto steps = arguments.number("steps")) {
            s.steps = std::int64_t(*steps);
        } else if (auto epochs = arguments.number("epochs")) {
            s.steps = std::int64_t(*epochs * double(steps_per_epoch));
        } else {
            s.steps = std::max<std::int64_t>(1, total_steps - s.warmup);
        }
        if (s.steps < 1) arguments.fail("a schedule needs at least one step");
    } else if (s.kind->length == Kind::Length::milestones) {
        const bool in_steps = call_has(call, "steps");
        const auto places = arguments.ascending(in_steps ? "steps" : "epochs");
        if (!places) arguments.fail(fmt::format("`{}` needs its milestones", call.name), "`epochs = [30, 60]`, or `steps = […]`");
        for (const double place : *places) s.milestones.push_back(std::int64_t(place * (in_steps ? 1 : double(steps_per_epoch))));
    }
    if (s.kind->warmup == Kind::Warmup::within && s.warmup < 1)
        arguments.fail(fmt::format("`{}` needs `warmup`, the step at which the rate is largest", call.name));
    if (s.kind->watches) {
        s.patience = arguments.whole("patience", 1).value_or(s.patience);
        s.watch = watch(session, call, "schedule", arguments, program);
    }
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
                schedule(session, model, *call, program, steps_per_epoch, std::max<std::int64_t>(total, 1));
    return recipe;
}

std::optional<LayerScales> layer_scales(Session& session, const elaborate::Program& program, const Model& model) {
    const Call* call = call_of(session, model.recipe, "initialize", "lsuv()");
    if (!call) return {};
    Arguments arguments(session, *call, {"tolerance", "steps"});
    if (call->name != "lsuv") arguments.fail("`initialize` must be `lsuv(tolerance = 0.1, steps = 10)`");
    LayerScales made;
    made.settings.tolerance = arguments.number("tolerance").value_or(made.settings.tolerance);
    if (!(made.settings.tolerance > 0)) arguments.fail("`tolerance` of `lsuv` must be above 0");
    made.settings.steps = arguments.whole("steps", 1).value_or(made.settings.steps);
    arguments.done();
    Model with_values = model;
    with_values.options.layer_values = true;
    made.forward = forward(session, program, with_values, true).graph;
    for (const ir::Result& r : made.forward.results())
        if (r.kind == ir::Result::value) made.weights.push_back(r.name);
    if (made.weights.empty())
        arguments.fail(fmt::format("`lsuv` is for layers with a `weight`, and `{}` has none", model.info.name));
    return made;
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
