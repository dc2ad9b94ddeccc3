// Between the forms a value takes: element, node, literal; broadcasting.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/elaborate/elaborator.h"
#include "dsl/shapes/arithmetic.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

std::optional<ir::Shape> Elaborator::shape_of(const Value& v) const {
    if (const auto* t = v.as<Tensor>()) return (*b_)[t->node].shape;
    if (const auto* e = v.as<Element>()) return e->shape;
    if (const auto* family = v.as<ir::Family>()) {
        const ir::Shape& whole = (*b_)[family->node].shape;
        return ir::Shape(whole.begin() + static_cast<std::ptrdiff_t>(family->at.size()), whole.end());
    }
    if (const auto* f = v.as<Fill>()) return f->shape;
    if (v.is_number()) return ir::Shape{};
    if (const auto* list = v.as<List>()) {
        ir::Shape shape = {static_cast<std::int64_t>(list->items().size())};
        if (!list->items().empty()) {
            const auto inner = shape_of(list->items().front());
            if (!inner) return std::nullopt;
            shape.insert(shape.end(), inner->begin(), inner->end());
        }
        return shape;
    }
    return std::nullopt;
}

std::optional<ir::Type> Elaborator::type_of(const Value& v) const {
    if (const auto* t = v.as<Tensor>()) return (*b_)[t->node].type;
    if (const auto* e = v.as<Element>()) return e->expr->type;
    if (const auto* family = v.as<ir::Family>()) return (*b_)[family->node].type;
    if (const auto* f = v.as<Fill>()) return f->type;
    if (v.is_number()) return literal_type(v, {});
    if (const auto* list = v.as<List>()) {
        std::optional<ir::Type> type;
        for (const Value& item : list->items()) {
            const auto one = type_of(item);
            if (!one) return std::nullopt;
            type = type && type != one ? ir::common(*type, *one) : *one;  // booleans stay such
        }
        return type ? type : real_;
    }
    return std::nullopt;
}

// A literal takes the type of its neighbour; alone, a whole number is an i64 as index values are, any other the model's float.
ir::Type Elaborator::literal_type(const Value& v, std::optional<ir::Type> beside) const {
    if (v.is<bool>()) return ir::Type::boolean;
    if (v.is<double>()) return beside && ir::is_real(*beside) ? *beside : real_;
    if (!beside) return ir::Type::i64;
    if (*beside == ir::Type::boolean) return ir::Type::i32;
    const double n = v.number();
    if ((*beside == ir::Type::i8 && (n < -128 || n > 127)) || (*beside == ir::Type::u8 && (n < 0 || n > 255))) return ir::Type::i32;
    return *beside;
}

std::optional<Element> Elaborator::element(Scope& s, const Value& v, Span where) {
    if (v.poison()) return std::nullopt;
    if (v.is_number()) {
        const bool framed = s.frame != nullptr;
        Element e{{}, ir::Expr::constant(v.number(), literal_type(v, {})), framed, {}, {}};
        if (const auto* i = v.as<std::int64_t>()) e.index = ir::Index(*i);
        return e;
    }
    if (const auto* e = v.as<Element>()) {
        if (s.frame && !e->framed) {
            if (!e->shape.empty()) {
                fail(error(code("E0214"), "a whole tensor stands where one number is needed")
                         .at(where, "this is " + describe(v))
                         .helped("read one element of it, as in `x[i]`"));
                return std::nullopt;
            }
            Element framed = *e;
            framed.framed = true;
            return framed;
        }
        return *e;
    }
    if (const auto* f = v.as<Fill>(); f && (!s.frame || f->shape.empty()))
        return Element{f->shape, ir::Expr::constant(f->value, f->type), s.frame != nullptr, {}, {}};
    const auto shape = shape_of(v);
    if (!shape) {
        fail(error(code("E0212"), "a number or a tensor is needed").at(where, "this is " + describe(v)));
        return std::nullopt;
    }
    if (s.frame && !shape->empty()) {
        fail(error(code("E0214"), "a whole tensor stands where one number is needed")
                 .at(where, "this is " + describe(v))
                 .helped("read one element of it, as in `x[i]`"));
        return std::nullopt;
    }
    const ir::NodeId id = node(v, where);
    if (!id) return std::nullopt;
    Element e{*shape, b_->read_all(id), s.frame != nullptr, {}, {}};
    if (shape->empty() && ir::is_integer(e.expr->type)) e.index = ir::Index::get(id, {});
    return e;
}

Element Elaborator::broadcast(const Element& e, const ir::Shape& to) {
    if (e.shape == to) return e;
    const std::size_t shift = to.size() - e.shape.size();
    std::vector<ir::Index> by;
    for (std::size_t d = 0; d < e.shape.size(); ++d)
        by.push_back(e.shape[d] == 1 && to[d + shift] != 1 ? ir::Index(0) : ir::Index::variable(static_cast<ir::Var>(d + shift)));
    const ir::Box box = ir::box_of(std::span<const std::int64_t>(to));
    return {to, by.empty() ? e.expr : ir::substitute(e.expr, by, box), false, {}, {}};
}

namespace {

bool computes(const ir::Expr& e) {
    bool found = false;
    ir::visit(e, [&](const ir::Expr& n) { found = found || (n->kind == ir::ExprNode::call && !n->is("cast") && !n->is("neg")); });
    return found;
}

}  // namespace

std::optional<std::vector<Element>> Elaborator::elements(Scope& s, const std::vector<Value>& values,
                                                         const std::vector<Span>& spans) {
    std::optional<ir::Type> beside;
    for (const Value& v : values) {
        if (v.poison()) return std::nullopt;
        if (v.is_number()) continue;
        const auto type = type_of(v);
        if (type) beside = beside ? ir::common(*beside, *type) : *type;
    }
    std::vector<Element> out;
    for (std::size_t k = 0; k < values.size(); ++k) {
        auto e = element(s, values[k], spans[k]);
        if (!e) return std::nullopt;
        if (values[k].is_number()) e->expr = ir::Expr::constant(values[k].number(), literal_type(values[k], beside));
        out.push_back(std::move(*e));
    }
    if (s.frame) return out;
    ir::Shape shape;
    for (std::size_t k = 0; k < out.size(); ++k) {
        const ir::Shape& mine = out[k].shape;
        ir::Shape wide = mine.size() > shape.size() ? mine : shape;
        const ir::Shape& narrow = mine.size() > shape.size() ? shape : mine;
        const std::size_t shift = wide.size() - narrow.size();
        for (std::size_t d = 0; d < narrow.size(); ++d) {
            std::int64_t& w = wide[d + shift];
            if (w == narrow[d] || narrow[d] == 1) continue;
            if (w != 1) {
                auto d203 = error(code("E0213"),
                                  fmt::format("{} and {} do not broadcast: {} against {}", type_text(*type_of(values[0]), shape),
                                              type_text(*type_of(values[k]), mine), w, narrow[d]));
                d203.at(spans[k], "this is " + describe(values[k]));
                for (std::size_t j = 0; j < k; ++j)
                    if (!out[j].shape.empty()) d203.at(spans[j], "this is " + describe(values[j]));
                fail(std::move(d203));
                return std::nullopt;
            }
            w = narrow[d];
        }
        shape = std::move(wide);
    }
    for (std::size_t k = 0; k < out.size(); ++k) {
        if (out[k].shape == shape) continue;
        // What is repeated along an axis is computed once.
        if (ir::volume(out[k].shape) < ir::volume(shape) && computes(out[k].expr)) {
            const ir::NodeId id = b_->pointwise(out[k].expr->type, out[k].shape, out[k].expr, origin());
            out[k].expr = b_->read_all(id);
        }
        out[k] = broadcast(out[k], shape);
    }
    return out;
}

Value Elaborator::from_element(Element e) {
    if (e.framed && e.index && e.expr->kind == ir::ExprNode::constant) e.index.reset();
    return {std::move(e)};
}

std::optional<ir::NodeId> Elaborator::node_of_list(const List& list, Span where) {
    if (const auto it = list.data->nodes.find(b_); it != list.data->nodes.end()) return it->second;
    const auto shape = shape_of({list});
    const auto type = type_of({list});
    const auto ragged = [&] {
        fail(error(code("E0212"), "the entries of this list are of different shapes, so it is no tensor").at(where));
        return std::nullopt;
    };
    if (!shape || !type) return ragged();
    ir::NodeId made;
    const std::function<bool(const Value&)> named = [&](const Value& item) {
        const List* inner = item.as<List>();
        return inner && (inner->data->tensor || std::ranges::any_of(inner->items(), named));
    };
    if (Value{list}.is_static() && std::ranges::none_of(list.items(), named)) {
        std::vector<double> values;
        bool regular = true;
        const std::function<void(const Value&, std::size_t)> fill = [&](const Value& v, std::size_t depth) {
            const List* inner = v.as<List>();
            if (inner && depth < shape->size() && static_cast<std::int64_t>(inner->items().size()) == (*shape)[depth]) {
                for (const Value& item : inner->items()) fill(item, depth + 1);
            } else if (!inner && v.is_number() && depth == shape->size()) {
                values.push_back(v.number());
            } else {
                regular = false;
            }
        };
        fill({list}, 0);
        if (!regular) return ragged();
        const bool uniform = !values.empty() && std::ranges::all_of(values, [&](double v) { return v == values[0]; });
        made = uniform ? b_->fill(values[0], *type, *shape, origin()) : b_->constant(*type, *shape, std::move(values), origin());
    } else {
        // Tensors side by side: the first axis chooses.
        ir::Expr body;
        for (std::size_t k = list.items().size(); k-- > 0;) {
            const auto inner = shape_of(list.items()[k]);
            if (!inner || !std::equal(inner->begin(), inner->end(), shape->begin() + 1, shape->end())) return ragged();
            const ir::NodeId id = node(list.items()[k], where);
            if (!id) return std::nullopt;
            std::vector<ir::Index> at;
            for (std::size_t d = 1; d < shape->size(); ++d) at.push_back(ir::Index::variable(static_cast<ir::Var>(d)));
            const ir::Expr one = ir::convert(b_->read(id, at), *type);
            const ir::Expr here =
                ir::holds(ir::Predicate{ir::Predicate::eq, ir::Index::variable(0) - ir::Index(static_cast<std::int64_t>(k))});
            body = body ? ir::select(here, one, body) : one;
        }
        made = b_->pointwise(*type, *shape, body, origin());
    }
    list.data->nodes[b_] = made;
    return made;
}

ir::NodeId Elaborator::node(const Value& v, Span where, const std::string& name) {
    if (v.poison()) return {};
    if (const auto* t = v.as<Tensor>()) return t->node;
    if (const auto* list = v.as<List>()) return node_of_list(*list, where).value_or(ir::NodeId{});
    if (v.is_number()) return b_->fill(v.number(), literal_type(v, {}), {}, origin(name));
    if (const auto* f = v.as<Fill>()) return b_->fill(f->value, f->type, f->shape, origin(name));
    if (const auto* e = v.as<Element>()) {
        DLC_ASSERT(!e->framed, "a number of an equation is no node");
        if (e->expr->kind == ir::ExprNode::read && (*b_)[e->expr->tensor].shape == e->shape &&
            e->expr == b_->read_all(e->expr->tensor))
            return e->expr->tensor;
        return b_->pointwise(e->expr->type, e->shape, e->expr, origin(name));
    }
    fail(error(code("E0212"), "a tensor is needed").at(where, "this is " + describe(v)));
    return {};
}

Value Elaborator::convert(Scope& s, const Value& v, ir::Type type, Span where) {
    if (v.poison()) return v;
    if (v.is_number()) {
        if (type == ir::Type::boolean) return {v.number() != 0};
        if (ir::is_real(type)) return {v.number()};
        if (!std::isfinite(v.number())) return fail(error(code("E0303"), describe(v) + " has no integer value").at(where));
        return {static_cast<std::int64_t>(v.number())};
    }
    if (type_of(v) == type && !v.is<List>()) return v;
    auto e = element(s, v, where);
    if (!e) return {Poison{}};
    e->expr = ir::convert(e->expr, type);
    e->index.reset();
    e->conditions.reset();
    return from_element(*std::move(e));
}

// ------------------------------------------------------------------ sizes

std::optional<std::int64_t> Elaborator::size(Scope& s, const text::Expr& e, const std::string& what) {
    const Value v = s.frame && mentions_index(s, e) ? eval(s, e) : eval_whole(s, e);
    return size(v, e.where, what);
}

std::optional<std::int64_t> Elaborator::size(const Value& v, Span where, const std::string& what) {
    if (v.poison()) return std::nullopt;
    if (const auto* i = v.as<std::int64_t>()) return *i;
    if (v.is<double>()) {
        fail(error(code("E0301"), what + " is " + describe(v) + ", not a whole number")
                 .at(where)
                 .helped("`/` is real division; write `//` to divide sizes"));
        return std::nullopt;
    }
    fail(error(code("E0302"), what + " must be known when the program is compiled").at(where, "this is " + describe(v)));
    return std::nullopt;
}

bool Elaborator::fits(std::int64_t extent, Span where) {
    constexpr std::int64_t kLongest = (std::int64_t{1} << 31) - 1;
    if (extent >= 0 && extent <= kLongest) return true;
    fail(error(code("E0217"), extent < 0 ? fmt::format("a size is negative: {}", extent)
                                         : fmt::format("a dimension of {} elements is beyond 2^31 - 1", extent))
             .at(where));
    return false;
}

// In a new shape for `volume` elements, one size -1 stands for what is left.
std::optional<ir::Shape> Elaborator::shape_argument(const Value& v, Span where, std::optional<std::int64_t> volume) {
    if (v.poison()) return std::nullopt;
    const List* list = v.as<List>();
    if (!list) {
        fail(error(code("E0217"), "a shape is a list of sizes, as in `[N, 3]`").at(where, "this is " + describe(v)));
        return std::nullopt;
    }
    ir::Shape shape;
    std::optional<std::size_t> open;
    std::int64_t known = 1;
    for (const Value& item : list->items()) {
        const auto n = size(item, where, "a size");
        if (!n) return std::nullopt;
        if (*n == -1 && volume && !open) {
            open = shape.size();
        } else if (!fits(*n, where)) {
            return std::nullopt;
        } else {
            known = shapes::checked_mul(known, *n);
        }
        shape.push_back(*n);
    }
    if (!open) return shape;
    if (known == 0 || *volume % known != 0) {
        fail(error(code("E0217"), fmt::format("{} do not divide into parts of {}", counted(*volume, "element"), known)).at(where));
        return std::nullopt;
    }
    shape[*open] = *volume / known;
    return shape;
}

}  // namespace dlc::elaborate
