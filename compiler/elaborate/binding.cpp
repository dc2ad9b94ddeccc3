// Arguments to parameters: by position and by name, statics first, sizes solved jointly from all arguments, then the defaults.
//
// Every entry of a parameter's type is an equation `size expression = extent`.  An equation with one unknown that stands in it
// linearly is solved; the others wait until what is solved makes them so.  Defaults join as soon as the names they use are known.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "compiler/elaborate/names.h"
#include "dsl/shapes/arithmetic.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

/// `factor * unknown + constant`, or a number when there is no unknown.
struct Linear {
    std::int64_t factor = 0, constant = 0;
    std::string unknown;
};

}  // namespace

// `bool` is a static, `bool[N]` a tensor: a mask.
bool is_static(const text::Type& type) {
    const std::string& element = type.element.text;
    return element == "int" || element == "float" || element == "string" || (element == "bool" && !type.dims) || is_function(type);
}

bool is_function(const text::Type& type) { return type.element.text == "fn"; }

std::size_t left_out(const std::vector<text::Parameter>& parameters) {
    const auto first = std::ranges::find_if(parameters, [](const text::Parameter& p) { return is_static(p.type); });
    return static_cast<std::size_t>(first - parameters.begin());
}

class Binding {
public:
    Binding(Elaborator& e, Scope& callee, const std::string& name, const std::vector<text::Parameter>& parameters, Span call)
        : e_(e), s_(callee), name_(name), parameters_(parameters), call_(call), given_(parameters.size()) {}

    bool match(std::vector<Given>& arguments) {
        std::vector<Passed> passed;
        for (const Given& g : arguments) passed.push_back({g.name, g.where});
        std::vector<source::Diagnostic> wrong = misfits(name_, parameters_, passed, call_);
        for (source::Diagnostic& d : wrong) fails(std::move(d));
        if (!wrong.empty()) return false;
        std::size_t position = 0;
        bool ok = true;
        for (Given& g : arguments) {
            std::size_t at = g.name ? 0 : position++;
            while (g.name && parameters_[at].name.text != g.name->text) ++at;
            ok = ok && !g.value.poison();
            given_[at] = std::move(g);
        }
        return ok;
    }

    bool solve(std::vector<std::string>* lifted) {
        for (std::size_t k = 0; k < parameters_.size(); ++k)
            if (given_[k] && !accept(k, *given_[k], lifted)) return false;
        bool progress = true;
        while (progress) {
            progress = false;
            for (Equation& q : equations_)
                if (!q.done) {
                    const int result = advance(q);
                    if (result < 0) return false;
                    progress = progress || result > 0;
                }
            for (std::size_t k = 0; k < parameters_.size(); ++k) {
                if (given_[k] || done_.contains(k) || !is_static(parameters_[k].type) || !ready(*parameters_[k].fallback)) continue;
                done_.insert(k);
                progress = true;
                const text::Expr& fallback = *parameters_[k].fallback;
                Given g{{},
                        is_function(parameters_[k].type) ? e_.eval_function(s_, fallback) : e_.eval_whole(s_, fallback),
                        fallback.where};
                if (g.value.poison() || !accept(k, g, lifted)) return false;
            }
        }
        for (const Equation& q : equations_)
            if (!q.done) return unsolved(q);
        // Defaults of tensors, once all sizes are known; then the numbers that fill a shape.
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const text::Parameter& p = parameters_[k];
            if (given_[k] || done_.contains(k)) continue;
            Given g{{}, e_.eval_whole(s_, *p.fallback), p.fallback->where};
            if (g.value.poison() || !accept(k, g, lifted)) return false;
        }
        for (const auto& [k, value] : fills_)
            if (!fill(k, value)) return false;
        for (Equation& q : equations_)
            if (!q.done && advance(q) <= 0) return unsolved(q);
        return true;
    }

private:
    struct Equation {
        const text::Expr* size;
        std::int64_t extent;
        std::size_t parameter, axis;
        bool done = false;
    };
    struct Source {
        std::size_t parameter;
        std::int64_t value;
    };

    bool fails(source::Diagnostic d) {
        e_.fail(std::move(d));
        return false;
    }

    Span argument(std::size_t k) const { return given_[k] && given_[k]->where ? given_[k]->where : call_; }

    std::string declared(std::size_t k) const {
        return "`" + parameters_[k].name.text + ": " + text::print(parameters_[k].type) + "`";
    }

    std::string shown(std::size_t k) const {
        const auto it = shown_.find(k);
        return "`" + parameters_[k].name.text + "` is " + (it == shown_.end() ? "given here" : it->second);
    }

    bool ready(const text::Expr& e) const {
        bool ok = true;
        names_in(e, [&](const std::string& n, Span) {
            if (s_.values.contains(n)) return;
            const bool own = std::ranges::any_of(parameters_, [&](const text::Parameter& p) { return p.name.text == n; });
            if (own || (n[0] >= 'A' && n[0] <= 'Z')) ok = false;
        });
        return ok;
    }

    bool accept(std::size_t k, const Given& g, std::vector<std::string>* lifted) {
        const text::Parameter& p = parameters_[k];
        return is_static(p.type) ? accept_static(k, g) : accept_tensor(k, g, lifted);
    }

    bool accept_static(std::size_t k, const Given& g) {
        const text::Parameter& p = parameters_[k];
        const std::string& element = p.type.element.text;
        const auto one = [&](const Value& v) -> std::optional<Value> {
            if (element == "int" && v.is<std::int64_t>()) return v;
            if (element == "float" && (v.is<double>() || v.is<std::int64_t>())) return Value{v.number()};
            if (element == "bool" && v.is<bool>()) return v;
            if (element == "string" && v.is<std::string>()) return v;
            if (element == "fn" && v.is<Callable>()) return v;
            // The step's learning rate: a number that is known only when the step runs.
            if (element == "float" && e_.optimizing_ && v.is<Tensor>()) return v;
            if (const auto known = v.known(); known && element == "float" && !v.is<bool>()) return Value{*known};
            return std::nullopt;
        };
        const auto wrong = [&](const Value& v) {
            const std::string one_of_it = element == "int" ? "an int" : element == "fn" ? "a function" : "a " + element;
            const std::string what = !p.type.dims ? one_of_it : element == "fn" ? "a list of functions" : one_of_it + " list";
            auto d = error(code("E0212"), "`" + p.name.text + "` of `" + name_ + "` is " + what)
                         .at(g.where ? g.where : call_, "this is " + e_.describe(v))
                         .at(p.where, "declared here");
            if (element == "int" && v.is<double>()) d.help = "`/` is real division; write `//` to divide sizes";
            return fails(std::move(d));
        };
        if (!p.type.dims) {
            const auto value = one(g.value);
            if (!value) return wrong(g.value);
            s_.values[p.name.text] = *value;
            return true;
        }
        const List* list = g.value.as<List>();
        if (!list) {
            // A number for a list is repeated per axis: kept as it is, it serves any number of axes.
            const auto value = one(g.value);
            const auto& dims = *p.type.dims;
            if (!value || (is_function(p.type) && dims[0].pack)) return wrong(g.value);
            if (dims.size() == 1 && !dims[0].pack) {
                if (const auto n = e_.size(s_, *dims[0].size, "the length of a list")) {
                    s_.values[p.name.text] = {
                        list_of(std::vector<Value>(static_cast<std::size_t>(std::max<std::int64_t>(*n, 0)), *value))};
                    return true;
                }
                return false;
            }
            s_.values[p.name.text] = *value;
            return true;
        }
        // A list of lists has an entry of the type for each level.
        const auto& dims = *p.type.dims;
        std::function<std::optional<Value>(const Value&, std::size_t)> entries = [&](const Value& v,
                                                                                     std::size_t depth) -> std::optional<Value> {
            const List* inner = v.as<List>();
            if (!inner) return depth >= 1 ? one(v) : std::nullopt;
            std::vector<Value> out;
            for (const Value& item : inner->items()) {
                auto made = entries(item, depth + 1);
                if (!made) return std::nullopt;
                out.push_back(std::move(*made));
            }
            return Value{list_of(std::move(out))};
        };
        const auto value = entries(g.value, 0);
        if (!value) return wrong(g.value);
        s_.values[p.name.text] = *value;
        shown_[k] = e_.describe(g.value);
        if (dims.size() == 1 && !dims[0].pack)
            equations_.push_back({&*dims[0].size, static_cast<std::int64_t>(list->items().size()), k, 0});
        if (dims.size() == 1 && dims[0].pack && dims[0].name) {
            std::vector<Value> length = {Value{static_cast<std::int64_t>(list->items().size())}};
            s_.values.try_emplace(dims[0].name->text, Value{list_of(std::move(length))});
        }
        return true;
    }

    bool accept_tensor(std::size_t k, const Given& g, std::vector<std::string>* lifted) {
        const text::Parameter& p = parameters_[k];
        const Span where = g.where ? g.where : call_;
        const ir::Type type = e_.element_type(p.type.element);
        Value v = g.value;
        if (v.is<std::string>() || v.is<Tuple>() || v.is_function())
            return fails(error(code("E0212"), "`" + p.name.text + "` of `" + name_ + "` is a tensor")
                             .at(where, "this is " + e_.describe(v))
                             .at(p.where, "declared here"));
        if (!p.type.dims) {
            // One number; more than one means that the function is applied element by element.
            if (v.is_number()) {
                if (!ir::is_real(type) && v.is<double>()) return wrong_type(k, v, where);
                s_.values[p.name.text] = ir::is_real(type) ? Value{v.number()} : v;
                return true;
            }
            const auto* element = v.as<Element>();
            const bool framed = element && element->framed;
            const auto actual = e_.type_of(v);
            if (!actual) return wrong_type(k, v, where);
            if (!compatible(*actual, type)) return wrong_type(k, v, where);
            if ((framed || !e_.shape_of(v)->empty()) && lifted)
                lifted->push_back(p.name.text);
            else if (!framed && !e_.shape_of(v)->empty())
                return fails(error(code("E0209"), "`" + p.name.text + "` of `" + name_ + "` is one number")
                                 .at(where, "this is " + e_.describe(v)));
            s_.values[p.name.text] = std::move(v);
            scalars_[p.name.text] = type;
            return true;
        }
        if (e_.differs(v))
            return fails(
                error(code("E0214"), "`" + name_ + "` takes a whole tensor, `" + p.name.text + ": " + text::print(p.type) + "`")
                    .at(where, "this is one number of it")
                    .helped("apply it along an index: `" + name_ + "[i](x[i])`"));
        if (v.is_number()) {
            fills_.emplace_back(k, v);
            return true;
        }
        const auto shape = e_.shape_of(v);
        const auto actual = e_.type_of(v);
        if (!shape || !actual || !compatible(*actual, type)) return wrong_type(k, v, where);
        shown_[k] = e_.describe(v);
        const auto& dims = *p.type.dims;
        const auto pack = std::ranges::find_if(dims, [](const text::Dim& d) { return d.pack; });
        const bool has_pack = pack != dims.end();
        const std::size_t singles = dims.size() - has_pack;
        if (shape->size() < singles || (!has_pack && shape->size() != singles))
            return fails(error(code("E0209"), fmt::format("`{}` has {}, {} of `{}` has {}{}", p.name.text,
                                                          counted(static_cast<std::int64_t>(shape->size()), "dimension"),
                                                          declared(k), name_, singles, has_pack ? " or more" : ""))
                             .at(where, "this is " + shown_[k])
                             .at(p.where, "declared here"));
        std::size_t axis = 0;
        for (const text::Dim& d : dims) {
            if (!d.pack) {
                equations_.push_back({&*d.size, (*shape)[axis], k, axis});
                ++axis;
                continue;
            }
            std::vector<Value> sizes;
            for (std::size_t a = 0; a < shape->size() - singles; ++a) sizes.push_back({(*shape)[axis++]});
            if (!d.name) continue;
            Value run{list_of(sizes)};
            const auto it = s_.values.find(d.name->text);
            if (it == s_.values.end()) {
                s_.values[d.name->text] = run;
                from_[d.name->text] = {k, 0};
            } else if (to_static(it->second) != to_static(run)) {
                auto error_ = error(code("E0209"), "`.." + d.name->text + "` is " + print(*to_static(it->second)) + " and " +
                                                       print(*to_static(run)))
                                  .at(where, shown(k));
                if (const auto other = from_.find(d.name->text); other != from_.end())
                    error_.at(argument(other->second.parameter), shown(other->second.parameter));
                return fails(std::move(error_));
            }
        }
        // An integer becomes real beside a real; integers of any width serve as indices.
        if (ir::is_real(type) && !ir::is_real(*actual)) v = e_.convert(s_, v, type, where);
        if (v.is<Fill>()) {
            s_.values[p.name.text] = std::move(v);
            return true;
        }
        const ir::NodeId id = e_.node(v, where);
        if (!id) return false;
        s_.values[p.name.text] = {Tensor{id}};
        return true;
    }

    static bool compatible(ir::Type actual, ir::Type wanted) {
        if (ir::is_real(wanted)) return true;
        if (wanted == ir::Type::boolean) return actual == ir::Type::boolean;
        return !ir::is_real(actual);
    }

    bool wrong_type(std::size_t k, const Value& v, Span where) {
        return fails(error(code("E0212"), declared(k) + " of `" + name_ + "` does not take " + e_.describe(v))
                         .at(where)
                         .at(parameters_[k].where, "declared here"));
    }

    // A number for a tensor: the same everywhere, of the shape the other arguments give.
    bool fill(std::size_t k, const Value& v) {
        const text::Parameter& p = parameters_[k];
        const ir::Type type = e_.element_type(p.type.element);
        if (!ir::is_real(type) && v.is<double>()) return wrong_type(k, v, argument(k));
        ir::Shape shape;
        for (const text::Dim& d : *p.type.dims) {
            if (d.pack) {
                if (!d.name) continue;  // broadcasts
                const auto it = s_.values.find(d.name->text);
                if (it == s_.values.end())
                    return fails(error(code("E0210"), "nothing gives `.." + d.name->text + "` of `" + name_ + "`")
                                     .at(call_)
                                     .at(p.where, "declared here"));
                for (const Value& item : it->second.as<List>()->items()) shape.push_back(*item.as<std::int64_t>());
                continue;
            }
            const auto unknown = linear(*d.size);
            if (unknown && !unknown->unknown.empty())
                return fails(error(code("E0210"), "nothing gives the size `" + unknown->unknown + "` of `" + name_ + "`")
                                 .at(call_)
                                 .at(d.where, "used here"));
            const auto n = e_.size(s_, *d.size, "a size");
            if (!n) return false;
            shape.push_back(*n);
        }
        s_.values[p.name.text] = {Fill{v.number(), type, std::move(shape)}};
        return true;
    }

    // ------------------------------------------------------------------ the equations

    // Empty while the expression holds more than one unknown, or one where it cannot be solved for.
    std::optional<Linear> linear(const text::Expr& e) {
        if (const auto* n = std::get_if<text::Number>(&e.node); n && n->integer)
            return Linear{0, static_cast<std::int64_t>(n->value), {}};
        if (const auto* n = std::get_if<text::Name>(&e.node)) {
            const auto it = s_.values.find(n->text);
            if (it == s_.values.end()) return Linear{1, 0, n->text};
            if (const auto* i = it->second.as<std::int64_t>()) return Linear{0, *i, {}};
            return std::nullopt;
        }
        if (const auto* u = std::get_if<text::Unary>(&e.node); u && u->op == text::Unary::negate) {
            auto a = linear(*u->operand);
            if (a) *a = {-a->factor, -a->constant, a->unknown};
            return a;
        }
        if (const auto* b = std::get_if<text::Binary>(&e.node)) {
            const auto x = linear(*b->left), y = linear(*b->right);
            if (!x || !y) return std::nullopt;
            const bool both = !x->unknown.empty() && !y->unknown.empty();
            const std::string unknown = x->unknown.empty() ? y->unknown : x->unknown;
            switch (b->op) {
                case text::Binary::add:
                    if (both && x->unknown != y->unknown) return std::nullopt;
                    return Linear{x->factor + y->factor, x->constant + y->constant, unknown};
                case text::Binary::subtract:
                    if (both && x->unknown != y->unknown) return std::nullopt;
                    return Linear{x->factor - y->factor, x->constant - y->constant, unknown};
                case text::Binary::multiply:
                    if (both) return std::nullopt;
                    if (x->unknown.empty()) return Linear{y->factor * x->constant, y->constant * x->constant, unknown};
                    return Linear{x->factor * y->constant, x->constant * y->constant, unknown};
                default: break;
            }
        }
        // Anything else must be known.
        bool known = true;
        names_in(e, [&](const std::string& n, Span) { known = known && s_.values.contains(n); });
        if (!known) return std::nullopt;
        const Value v = e_.eval_whole(s_, e);
        if (const auto* i = v.as<std::int64_t>()) return Linear{0, *i, {}};
        if (!v.poison()) e_.size(v, e.where, "a size");
        return std::nullopt;
    }

    // 1: solved or checked; 0: not yet; -1: reported.
    int advance(Equation& q) {
        const std::size_t errors = e_.diagnostics_.errors();
        const auto l = linear(*q.size);
        if (e_.failed_since(errors)) return -1;
        if (!l) return 0;
        if (l->unknown.empty() || l->factor == 0) {
            q.done = true;
            return l->constant == q.extent ? 1 : disagree(q, l->constant);
        }
        const std::int64_t rest = q.extent - l->constant;
        if (rest % l->factor != 0 || rest / l->factor < 0) {
            fails(error(code("E0209"),
                        fmt::format("`{}` is {} here: no size `{}` makes it so", text::print(*q.size), q.extent, l->unknown))
                      .at(argument(q.parameter), shown(q.parameter) + fmt::format("; {} is not a multiple of {}", rest, l->factor))
                      .at(q.size->where, "declared here"));
            return -1;
        }
        // A name that no type could have meant as a size is a misspelt parameter.
        if (l->unknown[0] < 'A' || l->unknown[0] > 'Z') {
            const bool own = std::ranges::any_of(parameters_, [&](const text::Parameter& p) { return p.name.text == l->unknown; });
            if (own) return 0;
            fails(unknown_size(l->unknown, q.size->where, parameters_));
            return -1;
        }
        q.done = true;
        s_.values[l->unknown] = {rest / l->factor};
        from_[l->unknown] = {q.parameter, rest / l->factor};
        return 1;
    }

    int disagree(const Equation& q, std::int64_t expected) {
        const std::string size = text::print(*q.size);
        auto d = error(code("E0209"), fmt::format("`{}` is {} and {}", size, expected, q.extent));
        d.at(argument(q.parameter),
             shown(q.parameter) + (parameters_[q.parameter].type.dims ? ", declared " + declared(q.parameter) : ""));
        bool known = false;
        names_in(*q.size, [&](const std::string& n, Span) {
            const auto it = from_.find(n);
            if (it == from_.end()) return;
            known = true;
            if (it->second.parameter != q.parameter)
                d.at(argument(it->second.parameter),
                     shown(it->second.parameter) + ", which makes `" + n + "` " + std::to_string(it->second.value));
        });
        if (!known)
            d.message = fmt::format("`{}` has {} along axis {}, `{}` expects {}", parameters_[q.parameter].name.text, q.extent,
                                    q.axis, name_, expected);
        fails(std::move(d));
        return -1;
    }

    bool unsolved(const Equation& q) {
        std::string unknown;
        names_in(*q.size, [&](const std::string& n, Span) {
            if (!s_.values.contains(n) && unknown.find("`" + n + "`") == std::string::npos)
                unknown += (unknown.empty() ? "`" : " and `") + n + "`";
        });
        return fails(error(code("E0210"), fmt::format("`{}` = {} does not determine {}", text::print(*q.size), q.extent, unknown))
                         .at(argument(q.parameter), shown(q.parameter))
                         .at(q.size->where, "declared here"));
    }

    Elaborator& e_;
    Scope& s_;
    const std::string& name_;
    const std::vector<text::Parameter>& parameters_;
    Span call_;
    std::vector<std::optional<Given>> given_;
    std::set<std::size_t> done_;
    std::vector<Equation> equations_;
    std::vector<std::pair<std::size_t, Value>> fills_;
    std::map<std::string, Source> from_;
    std::map<std::size_t, std::string> shown_;

public:
    std::map<std::string, ir::Type> scalars_;  // the parameters `x: f` that hold tensors or elements
};

bool Elaborator::bind_arguments(Scope& callee, const std::string& name, const std::vector<text::Parameter>& parameters,
                                std::vector<Given> arguments, Span call, std::vector<std::string>* lifted,
                                std::map<std::string, ir::Type>* scalars) {
    Binding binding(*this, callee, name, parameters, call);
    if (!binding.match(arguments) || !binding.solve(lifted)) return false;
    if (scalars) *scalars = std::move(binding.scalars_);
    return true;
}

}  // namespace dlc::elaborate
