// What a recipe does with parameters beside the optimizer: penalties in what is differentiated, clipped gradients, constraints on
// what an update leaves.
#include <fmt/format.h>

#include "compiler/elaborate/elaborator.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

/// Whether `path` is of the form of `pattern`, in which `*` stands for any characters.
bool matches(std::string_view pattern, std::string_view path) {
    if (pattern.empty()) return path.empty();
    if (pattern[0] != '*') return !path.empty() && path[0] == pattern[0] && matches(pattern.substr(1), path.substr(1));
    for (std::size_t skipped = 0; skipped <= path.size(); ++skipped)
        if (matches(pattern.substr(1), path.substr(skipped))) return true;
    return false;
}

}  // namespace

bool Elaborator::of_weights(const Recipe& recipe, const std::string& key, const char* example, const std::vector<Trained>& trained,
                            OfWeights& result) {
    const auto setting = recipe.settings.find(key);
    if (setting == recipe.settings.end()) return true;
    const auto* call = std::get_if<Recipe::Call>(&setting->second);
    result.where = recipe.spans.at(key);
    result.function = call ? program_.root().find(Space::function, call->name) : nullptr;
    if (!result.function || !result.function->function() || result.function->parameters().empty()) {
        auto wrong =
            error(code("E0401"), fmt::format("`{}` is a function of one weight, such as `{}`", key, example)).at(result.where);
        fail(std::move(wrong).helped(key == "constrain" ? "import \"std/constrain\"" : "import \"std/loss\""));
        return false;
    }
    result.arguments = *recipe_arguments(*call, nullptr);
    std::optional<std::string> pattern;
    std::erase_if(result.arguments, [&](const Given& g) {
        const auto* text = g.name && g.name->text == "parameters" ? g.value.as<std::string>() : nullptr;
        if (text) pattern = *text;
        return text != nullptr;
    });
    for (const Trained& p : trained)
        if (pattern ? matches(*pattern, p.path) : main_[p.leaf].shape.size() >= 2) result.paths.insert(p.path);
    if (!pattern || !result.paths.empty()) return true;
    std::vector<std::string> paths;
    for (const Trained& p : trained) paths.push_back(p.path);
    auto none = error(code("E0401"), fmt::format("`{}`: no parameter's path has the form `{}`", key, *pattern)).at(result.where);
    if (const auto near = source::nearest(*pattern, paths); !near.empty())
        none.help = "did you mean `" + std::string(near) + "`?";
    else if (!paths.empty())
        none.help = "there is `" + paths.front() + "`, for one";
    fail(std::move(none));
    return false;
}

Value Elaborator::apply(const OfWeights& setting, ir::NodeId weight, const Value* rate) {
    std::vector<Given> given = setting.arguments;
    given.insert(given.begin(), Given{{}, {Tensor{weight}}, setting.where});
    const auto is_rate = [](const auto& p) { return p.name.text == "lr"; };
    const auto& parameters = setting.function->parameters();
    const auto asked = rate ? std::find_if(parameters.begin(), parameters.end(), is_rate) : parameters.end();
    const bool by_name = std::any_of(given.begin(), given.end(), [](const Given& g) { return g.name && g.name->text == "lr"; });
    if (asked != parameters.end() && !by_name && asked - parameters.begin() >= std::ssize(given)) {
        if (rate->poison())
            return fail(error(code("E0401"),
                              fmt::format("`{}` asks for the rate, and the optimizer has no `lr`", setting.function->name().text))
                            .at(setting.where));
        given.push_back({asked->name, *rate, setting.where});
    }
    Activation inside{Activation::function, {}};
    Scope s{.module = &program_.root(), .activation = &inside};
    return call(s, *setting.function, std::move(given), setting.where);
}

// Added to the loss; the loss that is reported stays as it is.
ir::NodeId Elaborator::penalized(const OfWeights& penalty, const std::vector<Trained>& trained, ir::NodeId objective) {
    const std::size_t errors = diagnostics_.errors();
    for (const Trained& p : trained) {
        if (!penalty.paths.contains(p.path)) continue;
        const Value term = apply(penalty, p.view, nullptr);
        const auto shape = shape_of(term);
        if (!term.poison() && (!shape || !shape->empty()))
            fail(error(code("E0219"), "a penalty is a single number").at(penalty.where, "this is " + describe(term)));
        if (failed_since(errors)) return {};
        const ir::NodeId id = node(term, penalty.where);
        const Element sum{
            {},
            main_.read(objective, std::vector<ir::Index>(main_[objective].shape.size(), ir::Index(0))) + main_.read(id, {}),
            false,
            {},
            {}};
        objective = node({sum}, penalty.where, "objective");
    }
    return objective;
}

// In the place of what the optimizer left.
bool Elaborator::constrain(const OfWeights& constraint, const std::string& path, const Value& rate) {
    if (!constraint.paths.contains(path)) return true;
    Kept& kept = kept_.at(path);
    binding_ = "constrain";
    const Value made = apply(constraint, kept.now.as<Tensor>()->node, &rate);
    if (made.poison()) return false;
    const auto shape = shape_of(made);
    if (!shape || *shape != kept.shape) {
        fail(error(code("E0219"),
                   fmt::format("a constraint makes of `{}`, {}, a tensor like it", path, type_text(kept.type, kept.shape)))
                 .at(constraint.where, "this is " + describe(made)));
        return false;
    }
    Scope none;
    auto e = element(none, made, constraint.where);
    if (!e) return false;
    e->expr = ir::convert(e->expr, kept.type);
    kept.now = {Tensor{node({*e}, constraint.where, path)}};
    return true;
}

// `norm(c)`: all gradients scaled together so that their joint length is at most c; `value(c)`: every component into [-c, c].
bool Elaborator::clip(const std::variant<Static, Recipe::Call>& setting, Span where, std::vector<ir::NodeId>& gradients) {
    std::string kind = "norm";
    std::optional<double> limit;
    const auto number = [&](const Static& s) {
        const Value v = from_static(s);
        if (v.is_number()) limit = v.number();
    };
    if (const auto* s = std::get_if<Static>(&setting)) {
        number(*s);
    } else {
        const auto& call = std::get<Recipe::Call>(setting);
        kind = call.name;
        if (call.arguments.size() == 1) number(call.arguments[0].second);
    }
    if (!limit || *limit <= 0 || (kind != "norm" && kind != "value")) {
        fail(error(code("E0401"), "`clip` is `norm(c)` or `value(c)` with c > 0").at(where));
        return false;
    }
    binding_ = "clip";
    const auto constant = [&](double v, const ir::Expr& beside) { return ir::Expr::constant(v, beside->type); };
    if (kind == "value") {
        for (ir::NodeId& g : gradients) {
            const ir::Expr x = main_.read_all(g);
            const ir::Expr inside = ir::Expr::call("max", {ir::Expr::call("min", {x, constant(*limit, x)}), constant(-*limit, x)});
            g = main_.pointwise(main_[g].type, main_[g].shape, inside, origin());
        }
        return true;
    }
    Scope none;
    ir::Expr squares;
    for (const ir::NodeId g : gradients) {
        const ir::Expr x = main_.read_all(g);
        const Value part = reduce_all(none, "sum", {Element{main_[g].shape, x * x, false, {}, {}}}, where);
        const ir::Expr one = part.as<Element>()->expr;
        squares = squares ? squares + one : one;
    }
    if (!squares) return true;
    const ir::Expr length = ir::Expr::call("sqrt", {squares});
    const ir::Expr factor =
        ir::select(ir::greater(length, constant(*limit, length)), constant(*limit, length) / length, ir::one_like(length));
    const ir::NodeId scale = main_.pointwise(length->type, {}, factor, origin());
    for (ir::NodeId& g : gradients)
        g = main_.pointwise(main_[g].type, main_[g].shape, main_.read_all(g) * main_.read(scale, {}), origin());
    return true;
}

}  // namespace dlc::elaborate
