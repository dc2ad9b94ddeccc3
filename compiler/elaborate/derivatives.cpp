// Derivatives as expressions: their values are nodes like any other, so they may be differentiated again.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/autodiff/gradient.h"
#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "compiler/ir/arith.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

namespace {

std::vector<ir::Index> variables(std::size_t first, std::size_t count) {
    std::vector<ir::Index> all;
    for (std::size_t v = first; v < first + count; ++v) all.push_back(ir::Index::variable(static_cast<ir::Var>(v)));
    return all;
}

ir::Shape joined(const ir::Shape& a, const ir::Shape& b) {
    ir::Shape all = a;
    all.insert(all.end(), b.begin(), b.end());
    return all;
}

}  // namespace

// What a derivative is taken of: a real tensor that is not known without running.
ir::NodeId Elaborator::differentiated(const Given& given, const std::string& function) {
    const auto type = type_of(given.value);
    if (given.value.is_static() || !type) {
        fail(error(code("E0216"), "`" + function + "` differentiates " + (function == "grad" ? "one number" : "a tensor"))
                 .at(given.where, "this is " + describe(given.value))
                 .helped("what is known without running has no derivative: take it from an argument or from a named list"));
        return {};
    }
    if (!ir::is_real(*type)) {
        fail(error(code("E0216"), "only a real number has a derivative").at(given.where, "this is " + describe(given.value)));
        return {};
    }
    return node(given.value, given.where);
}

// What a derivative is taken by: named tensors, one or a list of them.
std::vector<ir::NodeId> Elaborator::differentiated_by(const Given& given, const std::string& function, bool& several) {
    std::vector<ir::NodeId> by;
    const auto add = [&](const Value& v) {
        if ((!v.is<Tensor>() && !v.is<List>()) || !type_of(v)) {
            fail(error(code("E0216"), "`" + function + "` differentiates with respect to a named tensor")
                     .at(given.where, "this is " + describe(v))
                     .helped(v.is<Element>() ? "give it a name first: `x = …`" : ""));
            return false;
        }
        if (!ir::is_real(*type_of(v))) {
            fail(error(code("E0216"), "there is no derivative with respect to " + describe(v)).at(given.where));
            return false;
        }
        by.push_back(node(v, given.where));
        return static_cast<bool>(by.back());
    };
    const List* list = given.value.as<List>();
    const auto of_its_own = [](const Value& item) {
        const List* inner = item.as<List>();
        return inner ? inner->data->tensor : !item.is_static();
    };
    several = list && !list->data->tensor && std::ranges::any_of(list->items(), of_its_own);
    if (!several) return add(given.value) ? by : std::vector<ir::NodeId>{};
    for (const Value& v : list->items())
        if (!add(v)) return {};
    return by;
}

bool Elaborator::sees_all(const Given& of_given, ir::NodeId of, const std::vector<ir::NodeId>& by) {
    if (points_.empty() || points_.back().inside != b_) return true;
    const OnePoint& point = points_.back();
    for (const ir::NodeId x : by) {
        const auto argument = point.made_of.find(x);
        if (argument == point.made_of.end()) continue;
        const std::vector<bool> outside = autodiff::dependents(*point.outside, argument->second);
        for (const auto& [other, sources] : point.made_of) {
            if (other == x || !autodiff::dependents(*b_, std::span(&other, 1))[of.value]) continue;
            if (std::ranges::none_of(sources, [&](ir::NodeId id) { return bool(outside[id.value]); })) continue;
            fail(error(code("E0216"),
                       "this depends on what it is differentiated by outside of the function, which is applied at "
                       "points and does not see that")
                     .at(of_given.where)
                     .helped("compute it from its arguments inside the function"));
            return false;
        }
    }
    return true;
}

Value Elaborator::builtin_grad(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("grad", given, {"scalar", "tensor"}, 2, where)) return {Poison{}};
    if (s.frame) return fail(error(code("E0216"), "`grad` differentiates whole tensors, not one number of an equation").at(where));
    const auto shape = shape_of(given[0].value);
    if (!given[0].value.is_static() && (!shape || ir::volume(*shape) != 1))
        return fail(error(code("E0216"), "`grad` differentiates one number")
                        .at(given[0].where, "this is " + describe(given[0].value))
                        .helped("reduce it first, as in `sum(…)` or `mean(…)`; all derivatives are `jacobian(y, x)`"));
    const ir::NodeId of = differentiated(given[0], "grad");
    if (!of) return {Poison{}};
    bool several = false;
    const std::vector<ir::NodeId> by = differentiated_by(given[1], "grad", several);
    if (by.empty() || !sees_all(given[0], of, by)) return {Poison{}};
    const std::vector<ir::NodeId> gradients = autodiff::gradient(*b_, of, by);
    if (!several) return {Tensor{gradients[0]}};
    std::vector<Value> items;
    for (const ir::NodeId g : gradients) items.push_back({Tensor{g}});
    return {list_of(std::move(items))};
}

// The tangent of y as x moves in a direction; with lists, as all of them move at once.
Value Elaborator::builtin_jvp(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("jvp", given, {"y", "x", "direction"}, 3, where)) return {Poison{}};
    if (s.frame) return fail(error(code("E0216"), "`jvp` differentiates whole tensors, not one number of an equation").at(where));
    const ir::NodeId of = differentiated(given[0], "jvp");
    if (!of) return {Poison{}};
    bool several = false;
    const std::vector<ir::NodeId> by = differentiated_by(given[1], "jvp", several);
    if (by.empty() || !sees_all(given[0], of, by)) return {Poison{}};
    if (const auto there = autodiff::without_tangent(*b_, of, by))
        return fail(error(code("E0216"), "this has no directional derivative: an adjoint on the way is not linear")
                        .at(given[0].where)
                        .at(*there, "its adjoint is not linear in what flows back")
                        .helped("`jvp`, and with it `hvp`, transposes the adjoint; `vjp` does not need to"));
    std::vector<Value> directions{given[2].value};
    if (several) {
        const List* list = given[2].value.as<List>();
        if (!list || list->items().size() != by.size())
            return fail(error(code("E0203"), fmt::format("`jvp` along {}", counted(static_cast<std::int64_t>(by.size()), "tensor")))
                            .at(given[2].where, "this is " + describe(given[2].value))
                            .at(given[1].where, "each of these moves in a direction of its own"));
        directions = list->items();
    }
    std::vector<autodiff::Tangent> along;
    for (std::size_t k = 0; k < by.size(); ++k) {
        auto e = element(s, directions[k], given[2].where);
        if (!e) return {Poison{}};
        const ir::Type type = (*b_)[by[k]].type;
        const ir::Shape shape = (*b_)[by[k]].shape;
        if (e->shape != shape)
            return fail(error(code("E0203"), "a direction has the shape of what moves")
                            .at(given[2].where, "this is " + type_text(e->expr->type, e->shape))
                            .at(given[1].where, "this is " + type_text(type, shape)));
        e->expr = ir::convert(e->expr, type);
        along.push_back({by[k], node({*e}, given[2].where)});
    }
    return {Tensor{autodiff::jvp(*b_, along, std::span(&of, 1)).front()}};
}

// All derivatives of y by x: products with each unit vector of the smaller of the two, made for one of them and batched.
Value Elaborator::builtin_jacobian(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("jacobian", given, {"y", "x"}, 2, where)) return {Poison{}};
    if (s.frame)
        return fail(error(code("E0216"), "`jacobian` differentiates whole tensors, not one number of an equation").at(where));
    const ir::NodeId of = differentiated(given[0], "jacobian");
    if (!of) return {Poison{}};
    bool several = false;
    const std::vector<ir::NodeId> by = differentiated_by(given[1], "jacobian", several);
    if (by.empty() || !sees_all(given[0], of, by)) return {Poison{}};
    if (several)
        return fail(error(code("E0216"), "`jacobian` differentiates with respect to one tensor")
                        .at(given[1].where, "this is " + describe(given[1].value)));
    const ir::NodeId x = by.front();
    const ir::Type of_type = (*b_)[of].type, x_type = (*b_)[x].type;
    const ir::Shape of_shape = (*b_)[of].shape, x_shape = (*b_)[x].shape;
    const bool reverse = ir::volume(of_shape) <= ir::volume(x_shape) || autodiff::without_tangent(*b_, of, by);
    const ir::Shape& points = reverse ? of_shape : x_shape;
    const ir::Type type = reverse ? of_type : x_type;

    ir::Builder one(ir::Builder::Sharing::off);
    std::map<ir::NodeId, ir::Family> given_nodes;
    for (std::uint32_t k = 0; k < b_->size(); ++k) {
        one.copy((*b_)[ir::NodeId{k}], [](ir::NodeId id) { return id; });
        given_nodes.emplace(ir::NodeId{k}, ir::Family{ir::NodeId{k}, {}});
    }
    const ir::NodeId unit = one.leaf(ir::LeafKind::input, "unit vector", type, points);
    ir::Expr here = ir::Expr::constant(1, type);
    for (ir::Var v = 0; v < points.size(); ++v) {
        const ir::Index apart = ir::Index::variable(v) - ir::Index::variable(static_cast<ir::Var>(v + points.size()));
        here = ir::select(ir::holds(ir::Predicate{ir::Predicate::eq, apart}), here, ir::Expr::constant(0, type));
    }
    const ir::NodeId units = b_->pointwise(type, joined(points, points), here, origin("unit vectors"));
    given_nodes.emplace(unit, ir::Family{units, variables(0, points.size())});
    ir::NodeId product;
    if (reverse) {
        const autodiff::Seed seed{of, unit};
        product = autodiff::vjp(one, std::span(&seed, 1), std::span(&x, 1)).front();
    } else {
        const autodiff::Tangent along{x, unit};
        product = autodiff::jvp(one, std::span(&along, 1), std::span(&of, 1)).front();
    }
    const ir::Family rows = ir::batch(*b_, one.graph(), points, given_nodes, {}, std::span(&product, 1)).wanted.front();

    // The points' axes lie where the answer has them: y's before x's.
    const ir::Shape shape = joined(of_shape, x_shape);
    const ir::Box box = ir::box_of(std::span<const std::int64_t>(shape));
    const std::vector<ir::Index> of_at = variables(0, of_shape.size()), x_at = variables(of_shape.size(), x_shape.size());
    std::vector<ir::Index> at;
    for (const ir::Index& i : rows.at) at.push_back(i.substitute(reverse ? of_at : x_at, box));
    for (const ir::Index& i : reverse ? x_at : of_at) at.push_back(i);
    return {Tensor{b_->pointwise(reverse ? x_type : of_type, shape, b_->read(rows.node, std::move(at)), origin("jacobian"))}};
}

// What is in it was evaluated under its number (calls.cpp); its value is stored, so what reads it needs none of that.
Value Elaborator::builtin_checkpoint(Scope&, std::vector<Given>& given, Span where) {
    if (!arrange("checkpoint", given, {"value"}, 1, where)) return {Poison{}};
    const std::function<Value(const Value&)> stored = [&](const Value& v) -> Value {
        if (const auto* several = v.as<Tuple>()) {
            Tuple all;
            for (const Value& one : several->values) all.values.push_back(stored(one));
            return {all};
        }
        const auto* e = v.as<Element>();
        return e && !e->framed ? Value{Tensor{node(v, where), e->known}} : v;
    };
    return stored(given[0].value);
}

}  // namespace dlc::elaborate
