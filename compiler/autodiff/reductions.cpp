#include "compiler/autodiff/reductions.h"

#include "compiler/ir/arith.h"
#include "compiler/ir/cost.h"
#include "dsl/source/diagnostic.h"

namespace dlc::autodiff {

using ir::Box;
using ir::Builder;
using ir::Equation;
using ir::Expr;
using ir::Index;
using ir::Node;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Type;
using ir::Var;

namespace {

/// Up to this many elements the product of the others is formed for each anew; beyond it from products before and after.
constexpr std::int64_t kMostProducts = 16;

std::vector<Index> variables(Var first, std::size_t count) {
    std::vector<Index> result;
    for (std::size_t k = 0; k < count; ++k) result.push_back(Index::variable(first + static_cast<Var>(k)));
    return result;
}

/// Where the reduction's extremum came from: its position among the reduction variables, the first of equal ones.
Predicate wins(Builder& b, NodeId id) {
    const Node node = b[id];
    Equation e = *node.equation();
    const std::size_t rank = node.shape.size();
    if (!e.scatter) {
        e.reduce = e.reduce == Reduce::max ? Reduce::argmax : Reduce::argmin;
        const Index flat = flat_position(static_cast<Var>(rank), e.reductions);
        const char* prefix = e.reduce == Reduce::argmax ? "argmax_" : "argmin_";
        const NodeId winner = b.equation(Type::i32, node.shape, std::move(e), named_after(prefix, node, node));
        return {Predicate::eq, Index::get(winner, variables(0, rank)) - flat};
    }
    // The first point that attains the value at its position.  What no point hits is never looked at.
    const Index flat = flat_position(0, e.reductions);
    const Expr attained = b.read(id, e.map, Expr::constant(0, node.type));
    const Expr loses = Expr::constant(static_cast<double>(ir::volume(e.reductions)), Type::i64);
    e.body = select(equal(e.body, attained), Expr::index(flat), loses);
    e.reduce = Reduce::min;
    const Equation scatter = e;
    const NodeId winner = b.equation(Type::i64, node.shape, std::move(e), named_after("winner_", node, node));
    return {Predicate::eq, Index::get(winner, scatter.map) - flat};
}

/// For each point r of an equation's reduction the product over the others, formed for each anew: a tensor over outputs and r.
NodeId product_of_others(Builder& b, const Node& node) {
    const Equation& e = *node.equation();
    const std::size_t rank = node.shape.size(), count = e.reductions.size();
    ir::Shape shape = node.shape;
    shape.insert(shape.end(), e.reductions.begin(), e.reductions.end());
    ir::Shape extents = shape;
    extents.insert(extents.end(), e.reductions.begin(), e.reductions.end());
    const Box box = ir::box_of(extents);
    std::vector<Index> by = variables(0, rank);
    for (const Index& other : variables(static_cast<Var>(rank + count), count)) by.push_back(other);

    Equation others;
    others.reductions = e.reductions;
    others.reduce = Reduce::prod;
    others.body = substitute(e.body, by, box);
    for (const Predicate& p : e.where) others.where.push_back({p.kind, p.index.substitute(by, box)});
    std::vector<Predicate> same;
    for (std::size_t k = 0; k < count; ++k)
        same.push_back(
            {Predicate::eq, Index::variable(static_cast<Var>(rank + k)) - Index::variable(static_cast<Var>(rank + count + k))});
    others.body = select(ir::holds(same), one_like(others.body), others.body);
    return b.equation(node.type, std::move(shape), std::move(others), named_after("others_", node, node));
}

/// For each row-major position r of an equation's reduction the product over those before it, or after: a tensor over outputs and
/// r. One running product makes all of them.
NodeId product_beside(Builder& b, const Node& node, bool after) {
    const Equation& e = *node.equation();
    const std::size_t rank = node.shape.size();
    const std::int64_t count = ir::volume(e.reductions);
    ir::Shape shape = node.shape;
    shape.push_back(count);
    ir::Shape extents = shape;
    extents.push_back(count);
    const Box box = ir::box_of(extents);
    const Index r = Index::variable(static_cast<Var>(rank)), other = Index::variable(static_cast<Var>(rank + 1));
    std::vector<Index> by = variables(0, rank);
    std::int64_t below = count;
    for (const std::int64_t extent : e.reductions) {
        below /= extent;
        by.push_back(mod(div(other, below, box), extent, box));
    }

    Equation product;
    product.reductions = {count};
    product.reduce = Reduce::prod;
    product.body = substitute(e.body, by, box);
    for (const Predicate& p : e.where) product.where.push_back({p.kind, p.index.substitute(by, box)});
    product.where.push_back({Predicate::ge, after ? other - r - 1 : r - other - 1});
    return b.equation(node.type, std::move(shape), std::move(product), named_after(after ? "after_" : "before_", node, node));
}

Expr exclusive_product(Builder& b, NodeId id) {
    const Node node = b[id];
    const Equation& e = *node.equation();
    const std::size_t rank = node.shape.size();
    if (ir::volume(e.reductions) <= kMostProducts)
        return b.read(product_of_others(b, node), variables(0, rank + e.reductions.size()));
    std::vector<Index> at = variables(0, rank);
    at.push_back(flat_position(static_cast<Var>(rank), e.reductions));
    const NodeId before = product_beside(b, node, false), after = product_beside(b, node, true);
    return b.read(before, at) * b.read(after, at);
}

}  // namespace

std::optional<RunningProduct> running_product(Builder& b, NodeId id) {
    const Node node = b[id];
    const Equation* e = node.equation();
    if (!e || e->reduce != Reduce::prod) return std::nullopt;
    const auto prefix = ir::prefix_of(node);
    const std::size_t rank = node.shape.size();
    if (!prefix || node.shape[prefix->out] <= kMostProducts) return std::nullopt;

    // The steps come first, then the other axes in their order; the variable reduced is the step.
    ir::Shape one = node.shape;
    one.erase(one.begin() + prefix->out);
    ir::Shape all = one;
    all.insert(all.begin(), node.shape[prefix->out]);
    const Box box = ir::box_of(all);
    std::vector<Index> by(rank + 1), at = {Index::variable(prefix->out)};
    by[prefix->out] = by[prefix->reduced] = Index::variable(0);
    for (Var v = 0; v < rank; ++v) {
        if (v == prefix->out) continue;
        by[v] = Index::variable(static_cast<Var>(at.size()));
        at.push_back(Index::variable(v));
    }
    Expr factor = substitute(e->body, by, box);
    std::vector<Predicate> where;
    for (const Predicate& p : e->where)
        if (!p.index.uses(prefix->out)) where.push_back({p.kind, p.index.substitute(by, box)});
    if (!where.empty()) factor = select(ir::holds(where), factor, one_like(factor));

    RunningProduct made{b.pointwise(node.type, std::move(all), convert(factor, node.type), named_after("factors_", node, node)),
                        {}};
    Builder step(Builder::Sharing::off);
    const NodeId before = step.leaf(ir::LeafKind::carry, "product", node.type, one);
    const NodeId here = step.leaf(ir::LeafKind::slice, "factor", node.type, one);
    const NodeId now = step.pointwise(node.type, one, step.read_all(before) * step.read_all(here), named_after("", node, node));
    step.result({ir::Result::update, "product", now, before, {}});
    const NodeId start = b.fill(1, node.type, one, named_after("", node, node));
    const NodeId stack = b.scan({std::make_shared<const ir::Graph>(std::move(step).finish()),
                                 now,
                                 node.shape[prefix->out],
                                 prefix->from_end,
                                 {start, made.factors}},
                                named_after("", node, node));
    made.product = b.pointwise(node.type, ir::Shape(node.shape), b.read(stack, at), named_after("", node, node));
    return made;
}

Index flat_position(Var first, const ir::Shape& extents) {
    Index flat;
    for (const std::int64_t extent : extents) flat = flat * extent + Index::variable(first++);
    return flat;
}

std::optional<Slope> slope(Builder& b, NodeId id) {
    Slope result{b[id].equation()->where, {}};
    switch (b[id].equation()->reduce) {
        case Reduce::none:
        case Reduce::sum: return result;
        case Reduce::prod: result.factor = exclusive_product(b, id); return result;
        case Reduce::max:
        case Reduce::min: result.where.push_back(wins(b, id)); return result;
        case Reduce::argmax:
        case Reduce::argmin: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace dlc::autodiff
