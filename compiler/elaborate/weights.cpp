// What a recipe does with parameters beside the optimizer: penalties in what is differentiated, clipped and noisy gradients,
// constraints on what an update leaves, averages of it.
#include <fmt/format.h>

#include <cmath>

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
    result.function = call ? call->module->find(Space::function, call->name) : nullptr;
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
bool Elaborator::clip(const Recipe::Setting& setting, Span where, std::vector<ir::NodeId>& gradients) {
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
        if (call.arguments.size() == 1) number(call.arguments[0].value);
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

// Where the setting is not a call of one of these, or its numbers are not such as the form says, that form is the error.
std::optional<Elaborator::Numbers> Elaborator::numbers(const Recipe& recipe, const std::string& key, const char* form,
                                                       const std::vector<Numbers>& forms) {
    const Span where = recipe.spans.at(key);
    const auto wrong = [&]() -> std::optional<Numbers> {
        fail(error(code("E0401"), fmt::format("`{}` is {}", key, form)).at(where));
        return std::nullopt;
    };
    const auto* call = std::get_if<Recipe::Call>(&recipe.settings.at(key));
    if (!call) return wrong();
    for (Numbers made : forms) {
        if (made.name != call->name) continue;
        std::set<std::size_t> given;
        std::size_t position = 0;
        for (const auto& [name, value, where] : call->arguments) {
            const auto named = [&, &wanted = name](const auto& a) { return a.first == wanted; };
            const auto at =
                name.empty() ? made.values.begin() + std::min<std::ptrdiff_t>(std::ssize(made.values), std::ptrdiff_t(position++))
                             : std::find_if(made.values.begin(), made.values.end(), named);
            const Value number = from_static(value);
            if (at == made.values.end() || !given.insert(std::size_t(at - made.values.begin())).second || !number.is_number() ||
                number.is<bool>())
                return wrong();
            at->second = number.number();
        }
        for (const auto& [name, value] : made.values)
            if (!std::isfinite(value)) return wrong();
        return made;
    }
    return wrong();
}

// N(0, eta / t^gamma) added to each gradient, t from 1 (Neelakantan et al. 2015, equation 1).
bool Elaborator::add_noise(const Recipe& recipe, const std::vector<Trained>& trained, ir::NodeId t,
                           std::vector<ir::NodeId>& gradients) {
    if (!recipe.settings.contains("gradient_noise")) return true;
    const char* form = "`gaussian(eta, gamma = 0.55)` with eta > 0 and gamma >= 0";
    const auto noise = numbers(recipe, "gradient_noise", form, {{"gaussian", {{"eta", -1}, {"gamma", 0.55}}}});
    if (!noise) return false;
    const double eta = noise->values[0].second, gamma = noise->values[1].second;
    const Span where = recipe.spans.at("gradient_noise");
    if (eta <= 0 || gamma < 0) {
        fail(error(code("E0401"), fmt::format("`gradient_noise` is {}", form)).at(where));
        return false;
    }
    binding_ = "gradient_noise";
    const ir::Expr now = main_.read(t, {});
    const auto constant = [&](double v) { return ir::Expr::constant(v, now->type); };
    const ir::NodeId sd =
        main_.pointwise(now->type, {}, constant(std::sqrt(eta)) * ir::Expr::call("pow", {now, constant(-gamma / 2)}), origin());
    for (std::size_t k = 0; k < trained.size(); ++k) {
        // Drawn under the parameter's own path, so that a parameter more changes the noise of no other.
        Activation activation{Activation::optimizer, "gradient_noise/" + trained[k].path};
        Scope s{.module = &program_.root(), .activation = &activation};
        const ir::Shape& shape = main_[gradients[k]].shape;
        const ir::Shape* const before = drawn_;
        drawn_ = &shape;
        std::vector<Given> unit = {{{}, {0.0}, where}, {{}, {1.0}, where}};
        const auto drawn = element(s, builtin_normal(s, unit, where), where);
        drawn_ = before;
        if (!drawn) return false;
        const ir::Expr gradient = main_.read_all(gradients[k]);
        gradients[k] = main_.pointwise(main_[gradients[k]].type, shape,
                                       gradient + ir::convert(drawn->expr * main_.read(sd, {}), gradient->type), origin());
    }
    return true;
}

// A slot `average/PATH` beside each parameter.  Both averages begin as the parameter itself.
bool Elaborator::average(const Recipe& recipe, const std::vector<Trained>& trained, ir::NodeId t) {
    if (!recipe.settings.contains("average")) return true;
    const char* form = "`ema(decay = 0.999)` with 0 <= decay < 1, or `polyak(start = 0)` with a step";
    const auto made = numbers(recipe, "average", form, {{"ema", {{"decay", 0.999}}}, {"polyak", {{"start", 0}}}});
    if (!made) return false;
    const bool moving = made->name == "ema";
    const double number = made->values[0].second;
    const Span where = recipe.spans.at("average");
    if (number < 0 || (moving ? number >= 1 : number != std::floor(number))) {
        fail(error(code("E0401"), fmt::format("`average` is {}", form)).at(where));
        return false;
    }
    binding_ = "average";
    for (const Trained& p : trained) {
        const Kept& kept = kept_.at(p.path);
        if (!ir::is_real(kept.type)) continue;
        // Sixteen bits would lose what a step adds.
        const ir::Type type = ir::bytes(kept.type) < 4 ? ir::Type::f32 : kept.type;
        const std::string name = "average/" + p.path;
        const ir::NodeId leaf = main_.leaf(ir::LeafKind::slot, name, type, kept.shape, {where, name});
        for (const ir::Result& first : init_.graph().results())
            if (first.name == p.path) {
                const ir::NodeId begin =
                    init_.pointwise(type, kept.shape, ir::convert(init_.read_all(first.node), type), {where, name});
                const ir::NodeId target = init_.leaf(ir::LeafKind::slot, name, type, kept.shape, {where, name});
                init_.result({ir::Result::update, name, begin, target, where});
                break;
            }
        const ir::Expr before = main_.read_all(leaf);
        const ir::Expr w = ir::convert(main_.read_all(kept.now.as<Tensor>()->node), type);
        const ir::Expr step = main_.read(t, {});
        const auto constant = [](double v, const ir::Expr& beside) { return ir::Expr::constant(v, beside->type); };
        // ema: from the second step on.  polyak: the mean of the values after steps start + 1 to t.
        const ir::Expr count = step - constant(moving ? 0 : number, step);
        const ir::Expr next =
            moving ? constant(number, w) * before + constant(1 - number, w) * w : before + (w - before) / ir::convert(count, type);
        const ir::NodeId now =
            main_.pointwise(type, kept.shape, ir::select(ir::greater(count, constant(1, count)), next, w), {where, name});
        kept_.emplace(name, Kept{leaf, {Tensor{now}}, true, false, where, kept.shape, type});
        kept_order_.push_back(name);
    }
    return true;
}

}  // namespace dlc::elaborate
