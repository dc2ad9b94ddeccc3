// A reduction over `j <= k` of terms that know nothing of k is the same for all k but for where it stops.  It becomes a running
// reduction along j's own axis, which a class of kernels computes with one step an element, and a look-up of where it stops:
//
//     y[k] = sum[j | j <= 2 k - 1, j < m](x[j])   is   p[j'] = sum[j | j <= j', j < m](x[j])   and   y[k] = p[2 k - 1] else …
//
// The adjoint of the first is a sum over `k >= …`, again of this kind, so derivatives of any order stay linear.
#include <algorithm>

#include "compiler/ir/arith.h"
#include "compiler/ir/row.h"
#include "compiler/passes/gather/solve.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/prefixes.h"
#include "compiler/passes/rebuild.h"
#include "compiler/passes/renaming.h"

namespace dlc::passes {

using ir::Box;
using ir::Expr;
using ir::Index;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Var;

namespace {

/// Fewer terms than this are as well added up for each value.
constexpr std::int64_t kShort = 8;

NodeId split(ir::Builder& b, ir::Node node, const Stop& stop) {
    const ir::Equation& e = *node.equation();
    const ir::Shape extents = ir::extents_of(node);
    const std::size_t rank = node.shape.size();
    // Where others are reduced as well, they are first, in a type that keeps what 16 bits would lose.
    const bool others = e.reductions.size() > 1;
    const ir::Type type = others && ir::is_half(node.type) ? ir::Type::f32 : node.type;
    const std::vector<Var>& order = stop.order;
    ir::Shape shape;
    for (const Var v : order) shape.push_back(extents[v]);
    const std::int64_t length = extents[stop.variable];

    const auto inner_variable = static_cast<Var>(order.size());
    ir::Equation running;
    running.reduce = e.reduce;
    running.reductions = {length};
    const auto axis = static_cast<std::size_t>(std::ranges::find(order, stop.variable) - order.begin());
    const Index last = Index::variable(static_cast<Var>(axis)), inner = Index::variable(inner_variable);
    running.where = {{Predicate::ge, stop.from_end ? inner - last : last - inner}};
    std::vector<Predicate> where;
    for (std::size_t p = 0; p < e.where.size(); ++p)
        if (p != stop.predicate) where.push_back(e.where[p]);
    if (others) {
        ir::Equation first;
        first.reduce = e.reduce;
        std::vector<Var> all = order;
        for (auto v = static_cast<Var>(rank); v < extents.size(); ++v)
            if (v != stop.variable) {
                all.push_back(v);
                first.reductions.push_back(extents[v]);
            }
        const Renaming rename = renaming(all, extents);
        first.body = ir::convert(rename(e.body), type);
        for (const Predicate& p : where) first.where.push_back(rename(p));
        const NodeId terms = b.equation(type, shape, std::move(first), node.origin);
        std::vector<Index> at = gather::identity_map(order.size());
        at[axis] = inner;
        running.body = b.read(terms, std::move(at));
    } else {
        Renaming rename = renaming(order, extents);
        rename.by[stop.variable] = inner;
        rename.box.push_back({0, length - 1});
        running.body = rename(e.body);
        for (const Predicate& p : where) running.where.push_back(rename(p));
    }
    const double nothing = ir::identity(e.reduce, node.type);
    const NodeId prefix = b.equation(type, shape, std::move(running), node.origin);

    // Beyond the end it stopped at the last term; before the beginning it has none.
    std::vector<Index> at;
    for (const Var v : order) at.push_back(v == stop.variable ? stop.at : Index::variable(v));
    const Box box = ir::box_of(node.shape);
    const ir::Range range = stop.at.range(box);
    const bool none = stop.from_end ? range.high >= length : range.low < 0,
               whole = stop.from_end ? range.low < 0 : range.high >= length;
    Expr otherwise;
    if (whole) {
        std::vector<Index> end = at;
        end[axis] = Index(stop.from_end ? 0 : length - 1);
        otherwise = b.read(prefix, std::move(end));
    }
    if (none) {
        const Predicate some{Predicate::ge, stop.from_end ? Index(length - 1) - stop.at : stop.at};
        const Expr empty = Expr::constant(nothing, type);
        otherwise = otherwise ? ir::select(ir::holds(some), otherwise, empty) : empty;
    }
    const Expr value = ir::convert(b.read(prefix, std::move(at), std::move(otherwise)), node.type);
    return b.pointwise(node.type, node.shape, value, node.origin);
}

ir::Graph run_prefixes(const ir::Graph& graph) {
    return rebuild(graph, [](ir::Builder& b, ir::Node node, NodeId) {
        const auto stop = stop_of(node);
        return stop && !ir::prefix_of(node) ? split(b, std::move(node), *stop) : append(b, std::move(node));
    });
}

}  // namespace

std::optional<Stop> stop_of(const ir::Node& node) {
    const ir::Equation* e = node.equation();
    if (!e || e->scatter || e->reduce == Reduce::none || e->reductions.empty()) return std::nullopt;
    if (e->reductions.size() > 1 && (e->reduce == Reduce::argmax || e->reduce == Reduce::argmin)) return std::nullopt;
    const ir::Shape extents = ir::extents_of(node);
    const auto rank = static_cast<Var>(node.shape.size());
    for (std::size_t k = 0; k < e->where.size(); ++k) {
        const Predicate& p = e->where[k];
        if (p.kind != Predicate::ge) continue;
        for (Var j = rank; j < extents.size(); ++j) {
            const std::int64_t c = p.index.coefficient(j);
            const Index rest = p.index - Index::variable(j, c);
            const std::vector<Var> used = rest.variables();
            if (c == 0 || extents[j] < kShort || std::ranges::any_of(used, [&](Var v) { return v >= rank; })) continue;
            Stop stop{k, j, c > 0, {}, {}};
            std::int64_t idle = 1;
            bool placed = false;
            for (Var v = 0; v < rank; ++v) {
                bool needed = ir::uses(e->body, v);
                for (const Predicate& other : e->where) needed = needed || (&other != &p && other.index.uses(v));
                if (needed) {
                    stop.order.push_back(v);
                } else if (std::ranges::find(used, v) != used.end()) {
                    if (!placed) stop.order.push_back(j);
                    placed = true;
                    idle *= extents[v];
                }
            }
            if (idle < kShort) continue;
            // c j + rest >= 0
            const Box box = ir::box_of(node.shape);
            stop.at = c < 0 ? div(rest, -c, box) : div(-rest + (c - 1), c, box);
            return stop;
        }
    }
    return std::nullopt;
}

namespace rows {

DLC_ROW(Pass, prefixes) = {
    .name = "prefixes",
    .doc = "reductions that differ in where they stop become one running reduction",
    .run = run_prefixes,
};

}  // namespace rows
}  // namespace dlc::passes
