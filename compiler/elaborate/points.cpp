// Functions at each point: of the equation at hand, or of the shape that the numbers given to them have.
//
// A function of numbers whose body is arithmetic is simply read at each point (calls.cpp).  One that makes tensors on the way, and
// one that is given a vector which differs from point to point, is elaborated once, for one point, in a graph of its own; batching
// that graph gives every point its own tensors.  So a body means the same whether it is applied once or everywhere.
#include <algorithm>

#include "compiler/elaborate/elaborator.h"
#include "dsl/text/walk.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

bool literal(const text::Expr& e) {
    if (const auto* u = std::get_if<text::Unary>(&e.node)) return literal(*u->operand);
    if (const auto* l = std::get_if<text::List>(&e.node))
        return std::ranges::all_of(l->items, [](const text::ExprRef& item) { return literal(*item); });
    return std::holds_alternative<text::Number>(e.node) || std::holds_alternative<text::Bool>(e.node) ||
           std::holds_alternative<text::String>(e.node);
}

bool makes_a_tensor(const text::Expr& e) {
    if (std::holds_alternative<text::List>(e.node)) return !literal(e);
    if (std::holds_alternative<text::Scan>(e.node)) return true;
    const text::Identifier* callee = nullptr;
    if (const auto* c = std::get_if<text::Call>(&e.node)) callee = &c->callee;
    if (const auto* p = std::get_if<text::Pipe>(&e.node)) callee = &p->callee;
    return callee && (callee->text == "grad" || callee->text == "minimize" || callee->text == "zeros" || callee->text == "ones" ||
                      callee->text == "reshape");
}

}  // namespace

// Whether the body needs more than arithmetic on numbers, as it is written, or a derivative is given.
bool Elaborator::makes_tensors(const text::Function& f) {
    const auto [it, fresh] = makes_tensors_.try_emplace(&f, false);
    if (!fresh) return it->second;
    bool found = f.adjoint.has_value();
    const auto look = [&](const text::Expr& e) {
        text::for_each_inside(e, [&](const text::Expr& part) { found = found || makes_a_tensor(part); });
    };
    if (f.value) look(*f.value);
    if (f.body)
        text::for_each_statement(*f.body, [&](const text::Stmt& s) {
            found = found || std::holds_alternative<text::Equation>(s.node);
            if (!std::holds_alternative<text::For>(s.node)) text::for_each_part(s, look);
        });
    return it->second = found;
}

bool Elaborator::differs(const Value& v) const {
    if (const auto* e = v.as<Element>()) return e->framed;
    if (const auto* list = v.as<List>())
        return std::ranges::any_of(list->items(), [&](const Value& item) { return differs(item); });
    return v.is<ir::Family>();
}

Value Elaborator::at_point(const Along& family) {
    if ((*b_)[family.node].shape.size() > family.at.size()) return {family};
    Element e{{}, b_->read(family.node, family.at), true, {}, {}};
    if (ir::is_integer(e.expr->type)) e.index = ir::Index::get(family.node, family.at);
    return {std::move(e)};
}

// A number of the equation as a tensor over the indices it uses.
ir::Family Elaborator::family(const Frame& frame, const ir::Expr& number) {
    Reduced r;
    r.kind = ir::Reduce::none;
    r.body = number;
    ir::Family made;
    std::vector<std::pair<ir::Index, std::int64_t>> outputs;
    for (ir::Var v = 0; v < frame.extents.size(); ++v)
        if (ir::uses(number, v)) {
            made.at.push_back(ir::Index::variable(v));
            outputs.emplace_back(made.at.back(), frame.extents[v]);
        }
    made.node = build(frame, outputs, r, origin());
    return made;
}

std::optional<Along> Elaborator::family_of_list(Scope& s, const List& list, Span where) {
    const auto shape = shape_of({list});
    const auto type = type_of({list});
    const std::function<bool(const Value&, std::size_t)> regular = [&](const Value& v, std::size_t depth) {
        const auto own = shape_of(v);
        if (!own || !std::equal(own->begin(), own->end(), shape->begin() + static_cast<std::ptrdiff_t>(depth), shape->end()))
            return false;
        const List* inner = v.as<List>();
        return !inner || std::ranges::all_of(inner->items(), [&](const Value& item) { return regular(item, depth + 1); });
    };
    if (!shape || !type || !regular({list}, 0)) {
        fail(error(code("E0212"), "the entries of this list are of different shapes, so it is no tensor").at(where));
        return std::nullopt;
    }
    Frame frame = *s.frame;
    const auto first = static_cast<ir::Var>(frame.extents.size());
    for (const std::int64_t extent : *shape) frame.add({}, extent);
    const std::function<ir::Expr(const Value&, ir::Var)> at = [&](const Value& v, ir::Var axis) -> ir::Expr {
        if (v.is_number()) return ir::Expr::constant(v.number(), *type);
        if (const auto* e = v.as<Element>(); e && e->framed) return ir::convert(e->expr, *type);
        if (const List* inner = v.as<List>(); inner && differs(v)) {
            ir::Expr body;
            for (std::size_t k = inner->items().size(); k-- > 0;) {
                const ir::Expr one = at(inner->items()[k], axis + 1);
                if (!one) return {};
                const ir::Index apart = ir::Index::variable(axis) - ir::Index(static_cast<std::int64_t>(k));
                body = body ? ir::select(ir::holds(ir::Predicate{ir::Predicate::eq, apart}), one, body) : one;
            }
            return body;
        }
        ir::Family one{{}, {}};
        if (const auto* family = v.as<ir::Family>())
            one = *family;
        else
            one.node = node(v, where);
        if (!one.node) return {};
        for (ir::Var d = axis; d < frame.extents.size(); ++d) one.at.push_back(ir::Index::variable(d));
        return ir::convert(b_->read(one.node, one.at), *type);
    };
    const ir::Expr body = at({list}, first);
    if (!body) return std::nullopt;
    Reduced r;
    r.kind = ir::Reduce::none;
    r.body = body;
    Along made;
    std::vector<std::pair<ir::Index, std::int64_t>> outputs;
    for (ir::Var v = 0; v < frame.extents.size(); ++v) {
        if (v < first && !ir::uses(body, v)) continue;
        outputs.emplace_back(ir::Index::variable(v), frame.extents[v]);
        if (v < first) made.at.push_back(ir::Index::variable(v));
    }
    made.node = build(frame, outputs, r, origin());
    return made;
}

std::optional<Along> Elaborator::family_of(Scope& s, const Value& v, Span where) {
    if (const auto* number = v.as<Element>()) return family(*s.frame, number->expr);
    if (const List* list = v.as<List>()) return family_of_list(s, *list, where);
    return *v.as<ir::Family>();
}

std::vector<ir::Family> Elaborator::at_points(Scope& caller, const Definition& f, std::vector<Given> given, const Frame* frame,
                                              const ir::Shape& extents, const std::vector<std::optional<ir::Family>>& families,
                                              Span where) {
    ir::Builder& body = bodies_.emplace_back(ir::Builder::Sharing::off);
    std::map<ir::NodeId, ir::Family> arguments;
    OnePoint here{&body, b_, {}};
    for (std::size_t k = 0; k < given.size(); ++k) {
        Value& v = given[k].value;
        std::optional<ir::Family> from = families[k];
        if (!from && !v.is_static() && !v.is_function() && !differs(v) && (v.is<Tensor>() || v.is<Element>() || v.is<List>())) {
            const ir::NodeId id = node(v, given[k].where);
            if (!id) return {};
            from = ir::Family{id, {}};
        }
        if (!from) continue;
        const ir::Node& whole = (*b_)[from->node];
        const auto own = whole.shape.begin() + static_cast<std::ptrdiff_t>(from->at.size());
        const ir::NodeId leaf =
            body.leaf(ir::LeafKind::input, std::to_string(k), whole.type, {own, whole.shape.end()}, whole.origin);
        here.made_of[leaf] = {from->node};
        if (from->node.value >= named_)  // made for this call of what the program names
            for (const ir::NodeId o : operands(whole)) here.made_of[leaf].push_back(o);
        arguments.emplace(leaf, *std::move(from));
        v = {Tensor{leaf}};
    }
    std::vector<ir::NodeId> wanted;
    {
        struct Inside {  // the graph of one point, and the checks made in it
            Elaborator& e;
            ir::Builder* outer;
            std::set<std::string> checked;
            Inside(Elaborator& elaborator, ir::Builder& inner) : e(elaborator), outer(e.b_) {
                e.b_ = &inner;
                checked.swap(e.checked_);
            }
            ~Inside() {
                e.b_ = outer;
                e.points_.pop_back();
                checked.swap(e.checked_);
            }
        } inside(*this, body);
        points_.push_back(std::move(here));
        Scope point{.module = caller.module, .activation = caller.activation};
        const Value result = call(point, f, std::move(given), where);
        if (result.poison()) return {};
        const auto* several = result.as<Tuple>();
        for (const Value& v : several ? several->values : std::vector<Value>{result}) {
            wanted.push_back(node(v, where));
            if (!wanted.back()) return {};
        }
    }
    static const std::vector<ir::Expr> none;
    ir::Batched made = ir::batch(*b_, body.graph(), extents, arguments, frame ? frame->conditions : none, wanted);
    for (ir::Result& check : made.checks) add_check(std::move(check.name), check.node, check.span, check.inside);
    return std::move(made.wanted);
}

std::optional<Value> Elaborator::call_at_points(Scope& caller, const Definition& f, const std::vector<Given>& given, Span where) {
    if (!f.function() || f.is_layer()) return std::nullopt;
    named_ = b_->size();
    std::vector<std::optional<ir::Family>> families(given.size());
    std::vector<std::size_t> numbers, tensors;
    std::size_t position = 0;
    for (std::size_t k = 0; k < given.size(); ++k) {
        const text::Parameter* parameter = nullptr;
        if (!given[k].name && position < f.parameters().size()) parameter = &f.parameters()[position++];
        for (const text::Parameter& p : f.parameters())
            if (given[k].name && p.name.text == given[k].name->text) parameter = &p;
        if (!parameter) return std::nullopt;  // said where arguments are bound
        if (is_static(parameter->type)) continue;
        const Value& v = given[k].value;
        const auto shape = v.is_number() ? std::nullopt : shape_of(v);
        if (differs(v) && !v.is<Element>())
            tensors.push_back(k);
        else if (!parameter->type.dims && (differs(v) || (shape && !shape->empty())))
            numbers.push_back(k);
    }
    if (tensors.empty() && (numbers.empty() || !makes_tensors(*f.function()))) return std::nullopt;

    const bool framed = !tensors.empty() || std::ranges::any_of(numbers, [&](std::size_t k) { return differs(given[k].value); });
    ir::Shape extents;
    if (framed) {
        for (const std::size_t k : numbers) {
            const auto e = element(caller, given[k].value, given[k].where);
            if (!e) return Value{Poison{}};
            families[k] = family(*caller.frame, e->expr);
        }
        for (const std::size_t k : tensors) {
            families[k] = family_of(caller, given[k].value, given[k].where);
            if (!families[k]) return Value{Poison{}};
        }
        extents = caller.frame->extents;
    } else {
        std::vector<Value> values;
        std::vector<Span> spans;
        for (const std::size_t k : numbers) {
            const ir::NodeId id = node(given[k].value, given[k].where);
            if (!id) return Value{Poison{}};
            values.push_back({Tensor{id}});
            spans.push_back(given[k].where);
        }
        Frame* const frame = std::exchange(caller.frame, nullptr);
        const auto common = elements(caller, values, spans);
        caller.frame = frame;
        if (!common) return Value{Poison{}};
        extents = common->front().shape;
        for (std::size_t n = 0; n < numbers.size(); ++n) {
            ir::Family one{values[n].as<Tensor>()->node, {}};
            const ir::Shape& own = (*b_)[one.node].shape;
            const std::size_t shift = extents.size() - own.size();
            for (std::size_t d = 0; d < own.size(); ++d)
                one.at.push_back(own[d] == 1 ? ir::Index(0) : ir::Index::variable(static_cast<ir::Var>(d + shift)));
            families[numbers[n]] = std::move(one);
        }
    }
    const std::vector<ir::Family> results = at_points(caller, f, given, framed ? caller.frame : nullptr, extents, families, where);
    if (results.empty()) return Value{Poison{}};
    Tuple all;
    for (const ir::Family& r : results) {
        if (framed) {
            all.values.push_back(at_point(r));
            continue;
        }
        const ir::Shape& whole = (*b_)[r.node].shape;
        ir::Shape shape = extents;
        std::vector<ir::Index> at = r.at;
        for (std::size_t d = r.at.size(); d < whole.size(); ++d) {
            at.push_back(ir::Index::variable(static_cast<ir::Var>(shape.size())));
            shape.push_back(whole[d]);
        }
        all.values.push_back(from_element({std::move(shape), b_->read(r.node, std::move(at)), false, {}, {}}));
    }
    if (all.values.size() == 1) return std::move(all.values.front());
    return Value{std::move(all)};
}

}  // namespace dlc::elaborate
