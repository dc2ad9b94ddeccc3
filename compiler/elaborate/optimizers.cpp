// A training step: the model, the gradients of its loss, and the optimizer's program run over each parameter.  What a recipe does
// besides with parameters and gradients is in weights.cpp.
//
// An optimizer that asks for the gradient at another point, `g = gradient(w + momentum * m)`, moves the model there: its program is
// run up to that call when the parameter is declared, and the model sees the point in the parameter's place.  `minimize`
// has the function at hand whose gradient is asked for, and calls it there.
#include "compiler/autodiff/gradient.h"
#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

bool calls_gradient(const text::Block& block);

bool calls_gradient(const text::Expr& e) {
    return text::print(e).find("gradient(") != std::string::npos && [&] {
        bool found = false;
        const std::function<void(const text::Expr&)> walk = [&](const text::Expr& x) {
            if (const auto* c = std::get_if<text::Call>(&x.node)) {
                found = found || c->callee.text == "gradient";
                for (const auto& a : c->arguments) walk(*a.value);
            } else if (const auto* u = std::get_if<text::Unary>(&x.node)) {
                walk(*u->operand);
            } else if (const auto* b = std::get_if<text::Binary>(&x.node)) {
                walk(*b->left);
                walk(*b->right);
            } else if (const auto* i = std::get_if<text::If>(&x.node)) {
                walk(*i->condition);
                walk(*i->then);
                walk(*i->otherwise);
            }
        };
        walk(e);
        return found;
    }();
}

bool calls_gradient(const text::Block& block) {
    for (const auto& statement : block.statements) {
        if (const auto* a = std::get_if<text::Assign>(&statement->node); a && calls_gradient(*a->value)) return true;
        if (const auto* u = std::get_if<text::Update>(&statement->node); u && calls_gradient(*u->value)) return true;
        if (const auto* i = std::get_if<text::IfStmt>(&statement->node))
            if (calls_gradient(i->then) || (i->otherwise && calls_gradient(*i->otherwise))) return true;
    }
    return false;
}

source::Diagnostic never_moves(const text::Optimizer& o) {
    return error(code("E0306"), "optimizer `" + o.name.text + "` never says `w <- …`").at(o.name.where);
}

}  // namespace

struct Elaborator::Optimizing {
    const Definition* optimizer = nullptr;
    std::vector<Given> arguments;
    Span where;
    bool moves = false;  // calls `gradient(point)`
    bool scheduled = false;
    ir::NodeId t;  // the step, from 1, as a real
    OfWeights constraint;
    // While one parameter's program runs:
    ir::NodeId gradient;  // empty while the point is sought
    ir::NodeId point;
    std::function<Value(ir::NodeId point)> gradient_at;  // within `minimize`
};

Value Elaborator::builtin_gradient(Scope& s, std::vector<Given>& given, Span where) {
    if (!optimizing_ || s.activation->kind != Activation::optimizer)
        return fail(error(code("E0305"), "`gradient(point)` belongs in an optimizer")
                        .at(where)
                        .helped("`grad(scalar, tensor)` is the derivative"));
    if (!arrange("gradient", given, {"point"}, 1, where)) return {Poison{}};
    if (optimizing_->gradient) return {Tensor{optimizing_->gradient}};
    const ir::NodeId w = s.values.at("w").as<Tensor>()->node;
    const auto shape = shape_of(given[0].value);
    if (!shape || *shape != (*b_)[w].shape)
        return fail(error(code("E0216"), "the point is a tensor like `w`, " + describe({Tensor{w}}))
                        .at(given[0].where, "this is " + describe(given[0].value)));
    const ir::NodeId point = node(given[0].value, where, "point");
    if (optimizing_->gradient_at) return point ? optimizing_->gradient_at(point) : Value{Poison{}};
    optimizing_->point = point;
    return {Poison{}};  // what follows waits for the gradient
}

bool Elaborator::run_optimizer(Optimizing& o, const std::string& path, ir::NodeId leaf, ir::NodeId gradient) {
    const auto& declared = *std::get<const text::Optimizer*>(o.optimizer->node);
    Activation activation{Activation::optimizer, path};
    Scope s{.module = o.optimizer->module, .activation = &activation};
    const std::size_t errors = diagnostics_.errors();
    calls_.push_back({o.where, declared.name.text});
    path_ = path;
    if (o.scheduled) {
        // The rate is set by the training loop before each step.
        std::erase_if(o.arguments, [](const Given& g) { return g.name && g.name->text == "lr"; });
        const ir::NodeId rate = main_.leaf(ir::LeafKind::rate, "lr", kept_type(real_), {});
        for (const text::Parameter& p : declared.parameters)
            if (p.name.text == "lr") o.arguments.push_back({p.name, {Tensor{rate}}, o.where});
    }
    optimizing_ = &o;
    const ir::Type of_model = std::exchange(real_, kept_type(real_));
    bool ok = bind_arguments(s, declared.name.text, declared.parameters, o.arguments, o.where, nullptr);
    if (ok) {
        s.values["w"] = {Tensor{leaf}};
        s.values["t"] = {Tensor{o.t}};
        if (gradient && !o.moves) s.values["g"] = {Tensor{gradient}};
        // A program run a second time begins again from the leaves.
        for (auto& [name, kept] : kept_)
            if (name == path || (name.starts_with("optimizer/") && name.ends_with("/" + path))) {
                kept.updated = false;
                if (!kept.parameter) kept.now = {Tensor{kept.leaf}};
            }
        o.gradient = gradient;
        o.point = {};
        for (const auto& statement : declared.body.statements) {
            run(s, *statement);
            if (!gradient && o.point) break;
        }
        ok = !failed_since(errors);
    }
    calls_.pop_back();
    if (ok && gradient && !kept_.at(path).updated) {
        fail(never_moves(declared));
        ok = false;
    }
    if (ok && gradient) {
        const auto rate = s.values.find("lr");
        ok = constrain(o.constraint, path, rate == s.values.end() ? Value{Poison{}} : rate->second);
    }
    real_ = of_model;
    optimizing_ = nullptr;
    path_.clear();
    return ok;
}

// The turns of the optimizer's program one after the other, each a part of the graph like any other: its states are values, and the
// result has derivatives.
Value Elaborator::builtin_minimize(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("minimize", given, {"x", "loss", "optimizer", "steps"}, 3, where)) return {Poison{}};
    if (s.frame) return fail(error(code("E0216"), "`minimize` moves whole tensors, not one number of an equation").at(where));
    std::int64_t steps = 1;
    if (given[3].where) {
        const auto known = size(given[3].value, given[3].where, "the number of steps");
        if (!known) return {Poison{}};
        if (*known < 0)
            return fail(
                error(code("E0212"), "`minimize` takes 0 steps or more").at(given[3].where, "this is " + std::to_string(*known)));
        steps = *known;
    }
    const auto* loss = given[1].value.as<Callable>();
    if (!loss)
        return fail(
            error(code("E0212"), "`loss` of `minimize` is a function").at(given[1].where, "this is " + describe(given[1].value)));
    if (loss->definition && loss->definition->is_layer() && !loss->path)
        return fail(
            error(code("E0305"), "`minimize` calls `" + loss->name.text + "` at every step, each time with parameters of its own")
                .at(given[1].where)
                .helped("share one: `shared net = " + loss->name.text + "(…)`"));
    if (const auto type = type_of(given[0].value); !type || !ir::is_real(*type))
        return fail(
            error(code("E0216"), "`minimize` moves a real tensor").at(given[0].where, "this is " + describe(given[0].value)));
    const ir::NodeId x = node(given[0].value, given[0].where, "x");
    if (!x) return {Poison{}};
    const Callable& optimizer = *given[2].value.as<Callable>();
    const auto& declared = *std::get<const text::Optimizer*>(optimizer.definition->node);
    const Span of_loss = given[1].where;

    const std::string path = "minimize/" + std::to_string(++minimized_);
    Optimizing o;
    o.gradient_at = [&](ir::NodeId point) -> Value {
        Optimizing* const at_hand = std::exchange(optimizing_, nullptr);
        const bool unrolling = std::exchange(unrolling_, false);
        Value value = call(s, *loss, {{{}, {Tensor{point}}, of_loss}}, where);
        std::vector<Given> derivative{{{}, std::move(value), of_loss}, {{}, {Tensor{point}}, of_loss}};
        Value gradient = derivative[0].value.poison() ? Value{Poison{}} : builtin_grad(s, derivative, where);
        optimizing_ = at_hand;
        unrolling_ = unrolling;
        return gradient;
    };
    const bool moves = calls_gradient(declared.body);
    kept_.emplace(path, Kept{x, {Tensor{x}}, false, true, where, (*b_)[x].shape, (*b_)[x].type});
    struct Leave {
        Elaborator& e;
        const std::string own, path, binding;
        const Span statement;
        Optimizing* const optimizing;
        const bool unrolling;
        ~Leave() {
            const auto within = [&](const std::string& leaf) { return leaf == own || leaf.ends_with("/" + own); };
            std::erase_if(e.kept_, [&](const auto& entry) { return within(entry.first); });
            std::erase_if(e.kept_order_, within);
            e.calls_.pop_back();
            e.path_ = path;
            e.binding_ = binding;
            e.statement_ = statement;
            e.optimizing_ = optimizing;
            e.unrolling_ = unrolling;
        }
    } leave{*this, path, path_, binding_, statement_, optimizing_, unrolling_};
    calls_.push_back({where, declared.name.text});
    optimizing_ = &o;
    unrolling_ = true;
    const std::size_t errors = diagnostics_.errors();
    for (std::int64_t t = 1; t <= steps; ++t) {
        Activation activation{Activation::optimizer, path};
        Scope inner{.module = optimizer.definition->module, .activation = &activation};
        if (!bind_arguments(inner, declared.name.text, declared.parameters, *optimizer.arguments, given[2].where, nullptr))
            return {Poison{}};
        Kept& w = kept_.at(path);
        w.updated = false;
        inner.values["w"] = w.now;
        inner.values["t"] = {double(t)};
        if (!moves) inner.values["g"] = o.gradient_at(w.now.as<Tensor>()->node);
        if (failed_since(errors)) return {Poison{}};
        run(inner, declared.body);
        if (failed_since(errors)) return {Poison{}};
        if (!kept_.at(path).updated) return fail(never_moves(declared));
    }
    return kept_.at(path).now;
}

std::optional<std::vector<Given>> Elaborator::recipe_arguments(const Recipe::Call& call, const Definition* d) {
    std::vector<Given> given;
    for (const auto& [name, value, where] : call.arguments) {
        Given g{{}, from_static(value), where};
        if (!name.empty()) g.name = text::Identifier{name, where};
        given.push_back(std::move(g));
    }
    // By name, so that the rate can be replaced wherever it stands.
    std::size_t position = 0;
    if (d)
        for (Given& g : given) {
            if (g.name || position >= d->parameters().size()) continue;
            g.name = text::Identifier{d->parameters()[position++].name.text, g.where};
        }
    return given;
}

std::optional<Elaborated> Elaborator::step(const Definition& model, const Recipe& recipe,
                                           const std::map<std::string, ir::Shape>& shapes) {
    Optimizing o;
    const auto setting = recipe.settings.find("optimizer");
    const auto* chosen = setting == recipe.settings.end() ? nullptr : std::get_if<Recipe::Call>(&setting->second);
    if (!chosen) {
        fail(error(code("E0404"), "the recipe of `" + model.name().text + "` names no optimizer")
                 .at(setting == recipe.settings.end() ? Span(model.name().where) : recipe.spans.at("optimizer"))
                 .helped("add `optimizer = adam(lr = 1e-3)` to the train block"));
        return std::nullopt;
    }
    o.optimizer = chosen->module->find(Space::optimizer, chosen->name);
    if (!o.optimizer) {
        fail(unknown_optimizer(*chosen->module, {chosen->name, chosen->span}));
        return std::nullopt;
    }
    o.where = chosen->span;
    o.arguments = *recipe_arguments(*chosen, o.optimizer);
    o.moves = calls_gradient(std::get<const text::Optimizer*>(o.optimizer->node)->body);
    o.scheduled = recipe.settings.contains("schedule");
    const ir::NodeId steps = main_.leaf(ir::LeafKind::step, ".step", ir::Type::i64, {});
    const ir::Type kept = kept_type(real_);
    o.t =
        main_.pointwise(kept, {}, ir::convert(main_.read(steps, {}) + ir::Expr::constant(1, ir::Type::i64), kept), {o.where, "t"});

    std::vector<Trained> trained;
    const std::size_t errors = diagnostics_.errors();
    parameter_view_ = [&](const std::string& path, ir::NodeId leaf) {
        ir::NodeId view = leaf;
        if (o.moves && !failed_since(errors)) {
            const std::string before = path_;
            const Span statement = statement_;
            kept_.emplace(path, Kept{leaf, {Tensor{leaf}}, false, true, statement_, main_[leaf].shape, main_[leaf].type});
            if (run_optimizer(o, path, leaf, {}) && o.point) view = o.point;
            kept_.erase(path);
            path_ = before;
            statement_ = statement;
        }
        trained.push_back({path, leaf, view});
        return view;
    };
    Activation activation{Activation::model, {}};
    Scope s{.module = model.module, .activation = &activation};
    if (!run_model(model, shapes, s)) return std::nullopt;
    if (!loss_) {
        fail(error(code("E0219"), "model `" + model.name().text + "` has no loss to train").at(model.name().where));
        return std::nullopt;
    }

    // Biases and gains, of one dimension, are let be unless they are chosen by their path.
    OfWeights penalty;
    if (!of_weights(recipe, "regularize", "l2_penalty()", trained, penalty) ||
        !of_weights(recipe, "constrain", "max_norm(3)", trained, o.constraint))
        return std::nullopt;
    statement_ = o.where;
    binding_ = "objective";
    const ir::NodeId objective = penalized(penalty, trained, loss_);
    if (!objective) return std::nullopt;

    std::vector<ir::NodeId> wrt;
    for (const Trained& p : trained) wrt.push_back(p.view);
    std::vector<ir::NodeId> gradients = autodiff::gradient(main_, objective, wrt);
    if (const auto it = recipe.settings.find("clip");
        it != recipe.settings.end() && !clip(it->second, recipe.spans.at("clip"), gradients))
        return std::nullopt;
    if (!add_noise(recipe, trained, o.t, gradients)) return std::nullopt;
    for (std::size_t k = 0; k < trained.size(); ++k)
        if (!run_optimizer(o, trained[k].path, trained[k].leaf, gradients[k])) return std::nullopt;
    if (!average(recipe, trained, o.t)) return std::nullopt;
    return finish();
}

}  // namespace dlc::elaborate
