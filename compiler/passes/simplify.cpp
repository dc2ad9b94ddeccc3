// One equation at a time: indices, conditions, reads and algebra.
#include <algorithm>

#include "compiler/ir/arith.h"
#include "compiler/ir/condition.h"
#include "compiler/ir/row.h"
#include "compiler/passes/compose.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"
#include "compiler/passes/rules.h"

namespace dlc::passes {
namespace {

using ir::Box;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::Predicate;
using ir::Reduce;
using ir::Truth;
using ir::Var;

/// Variables of extent 1 are 0; those that reduce are dropped.
void drop_unit_variables(ir::Node& node) {
    ir::Equation& e = equation_of(node);
    const std::size_t outputs = e.scatter ? 0 : node.shape.size();
    const ir::Shape extents = ir::extents_of(node);
    if (std::ranges::find(extents, 1) == extents.end()) return;
    std::vector<Index> by;
    ir::Shape kept, box_extents;
    for (std::size_t v = 0; v < extents.size(); ++v) {
        const bool drop = extents[v] == 1 && v >= outputs;
        by.push_back(extents[v] == 1 ? Index(0) : Index::variable(static_cast<Var>(box_extents.size())));
        if (drop) continue;
        box_extents.push_back(extents[v]);
        if (v >= outputs) kept.push_back(extents[v]);
    }
    const Box box = ir::box_of(box_extents);
    e.body = ir::substitute(e.body, by, box);
    for (Predicate& p : e.where) p.index = p.index.substitute(by, box);
    for (Index& index : e.map) index = index.substitute(by, box);
    e.reductions = kept;
    if (!kept.empty() || e.scatter || e.reduce == Reduce::none) return;
    // Nothing is left to reduce: the one term is the value.
    if (e.reduce == Reduce::argmax || e.reduce == Reduce::argmin) e.body = Expr::constant(0, node.type);
    const Expr value = ir::convert(e.body, node.type);
    if (!e.where.empty()) {
        const Box outer = ir::box_of(node.shape);
        Expr safe = ir::replace_reads(value, [&](const ExprNode& read) {
            return read.otherwise ? Expr() : Expr::read(read.tensor, read.type, read.at, Expr::constant(0, read.type));
        });
        e.body = ir::select(ir::holds(e.where), safe, Expr::constant(ir::identity(e.reduce, node.type), node.type));
        e.where.clear();
    } else {
        e.body = value;
    }
    e.reduce = Reduce::none;
}

/// Conditions of a pointwise equation become a choice; reads they guarded get an `else`.
void choose_instead_of_where(ir::Node& node) {
    ir::Equation& e = equation_of(node);
    if (e.scatter || e.reduce != Reduce::none || e.where.empty()) return;
    const Expr body = ir::replace_reads(e.body, [](const ExprNode& read) {
        return read.otherwise ? Expr() : Expr::read(read.tensor, read.type, read.at, Expr::constant(0, read.type));
    });
    e.body = ir::select(ir::holds(e.where), body, Expr::constant(0, body->type));
    e.where.clear();
}

/// The one value of a node that has the same everywhere.
std::optional<double> uniform(const ir::Node& node) {
    if (const ir::Constant* c = node.constant()) {
        if (!c->values.empty() && std::ranges::all_of(c->values, [&](double v) { return v == c->values.front(); }))
            return c->values.front();
        return std::nullopt;
    }
    const ir::Equation* e = node.equation();
    if (!e || e->scatter || e->reduce != Reduce::none || !e->where.empty() || e->body->kind != ExprNode::constant)
        return std::nullopt;
    return e->body->value;
}

Expr simplified_read(const Expr& e, const ir::Builder& b, const Box& box) {
    const ir::Node& tensor = b[e->tensor];
    bool inside = true;
    for (std::size_t d = 0; d < e->at.size(); ++d) {
        const ir::Range range = e->at[d].range(box);
        if (range.high < 0 || range.low >= tensor.shape[d]) return e->otherwise ? e->otherwise : e;
        if (range.low < 0 || range.high >= tensor.shape[d]) inside = false;
    }
    if (const auto value = uniform(tensor); value && (!e->otherwise || inside || ir::is_constant(e->otherwise, *value)))
        return Expr::constant(*value, e->type);
    if (const ir::Constant* constant = tensor.constant();
        constant && inside && std::ranges::all_of(e->at, [](const Index& i) { return i.is_constant(); })) {
        std::size_t position = 0;
        for (std::size_t d = 0; d < e->at.size(); ++d)
            position = position * static_cast<std::size_t>(tensor.shape[d]) + static_cast<std::size_t>(e->at[d].constant());
        return Expr::constant(constant->values[position], e->type);
    }
    if (e->otherwise && inside) return Expr::read(e->tensor, e->type, e->at);
    return e;
}

/// A comparison of indices that the box decides; a cast that is undone or does nothing.
Expr decided(const Expr& e, const Box& box) {
    if (e->kind == ExprNode::index && e->position.is_constant())
        return Expr::constant(static_cast<double>(e->position.constant()), e->type);
    if (e->kind != ExprNode::call) return e;
    if (e->is("cast")) {
        const Expr& x = e->args[0];
        if (x->type == e->type) return x;
        // Through a type that holds every value of the inner one, nothing is lost on the way.
        const bool widening =
            x->is("cast") &&
            (x->args[0]->type == ir::Type::boolean ||
             (ir::is_integer(x->args[0]->type) && ir::is_integer(x->type) && ir::bytes(x->args[0]->type) < ir::bytes(x->type)));
        if (widening) return ir::convert(x->args[0], e->type);
        return e;
    }
    if (e->type != ir::Type::boolean) return e;
    const auto predicates = ir::as_predicates(e);
    if (!predicates) return e;
    bool all = true;
    for (const Predicate& p : *predicates) {
        const Truth truth = ir::decide(p, box);
        if (truth == Truth::never) return Expr::constant(0, ir::Type::boolean);
        all = all && truth == Truth::always;
    }
    return all ? Expr::constant(1, ir::Type::boolean) : e;
}

ir::NodeId simplify_node(ir::Builder& b, ir::Node node, ir::NodeId) {
    if (!node.equation()) return append(b, std::move(node));
    const ir::Shape extents = ir::extents_of(node);
    if (std::ranges::find(extents, 0) != extents.end()) return append(b, std::move(node));
    drop_unit_variables(node);
    choose_instead_of_where(node);
    ir::Equation& e = equation_of(node);
    const Box box = ir::box_of(node);
    for (int round = 0; round < 4; ++round) {
        const Expr before = e.body;
        e.body = ir::rewrite(
            e.body, [&](const Expr& x) { return x->kind == ExprNode::read ? simplified_read(x, b, box) : decided(x, box); });
        e.body = simplified(e.body, !e.scatter && e.reduce == Reduce::none);
        if (e.body == before) break;
    }
    for (const Predicate& p : e.where)
        if (ir::decide(p, box) == Truth::never) {
            return e.scatter || e.reduce != Reduce::none
                       ? b.fill(ir::identity(e.reduce, node.type), node.type, node.shape, node.origin)
                       : b.fill(0, node.type, node.shape, node.origin);
        }
    e.body = ir::convert(e.body, e.reduce == Reduce::argmax || e.reduce == Reduce::argmin ? e.body->type : node.type);
    return append(b, std::move(node));
}

ir::Graph run_simplify(const ir::Graph& graph) { return rebuild(graph, simplify_node); }

}  // namespace

namespace rows {

DLC_ROW(Pass, simplify) = {
    .name = "simplify",
    .doc = "constants folded, conditions decided, reads without needless `else`, the table of algebraic rules",
    .run = run_simplify,
};

}  // namespace rows
}  // namespace dlc::passes
