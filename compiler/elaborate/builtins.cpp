// What the language brings besides reductions and scalar primitives: derivatives, shapes, conversions, comparisons in tests.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "compiler/elaborate/elaborator.h"
#include "compiler/elaborate/misfits.h"
#include "dsl/text/parse.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

const std::map<std::string, Elaborator::Builtin, std::less<>>& Elaborator::builtins() {
    static const std::map<std::string, Builtin, std::less<>> table = {
        {"grad", &Elaborator::builtin_grad},
        {"jvp", &Elaborator::builtin_jvp},
        {"jacobian", &Elaborator::builtin_jacobian},
        {"checkpoint", &Elaborator::builtin_checkpoint},
        {"zeros", &Elaborator::builtin_zeros},
        {"ones", &Elaborator::builtin_ones},
        {"reshape", &Elaborator::builtin_reshape},
        {"shape", &Elaborator::builtin_shape},
        {"close", &Elaborator::builtin_close},
        {"uniform", &Elaborator::builtin_uniform},
        {"normal", &Elaborator::builtin_normal},
        {"bernoulli", &Elaborator::builtin_bernoulli},
        {"orthogonal", &Elaborator::builtin_orthogonal},
        {"gradient", &Elaborator::builtin_gradient},
        {"minimize", &Elaborator::builtin_minimize},
    };
    return table;
}

const std::vector<std::string>& Elaborator::brought_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& [name, builtin] : builtins()) all.push_back(name);
        return all;
    }();
    return names;
}

// Puts the arguments in the order of `names`; those not given keep an empty place at the end only.
bool Elaborator::arrange(const std::string& function, std::vector<Given>& given, std::initializer_list<const char*> names,
                         std::size_t required, Span where) {
    std::vector<std::optional<Given>> places(names.size());
    std::size_t next = 0;
    for (Given& g : given) {
        std::size_t at = names.size();
        if (g.name) {
            std::size_t k = 0;
            for (const char* name : names) {
                if (g.name->text == name) at = k;
                ++k;
            }
        } else {
            at = next++;
        }
        if (at >= names.size()) {
            if (g.name)
                fail(error(code("E0211"), "`" + function + "` has no parameter `" + g.name->text + "`").at(g.name->where));
            else
                fail(error(code("E0211"),
                           fmt::format("`{}` takes {}", function, counted(static_cast<std::int64_t>(names.size()), "argument")))
                         .at(g.where, "this is one more"));
            return false;
        }
        if (places[at]) {
            fail(error(code("E0211"), fmt::format("`{}` is given twice", *(names.begin() + at))).at(g.where));
            return false;
        }
        places[at] = std::move(g);
    }
    given.clear();
    for (std::size_t k = 0; k < places.size(); ++k) {
        if (!places[k] && k < required) {
            fail(error(code("E0211"), fmt::format("`{}` needs `{}`", function, *(names.begin() + k))).at(where));
            return false;
        }
        given.push_back(places[k] ? std::move(*places[k]) : Given{{}, {Poison{}}, {}});
    }
    return true;
}

Value Elaborator::builtin_full(double value, const char* name, std::vector<Given>& given, Span where) {
    // As what is drawn, it fills the tensor that an initializer makes.
    if (!arrange(name, given, {"shape"}, drawn_ ? 0 : 1, where)) return {Poison{}};
    auto shape = given[0].where ? shape_argument(given[0].value, given[0].where) : drawn_ ? std::optional(*drawn_) : std::nullopt;
    if (!shape) return {Poison{}};
    return {Fill{value, real_, std::move(*shape)}};
}

Value Elaborator::builtin_zeros(Scope&, std::vector<Given>& given, Span where) { return builtin_full(0, "zeros", given, where); }
Value Elaborator::builtin_ones(Scope&, std::vector<Given>& given, Span where) { return builtin_full(1, "ones", given, where); }

// Runs of axes with equal products map onto each other, so only what is really regrouped costs a division.
Value Elaborator::builtin_reshape(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("reshape", given, {"x", "shape"}, 2, where)) return {Poison{}};
    if (s.frame) return fail(error(code("E0214"), "`reshape` takes a whole tensor").at(where));
    auto e = element(s, given[0].value, given[0].where);
    if (!e) return {Poison{}};
    const ir::Shape from = e->shape;
    const auto to = shape_argument(given[1].value, given[1].where, ir::volume(from));
    if (!to) return {Poison{}};
    if (ir::volume(from) != ir::volume(*to))
        return fail(error(code("E0217"), fmt::format("{} has {}, the new shape {}", describe(given[0].value),
                                                     counted(ir::volume(from), "element"), ir::volume(*to)))
                        .at(given[1].where)
                        .at(given[0].where, "this is " + describe(given[0].value)));
    if (ir::volume(from) == 0) return {Fill{0, e->expr->type, *to}};
    const ir::Box box = ir::box_of(std::span<const std::int64_t>(*to));
    std::vector<ir::Index> by;
    std::size_t a = 0, b = 0;
    while (a < from.size() || b < to->size()) {
        const std::size_t first_a = a, first_b = b;
        std::int64_t p = 1, q = 1;
        if (a < from.size()) p = from[a++];
        if (b < to->size()) q = (*to)[b++];
        while (p != q) {
            if (p < q)
                p *= a < from.size() ? from[a++] : 1;
            else
                q *= b < to->size() ? (*to)[b++] : 1;
        }
        ir::Index position(0);
        for (std::size_t k = first_b; k < b; ++k)
            position = position * (*to)[k] + ((*to)[k] == 1 ? ir::Index(0) : ir::Index::variable(static_cast<ir::Var>(k)));
        std::int64_t stride = p;
        for (std::size_t k = first_a; k < a; ++k) {
            stride /= from[k];
            ir::Index digit = stride == 1 ? position : div(position, stride, box);
            by.push_back(from[k] == 1 ? ir::Index(0) : k == first_a ? digit : mod(digit, from[k], box));
        }
    }
    return from_element({*to, ir::substitute(e->expr, by, box), false, {}, {}});
}

Value Elaborator::builtin_shape(Scope&, std::vector<Given>& given, Span where) {
    if (!arrange("shape", given, {"x"}, 1, where)) return {Poison{}};
    const auto shape = shape_of(given[0].value);
    if (!shape)
        return fail(error(code("E0212"), "`shape` is of a tensor").at(given[0].where, "this is " + describe(given[0].value)));
    std::vector<Value> sizes;
    for (const std::int64_t n : *shape) sizes.push_back({n});
    return {list_of(std::move(sizes))};
}

// |a - b| <= tol * max(1, |b|) everywhere; equal infinities are close, a NaN to nothing.
Value Elaborator::builtin_close(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("close", given, {"a", "b", "tol"}, 2, where)) return {Poison{}};
    double tolerance = 1e-6;
    if (given[2].where) {
        const auto known = given[2].value.known();
        if (!known)
            return fail(
                error(code("E0302"), "the tolerance is a number").at(given[2].where, "this is " + describe(given[2].value)));
        tolerance = *known;
    }
    tolerance = std::max(tolerance, options_.tolerance);
    if (given[0].value.is_number() && given[1].value.is_number()) {
        const double a = given[0].value.number(), b = given[1].value.number();
        compared_ = {number_element(a), number_element(b)};
        return {a == b || (std::isfinite(b) && std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)))};
    }
    auto pair = elements(s, {given[0].value, given[1].value}, {given[0].where, given[1].where});
    if (!pair) return {Poison{}};
    const ir::Type type = ir::is_real(ir::common((*pair)[0].expr->type, (*pair)[1].expr->type))
                              ? ir::common((*pair)[0].expr->type, (*pair)[1].expr->type)
                              : ir::Type::f64;
    const ir::Expr a = ir::convert((*pair)[0].expr, type), b = ir::convert((*pair)[1].expr, type);
    const auto abs = [](const ir::Expr& e) { return ir::Expr::call("abs", {e}); };
    const ir::Expr allowed = tolerance * ir::Expr::call("max", {abs(b), ir::one_like(b)});
    compared_ = {Element{(*pair)[0].shape, a, false, {}, {}}, Element{(*pair)[0].shape, b, false, {}, {}}};
    // Without the bound everything would be close to an infinity.
    const ir::Expr finite = ir::less(abs(b), ir::Expr::constant(std::numeric_limits<double>::infinity(), type));
    const ir::Expr near = ir::Expr::call("or", {ir::equal(a, b), ir::both(finite, ir::Expr::call("le", {abs(a - b), allowed}))});
    return reduce_all(s, "all", {Element{(*pair)[0].shape, near, (*pair)[0].framed, {}, {}}}, where);
}

Value Elaborator::cast(Scope& s, const std::string& type, std::vector<Given>& given, Span where) {
    if (!arrange(type, given, {"x"}, 1, where)) return {Poison{}};
    const Value& v = given[0].value;
    const ir::Type to = type == "int" ? ir::Type::i64 : type == "float" || type == "f" ? real_ : *ir::type_named(type);
    if (const List* list = v.as<List>(); list && v.is_static()) return convert(s, {Tensor{*node_of_list(*list, where)}}, to, where);
    return convert(s, v, to, where);
}

}  // namespace dlc::elaborate
