// What a name calls, and functions as values: arguments of parameters `fn`, layers shared by `shared`.
#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

// A value to call comes before a function of that name: the name of a parameter means what was given for it.
std::optional<Callable> Elaborator::callee(const Scope& s, const text::Identifier& name) {
    const auto value = s.values.find(name.text);
    if (value != s.values.end() && value->second.is<Callable>()) return *value->second.as<Callable>();
    std::vector<const Definition*> all;
    if (const Definition* f = s.module->find(Space::function, name.text, &all)) {
        if (all.size() <= 1) return Callable{name, f};
        auto d = error(code("E0113"), "`" + name.text + "` is in several of the imported files").at(name.where);
        for (const Definition* one : all) d.at(one->name().where, "here");
        fail(std::move(d));
        return std::nullopt;
    }
    if (value != s.values.end() && value->second.poison()) return std::nullopt;
    if (is_known_function(name.text)) return Callable{name};
    fail(unknown_function(*s.module, name, value != s.values.end()));
    return std::nullopt;
}

// The name of a function, or a call that leaves out the first arguments; a list of these; either of two.
Value Elaborator::eval_function(Scope& s, const text::Expr& e) {
    Frame* const frame = std::exchange(s.frame, nullptr);
    const auto restore = [&](Value v) {
        s.frame = frame;
        return v;
    };
    if (const auto* name = std::get_if<text::Name>(&e.node)) {
        const auto value = s.values.find(name->text);
        if (value != s.values.end() && value->second.is<List>()) return restore(value->second);
        auto named = callee(s, {name->text, e.where});
        return restore(named ? Value{*std::move(named)} : Value{Poison{}});
    }
    if (const auto* call = std::get_if<text::Call>(&e.node)) {
        auto named = callee(s, call->callee);
        if (!named) return restore({Poison{}});
        auto given =
            evaluate(s, call->arguments, nullptr, *named, named->definition ? left_out(named->definition->parameters()) : 0);
        if (!given) return restore({Poison{}});
        if (named->arguments) given->insert(given->end(), named->arguments->begin(), named->arguments->end());
        named->arguments = std::make_shared<const std::vector<Given>>(std::move(*given));
        return restore({*std::move(named)});
    }
    if (const auto* list = std::get_if<text::List>(&e.node)) {
        std::vector<Value> items;
        for (const text::ExprRef& item : list->items) {
            items.push_back(eval_function(s, *item));
            if (items.back().poison()) return restore({Poison{}});
        }
        return restore({list_of(std::move(items))});
    }
    if (const auto* choice = std::get_if<text::If>(&e.node)) {
        const auto taken = static_bool(s, *choice->condition, "which function is meant");
        return restore(taken ? eval_function(s, *taken ? *choice->then : *choice->otherwise) : Value{Poison{}});
    }
    return restore(eval(s, e));
}

Value Elaborator::eval_optimizer(Scope& s, const text::Expr& e) {
    const auto* call = std::get_if<text::Call>(&e.node);
    const auto* name = std::get_if<text::Name>(&e.node);
    if (!call && !name)
        return fail(error(code("E0212"), "this is no optimizer").at(e.where).helped("give one with its settings: `sgd(lr = 0.1)`"));
    Callable optimizer{call ? call->callee : text::Identifier{name->text, e.where}};
    optimizer.definition = s.module->find(Space::optimizer, optimizer.name.text);
    if (!optimizer.definition) return fail(unknown_optimizer(*s.module, optimizer.name));
    std::vector<Given> settings;
    if (call) {
        auto given = evaluate(s, call->arguments, nullptr, optimizer);
        if (!given) return {Poison{}};
        settings = *std::move(given);
    }
    optimizer.arguments = std::make_shared<const std::vector<Given>>(std::move(settings));
    return {std::move(optimizer)};
}

Value Elaborator::call(Scope& s, const Callable& f, std::vector<Given> given, Span where) {
    if (f.arguments) given.insert(given.end(), f.arguments->begin(), f.arguments->end());
    return f.definition ? call(s, *f.definition, std::move(given), where, f.path)
                        : call_brought(s, f.name, std::move(given), where);
}

void Elaborator::shared(Scope& s, const text::Definition& n) {
    s.values[n.name.text] = {Poison{}};
    const bool names_one = std::holds_alternative<text::Name>(n.value->node) || std::holds_alternative<text::Call>(n.value->node);
    if (!names_one) {
        fail(error(code("E0305"), "`shared` names a layer and its settings")
                 .at(n.value->where)
                 .helped("write `shared " + n.name.text + " = dense(10)`"));
        return;
    }
    const Value value = eval_function(s, *n.value);
    if (value.poison()) return;
    Callable layer = *value.as<Callable>();
    if (!layer.definition || !layer.definition->is_layer()) {
        auto d = error(code("E0305"), "`" + layer.name.text + "` is a function, it has no parameters to share").at(n.value->where);
        if (layer.definition) d.at(layer.definition->name().where, "declared here");
        fail(std::move(d));
        return;
    }
    if (s.activation->kind == Activation::function) {
        fail(error(code("E0305"), "a function owns no parameters; make it a `layer`").at(n.name.where));
        return;
    }
    std::string prefix;
    for (const Activation::Loop& loop : s.activation->loops) prefix += loop.index + ".";
    const std::string own = prefix + n.name.text;
    s.activation->taken.insert(own);
    layer.path = join(s.activation->path, own);
    s.values[n.name.text] = {std::move(layer)};
}

}  // namespace dlc::elaborate
