// Random tensors: a function of the run's seed, the step, where in the program they are drawn, and the position, so the same on
// every target and for any number of threads, and computed again rather than stored.
#include <fmt/format.h>

#include <numbers>

#include "compiler/elaborate/elaborator.h"
#include "compiler/ir/digest.h"

namespace dlc::elaborate {

using source::code;
using source::Span;

// The site is a hash of the instance's path and of how many tensors were drawn under it before.
ir::Expr Elaborator::draw(const Scope& s, const ir::Shape& shape) {
    const std::string& path = s.activation->path;
    const std::string place = path + "#" + std::to_string(draws_[path]++);
    constexpr std::uint64_t kExactInDouble = (std::uint64_t{1} << 52) - 1;
    const auto site = static_cast<double>(ir::digest(place).low & kExactInDouble);
    const auto number = [](double v) { return ir::Expr::constant(v, ir::Type::i64); };
    ir::Expr seed = number(0), step = number(0);
    if (!testing_) {
        // No path of a parameter and no name of an input begins with a point.
        seed = b_->read(b_->leaf(ir::LeafKind::seed, ".seed", ir::Type::i64, {}), {});
        if (b_ == &main_) step = b_->read(b_->leaf(ir::LeafKind::step, ".step", ir::Type::i64, {}), {});
    }
    ir::Index position(0);
    for (std::size_t d = 0; d < shape.size(); ++d)
        position = position * shape[d] + (shape[d] == 1 ? ir::Index(0) : ir::Index::variable(static_cast<ir::Var>(d)));
    ir::Expr number_of_draw = ir::Expr::index(position);
    double count = static_cast<double>(ir::volume(shape));
    for (auto scan = scans_.rbegin(); scan != scans_.rend(); ++scan) {  // each step of a `scan` draws its own
        number_of_draw = number_of_draw + b_->read(scan->time, {}) * number(count);
        count *= static_cast<double>(scan->steps);
    }
    return ir::Expr::call("philox", {seed, step, number(site), number_of_draw}, real_);
}

// The shape asked for, or in an initializer that of the tensor being made.
std::optional<ir::Shape> Elaborator::drawn_shape(Scope& s, const std::vector<Given>& given, std::size_t at, const char* name,
                                                 Span where) {
    if (s.frame || (b_ != &main_ && b_ != &init_)) {
        fail(error(code("E0214"), std::string("`") + name + "` draws a whole tensor, not one number at each point")
                 .at(where)
                 .helped("draw it in a statement outside, and read or pass that"));
        return std::nullopt;
    }
    if (given[at].where) return shape_argument(given[at].value, given[at].where);
    if (drawn_) return *drawn_;
    fail(error(code("E0211"), std::string("`") + name + "` needs `shape`").at(where).helped("give a list of sizes, or `shape(x)`"));
    return std::nullopt;
}

Value Elaborator::no_distribution(const std::string& what, const Given& given) {
    return fail(error(code("E0303"), what).at(given.where, fmt::format("this is {:g}", given.value.number())));
}

Value Elaborator::builtin_uniform(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("uniform", given, {"lo", "hi", "shape"}, 2, where)) return {Poison{}};
    if (given[0].value.is_number() && given[1].value.is_number() && !(given[0].value.number() <= given[1].value.number()))
        return no_distribution(fmt::format("`uniform` draws from {:g} to no less than that", given[0].value.number()), given[1]);
    const auto shape = drawn_shape(s, given, 2, "uniform", where);
    if (!shape) return {Poison{}};
    const Value u{Element{*shape, draw(s, *shape), false, {}, {}}};
    const Value width =
        arithmetic(s, text::Binary::subtract, given[1].value, given[0].value, where, given[1].where, given[0].where);
    const Value scaled = arithmetic(s, text::Binary::multiply, width, u, where, where, where);
    return arithmetic(s, text::Binary::add, given[0].value, scaled, where, given[0].where, where);
}

// Box and Muller 1958, the cosine branch, from two uniform numbers.
Value Elaborator::builtin_normal(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("normal", given, {"mean", "sd", "shape"}, 2, where)) return {Poison{}};
    if (given[1].value.is_number() && !(given[1].value.number() >= 0))
        return no_distribution("the standard deviation of `normal` is at least 0", given[1]);
    const auto shape = drawn_shape(s, given, 2, "normal", where);
    if (!shape) return {Poison{}};
    const ir::Expr u1 = draw(s, *shape), u2 = draw(s, *shape);
    const ir::Expr radius = ir::Expr::call("sqrt", {ir::Expr::call("log", {u1}) * -2.0});
    const ir::Expr z = radius * ir::Expr::call("cos", {u2 * (2 * std::numbers::pi)});
    const Value unit{Element{*shape, z, false, {}, {}}};
    const Value scaled = arithmetic(s, text::Binary::multiply, given[1].value, unit, where, given[1].where, where);
    return arithmetic(s, text::Binary::add, given[0].value, scaled, where, given[0].where, where);
}

Value Elaborator::builtin_bernoulli(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("bernoulli", given, {"p", "shape"}, 1, where)) return {Poison{}};
    if (given[0].value.is_number() && !(given[0].value.number() >= 0 && given[0].value.number() <= 1))
        return no_distribution("the probability `bernoulli` is given lies between 0 and 1", given[0]);
    const auto shape = drawn_shape(s, given, 1, "bernoulli", where);
    if (!shape) return {Poison{}};
    const Value u{Element{*shape, draw(s, *shape), false, {}, {}}};
    return compare(s, text::Compare::less, u, given[0].value, where, where, given[0].where);
}

// Rows (or columns, where there are more rows) of length `gain` at right angles; further axes than the first are flattened
// (Saxe, McClelland, Ganguli 2014).
Value Elaborator::builtin_orthogonal(Scope& s, std::vector<Given>& given, Span where) {
    if (!arrange("orthogonal", given, {"gain"}, 0, where)) return {Poison{}};
    if (!drawn_ || drawn_->size() < 2)
        return fail(error(code("E0217"), "`orthogonal` initializes a parameter with two dimensions or more").at(where));
    std::vector<Given> normal = {{{}, {0.0}, where}, {{}, {1.0}, where}};
    const ir::NodeId gaussian = node(builtin_normal(s, normal, where), where);
    if (!gaussian) return {Poison{}};
    const ir::Type type = (*b_)[gaussian].type;
    const ir::NodeId made = b_->library(type, *drawn_, {"orthogonal", {gaussian}, {}}, origin());
    const Value gain = given[0].where ? given[0].value : Value{1.0};
    return arithmetic(s, text::Binary::multiply, gain, {Tensor{made}}, where, where, where);
}

}  // namespace dlc::elaborate
