// Values that are 0 unless indices are equal, `if i == j then x else 0`, as unit vectors and the derivatives of things computed
// element by element are.  In a sum an equality fixes an index, which is chosen instead of walked through; in a value it says that
// a tensor of fewer dimensions holds everything, and what is computed from that value element by element, or summed, is of the same
// kind.  So a Jacobian multiplies by no identity, and the gradients of each example cost what the gradient of all costs.
//
// A factor that is 0 takes its term away, whatever the others are: 0 times infinity does not come up.
#include <algorithm>
#include <map>
#include <set>

#include "compiler/ir/arith.h"
#include "compiler/ir/condition.h"
#include "compiler/ir/row.h"
#include "compiler/passes/compose.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Box;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Var;

/// `value` where all conditions hold, 0 elsewhere.
struct Guarded {
    std::set<Predicate> conditions;
    Expr value;
    Expr expression(const std::set<Predicate>& but = {}) const {
        std::vector<Predicate> rest;
        std::ranges::set_difference(conditions, but, std::back_inserter(rest));
        return rest.empty() ? value : ir::select(ir::holds(rest), value, ir::zero_like(value));
    }
};

class Guards {
public:
    const Guarded& of(const Expr& e) {
        const auto known = known_.find(e->digest);
        return known != known_.end() ? known->second : known_.emplace(e->digest, find(e)).first->second;
    }

private:
    static std::optional<std::vector<Predicate>> conditions(const Expr& e) {
        auto found = ir::as_predicates(e);
        if (found && std::ranges::any_of(*found, [](const Predicate& p) { return p.index.has_get(); })) return std::nullopt;
        return found;
    }
    Guarded find(const Expr& e) {
        if (e->is("cast") && e->args[0]->type == ir::Type::boolean)
            if (const auto when = conditions(e->args[0])) return {{when->begin(), when->end()}, ir::one_like(e)};
        if (e->is("select") && ir::is_constant(e->args[2], 0)) {
            if (const auto when = conditions(e->args[0])) {
                Guarded inner = of(e->args[1]);
                inner.conditions.insert(when->begin(), when->end());
                return inner;
            }
        }
        if (e->is("mul")) {
            const Guarded a = of(e->args[0]), b = of(e->args[1]);
            Guarded both{a.conditions, a.value * b.value};
            both.conditions.insert(b.conditions.begin(), b.conditions.end());
            return both;
        }
        if (e->is("div") || e->is("neg")) {
            const Guarded a = of(e->args[0]);
            return {a.conditions, e->is("neg") ? -a.value : a.value / e->args[1]};
        }
        const std::size_t first = e->is("select") ? 1 : 0;
        if (e->is("add") || e->is("sub") || first == 1) {
            const Guarded a = of(e->args[first]), b = of(e->args[first + 1]);
            Guarded common;
            std::ranges::set_intersection(a.conditions, b.conditions, std::inserter(common.conditions, common.conditions.end()));
            if (common.conditions.empty()) return {{}, e};
            std::vector<Expr> args = e->args;
            args[first] = a.expression(common.conditions);
            args[first + 1] = b.expression(common.conditions);
            common.value = Expr::call(*e->scalar, std::move(args));
            return common;
        }
        return {{}, e};
    }
    std::map<ir::Digest, Guarded> known_;
};

/// A node taken apart: variables fixed by equalities go, one after another.
class Choice {
public:
    explicit Choice(const ir::Node& node)
        : original_(ir::box_of(node.shape)),
          extents_(ir::extents_of(node)),
          body_(node.equation()->body),
          where_(node.equation()->where.begin(), node.equation()->where.end()) {
        for (Var v = 0; v < node.shape.size(); ++v) here_.push_back(Index::variable(v));
        Guards guards;
        const Guarded guarded = guards.of(body_);
        where_.insert(guarded.conditions.begin(), guarded.conditions.end());
        body_ = guarded.value;
    }

    /// Reduced variables first; whether any went.
    bool fix(bool reduced) {
        bool any = false;
        while (fix_one(reduced)) any = true;
        return any;
    }

    ir::Shape shape() const { return {extents_.begin(), extents_.begin() + static_cast<std::ptrdiff_t>(kept_outs())}; }
    ir::Shape reductions() const { return {extents_.begin() + static_cast<std::ptrdiff_t>(kept_outs()), extents_.end()}; }
    const Expr& body() const { return body_; }
    std::vector<Predicate> where() const { return {where_.begin(), where_.end()}; }
    /// Equalities of the node's output variables that went, and at which of them the rest is read.
    const std::vector<Predicate>& equalities() const { return equalities_; }
    const std::vector<Index>& at() const { return here_; }

private:
    std::size_t kept_outs() const { return here_.size(); }

    bool fix_one(bool reduced) {
        const auto outs = static_cast<Var>(kept_outs());
        const Box box = ir::box_of(extents_);
        for (const Predicate& p : where_) {
            if (p.kind != Predicate::eq || p.index.has_get()) continue;
            for (auto v = static_cast<Var>(extents_.size()); v-- > 0;) {
                if ((v >= outs) != reduced || extents_[v] < 2) continue;
                const std::int64_t c = p.index.coefficient(v);
                const Index rest = p.index - Index::variable(v, c);
                if (std::abs(c) != 1 || rest.uses(v)) continue;
                const std::vector<Var> used = rest.variables();
                if (!reduced && std::ranges::any_of(used, [&](Var u) { return u >= outs; })) continue;
                const Index value = rest * -c;
                const bool inside = value.range(box).within({0, extents_[v] - 1});
                if (!reduced && !inside) continue;
                const Predicate equality = p;
                if (!reduced) remember(v, equality);
                where_.erase(equality);
                if (!inside) {
                    where_.insert({Predicate::ge, value});
                    where_.insert({Predicate::ge, Index(extents_[v] - 1) - value});
                }
                replace(v, value);
                return true;
            }
        }
        return false;
    }
    /// In terms of the node's own output variables.
    void remember(Var v, const Predicate& p) {
        std::vector<Index> by = here_;
        by.resize(extents_.size());
        equalities_.push_back({p.kind, p.index.substitute(by, original_)});
        here_.erase(here_.begin() + v);
    }
    void replace(Var v, const Index& value) {
        std::vector<Index> by;
        for (Var u = 0; u < extents_.size(); ++u) by.push_back(u == v ? Index() : Index::variable(u < v ? u : u - 1));
        extents_.erase(extents_.begin() + v);
        const Box box = ir::box_of(extents_);
        by[v] = value.substitute(by, box);
        body_ = ir::substitute(body_, by, box);
        std::set<Predicate> where;
        for (const Predicate& p : where_) {
            Predicate moved{p.kind, p.index.substitute(by, box)};
            if (decide(moved, box) != ir::Truth::always) where.insert(std::move(moved));
        }
        where_ = std::move(where);
    }

    Box original_;
    ir::Shape extents_;
    std::vector<Index> here_;
    Expr body_;
    std::set<Predicate> where_;
    std::vector<Predicate> equalities_;
};

bool adds(const ir::Node& node) {
    const ir::Equation* e = node.equation();
    return e && !e->scatter && (e->reduce == Reduce::none || e->reduce == Reduce::sum);
}

ir::Graph run_diagonals(const ir::Graph& graph) {
    const Readers users = readers(graph);
    std::set<NodeId> diagonal;  // of the new graph
    return rebuild(graph, [&](ir::Builder& b, ir::Node node, NodeId old) {
        if (!adds(node)) return append(b, std::move(node));
        const ir::Equation& e = *node.equation();
        const bool sums = e.reduce == Reduce::sum;
        if (!sums && !e.where.empty()) return append(b, std::move(node));
        ir::Node seen = node;
        const Box box = ir::box_of(node);
        equation_of(seen).body = ir::replace_reads(e.body, [&](const ExprNode& read) {
            if (!diagonal.contains(read.tensor)) return Expr();
            return read_through(read, b, box).value_or(Expr());
        });
        Choice choice(seen);
        const bool chosen = choice.fix(true);
        // A value that nothing adds up or goes on with element by element is as good in full.
        const bool wanted = sums || std::ranges::any_of(users.of[old.value], [&](NodeId user) { return adds(graph[user]); });
        const bool smaller = wanted && choice.fix(false);
        if (!chosen && !smaller) return append(b, std::move(node));

        Expr value;
        const std::vector<Predicate> where = choice.where();
        const Expr body = ir::convert(choice.body(), node.type);
        if (choice.reductions().empty()) {
            value = where.empty() ? body : ir::select(ir::holds(where), body, ir::zero_like(body));
            if (smaller && value->kind != ExprNode::constant)
                value = b.read(b.pointwise(node.type, choice.shape(), value, node.origin), choice.at());
        } else {
            ir::Equation rest;
            rest.reduce = Reduce::sum;
            rest.reductions = choice.reductions();
            rest.body = body;
            rest.where = where;
            const NodeId sum = b.equation(node.type, choice.shape(), std::move(rest), node.origin);
            if (!smaller) return sum;
            value = b.read(sum, choice.at());
        }
        if (smaller) value = ir::select(ir::holds(choice.equalities()), value, ir::zero_like(value));
        const NodeId id = b.pointwise(node.type, node.shape, value, node.origin);
        if (smaller) diagonal.insert(id);
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, diagonals) = {
    .name = "diagonals",
    .doc = "equalities of indices choose a term of a sum, and make a value that is 0 elsewhere one of fewer dimensions",
    .run = run_diagonals,
};

}  // namespace rows
}  // namespace dlc::passes
