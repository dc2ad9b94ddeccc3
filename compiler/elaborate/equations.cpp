// Index equations and reductions.
//
// The file is long because the forms of an equation share one frame of variables: a left side of indices, literals and mixed radix
// is solved into positions, a right side is one reduction or becomes several equations, conditions become predicates or choices,
// and a scatter is all of that with its positions on the left.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "compiler/elaborate/names.h"
#include "compiler/ir/condition.h"
#include "dsl/shapes/arithmetic.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

std::optional<Reduced> reduction_named(std::string_view name) {
    Reduced r;
    if (name == "mean")
        r.finish = Reduced::mean;
    else if (name == "any")
        r.finish = Reduced::any;
    else if (name == "all")
        r.finish = Reduced::all;
    else if (const auto kind = ir::reduce_named(name))
        r.kind = *kind;
    else
        return std::nullopt;
    return r;
}

// A bool is summed as 0 or 1, and so are integers of 8 bits in 32, of which few fit into 8; `any` and `all` count what they look
// for.
ir::Expr summand(const Reduced& r, const ir::Expr& e, ir::Type real) {
    const ir::Expr truth = r.finish == Reduced::any || r.finish == Reduced::all ? ir::convert(e, ir::Type::boolean) : e;
    if (r.finish == Reduced::any) return ir::convert(truth, ir::Type::i32);
    if (r.finish == Reduced::all) return ir::convert(ir::negate(truth), ir::Type::i32);
    if (r.finish == Reduced::mean && !ir::is_real(e->type)) return ir::convert(e, real);
    const bool added = r.kind == ir::Reduce::sum || r.kind == ir::Reduce::prod;
    const bool narrow = e->type == ir::Type::i8 || e->type == ir::Type::u8;
    return e->type == ir::Type::boolean || (added && narrow) ? ir::convert(e, ir::Type::i32) : e;
}

void collect(const ir::Index& i, std::set<ir::Var>& out) {
    for (const ir::Var v : i.variables()) out.insert(v);
}

std::set<ir::Var> variables_of(const ir::Expr& e, std::span<const ir::Predicate> where) {
    std::set<ir::Var> out;
    ir::visit(e, [&](const ir::Expr& n) {
        if (n->kind == ir::ExprNode::index) collect(n->position, out);
        if (n->kind == ir::ExprNode::read)
            for (const ir::Index& i : n->at) collect(i, out);
    });
    for (const ir::Predicate& p : where) collect(p.index, out);
    return out;
}

ir::Type result_type(const Reduced& r) {
    return r.kind == ir::Reduce::argmax || r.kind == ir::Reduce::argmin ? ir::Type::i32 : r.body->type;
}

}  // namespace

std::string Elaborator::reduction(const Scope& s, const std::string& name) const {
    const auto value = s.values.find(name);
    const auto* f = value == s.values.end() ? nullptr : value->second.as<Callable>();
    if (f) return !f->definition && is_reduction_name(f->name.text) ? f->name.text : "";
    return is_reduction_name(name) && !s.module->find(Space::function, name) ? name : "";
}

// ------------------------------------------------------------------ from variables to nodes

ir::NodeId Elaborator::build_over(const Frame& frame, ir::Shape shape, std::vector<ir::Index> by, const Reduced& r,
                                  ir::Origin origin) {
    ir::Equation e;
    e.reduce = r.kind;
    ir::Shape all = shape;
    by.resize(frame.extents.size());
    for (const ir::Var v : r.variables) {
        by[v] = ir::Index::variable(static_cast<ir::Var>(all.size()));
        all.push_back(frame.extents[v]);
        e.reductions.push_back(frame.extents[v]);
    }
    // A reduction over nothing is its one term, unless a condition may remove that.
    if (e.reductions.empty() && e.reduce != ir::Reduce::none) {
        const bool position = e.reduce == ir::Reduce::argmax || e.reduce == ir::Reduce::argmin;
        if (r.where.empty() && !position) {
            e.reduce = ir::Reduce::none;
        } else {
            e.reductions.push_back(1);
            all.push_back(1);
        }
    }
    const ir::Box box = ir::box_of(std::span<const std::int64_t>(all));
    e.body = ir::substitute(r.body, by, box);
    for (const ir::Predicate& p : r.where) e.where.push_back({p.kind, p.index.substitute(by, box)});
    const ir::Type type = result_type(r);
    return b_->equation(type, std::move(shape), std::move(e), std::move(origin));
}

ir::NodeId Elaborator::build(const Frame& frame, const std::vector<std::pair<ir::Index, std::int64_t>>& outputs, const Reduced& r,
                             ir::Origin origin) {
    ir::Shape shape;
    std::vector<ir::Index> by(frame.extents.size());
    for (const auto& [index, extent] : outputs) {
        if (const auto v = index.as_variable()) by[*v] = ir::Index::variable(static_cast<ir::Var>(shape.size()));
        shape.push_back(extent);
    }
    return build_over(frame, std::move(shape), std::move(by), r, std::move(origin));
}

// A reduction inside a body: an equation over the indices it uses, read there.
ir::Expr Elaborator::finish(Frame& frame, const Reduced& r, Span) {
    const auto over = [&](const Reduced& part) {
        std::set<ir::Var> used = variables_of(part.body, part.where);
        for (const ir::Var v : part.variables) used.erase(v);
        std::vector<std::pair<ir::Index, std::int64_t>> outputs;
        std::vector<ir::Index> at;
        for (const ir::Var v : used) {
            at.push_back(ir::Index::variable(v));
            outputs.emplace_back(at.back(), frame.extents[v]);
        }
        return b_->read(build(frame, outputs, part, origin()), at);
    };
    if (r.kind != ir::Reduce::argmax && r.kind != ir::Reduce::argmin && r.variables.empty() && r.where.empty() && !r.count) {
        switch (r.finish) {
            case Reduced::any: return ir::convert(r.body, ir::Type::boolean);
            case Reduced::all: return ir::negate(ir::convert(r.body, ir::Type::boolean));
            default: return r.body;
        }
    }
    const ir::Expr total = over(r);
    switch (r.finish) {
        case Reduced::as_is: return total;
        case Reduced::any: return ir::greater(total, ir::zero_like(total));
        case Reduced::all: return ir::equal(total, ir::zero_like(total));
        case Reduced::mean: break;
    }
    if (r.count) {
        Reduced count = r;
        count.body = r.count;
        return total / over(count);
    }
    std::int64_t terms = 1;
    for (const ir::Var v : r.variables) terms *= frame.extents[v];
    return total / ir::Expr::constant(static_cast<double>(terms), total->type);
}

Value Elaborator::reduce_all(Scope& s, const std::string& name, const Value& v, Span where) {
    if (v.poison()) return v;
    if (v.is_number() && (name == "sum" || name == "prod" || name == "max" || name == "min"))
        return v.is<bool>() ? Value{std::int64_t{v.number() != 0}} : v;
    // A list of whole numbers is sizes, and what it reduces to stays a static; one with a real in it is a tensor, for it may be
    // differentiated.
    const auto whole = [](const Value& x) { return x.is<std::int64_t>() || x.is<bool>(); };
    if (const List* list = v.as<List>(); list && std::ranges::all_of(list->items(), whole)) {
        Value total{std::int64_t{name == "prod"}};
        const auto& items = list->items();
        if (name == "sum" || name == "prod") {
            for (const Value& item : items)
                total = static_arithmetic(name == "sum" ? text::Binary::add : text::Binary::multiply, total, item, where);
            return total;
        }
        if ((name == "max" || name == "min") && !items.empty()) {
            total = items.front();
            for (const Value& item : items)
                if (name == "max" ? item.number() > total.number() : item.number() < total.number()) total = item;
            return total;
        }
    }
    if (s.frame && differs(v) && !v.is<Element>()) {
        const std::optional<Along> made = family_of(s, v, where);
        if (!made) return {Poison{}};
        Reduced r = *reduction_named(name);
        std::vector<ir::Index> at = made->at;
        for (std::size_t d = at.size(); d < (*b_)[made->node].shape.size(); ++d) {
            r.variables.push_back(s.frame->add({}, (*b_)[made->node].shape[d]));
            at.push_back(ir::Index::variable(r.variables.back()));
        }
        r.body = summand(r, b_->read(made->node, at), real_);
        return {Element{{}, finish(*s.frame, r, where), true, {}, {}}};
    }
    if (s.frame) {
        // A number of an equation is all there is.
        const Value* given = &v;
        if (const auto shape = shape_of(v); shape && shape->empty()) {
            auto e = element(s, *given, where);
            if (!e) return {Poison{}};
            Reduced r = *reduction_named(name);
            r.body = summand(r, e->expr, real_);
            return {Element{{}, finish(*s.frame, r, where), true, {}, {}}};
        }
    }
    Frame* const outer = s.frame;
    s.frame = nullptr;
    auto e = element(s, v, where);
    s.frame = outer;
    if (!e) return {Poison{}};
    Reduced r = *reduction_named(name);
    Frame frame;
    for (std::size_t d = 0; d < e->shape.size(); ++d) r.variables.push_back(frame.add({}, e->shape[d]));
    if ((r.kind == ir::Reduce::argmax || r.kind == ir::Reduce::argmin) && ir::volume(e->shape) == 0)
        return fail(error(code("E0208"), "`" + name + "` of a tensor without elements").at(where, "this is " + describe(v)));
    r.body = summand(r, e->expr, real_);
    const ir::Expr value = finish(frame, r, where);
    return from_element({{}, value, false, {}, {}});
}

// ------------------------------------------------------------------ reductions with indices

namespace {

/// Whether the conditions are known to hold, wherever the frame stands, for some value of the reduced variables: for the first or
/// the last, or for that of another index (`i` in `abs(i - k) < 3`).
bool surely_some(const Frame& frame, const Reduced& r, std::vector<ir::Index>& by, std::size_t next = 0) {
    const ir::Box box = frame.box();
    if (next == r.variables.size())
        return std::ranges::all_of(r.where, [&](const ir::Predicate& p) {
            return ir::decide({p.kind, p.index.substitute(by, box)}, box) == ir::Truth::always;
        });
    const ir::Var v = r.variables[next];
    const auto holds_at = [&](const ir::Index& at) {
        by[v] = at;
        return surely_some(frame, r, by, next + 1);
    };
    if (holds_at(ir::Index(0)) || holds_at(ir::Index(frame.extents[v] - 1))) return true;
    for (ir::Var u = 0; u < frame.extents.size(); ++u)
        if (u != v && frame.extents[u] <= frame.extents[v] && std::ranges::find(r.variables, u) == r.variables.end() &&
            holds_at(ir::Index::variable(u)))
            return true;
    by[v] = ir::Index::variable(v);
    return false;
}

}  // namespace

// The position of an extremum of nothing is an error: known here, or counted when the program runs.  False after an error.
bool Elaborator::select_some(Frame& frame, const Reduced& r, const std::vector<ir::Expr>& data_dependent, const std::string& name,
                             Span where) {
    const ir::Box box = frame.box();
    const auto never = [&](const ir::Predicate& p) { return ir::decide(p, box) == ir::Truth::never; };
    if (frame.conditions.empty() && std::ranges::any_of(r.where, never)) {
        fail(error(code("E0208"), "`" + name + "` over no element").at(where, "the condition never holds"));
        return false;
    }
    std::vector<ir::Index> same;
    for (ir::Var v = 0; v < frame.extents.size(); ++v) same.push_back(ir::Index::variable(v));
    if (data_dependent.empty() && surely_some(frame, r, same)) return true;
    Reduced terms;
    terms.kind = ir::Reduce::sum;
    terms.where = r.where;
    terms.variables = r.variables;
    ir::Expr holds = ir::Expr::constant(1, ir::Type::boolean);
    for (const ir::Expr& c : data_dependent) holds = ir::both(holds, c);
    terms.body = ir::convert(holds, ir::Type::i32);
    const ir::Expr count = finish(frame, terms, where);
    check_nowhere(frame, ir::equal(count, ir::zero_like(count)), "`" + name + "` over no element: the condition holds for none",
                  where);
    return true;
}

std::optional<Element> Elaborator::condition(Scope& s, const text::Condition& c, std::vector<Element>& all) {
    const auto add = [&](const Value& v) {
        if (v.poison()) return false;
        auto e = element(s, v, c.value->where);
        if (!e) return false;
        if (v.is_number()) {
            e->conditions = std::vector<ir::Predicate>{};
            if (v.number() == 0) e->conditions->push_back({ir::Predicate::ge, ir::Index(-1)});
        }
        all.push_back(std::move(*e));
        return true;
    };
    if (!c.pack) return add(eval(s, *c.value)) ? std::optional(all.back()) : std::nullopt;
    const auto length = pack_length(s, *c.value);
    if (!length) {
        fail(error(code("E0205"), "nothing gives the number of axes of this condition").at(c.value->where));
        return std::nullopt;
    }
    const auto before = s.axis;
    bool ok = true;
    for (std::size_t a = 0; a < *length && ok; ++a) {
        s.axis = Axis{a, *length};
        ok = add(eval(s, *c.value));
    }
    s.axis = before;
    return ok ? std::optional(Element{}) : std::nullopt;
}

std::optional<Reduced> Elaborator::reduce(Scope& s, const text::Reduce& n, Span where) {
    if (!n.arguments.empty()) {
        fail(error(code("E0211"), "`" + n.callee.text + "` reduces one expression").at(n.arguments.front().value->where));
        return std::nullopt;
    }
    Reduced r = *reduction_named(reduction(s, n.callee.text));
    Frame& frame = *s.frame;
    std::vector<IndexWish> wishes;
    for (const text::Bind& b : n.binds)
        wishes.push_back({b.name ? b.name->text : "..", b.pack, b.bound ? &*b.bound : nullptr, b.where});
    std::vector<const text::Expr*> bodies = {&*n.body};
    for (const text::Condition& c : n.conditions) bodies.push_back(&*c.value);
    if (!bind_indices(s, wishes, bodies)) return std::nullopt;

    const std::size_t known = frame.known.size(), conditions = frame.conditions.size();
    std::vector<Element> filters;
    bool ok = true;
    for (const text::Condition& c : n.conditions) ok = ok && condition(s, c, filters).has_value();
    std::vector<ir::Expr> data_dependent;
    for (const Element& f : filters) {
        const ir::Expr holds = ir::convert(f.expr, ir::Type::boolean);
        frame.conditions.push_back(holds);
        if (f.conditions) {
            r.where.insert(r.where.end(), f.conditions->begin(), f.conditions->end());
            frame.known.insert(frame.known.end(), f.conditions->begin(), f.conditions->end());
        } else {
            data_dependent.push_back(holds);
        }
    }
    std::optional<Element> body;
    if (ok) {
        const Value v = eval(s, *n.body);
        if (!v.poison()) body = element(s, v, n.body->where);
    }
    frame.known.resize(known);
    frame.conditions.resize(conditions);
    std::int64_t terms = 1;
    for (const IndexWish& w : wishes) {
        const IndexBinding& binding = s.indices.at(w.name);
        for (const ir::Index& i : binding.at)
            if (const auto v = i.as_variable()) r.variables.push_back(*v);
        for (const std::int64_t e : binding.extents) terms *= e;
        s.indices.erase(w.name);
    }
    if (!body) return std::nullopt;
    const bool position = r.kind == ir::Reduce::argmax || r.kind == ir::Reduce::argmin;
    if (position && terms == 0) {
        fail(error(code("E0208"), "`" + n.callee.text + "` over no element").at(where));
        return std::nullopt;
    }
    if (position && !filters.empty() && !select_some(frame, r, data_dependent, n.callee.text, where)) return std::nullopt;
    r.body = summand(r, body->expr, real_);
    if (position && r.body->type == ir::Type::boolean) r.body = ir::convert(r.body, ir::Type::i32);
    if (r.finish == Reduced::mean && !filters.empty()) r.count = ir::one_like(r.body);
    // Where the conditions around do not hold this is not summed at all, so that its derivative there is 0 and not 0 times
    // infinity.
    if (ir::is_real(r.body->type) && ir::may_diverge(r.body)) {
        const std::set<ir::Var> used = variables_of(r.body, r.where);
        for (std::size_t k = 0; k < conditions; ++k) {
            const ir::Expr& around = frame.conditions[k];
            const std::set<ir::Var> of = variables_of(around, {});
            if (!std::ranges::includes(used, of)) continue;
            if (const auto predicates = ir::as_predicates(around))
                r.where.insert(r.where.end(), predicates->begin(), predicates->end());
            else
                data_dependent.push_back(around);
        }
    }
    if (!data_dependent.empty()) {
        ir::Expr all = data_dependent.front();
        for (std::size_t k = 1; k < data_dependent.size(); ++k) all = ir::both(all, data_dependent[k]);
        // A term that fails contributes the identity, so an integer extremum needs a real to hold the infinite one.
        const double nothing =
            ir::identity(position ? (r.kind == ir::Reduce::argmax ? ir::Reduce::max : ir::Reduce::min) : r.kind, real_);
        if (std::isinf(nothing) && !ir::is_real(r.body->type)) r.body = ir::convert(r.body, real_);
        r.body = ir::select(all, r.body, ir::Expr::constant(nothing, r.body->type));
        if (r.count) r.count = ir::convert(all, r.body->type);
    }
    return r;
}

Value Elaborator::eval_reduce(Scope& s, const text::Reduce& n, const text::Expr& at) {
    const Span where = at.where;
    const bool plain = !reduction(s, n.callee.text).empty();
    if (s.frame && plain) {
        auto r = reduce(s, n, where);
        if (!r) return {Poison{}};
        return {Element{{}, finish(*s.frame, *r, where), true, {}, {}}};
    }
    if (s.frame) {
        const std::optional<Along> made = s.axis ? apply_along(s, n, where) : along(s, at);
        if (!made) return {Poison{}};
        if ((*b_)[made->node].shape.size() != made->at.size())
            return fail(
                error(code("E0214"), "`" + n.callee.text + "` gives a tensor along this index, a number is needed")
                    .at(where, "this is " + type_text((*b_)[made->node].type, {(*b_)[made->node].shape.begin() +
                                                                                   static_cast<std::ptrdiff_t>(made->at.size()),
                                                                               (*b_)[made->node].shape.end()}))
                    .helped("read it, as in `" + n.callee.text + "[j](…)[k]`"));
        return {Element{{}, b_->read(made->node, made->at), true, {}, {}}};
    }
    // A whole-tensor expression: indices that nothing binds become the axes of the result, in the order written.
    Frame frame;
    auto outer = std::move(s.indices);
    s.indices.clear();
    s.frame = &frame;
    const auto restore = [&](Value v) {
        s.frame = nullptr;
        s.indices = std::move(outer);
        return v;
    };
    const std::vector<IndexWish> wishes = implicit_indices(s, n);
    std::vector<const text::Expr*> bodies = {&*n.body};
    for (const text::Condition& c : n.conditions) bodies.push_back(&*c.value);
    // The reduction's own indices are not free, whatever they are called.
    for (const text::Bind& b : n.binds) s.indices[b.name ? b.name->text : ".."] = {b.pack, false, {}, {}, b.where};
    std::vector<std::string> own;
    for (const auto& [name, binding] : s.indices) own.push_back(name);
    const bool bound = bind_indices(s, wishes, bodies);
    for (const std::string& name : own) s.indices.erase(name);
    if (!bound) return restore({Poison{}});
    std::vector<std::pair<ir::Index, std::int64_t>> outputs;
    for (const IndexWish& w : wishes) {
        const IndexBinding& binding = s.indices.at(w.name);
        for (std::size_t a = 0; a < binding.at.size(); ++a) outputs.emplace_back(binding.at[a], binding.extents[a]);
    }
    Reduced r;
    if (plain) {
        auto made = reduce(s, n, where);
        if (!made) return restore({Poison{}});
        r = *std::move(made);
        if (r.finish != Reduced::as_is) {
            const ir::Expr body = finish(frame, r, where);
            r = Reduced{};
            r.kind = ir::Reduce::none;
            r.body = body;
        }
    } else {
        const auto made = apply_along(s, n, where);
        if (!made) return restore({Poison{}});
        const ir::Shape& whole = (*b_)[made->node].shape;
        std::vector<ir::Index> read = made->at;
        for (std::size_t d = made->at.size(); d < whole.size(); ++d) {
            read.push_back(ir::Index::variable(frame.add({}, whole[d])));
            outputs.emplace_back(read.back(), whole[d]);
        }
        r.kind = ir::Reduce::none;
        r.body = b_->read(made->node, read);
    }
    if (r.kind == ir::Reduce::none) {
        // As an element, so that what is around it joins the equation.
        ir::Shape shape;
        std::vector<ir::Index> by(frame.extents.size());
        for (const auto& [index, extent] : outputs) {
            if (const auto v = index.as_variable()) by[*v] = ir::Index::variable(static_cast<ir::Var>(shape.size()));
            shape.push_back(extent);
        }
        return restore(
            {Element{shape, ir::substitute(r.body, by, ir::box_of(std::span<const std::int64_t>(shape))), false, {}, {}}});
    }
    const ir::NodeId made = build(frame, outputs, r, origin());
    return restore({Tensor{made}});
}

std::optional<Along> Elaborator::apply_along(Scope& s, const text::Reduce& n, Span where) {
    const auto f = callee(s, n.callee);
    if (!f) return std::nullopt;
    const bool gradients = !f->definition && f->name.text == "grad";
    if (!f->definition && !gradients) {
        fail(error(code("E0214"), "`" + f->name.text + "` takes numbers, it is not applied along an index")
                 .at(where)
                 .helped("call it: `" + n.callee.text + "(…)`"));
        return std::nullopt;
    }
    if (!n.conditions.empty()) {
        fail(error(code("E0207"), "`" + n.callee.text + "` takes a whole vector, so it has no conditions").at(where));
        return std::nullopt;
    }
    Frame& frame = *s.frame;
    std::vector<IndexWish> wishes;
    for (const text::Bind& b : n.binds)
        wishes.push_back({b.name ? b.name->text : "..", b.pack, b.bound ? &*b.bound : nullptr, b.where, true});
    if (!bind_indices(s, wishes, {&*n.body})) return std::nullopt;
    std::optional<Element> body;
    const Value v = eval(s, *n.body);
    if (!v.poison()) body = element(s, v, n.body->where);
    std::vector<std::pair<ir::Index, std::int64_t>> outputs;
    std::vector<ir::Index> own;
    std::vector<std::int64_t> own_extents;
    for (const IndexWish& w : wishes) {
        const IndexBinding& binding = s.indices.at(w.name);
        own.insert(own.end(), binding.at.begin(), binding.at.end());
        own_extents.insert(own_extents.end(), binding.extents.begin(), binding.extents.end());
        s.indices.erase(w.name);
    }
    if (!body) return std::nullopt;
    std::set<ir::Var> used = variables_of(body->expr, {});
    for (const ir::Index& i : own) used.erase(*i.as_variable());
    Along result;
    for (const ir::Var v : used) {
        result.at.push_back(ir::Index::variable(v));
        outputs.emplace_back(result.at.back(), frame.extents[v]);
    }
    for (std::size_t a = 0; a < own.size(); ++a) outputs.emplace_back(own[a], own_extents[a]);
    Reduced r;
    r.kind = ir::Reduce::none;
    r.body = body->expr;
    ir::NodeId vector = build(frame, outputs, r, origin());
    // A function of a vector: several indices run as one, row-major.
    if (own.size() > 1) {
        ir::Shape shape;
        std::int64_t length = 1;
        for (const ir::Var v : used) shape.push_back(frame.extents[v]);
        for (const std::int64_t e : own_extents) length = shapes::checked_mul(length, e);
        if (!fits(length, where)) return std::nullopt;
        shape.push_back(length);
        const ir::Box box = ir::box_of(std::span<const std::int64_t>(shape));
        std::vector<ir::Index> at;
        const auto last = static_cast<ir::Var>(shape.size() - 1);
        for (ir::Var v = 0; v < last; ++v) at.push_back(ir::Index::variable(v));
        std::int64_t stride = length;
        for (const std::int64_t e : own_extents) {
            stride = e ? stride / e : 0;
            at.push_back(stride ? mod(div(ir::Index::variable(last), stride, box), e, box) : ir::Index(0));
        }
        vector = b_->pointwise((*b_)[vector].type, shape, b_->read(vector, at), origin());
    }
    std::vector<Given> given = {Given{{}, {Tensor{vector}}, n.body->where}};
    const auto more = evaluate(s, n.arguments, nullptr, *f, 1);
    if (!more) return std::nullopt;
    given.insert(given.end(), more->begin(), more->end());
    if (gradients) {
        // Of each number along the index by itself: its axis stays, and those of what it is differentiated by follow.
        if (!used.empty()) {
            fail(error(code("E0216"), "`grad` along an index differentiates by whole tensors, not at one point of others")
                     .at(where));
            return std::nullopt;
        }
        Frame* const outer = std::exchange(s.frame, nullptr);
        const Value all = builtin_jacobian(s, given, where);
        result.node = all.poison() ? ir::NodeId{} : node(all, where);
        s.frame = outer;
        return result.node ? std::optional(std::move(result)) : std::nullopt;
    }
    if (f->arguments) given.insert(given.end(), f->arguments->begin(), f->arguments->end());
    const auto here = std::ranges::find_if(given, [&](const Given& g) { return differs(g.value); });
    if (f->definition->is_layer() && here != given.end()) {
        fail(error(code("E0214"), "a layer is applied along an index with arguments that are the same everywhere").at(here->where));
        return std::nullopt;
    }
    if (!f->definition->is_layer() && (!used.empty() || here != given.end())) {
        std::vector<std::optional<ir::Family>> families = {ir::Family{vector, result.at}};
        families.resize(given.size());
        for (std::size_t k = 1; k < given.size(); ++k) {
            if (!differs(given[k].value)) continue;
            families[k] = family_of(s, given[k].value, given[k].where);
            if (!families[k]) return std::nullopt;
        }
        const std::vector<ir::Family> results =
            at_points(s, *f->definition, std::move(given), &frame, frame.extents, families, where);
        if (results.empty()) return std::nullopt;
        if (results.size() > 1) {
            fail(error(code("E0215"), fmt::format("`{}` gives {} values, one is needed", n.callee.text, results.size()))
                     .at(where)
                     .at(f->definition->name().where, "declared here"));
            return std::nullopt;
        }
        return results.front();
    }
    // A layer keeps the leading axes itself, for its parameters are those of all points.
    Frame* const outer = s.frame;
    s.frame = nullptr;
    const Value whole = call(s, *f->definition, std::move(given), where, f->path);
    result.node = node(whole, where);
    s.frame = outer;
    if (!result.node) return std::nullopt;
    const ir::Shape& shape = (*b_)[result.node].shape;
    bool leading = shape.size() >= used.size();
    std::size_t d = 0;
    for (const ir::Var v : used) leading = leading && shape[d++] == frame.extents[v];
    if (!leading) {
        fail(error(code("E0214"),
                   "`" + n.callee.text + "` does not keep the leading axes of its argument, so it cannot be applied along an index")
                 .at(where, "this gives " + describe({Tensor{result.node}}))
                 .at(f->definition->name().where, "declared here"));
        return std::nullopt;
    }
    return result;
}

// ------------------------------------------------------------------ the left side

/// What stands between the brackets on the left.
struct Elaborator::LeftSide {
    struct Entry {
        std::vector<std::pair<ir::Index, std::int64_t>> axes;  // bare indices: each with its extent
        const text::Expr* value = nullptr;                     // otherwise an expression
        Span where;
    };
    std::vector<Entry> entries;
    std::vector<IndexWish> wishes;
    bool bare = true;  // nothing but indices
};

namespace {

Span where_of(const text::Left& l) { return l.bind ? Span(l.bind->where) : Span(l.value->where); }

}  // namespace

void Elaborator::run_equation(Scope& s, const text::Equation& n, Span where) {
    if (s.frame) {
        fail(error(code("E0305"), "an index equation inside a function of numbers")
                 .at(where)
                 .helped("the function is applied element by element here; declare its parameter `f[..]` to take a whole tensor"));
        s.values[n.name.text] = {Poison{}};
        return;
    }
    binding_ = n.name.text;
    Frame frame;
    const std::size_t first = b_->size();
    const auto give_up = [&] { s.values[n.name.text] = {Poison{}}; };
    const Value* target = nullptr;
    if (n.op != text::Equation::define) {
        const auto it = s.values.find(n.name.text);
        if (it == s.values.end()) {
            fail(error(code("E0220"), "`" + n.name.text + "` is not there to accumulate into")
                     .at(n.name.where)
                     .helped("begin with `" + n.name.text + " = zeros([…])`"));
            return give_up();
        }
        target = &it->second;
        if (target->poison()) return;
    }

    // Which names on the left are indices: those that stand alone and are no statics, and those inside an expression.
    LeftSide left;
    const auto is_static_name = [&](const std::string& name) {
        const auto it = s.values.find(name);
        return (it != s.values.end() && it->second.is_static() && !it->second.is<List>()) ||
               (!name.empty() && name[0] >= 'A' && name[0] <= 'Z');
    };
    const auto wish = [&](const std::string& name, bool pack, const text::Expr* bound, Span at) {
        for (IndexWish& w : left.wishes)
            if (w.name == name) {
                if (bound) w.bound = bound;
                return false;
            }
        left.wishes.push_back({.name = name, .pack = pack, .bound = bound, .where = at, .defines = n.op == text::Equation::define});
        return true;
    };
    std::vector<const text::Expr*> bodies = {&*n.value};
    std::vector<text::Expr> spelled;  // static names on the left, as expressions
    spelled.reserve(n.left.size());
    for (const text::Left& l : n.left) {
        LeftSide::Entry entry;
        entry.where = where_of(l);
        const text::Expr* value = l.value ? &*l.value : nullptr;
        if (l.bind && !l.bind->pack && l.bind->name && !l.bind->bound && is_static_name(l.bind->name->text)) {
            spelled.push_back({text::Name{l.bind->name->text}, l.bind->where});
            value = &spelled.back();
        }
        if (value) {
            entry.value = value;
            left.bare = false;
            if (!std::holds_alternative<text::Name>(value->node)) bodies.push_back(value);
            const std::function<void(const text::Expr&)> walk = [&](const text::Expr& e) {
                if (const auto* read = std::get_if<text::Read>(&e.node)) {
                    for (const text::Item& item : read->items) {
                        if (item.kind == text::Item::pack && !item.value) wish("..", true, nullptr, item.where);
                        if (item.kind == text::Item::pack && item.value)
                            if (const auto* name = std::get_if<text::Name>(&item.value->node))
                                wish(name->text, true, nullptr, item.where);
                        if (item.kind == text::Item::index) walk(*item.value);
                    }
                    return;
                }
                if (const auto* name = std::get_if<text::Name>(&e.node)) {
                    if (!is_static_name(name->text) && !(s.values.contains(name->text) && n.op != text::Equation::define))
                        wish(name->text, false, nullptr, e.where);
                    return;
                }
                if (const auto* u = std::get_if<text::Unary>(&e.node)) walk(*u->operand);
                if (const auto* b = std::get_if<text::Binary>(&e.node)) {
                    walk(*b->left);
                    walk(*b->right);
                }
            };
            walk(*value);
        } else {
            const std::string name = l.bind->name ? l.bind->name->text : "..";
            if (const auto hidden = s.values.find(name); hidden != s.values.end() && is_position(hidden->second)) {
                fail(error(code("E0207"), "`" + name + "` on the left is an index, and hides a value of this name")
                         .at(l.bind->where)
                         .helped("call the index something else; the position `" + name + "` is written `" + name + " + 0`"));
                return give_up();
            }
            if (!wish(name, l.bind->pack, l.bind->bound ? &*l.bind->bound : nullptr, l.bind->where)) left.bare = false;
        }
        left.entries.push_back(std::move(entry));
    }
    for (const text::Bind& b : n.bounds) {
        const std::string name = b.name ? b.name->text : "..";
        const bool fresh = std::ranges::none_of(left.wishes, [&](const IndexWish& w) { return w.name == name; });
        if (fresh) {
            fail(error(code("E0206"), "index `" + name + "` has a bound but does not stand on the left").at(b.where));
            return give_up();
        }
        wish(name, b.pack, b.bound ? &*b.bound : nullptr, b.where);
    }
    if (target) {
        // An index that stands alone on the left runs over the target where no read says otherwise.
        const auto shape = shape_of(*target);
        if (!shape) {
            fail(error(code("E0220"), "`" + n.name.text + "` is no tensor to accumulate into")
                     .at(n.name.where, "this is " + describe(*target)));
            return give_up();
        }
        if (std::ranges::none_of(n.left, [](const text::Left& l) { return l.bind && l.bind->pack; }) &&
            shape->size() == n.left.size())
            for (std::size_t d = 0; d < n.left.size(); ++d)
                if (n.left[d].bind && n.left[d].bind->name)
                    for (IndexWish& w : left.wishes)
                        if (w.name == n.left[d].bind->name->text) w.otherwise = (*shape)[d];
    }

    auto outer = std::move(s.indices);
    s.indices.clear();
    s.frame = &frame;
    const auto leave = [&] {
        s.frame = nullptr;
        s.indices = std::move(outer);
    };
    if (!bind_indices(s, left.wishes, bodies)) {
        leave();
        return give_up();
    }
    for (std::size_t k = 0; k < n.left.size(); ++k) {
        LeftSide::Entry& entry = left.entries[k];
        if (entry.value) continue;
        const IndexBinding& binding = s.indices.at(n.left[k].bind->name ? n.left[k].bind->name->text : "..");
        for (std::size_t a = 0; a < binding.at.size(); ++a) entry.axes.emplace_back(binding.at[a], binding.extents[a]);
    }

    // The right side: a plain reduction is the equation's own.
    Reduced r;
    r.kind = ir::Reduce::none;
    const auto* top = std::get_if<text::Reduce>(&n.value->node);
    bool ok = true;
    if (top && !reduction(s, top->callee.text).empty() && n.op == text::Equation::define) {
        auto made = reduce(s, *top, n.value->where);
        ok = made.has_value();
        if (ok) r = *std::move(made);
        if (ok && r.finish != Reduced::as_is) {
            const ir::Expr body = finish(frame, r, n.value->where);
            r = Reduced{};
            r.kind = ir::Reduce::none;
            r.body = body;
        }
    } else {
        const Value v = eval(s, *n.value);
        auto e = v.poison() ? std::nullopt : element(s, v, n.value->where);
        ok = e.has_value();
        if (ok) r.body = e->expr;
        if (ok && v.is_number() && target) r.body = ir::Expr::constant(v.number(), literal_type(v, type_of(*target)));
    }
    if (!ok) {
        leave();
        return give_up();
    }
    if (n.op != text::Equation::define) {
        accumulate(s, n, left, r.body, where);
        leave();
        return;
    }
    ir::Shape shape;
    std::vector<ir::Index> by(frame.extents.size());
    ok = solve_left(s, left, shape, by);
    leave();
    if (!ok) return give_up();
    // What a reduction of this statement made is not copied when nothing else happens to it.
    if (r.kind == ir::Reduce::none && r.body->kind == ir::ExprNode::read && r.body->tensor.value >= first) {
        const ir::Expr there = by.empty() ? r.body : ir::substitute(r.body, by, ir::box_of(std::span<const std::int64_t>(shape)));
        if ((*b_)[there->tensor].shape == shape && there == b_->read_all(there->tensor)) {
            s.values[n.name.text] = {Tensor{there->tensor}};
            return;
        }
    }
    s.values[n.name.text] = {Tensor{build_over(frame, std::move(shape), std::move(by), r, origin())}};
}

// Solves the left side for the variables: y[h * D + d] means h = o // D, d = o % D.  Each element of y must be hit exactly once.
bool Elaborator::solve_left(Scope& s, const LeftSide& left, ir::Shape& shape, std::vector<ir::Index>& by) {
    Frame& frame = *s.frame;
    const auto not_once = [&](Span where, const std::string& why) {
        fail(error(code("E0206"), "the left side does not define each element exactly once").at(where, why));
        return false;
    };
    // Sizes first: simplifying a quotient needs the extents of all outputs.
    struct Solved {
        std::size_t axis;
        std::vector<std::pair<ir::Var, std::int64_t>> digits;  // variable, weight; heaviest first
    };
    std::vector<Solved> solved;
    std::set<ir::Var> placed;
    const auto place = [&](ir::Var v, Span where) {
        return placed.insert(v).second || not_once(where, "index `" + frame.names[v] + "` stands on the left twice");
    };
    for (const LeftSide::Entry& entry : left.entries) {
        if (!entry.value) {
            for (const auto& [index, extent] : entry.axes) {
                if (const auto v = index.as_variable()) {
                    if (!place(*v, entry.where)) return false;
                    solved.push_back({shape.size(), {{*v, 1}}});
                }
                shape.push_back(extent);
            }
            continue;
        }
        const Value v = eval(s, *entry.value);
        if (v.poison()) return false;
        const auto index = index_of(s, v, entry.where);
        if (!index) return false;
        if (!index->is_affine())
            return not_once(entry.where, index->has_get() ? "where this goes depends on data; accumulate with `+=`"
                                                          : "this is no sum of indices");
        std::vector<std::pair<ir::Var, std::int64_t>> digits;
        std::int64_t extent = 1;
        bool empty = false;
        for (const ir::Index::Term& t : index->terms()) {
            digits.emplace_back(t.atom.var, t.coefficient);
            empty = empty || frame.extents[t.atom.var] == 0;
        }
        if (index->constant() != 0)
            return not_once(entry.where,
                            fmt::format("position 0 is not defined: this starts at {}", index->range(frame.box()).low));
        std::ranges::stable_sort(digits, [](const auto& a, const auto& b) { return a.second > b.second; });
        for (std::size_t k = digits.size(); k-- > 0;) {
            const auto [variable, weight] = digits[k];
            if (!place(variable, entry.where)) return false;
            if (weight != extent && !empty)
                return not_once(entry.where, fmt::format("`{}` has the weight {}; what stands to its right covers {}",
                                                         frame.names[variable], weight, counted(extent, "position")));
            extent = shapes::checked_mul(extent, frame.extents[variable]);
        }
        if (empty) extent = 0;
        if (!fits(extent, entry.where)) return false;
        if (!digits.empty()) solved.push_back({shape.size(), digits});
        shape.push_back(extent);
    }
    for (const IndexWish& w : left.wishes)
        for (const ir::Index& i : s.indices.at(w.name).at)
            if (const auto v = i.as_variable(); v && !placed.contains(*v))
                return not_once(w.where, "`" + w.name + "` has no place of its own on the left");
    const ir::Box box = ir::box_of(std::span<const std::int64_t>(shape));
    for (const Solved& part : solved) {
        const ir::Index o = ir::Index::variable(static_cast<ir::Var>(part.axis));
        for (const auto& [variable, weight] : part.digits) {
            const std::int64_t extent = frame.extents[variable];
            if (part.digits.size() == 1 || shape[part.axis] == 0) {
                by[variable] = o;
                continue;
            }
            const ir::Index high = weight == 1 ? o : div(o, weight, box);
            by[variable] = extent == 1 ? ir::Index(0) : mod(high, extent, box);
        }
    }
    return true;
}

void Elaborator::accumulate(Scope& s, const text::Equation& n, const LeftSide& left, const ir::Expr& body, Span where) {
    Frame& frame = *s.frame;
    Value& slot = s.values[n.name.text];
    s.frame = nullptr;
    const ir::NodeId target = node(slot, n.name.where);
    s.frame = &frame;
    if (!target) return;
    const ir::Shape shape = (*b_)[target].shape;
    ir::Type type = ir::common((*b_)[target].type, body->type);
    if (type == ir::Type::boolean) type = ir::Type::i32;
    std::vector<ir::Index> map;
    std::vector<Span> spans;
    for (const LeftSide::Entry& entry : left.entries) {
        if (!entry.value) {
            for (const auto& [index, extent] : entry.axes) {
                map.push_back(index);
                spans.push_back(entry.where);
            }
            continue;
        }
        const Value v = eval(s, *entry.value);
        const auto index = v.poison() ? std::nullopt : index_of(s, v, entry.where);
        if (!index) {
            slot = {Poison{}};
            return;
        }
        map.push_back(*index);
        spans.push_back(entry.where);
    }
    if (map.size() != shape.size()) {
        fail(error(code("E0208"), fmt::format("`{}` is {}, accumulated into with {}", n.name.text, describe({Tensor{target}}),
                                              counted(static_cast<std::int64_t>(map.size()), "position")))
                 .at(where));
        slot = {Poison{}};
        return;
    }
    std::vector<std::int64_t> seen(frame.extents.size(), -1);
    bool whole = body->type == type;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const Proof proof = in_range(frame, map[d], shape[d]);
        if (proof == Proof::none || proof == Proof::conditionally) {
            const ir::Range r = map[d].range(frame.box());
            fail(error(code("E0220"), fmt::format("this accumulates at {}..{} along axis {} of `{}`, which has {}", r.low, r.high,
                                                  d, n.name.text, counted(shape[d], "element")))
                     .at(spans[d]));
            slot = {Poison{}};
            return;
        }
        if (proof == Proof::depends_on_data)
            check_at_run_time(
                frame, map[d], shape[d],
                fmt::format("a position outside axis {} of `{}`, which has {}", d, n.name.text, counted(shape[d], "element")),
                spans[d]);
        const auto v = map[d].as_variable();
        whole = whole && ((v && frame.extents[*v] == shape[d] && seen[*v] < 0) || (shape[d] == 1 && map[d] == ir::Index(0)));
        if (v) seen[*v] = static_cast<std::int64_t>(d);
    }
    const auto combine = [&](const ir::Expr& old, const ir::Expr& term) {
        switch (n.op) {
            case text::Equation::maximum: return ir::Expr::call("max", {old, term});
            case text::Equation::minimum: return ir::Expr::call("min", {old, term});
            default: return old + term;
        }
    };
    for (ir::Var v = 0; v < frame.extents.size(); ++v)
        if (seen[v] < 0 && ir::uses(body, v)) whole = false;
    for (const IndexWish& w : left.wishes)
        for (const ir::Index& i : s.indices.at(w.name).at)
            if (const auto v = i.as_variable(); v && seen[*v] < 0) whole = false;
    const ir::Expr old = ir::convert(b_->read_all(target), type);
    if (whole) {  // every element is hit once: no scatter
        std::vector<ir::Index> by(frame.extents.size());
        for (ir::Var v = 0; v < by.size(); ++v)
            if (seen[v] >= 0) by[v] = ir::Index::variable(static_cast<ir::Var>(seen[v]));
        const ir::Expr term = ir::substitute(body, by, ir::box_of(std::span<const std::int64_t>(shape)));
        slot = {Tensor{b_->pointwise(type, shape, combine(old, ir::convert(term, type)), origin())}};
        return;
    }
    // A scatter from the identity over all indices, then the old value joins element by element.
    ir::Equation e;
    e.scatter = true;
    e.reduce = n.op == text::Equation::add ? ir::Reduce::sum : n.op == text::Equation::maximum ? ir::Reduce::max : ir::Reduce::min;
    std::set<ir::Var> domain;
    for (const IndexWish& w : left.wishes)
        for (const ir::Index& i : s.indices.at(w.name).at)
            if (const auto v = i.as_variable()) domain.insert(*v);
    std::vector<ir::Index> by(frame.extents.size());
    for (const ir::Var v : domain) {
        by[v] = ir::Index::variable(static_cast<ir::Var>(e.reductions.size()));
        e.reductions.push_back(frame.extents[v]);
    }
    const ir::Box box = ir::box_of(std::span<const std::int64_t>(e.reductions));
    const ir::Type wide = n.op == text::Equation::add || ir::is_real(type) ? type : real_;
    e.body = ir::convert(ir::substitute(body, by, box), wide);
    for (const ir::Index& i : map) e.map.push_back(i.substitute(by, box));
    const ir::NodeId scattered = b_->equation(wide, shape, std::move(e), origin());
    slot = {
        Tensor{b_->pointwise(wide, shape, combine(ir::convert(b_->read_all(target), wide), b_->read_all(scattered)), origin())}};
}

}  // namespace dlc::elaborate
