// Literals, names, operators and choices: statics are computed, numbers that depend on a position become scalar expressions.
#include <fmt/format.h>

#include <cmath>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "compiler/elaborate/names.h"
#include "dsl/shapes/arithmetic.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;
using Compare = text::Compare;
using Op = text::Binary;

// ------------------------------------------------------------------ diagnostics

// An error inside the standard library is shown at the user's call; where exactly is the second label.
void Elaborator::report(source::Diagnostic d) {
    if (d.labels.empty() && statement_) d.labels.push_back({statement_, {}});
    if (!d.labels.empty() && program_.is_library(d.labels.front().span.file)) {
        for (auto it = calls_.rbegin(); it != calls_.rend(); ++it)
            if (it->where && !program_.is_library(it->where.file)) {
                d.labels.insert(d.labels.begin(), {it->where, "in this call of `" + it->name + "`"});
                break;
            }
    }
    diagnostics_.report(std::move(d));
}

Value Elaborator::fail(source::Diagnostic d) {
    report(std::move(d));
    return {Poison{}};
}

ir::Origin Elaborator::origin(const std::string& name) const {
    ir::Origin o;
    o.span = statement_;
    o.checkpoint = checkpoint_;
    o.layer = path_;
    const std::string& what = name.empty() ? binding_ : name;
    o.name = path_.empty() ? what : path_ + "/" + what;
    if (program_.is_library(o.span.file))
        if (const Span call = users_call()) o.also.push_back(call);
    return o;
}

Span Elaborator::users_call() const {
    const auto found = std::find_if(calls_.rbegin(), calls_.rend(),
                                    [&](const CallSite& call) { return call.where && !program_.is_library(call.where.file); });
    return found == calls_.rend() ? Span() : found->where;
}

std::string Elaborator::type_text(ir::Type type, const ir::Shape& shape) const {
    std::string text = type == real_ ? "f" : std::string(ir::name(type));
    for (std::size_t d = 0; d < shape.size(); ++d) text += (d ? ", " : "[") + std::to_string(shape[d]);
    return shape.empty() ? text : text + "]";
}

std::string Elaborator::describe(const Value& v) const {
    if (const auto* list = v.as<List>(); list && v.is_static()) return "the list " + print(*to_static(v));
    if (v.is<List>()) return "a list";
    if (v.is<std::string>()) return "the string " + print(*to_static(v));
    if (v.is_static()) return "the number " + print(*to_static(v));
    if (const auto* tuple = v.as<Tuple>()) return counted(static_cast<std::int64_t>(tuple->values.size()), "value");
    if (const auto* f = v.as<Callable>())
        return (f->path                                      ? "the shared layer `"
                : f->definition && f->definition->is_layer() ? "the layer `"
                                                             : "the function `") +
               f->name.text + "`";
    if (const auto* e = v.as<Element>(); e && e->framed) return "one " + type_text(e->expr->type, {});
    if (const auto shape = shape_of(v)) return type_text(*type_of(v), *shape);
    return "nothing";
}

// ------------------------------------------------------------------ evaluation

Value Elaborator::eval(Scope& s, const text::Expr& e) {
    if (!s.frame) return eval_node(s, e);
    const bool composite = std::holds_alternative<text::Call>(e.node) || std::holds_alternative<text::Pipe>(e.node) ||
                           std::holds_alternative<text::Read>(e.node);
    if (composite && !s.axis && !mentions_index(s, e)) return hoist(s, e);
    return eval_node(s, e);
}

Value Elaborator::eval_whole(Scope& s, const text::Expr& e) {
    Frame* const frame = s.frame;
    s.frame = nullptr;
    Value v = eval_node(s, e);
    s.frame = frame;
    return v;
}

Value Elaborator::eval_node(Scope& s, const text::Expr& e) {
    const Span where = e.where;
    return std::visit(
        [&](const auto& n) -> Value {
            using T = std::decay_t<decltype(n)>;
            if constexpr (std::is_same_v<T, text::Number>) {
                if (!n.integer) return {n.value};
                if (std::abs(n.value) > 9007199254740992.0)
                    return fail(error(code("E0303"), "the integer " + n.spelling + " is beyond 2^53").at(where));
                return {static_cast<std::int64_t>(n.value)};
            } else if constexpr (std::is_same_v<T, text::String>) {
                return {n.value};
            } else if constexpr (std::is_same_v<T, text::Bool>) {
                return {n.value};
            } else if constexpr (std::is_same_v<T, text::Name>) {
                return eval_name(s, n, where);
            } else if constexpr (std::is_same_v<T, text::List>) {
                return eval_list(s, n);
            } else if constexpr (std::is_same_v<T, text::Unary>) {
                const Value v = eval(s, *n.operand);
                return n.op == text::Unary::negate ? negate(s, v, where) : logical_not(s, v, where);
            } else if constexpr (std::is_same_v<T, text::Binary>) {
                const Value a = eval(s, *n.left);
                if (n.op == Op::logical_and || n.op == Op::logical_or) {
                    const bool is_and = n.op == Op::logical_and;
                    if (const bool* known = a.as<bool>(); known && *known != is_and) return a;  // the rest is not looked at
                    return logical(s, is_and, a, eval(s, *n.right), where);
                }
                const Value b = eval(s, *n.right);
                if (n.op == Op::power) return power(s, a, b, where, n.left->where, n.right->where);
                return arithmetic(s, n.op, a, b, where, n.left->where, n.right->where);
            } else if constexpr (std::is_same_v<T, text::Compare>) {
                return compare(s, n, where);
            } else if constexpr (std::is_same_v<T, text::If>) {
                return eval_if(s, n, where);
            } else if constexpr (std::is_same_v<T, text::Call>) {
                return eval_call(s, n.callee, n.arguments, nullptr, where);
            } else if constexpr (std::is_same_v<T, text::Pipe>) {
                static const std::vector<text::Argument> none;
                return eval_call(s, n.callee, n.arguments ? *n.arguments : none, &*n.operand, where);
            } else if constexpr (std::is_same_v<T, text::Reduce>) {
                return eval_reduce(s, n, e);
            } else if constexpr (std::is_same_v<T, text::Read>) {
                return eval_read(s, n, e);
            } else {
                static_assert(std::is_same_v<T, text::Scan>);
                return eval_scan(s, n, where);
            }
        },
        e.node);
}

Value Elaborator::eval_list(Scope& s, const text::List& n) {
    std::vector<Value> items;
    for (const text::ExprRef& item : n.items) {
        items.push_back(eval(s, *item));
        if (items.back().poison()) return {Poison{}};
    }
    return {list_of(std::move(items))};
}

Value Elaborator::eval_name(Scope& s, const text::Name& n, Span where) {
    if (s.frame)
        if (const auto it = s.indices.find(n.text); it != s.indices.end()) {
            const IndexBinding& index = it->second;
            if (!index.known) return {Poison{}};  // its range was not found, which is reported
            std::size_t at = 0;
            if (index.pack) {
                if (!s.axis)
                    return fail(error(code("E0207"), "`" + n.text + "` is a pack of indices, one for each axis")
                                    .at(where)
                                    .helped("write `.." + n.text + "`, or `..(…)` around the expression"));
                at = s.axis->at;
                if (at >= index.at.size()) return {Poison{}};
            }
            return {Element{{}, ir::Expr::index(index.at[at]), true, index.at[at], {}}};
        }
    if (const auto it = s.values.find(n.text); it != s.values.end()) {
        if (const List* list = it->second.as<List>();
            list && s.axis && s.axis->at < list->items().size() && list->items().size() == s.axis->count)
            return list->items()[s.axis->at];
        if (const List* list = it->second.as<List>(); list && s.axis && it->second.is_static())
            return fail(
                error(code("E0203"), fmt::format("`{}` has {}, the expression {} axes", n.text,
                                                 counted(static_cast<std::int64_t>(list->items().size()), "entry"), s.axis->count))
                    .at(where));
        return it->second;
    }
    if (n.text == "training") return {options_.training};
    if (n.text == "inf") return {HUGE_VAL};
    if (n.text == "pi") return {3.14159265358979323846};
    if (s.indices.contains(n.text))
        return fail(
            error(code("E0207"), "index `" + n.text + "` has no value here").at(where, "this is evaluated as a whole tensor"));
    std::vector<std::string> visible;
    for (const auto& [name, value] : s.values) visible.push_back(name);
    for (const auto& [name, index] : s.indices) visible.push_back(name);
    return fail(unknown_name(*s.module, n.text, where, visible, s.frame != nullptr));
}

Value Elaborator::eval_if(Scope& s, const text::If& n, Span where) {
    const Value condition = eval(s, *n.condition);
    if (condition.poison()) return condition;
    if (condition.is_number()) return eval(s, condition.number() != 0 ? *n.then : *n.otherwise);
    const auto chosen = element(s, condition, n.condition->where);
    if (!chosen) return {Poison{}};
    const ir::Expr holds = ir::convert(chosen->expr, ir::Type::boolean);
    if (!s.frame) {
        const auto branch = [&](const text::Expr& e, const ir::Expr& taken) {
            if (chosen->shape.empty()) branches_.push_back({b_, scans_.size(), taken});
            Value v = eval(s, e);
            if (chosen->shape.empty()) branches_.pop_back();
            return v;
        };
        const Value then = branch(*n.then, holds);
        return choose(s, condition, then, branch(*n.otherwise, ir::negate(holds)), where);
    }
    // In a branch, its condition holds; what is read there need not be in range elsewhere.
    Frame& frame = *s.frame;
    const auto branch = [&](const text::Expr& e, bool taken) {
        const std::size_t known = frame.known.size(), conditions = frame.conditions.size();
        if (chosen->conditions && taken)
            frame.known.insert(frame.known.end(), chosen->conditions->begin(), chosen->conditions->end());
        if (chosen->conditions && !taken && chosen->conditions->size() == 1) {
            const ir::Predicate& p = chosen->conditions->front();
            using P = ir::Predicate;
            if (p.kind == P::ge) frame.known.push_back({P::ge, -p.index - ir::Index(1)});
            if (p.kind == P::eq) frame.known.push_back({P::ne, p.index});
            if (p.kind == P::ne) frame.known.push_back({P::eq, p.index});
        }
        frame.conditions.push_back(taken ? holds : ir::negate(holds));
        Value v = eval(s, e);
        frame.known.resize(known);
        frame.conditions.resize(conditions);
        return v;
    };
    const Value then = branch(*n.then, true);
    const Value otherwise = branch(*n.otherwise, false);
    return choose(s, condition, then, otherwise, where);
}

// ------------------------------------------------------------------ operators

namespace {

const char* symbol(Op::Op op) {
    switch (op) {
        case Op::add: return "+";
        case Op::subtract: return "-";
        case Op::multiply: return "*";
        case Op::divide: return "/";
        case Op::floor_divide: return "//";
        case Op::modulo: return "%";
        case Op::power: return "^";
        case Op::logical_and: return "and";
        case Op::logical_or: return "or";
    }
    return "?";
}

bool truth(const Value& v) { return v.number() != 0; }

}  // namespace

Value Elaborator::static_arithmetic(Op::Op op, const Value& a, const Value& b, Span where) {
    const auto* i = a.as<std::int64_t>();
    const auto* j = b.as<std::int64_t>();
    const auto as_int = [](const Value& v) { return v.is<bool>() ? Value{std::int64_t{v.number() != 0}} : v; };
    if (a.is<bool>() || b.is<bool>()) return static_arithmetic(op, as_int(a), as_int(b), where);
    const auto by_zero = [&] { return fail(error(code("E0303"), fmt::format("`{}` by zero", symbol(op))).at(where)); };
    if (i && j) try {
            switch (op) {
                case Op::add: return {shapes::checked_add(*i, *j)};
                case Op::subtract: return {shapes::checked_sub(*i, *j)};
                case Op::multiply: return {shapes::checked_mul(*i, *j)};
                case Op::divide: return *j == 0 ? by_zero() : Value{static_cast<double>(*i) / static_cast<double>(*j)};
                case Op::floor_divide:
                    if (*j == 0) return by_zero();
                    return {*j > 0 ? shapes::floor_div(*i, *j) : shapes::floor_div(-*i, -*j)};
                case Op::modulo:
                    if (*j == 0) return by_zero();
                    return {*j > 0 ? shapes::floor_mod(*i, *j) : -shapes::floor_mod(-*i, -*j)};
                default: break;
            }
        } catch (const std::overflow_error&) {
            return fail(error(code("E0303"), fmt::format("{} {} {} exceeds 64 bits", *i, symbol(op), *j)).at(where));
        }
    const double x = a.number(), y = b.number();
    switch (op) {
        case Op::add: return {x + y};
        case Op::subtract: return {x - y};
        case Op::multiply: return {x * y};
        case Op::divide: return {x / y};
        case Op::floor_divide: return {std::floor(x / y)};
        case Op::modulo: return {x - y * std::floor(x / y)};
        default: break;
    }
    return {Poison{}};
}

Value Elaborator::arithmetic(Scope& s, Op::Op op, const Value& a, const Value& b, Span where, Span at_a, Span at_b) {
    if (a.poison() || b.poison()) return {Poison{}};
    if (a.is_number() && b.is_number()) return static_arithmetic(op, a, b, where);
    auto pair = elements(s, {a, b}, {at_a, at_b});
    if (!pair) return {Poison{}};
    Element& x = (*pair)[0];
    Element& y = (*pair)[1];
    Element out{x.shape, {}, x.framed, {}, {}};
    // Arithmetic on indices stays an index as long as it is affine, with divisions by numbers.
    if (x.index && y.index && out.shape.empty()) {
        const bool constant = y.index->is_constant();
        const std::int64_t c = y.index->constant();
        const ir::Box box = s.frame ? s.frame->box() : ir::Box();
        try {
            switch (op) {
                case Op::add: out.index = *x.index + *y.index; break;
                case Op::subtract: out.index = *x.index - *y.index; break;
                case Op::multiply:
                    if (constant)
                        out.index = *x.index * c;
                    else if (x.index->is_constant())
                        out.index = *y.index * x.index->constant();
                    break;
                case Op::floor_divide:
                    if (constant && c > 0) out.index = div(*x.index, c, box);
                    break;
                case Op::modulo:
                    if (constant && c > 0) out.index = mod(*x.index, c, box);
                    break;
                default: break;
            }
        } catch (const std::overflow_error&) { return fail(error(code("E0303"), "this index exceeds 64 bits").at(where)); }
        if (out.index && !out.index->has_get()) {
            out.expr = ir::Expr::index(*out.index);
            return {out};
        }
    }
    ir::Expr p = x.expr, q = y.expr;
    if (p->type == ir::Type::boolean && q->type == ir::Type::boolean) {
        p = ir::convert(p, ir::Type::i32);
        q = ir::convert(q, ir::Type::i32);
    }
    const bool integers = !ir::is_real(p->type) && !ir::is_real(q->type);
    switch (op) {
        case Op::add: out.expr = p + q; break;
        case Op::subtract: out.expr = p - q; break;
        case Op::multiply: out.expr = p * q; break;
        case Op::divide:
            if (integers) {
                p = ir::convert(p, real_);
                q = ir::convert(q, real_);
            }
            out.expr = p / q;
            break;
        case Op::floor_divide:
        case Op::modulo: out.expr = ir::Expr::call(op == Op::floor_divide ? "floordiv" : "mod", {p, q}); break;
        default: return {Poison{}};
    }
    return from_element(std::move(out));
}

Value Elaborator::power(Scope& s, const Value& a, const Value& b, Span where, Span at_a, Span at_b) {
    if (a.poison() || b.poison()) return {Poison{}};
    const auto* n = b.as<std::int64_t>();
    if (a.is_number() && b.is_number()) {
        if (n && *n >= 0 && a.is<std::int64_t>()) {
            std::int64_t result = 1;
            try {
                for (std::int64_t k = 0; k < *n; ++k) {
                    result = shapes::checked_mul(result, *a.as<std::int64_t>());
                    if (result == 0 || result == 1) break;
                    if (k > 64 && result == -1) return {std::int64_t{*n % 2 ? -1 : 1}};
                }
            } catch (const std::overflow_error&) {
                return fail(error(code("E0303"), fmt::format("{} ^ {} exceeds 64 bits", *a.as<std::int64_t>(), *n)).at(where));
            }
            return {result};
        }
        return {std::pow(a.number(), b.number())};
    }
    constexpr std::int64_t kLongestProduct = 64;
    if (n && std::abs(*n) <= kLongestProduct) {
        auto base = element(s, a, at_a);
        if (!base) return {Poison{}};
        if (base->expr->type == ir::Type::boolean) base->expr = ir::convert(base->expr, ir::Type::i32);
        if (*n < 0 && !ir::is_real(base->expr->type)) base->expr = ir::convert(base->expr, real_);
        ir::Expr square = base->expr, product = ir::one_like(base->expr);
        for (std::int64_t k = std::abs(*n); k > 0; k /= 2) {
            if (k % 2) product = product * square;
            if (k > 1) square = square * square;
        }
        base->expr = *n < 0 ? ir::one_like(product) / product : product;
        base->index.reset();
        base->conditions.reset();
        return from_element(*std::move(base));
    }
    return apply(s, *ir::find_scalar("pow"), {a, b}, {at_a, at_b});
}

Value Elaborator::negate(Scope& s, const Value& v, Span where) {
    if (v.poison()) return v;
    if (const auto* i = v.as<std::int64_t>()) return {-*i};
    if (v.is_number()) return {-v.number()};
    auto e = element(s, v, where);
    if (!e) return {Poison{}};
    if (e->expr->type == ir::Type::boolean) e->expr = ir::convert(e->expr, ir::Type::i32);
    e->expr = -e->expr;
    e->conditions.reset();
    if (e->index) {
        e->index = -*e->index;
        if (!e->index->has_get()) e->expr = ir::Expr::index(*e->index);
    }
    return from_element(*std::move(e));
}

Value Elaborator::logical_not(Scope& s, const Value& v, Span where) {
    if (v.poison()) return v;
    if (v.is_number()) return {!truth(v)};
    auto e = element(s, v, where);
    if (!e) return {Poison{}};
    e->expr = ir::negate(ir::convert(e->expr, ir::Type::boolean));
    e->index.reset();
    if (e->conditions && e->conditions->size() == 1) {
        using P = ir::Predicate;
        P& p = e->conditions->front();
        if (p.kind == P::ge)
            p.index = -p.index - ir::Index(1);
        else
            p.kind = p.kind == P::eq ? P::ne : P::eq;
    } else {
        e->conditions.reset();
    }
    return from_element(*std::move(e));
}

Value Elaborator::logical(Scope& s, bool is_and, const Value& a, const Value& b, Span where) {
    if (a.poison() || b.poison()) return {Poison{}};
    if (a.is_number()) return truth(a) != is_and ? Value{!is_and} : b.is_number() ? Value{truth(b)} : b;
    if (b.is_number()) return truth(b) != is_and ? Value{!is_and} : a;
    auto pair = elements(s, {a, b}, {where, where});
    if (!pair) return {Poison{}};
    Element& x = (*pair)[0];
    Element& y = (*pair)[1];
    Element out{x.shape, {}, x.framed, {}, {}};
    const ir::Expr p = ir::convert(x.expr, ir::Type::boolean), q = ir::convert(y.expr, ir::Type::boolean);
    out.expr = is_and ? ir::both(p, q) : ir::Expr::call("or", {p, q});
    if (is_and && x.conditions && y.conditions) {
        out.conditions = *x.conditions;
        out.conditions->insert(out.conditions->end(), y.conditions->begin(), y.conditions->end());
    }
    return from_element(std::move(out));
}

Value Elaborator::compare(Scope& s, const text::Compare& n, Span where) {
    Value all{true};
    Value left = eval(s, *n.operands[0]);
    for (std::size_t k = 0; k < n.operators.size(); ++k) {
        Value right = eval(s, *n.operands[k + 1]);
        const Value one = compare(s, n.operators[k], left, right, where, n.operands[k]->where, n.operands[k + 1]->where);
        all = k == 0 ? one : logical(s, true, all, one, where);
        left = std::move(right);
    }
    return all;
}

Value Elaborator::compare(Scope& s, Compare::Op op, const Value& a, const Value& b, Span where, Span at_a, Span at_b) {
    compared_.reset();
    if (a.poison() || b.poison()) return {Poison{}};
    const bool equality = op == Compare::equal || op == Compare::not_equal;
    if (a.is_number() && b.is_number()) {
        const double x = a.number(), y = b.number();
        compared_ = {number_element(x), number_element(y)};
        switch (op) {
            case Compare::equal: return {x == y};
            case Compare::not_equal: return {x != y};
            case Compare::less_equal: return {x <= y};
            case Compare::greater_equal: return {x >= y};
            case Compare::less: return {x < y};
            case Compare::greater: return {x > y};
        }
    }
    if (a.is_static() && b.is_static() && (a.is<std::string>() || b.is<std::string>() || (a.is<List>() && b.is<List>()))) {
        if (equality) return {(to_static(a) == to_static(b)) == (op == Compare::equal)};
        return fail(error(code("E0212"), describe(a) + " and " + describe(b) + " have no order").at(where));
    }
    auto pair = elements(s, {a, b}, {at_a, at_b});
    if (!pair) return {Poison{}};
    Element& x = (*pair)[0];
    Element& y = (*pair)[1];
    Element out{x.shape, {}, x.framed, {}, {}};
    compared_ = {x, y};
    if (x.index && y.index && !x.index->has_get() && !y.index->has_get() && s.frame) {
        using P = ir::Predicate;
        const ir::Index difference = *x.index - *y.index;
        P p;
        switch (op) {
            case Compare::equal: p = {P::eq, difference}; break;
            case Compare::not_equal: p = {P::ne, difference}; break;
            case Compare::less_equal: p = {P::ge, -difference}; break;
            case Compare::greater_equal: p = {P::ge, difference}; break;
            case Compare::less: p = {P::ge, -difference - ir::Index(1)}; break;
            case Compare::greater: p = {P::ge, difference - ir::Index(1)}; break;
        }
        switch (ir::decide(p, s.frame->box())) {
            case ir::Truth::always: return {true};
            case ir::Truth::never: return {false};
            case ir::Truth::unknown: break;
        }
        out.expr = ir::holds(p);
        out.conditions = {p};
        return {out};
    }
    const char* name = nullptr;
    switch (op) {
        case Compare::equal: name = "eq"; break;
        case Compare::not_equal: name = "ne"; break;
        case Compare::less_equal: name = "le"; break;
        case Compare::greater_equal: name = "ge"; break;
        case Compare::less: name = "lt"; break;
        case Compare::greater: name = "gt"; break;
    }
    out.expr = ir::Expr::call(name, {x.expr, y.expr});
    return from_element(std::move(out));
}

Value Elaborator::choose(Scope& s, const Value& condition, const Value& then, const Value& otherwise, Span where) {
    if (condition.poison() || then.poison() || otherwise.poison()) return {Poison{}};
    if (condition.is_number()) return truth(condition) ? then : otherwise;
    auto three = elements(s, {condition, then, otherwise}, {where, where, where});
    if (!three) return {Poison{}};
    Element& c = (*three)[0];
    // The branches are typed by each other, not by the condition.
    const auto typed = [&](const Value& v, const Value& other, const ir::Expr& e) {
        return v.is_number()
                   ? ir::Expr::constant(v.number(), literal_type(v, other.is_number() ? std::optional<ir::Type>() : type_of(other)))
                   : e;
    };
    ir::Expr p = typed(then, otherwise, (*three)[1].expr), q = typed(otherwise, then, (*three)[2].expr);
    if (then.is_number() && otherwise.is_number()) {
        const ir::Type type = ir::common(p->type, q->type);
        p = ir::convert(p, type);
        q = ir::convert(q, type);
    }
    return from_element({c.shape, ir::select(ir::convert(c.expr, ir::Type::boolean), p, q), c.framed, {}, {}});
}

Value Elaborator::apply(Scope& s, const ir::Scalar& f, const std::vector<Value>& arguments, const std::vector<Span>& spans) {
    bool all_static = true;
    for (const Value& v : arguments) {
        if (v.poison()) return v;
        all_static = all_static && v.is_number();
    }
    if (all_static && f.meaning) {
        std::vector<double> numbers;
        bool integers = true;
        for (const Value& v : arguments) {
            numbers.push_back(v.number());
            integers = integers && !v.is<double>();
        }
        if (integers && (f.result == ir::Scalar::same || f.result == ir::Scalar::second)) {
            const double value = f.meaning(numbers, ir::Type::i64);
            if (value == std::trunc(value) && std::abs(value) <= 9007199254740992.0) return {static_cast<std::int64_t>(value)};
        }
        const double value = f.meaning(numbers, f.result == ir::Scalar::boolean ? ir::Type::boolean : ir::Type::f64);
        if (f.result == ir::Scalar::boolean) return {value != 0};
        return {value};
    }
    auto operands = elements(s, arguments, spans);
    if (!operands) return {Poison{}};
    Element out{operands->front().shape, {}, operands->front().framed, {}, {}};
    std::vector<ir::Expr> args;
    bool real = false;
    for (const Element& e : *operands) {
        args.push_back(e.expr->type == ir::Type::boolean && f.result != ir::Scalar::boolean ? ir::convert(e.expr, ir::Type::i32)
                                                                                            : e.expr);
        real = real || ir::is_real(args.back()->type);
    }
    if (f.result == ir::Scalar::given && f.arity > 1)  // a random number, of the model's float, from four integers
        for (ir::Expr& a : args) a = ir::convert(a, ir::Type::i64);
    if (f.result == ir::Scalar::given || (f.result == ir::Scalar::real && !real))
        out.expr = ir::Expr::call(f, std::move(args), real_);
    else
        out.expr = ir::Expr::call(f, std::move(args));
    return from_element(std::move(out));
}

// ------------------------------------------------------------------ what an expression mentions

bool Elaborator::mentions_index(const Scope& s, const text::Expr& e) const {
    bool found = false;
    names_in(e, [&](const std::string& name, Span) {
        if (found) return;
        if (s.indices.contains(name)) {
            found = true;
            return;
        }
        const auto it = s.values.find(name);
        if (it == s.values.end()) return;
        found = differs(it->second);
    });
    return found;
}

}  // namespace dlc::elaborate
