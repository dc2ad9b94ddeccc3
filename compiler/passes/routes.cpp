// Where a condition says "this is the position of the maximum", the value there is the maximum.
//
// The gradient of a window maximum and of what made its operand reads that operand under the condition K[i] == r, K the argmax.
// Reading the maximum instead frees the operand, which is as large as the windows are many, once the forward pass is over.
#include <map>

#include "compiler/ir/arith.h"
#include "compiler/ir/condition.h"
#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Atom;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;

/// A read that equals another wherever a condition holds.
struct Route {
    Expr from, to;
};

class Routes {
public:
    void add(const ir::Builder& b, NodeId id) {
        const ir::Equation* e = b[id].equation();
        if (e && !e->scatter && e->where.empty() && (e->reduce == Reduce::max || e->reduce == Reduce::min))
            extrema_.emplace(key(b[id], e->reduce), id);
    }

    Expr replaced(const ir::Builder& b, const Expr& body, const ir::Box& box) const {
        return ir::rewrite(body, [&](const Expr& x) {
            if (!x->is("select")) return x;
            std::vector<Route> routes;
            find(b, x->args[0], box, routes);
            if (routes.empty()) return x;
            const auto follow = [&](const Expr& e) {
                return ir::replace_reads(e, [&](const ExprNode& read) {
                    for (const Route& r : routes)
                        if (r.from->digest == read.digest) return r.to;
                    return Expr();
                });
            };
            // Where the route's own condition fails, so does the conjunction, whatever the rest of it says.
            return Expr::call("select", {follow(x->args[0]), follow(x->args[1]), x->args[2]});
        });
    }

private:
    using Key = std::tuple<Reduce, ir::Shape, ir::Shape, ir::Digest>;
    static Key key(const ir::Node& node, Reduce reduce) {
        const ir::Equation& e = *node.equation();
        return {reduce, node.shape, e.reductions, e.body->digest};
    }

    void find(const ir::Builder& b, const Expr& condition, const ir::Box& box, std::vector<Route>& routes) const {
        if (condition->is("and")) {
            for (const Expr& arg : condition->args) find(b, arg, box, routes);
            return;
        }
        const auto predicates = ir::as_predicates(condition);
        if (!predicates || predicates->size() != 1 || predicates->front().kind != Predicate::eq) return;
        const Index& index = predicates->front().index;
        for (const Index::Term& term : index.terms()) {
            if (term.atom.kind != Atom::get || std::abs(term.coefficient) != 1) continue;
            const ir::Node& node = b[term.atom.tensor];
            const ir::Equation* e = node.equation();
            if (!e || e->scatter || !e->where.empty() || (e->reduce != Reduce::argmax && e->reduce != Reduce::argmin)) continue;
            if (e->body->kind != ExprNode::read || e->body->otherwise) continue;
            const auto extremum = extrema_.find(key(node, e->reduce == Reduce::argmax ? Reduce::max : Reduce::min));
            if (extremum == extrema_.end()) continue;
            // The condition is get == flat; flat taken apart gives the reduction variables.
            const Index get = Index::get(term.atom.tensor, term.atom.at());
            const Index flat = term.coefficient == 1 ? get - index : index + get;
            const ir::Range range = flat.range(box);
            if (range.low < 0 || range.high >= ir::volume(e->reductions)) continue;
            std::vector<Index> by = term.atom.at();
            std::int64_t stride = ir::volume(e->reductions);
            for (std::int64_t extent : e->reductions) {
                stride /= extent;
                by.push_back(mod(div(flat, stride, box), extent, box));
            }
            const Expr there = ir::substitute(e->body, by, box);
            routes.push_back({there, b.read(extremum->second, term.atom.at())});
        }
    }

    std::map<Key, NodeId> extrema_;
};

ir::Graph run_routes(const ir::Graph& graph) {
    Routes routes;
    return rebuild(graph, [&routes](ir::Builder& b, ir::Node node, NodeId) {
        if (node.equation()) equation_of(node).body = routes.replaced(b, node.equation()->body, ir::box_of(node));
        const NodeId id = append(b, std::move(node));
        routes.add(b, id);
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, routes) = {
    .name = "routes",
    .doc = "the value at the position of a maximum is the maximum: a window's operand is not read again by its gradient",
    .run = run_routes,
};

}  // namespace rows
}  // namespace dlc::passes
