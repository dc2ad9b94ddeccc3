// Calls: of the user's functions and layers, of shared instances, of what the language brings.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

constexpr std::size_t kDeepestCalls = 200;

}  // namespace

// Inside an equation an argument without indices is a whole tensor, any other is a number.
std::optional<std::vector<Given>> Elaborator::evaluate(Scope& s, const std::vector<text::Argument>& arguments,
                                                       const text::Expr* piped, const Callable& f, std::size_t position) {
    std::vector<Given> given;
    const auto wants = [&](const std::optional<text::Identifier>& name) {
        if (!f.definition) return wanted(f.name.text, name, name ? 0 : position++);
        const auto& parameters = f.definition->parameters();
        const auto it = name ? std::ranges::find(parameters, name->text, [](const text::Parameter& p) { return p.name.text; })
                             : parameters.begin() + static_cast<std::ptrdiff_t>(std::min(position++, parameters.size()));
        return it != parameters.end() && is_function(it->type) ? Wanted::function : Wanted::value;
    };
    const auto add = [&](std::optional<text::Identifier> name, const text::Expr& e) {
        const bool whole = s.frame && !s.axis && !mentions_index(s, e);
        const Wanted what = wants(name);
        Value v = what == Wanted::function    ? eval_function(s, e)
                  : what == Wanted::optimizer ? eval_optimizer(s, e)
                  : whole                     ? eval_whole(s, e)
                                              : eval(s, e);
        given.push_back({std::move(name), std::move(v), e.where});
        return !given.back().value.poison();
    };
    bool ok = true;
    if (piped) ok = add({}, *piped) && ok;
    for (const text::Argument& a : arguments) ok = add(a.name, *a.value) && ok;
    return ok ? std::optional(std::move(given)) : std::nullopt;
}

Value Elaborator::eval_call(Scope& s, const text::Identifier& name, const std::vector<text::Argument>& arguments,
                            const text::Expr* piped, Span where) {
    // What is called is looked up first, so that one misspelt name is one error.
    const auto f = callee(s, name);
    if (!f) return {Poison{}};
    struct Leave {
        std::uint32_t& at_hand;
        const std::uint32_t around;
        ~Leave() { at_hand = around; }
    } leave{checkpoint_, checkpoint_};
    // One within another is computed again with it; the step of a `scan` has its own.
    if (!f->definition && f->name.text == "checkpoint" && !in_own_checkpoint()) checkpoint_ = ++checkpoints_;
    auto given = evaluate(s, arguments, piped, *f);
    return given ? call(s, *f, std::move(*given), where) : Value{Poison{}};
}

Value Elaborator::call_brought(Scope& s, const text::Identifier& callee, std::vector<Given> given, Span where) {
    const std::string& name = callee.text;
    std::vector<Passed> passed;
    for (const Given& g : given) passed.push_back({g.name, g.where});
    std::vector<source::Diagnostic> wrong = misfits(name, passed, where);
    for (source::Diagnostic& d : wrong) fail(std::move(d));
    if (!wrong.empty()) return {Poison{}};
    if (is_reduction_name(name) && given.size() == 1) return reduce_all(s, name, given[0].value, given[0].where);
    if (const auto it = builtins().find(name); it != builtins().end()) return (this->*it->second)(s, given, where);
    const ir::Scalar* scalar = ir::find_scalar(name);
    if (!scalar || (is_brought(name) && given.size() != 2)) return cast(s, name, given, where);
    std::vector<Value> values;
    std::vector<Span> spans;
    for (const Given& g : given) {
        values.push_back(g.value);
        spans.push_back(g.where);
    }
    return apply(s, *scalar, values, spans);
}

std::string Elaborator::join(const std::string& path, const std::string& name) const {
    return path.empty() ? name : path + "." + name;
}

// An instance is named by its layer and a counter; inside a `for` by the loop's value, followed by that where the body has several.
std::string Elaborator::instance_path(Activation& a, const std::string& layer) {
    std::string prefix;
    for (const Activation::Loop& loop : a.loops) prefix += (prefix.empty() ? "" : ".") + loop.index;
    if (!a.loops.empty() && a.loops.back().single && a.taken.insert(prefix).second) return join(a.path, prefix);
    const std::string stem = prefix.empty() ? layer : prefix + "." + layer;
    std::string name;
    do name = stem + "_" + std::to_string(++a.counters[stem]);
    while (!a.taken.insert(name).second);
    return join(a.path, name);
}

Value Elaborator::call(Scope& caller, const Definition& f, std::vector<Given> given, Span where, std::optional<std::string> path) {
    const std::string name = f.name().text;
    if (calls_.size() > kDeepestCalls) {
        // What is called may be something else, which the one that never ends needs.
        std::map<std::string, std::size_t> open;
        for (const CallSite& site : calls_) ++open[site.name];
        const auto most = std::ranges::max_element(open, {}, [](const auto& of) { return of.second; });
        const auto last = std::ranges::find(calls_.rbegin(), calls_.rend(), most->first, &CallSite::name);
        return fail(
            error(code("E0307"), fmt::format("`{}` calls itself without end: {} calls of it are open", most->first, most->second))
                .at(last->where));
    }
    if (f.is_layer() && caller.activation->kind != Activation::layer && caller.activation->kind != Activation::model &&
        caller.activation->kind != Activation::test)
        return fail(error(code("E0305"), "`" + name + "` is a layer, and a function owns no parameters")
                        .at(where)
                        .helped("make the function that calls it a `layer`"));

    if (auto at_each = call_at_points(caller, f, given, where)) return *std::move(at_each);

    Activation activation;
    activation.kind = f.is_layer() ? Activation::layer : Activation::function;
    activation.path = f.is_layer() ? (path ? *path : instance_path(*caller.activation, name)) : caller.activation->path;
    Scope callee{.module = f.module, .activation = &activation};
    struct Restore {
        Elaborator& e;
        std::string path, binding;
        Span statement;
        ~Restore() {
            e.path_ = path;
            e.binding_ = binding;
            e.statement_ = statement;
            e.calls_.pop_back();
        }
    } restore{*this, path_, binding_, statement_};
    calls_.push_back({where, name});

    std::vector<std::string> lifted;
    std::map<std::string, ir::Type> scalars;
    std::vector<ir::Shape> inputs;
    for (const Given& g : given)
        if (const auto shape = shape_of(g.value); shape && !g.value.is_number() && !g.value.is<List>()) inputs.push_back(*shape);
    if (!bind_arguments(callee, name, f.parameters(), std::move(given), where, &lifted, &scalars)) return {Poison{}};
    path_ = activation.path;                      // the arguments are the caller's
    const auto convert_scalars = [&](Scope& s) {  // an integer becomes real beside a real
        for (const auto& [parameter, type] : scalars) {
            Value& v = s.values[parameter];
            if (ir::is_real(type) && !ir::is_real(*type_of(v))) v = convert(s, v, type, where);
        }
    };
    if (lifted.empty()) {
        convert_scalars(callee);
        for (const auto& [parameter, type] : scalars) {
            Value& v = callee.values[parameter];
            if (v.is<Element>()) v = {Tensor{node(v, where, parameter)}};
        }
        if (f.is_layer()) layer_kinds_[activation.path] = name;
        const std::size_t row = layers_.size();
        Value result = run_body(callee, f, where);
        if (f.is_layer()) {
            record_layer(f, activation.path, inputs, result, row, where);
            if (options_.layer_values) name_value(activation.path, result, where);
        }
        return result;
    }
    if (f.is_layer())
        return fail(error(code("E0209"), "the layer `" + name + "` takes one number")
                        .at(where)
                        .helped("declare its parameter `f[..]` to take a whole tensor"));

    // A function of numbers: inside an equation it is read there; given tensors it is read at each position of their common shape.
    std::vector<Value> values;
    std::vector<std::string> names;
    for (const auto& [parameter, type] : scalars) {
        names.push_back(parameter);
        values.push_back(callee.values[parameter]);
    }
    Frame own;
    ir::Shape shape;
    const bool framed = std::ranges::any_of(values, [](const Value& v) { return v.is<Element>() && v.as<Element>()->framed; });
    if (framed) {
        callee.frame = caller.frame;
        for (std::size_t k = 0; k < names.size(); ++k) {
            const auto e = element(callee, values[k], where);
            if (!e) return {Poison{}};
            callee.values[names[k]] = {*e};
        }
    } else {
        const auto common = elements(callee, values, std::vector<Span>(values.size(), where));
        if (!common) return {Poison{}};
        shape = common->front().shape;
        for (const std::int64_t extent : shape) own.add({}, extent);
        for (std::size_t k = 0; k < names.size(); ++k) {
            Element e = (*common)[k];
            e.framed = true;
            e.shape.clear();
            callee.values[names[k]] = {std::move(e)};
        }
        callee.frame = &own;
    }
    convert_scalars(callee);
    const Value result = run_body(callee, f, where);
    if (framed || result.poison()) return result;
    const std::function<Value(const Value&)> whole = [&](const Value& v) -> Value {
        if (const auto* tuple = v.as<Tuple>()) {
            Tuple out;
            for (const Value& one : tuple->values) out.values.push_back(whole(one));
            return {out};
        }
        if (const auto* e = v.as<Element>(); e && e->framed) return {Element{shape, e->expr, false, {}, {}}};
        if (v.is_number()) return {Fill{v.number(), literal_type(v, {}), shape}};
        return v;
    };
    return whole(result);
}

Value Elaborator::run_body(Scope& s, const Definition& d, Span where) {
    const text::Function& f = *d.function();
    std::map<std::string, ir::NodeId> arguments;
    if (f.adjoint) {
        auto found = arguments_with_adjoints(s, f, where);
        if (!found) return {Poison{}};
        arguments = *std::move(found);
    }
    std::vector<Value> results;
    if (f.value) {
        statement_ = f.value->where;
        binding_ = f.name.text;
        const Value v = eval(s, *f.value);
        if (v.poison()) return v;
        results = {v};
    } else {
        const std::size_t errors = diagnostics_.errors();
        const Flow flow = run(s, *f.body);
        if (flow == Flow::failed) return {Poison{}};
        if (flow == Flow::returned) {
            results = *s.returned;
        } else if (!f.results.empty()) {
            for (const text::ResultName& r : f.results) {
                const auto it = s.values.find(r.name.text);
                if (it == s.values.end()) {
                    if (failed_since(errors)) return {Poison{}};
                    return fail(result_never_defined(f, r));
                }
                results.push_back(it->second);
            }
        } else {
            if (failed_since(errors)) return {Poison{}};
            return fail(no_result(f));
        }
        if (std::ranges::any_of(results, [](const Value& v) { return v.poison(); })) return {Poison{}};
    }
    if (!f.results.empty() && f.results.size() != results.size())
        return fail(
            error(code("E0306"), fmt::format("`{}` names {} and gives {}", f.name.text,
                                             counted(static_cast<std::int64_t>(f.results.size()), "result"), results.size()))
                .at(f.name.where));
    for (std::size_t k = 0; k < f.results.size(); ++k)
        if (f.results[k].type && !s.frame) {
            // Held against its declared type as an argument would be.
            std::vector<text::Parameter> one = {{f.results[k].name, *f.results[k].type, {}, f.results[k].name.where}};
            Scope check{.module = s.module, .activation = s.activation, .values = s.values};
            check.values.erase(f.results[k].name.text);
            if (!bind_arguments(check, f.name.text, one, {Given{{}, results[k], where}}, where, nullptr)) return {Poison{}};
        }
    if (f.adjoint) return with_adjoint(s, f, arguments, std::move(results), where);
    if (results.size() == 1) return results.front();
    return {Tuple{std::move(results)}};
}

}  // namespace dlc::elaborate
