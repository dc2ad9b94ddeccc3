// What need not be reduced is not: conditions on indices become the domain, factors that the reduction does not change leave it,
// variables that nothing reads are counted instead, and one reduction serves all outputs for which it is the same.  A contraction
// keeps its form, a sum of products of operands, since that is what the fast classes of kernels recognise.
#include <algorithm>
#include <map>
#include <set>

#include "compiler/ir/arith.h"
#include "compiler/ir/condition.h"
#include "compiler/ir/cost.h"
#include "compiler/ir/row.h"
#include "compiler/passes/compose.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/prefixes.h"
#include "compiler/passes/product.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Var;

class Reduction {
public:
    Reduction(ir::Builder& b, ir::Node node) : b_(b), node_(std::move(node)), rank_(static_cast<Var>(node_.shape.size())) {}

    NodeId run() {
        for (bool changed = true; changed;) {
            changed = take_conditions();
            changed = select_one() || changed;
            changed = drop_unread() || changed;
            changed = free_factors() || changed;
        }
        sum_alone_first();
        return finish();
    }

private:
    ir::Equation& e() { return equation_of(node_); }
    bool reduced(Var v) const { return v >= rank_; }
    bool varies(const Expr& x) const {
        for (Var v = rank_; v < rank_ + std::get<ir::Equation>(node_.what).reductions.size(); ++v)
            if (ir::uses(x, v)) return true;
        return false;
    }
    bool varies(const Index& index) const {
        return std::ranges::any_of(index.variables(), [&](Var v) { return reduced(v); });
    }

    /// `if c then x else identity` with conditions on indices: c becomes part of the domain.
    bool take_conditions() {
        const double nothing = ir::identity(e().reduce, node_.type);
        if (e().reduce != Reduce::sum && e().reduce != Reduce::max && e().reduce != Reduce::min) return false;
        const auto conditions = [&](const Expr& x) -> std::optional<std::vector<Predicate>> {
            if (!x->is("select") || !ir::is_constant(x->args[2], nothing)) return std::nullopt;
            auto predicates = ir::as_predicates(x->args[0]);
            if (predicates && std::ranges::any_of(*predicates, [](const Predicate& p) { return p.index.has_get(); }))
                return std::nullopt;
            return predicates;
        };
        Product product = e().reduce == Reduce::sum ? product_of(e().body) : Product{{e().body}, {}};
        bool changed = false;
        for (Expr& factor : product.factors)
            if (const auto predicates = conditions(factor)) {
                e().where.insert(e().where.end(), predicates->begin(), predicates->end());
                factor = factor->args[1];
                changed = true;
            }
        if (changed) e().body = ir::convert(expression(product, node_.type), node_.type);
        return changed;
    }

    /// `sum[k](if t == k then x(k) else 0)`, t free of what is reduced, has at most one term: x(t).
    bool select_one() {
        if (e().reduce != Reduce::sum || !e().body->is("select") || !ir::is_constant(e().body->args[2], 0)) return false;
        auto predicates = ir::as_predicates(e().body->args[0]);
        if (!predicates) return false;
        for (std::size_t i = 0; i < predicates->size(); ++i) {
            const Predicate p = (*predicates)[i];
            if (p.kind != Predicate::eq || !p.index.has_get()) continue;
            for (Var k = rank_; k < rank_ + e().reductions.size(); ++k) {
                const std::int64_t c = p.index.coefficient(k);
                if (std::abs(c) != 1) continue;
                const Index rest = p.index - Index::variable(k, c);
                if (varies(rest)) continue;
                const Index value = c == 1 ? -rest : rest;
                const std::int64_t extent = e().reductions[k - rank_];
                predicates->erase(predicates->begin() + static_cast<std::ptrdiff_t>(i));
                predicates->push_back({Predicate::ge, value});
                predicates->push_back({Predicate::ge, Index(extent - 1) - value});
                // A label outside the classes is guarded by the conditions above; the reads need an `else` to be in range
                // everywhere.
                const Expr body = ir::replace_reads(e().body->args[1], [&](const ExprNode& read) {
                    const bool moved = std::ranges::any_of(read.at, [&](const Index& index) { return index.uses(k); });
                    return moved && !read.otherwise ? Expr::read(read.tensor, read.type, read.at, Expr::constant(0, read.type))
                                                    : Expr();
                });
                std::vector<Predicate> remaining = *predicates;
                e().body = ir::select(ir::holds(remaining), body, Expr::constant(0, body->type));
                replace(k, value);
                return true;
            }
        }
        return false;
    }
    /// The variable k is `value` from here on and no longer reduced.
    void replace(Var k, const Index& value) {
        ir::Shape extents = ir::extents_of(node_);
        std::vector<Index> by;
        for (Var v = 0; v < extents.size(); ++v) by.push_back(v == k ? Index() : Index::variable(v < k ? v : v - 1));
        extents.erase(extents.begin() + k);
        e().reductions.erase(e().reductions.begin() + (k - rank_));
        const ir::Box box = ir::box_of(extents);
        by[k] = value.substitute(by, box);
        e().body = ir::substitute(e().body, by, box);
        for (Predicate& p : e().where) p.index = p.index.substitute(by, box);
    }

    bool drop_unread() {
        if (e().reduce != Reduce::sum && e().reduce != Reduce::max && e().reduce != Reduce::min) return false;
        for (Var k = rank_; k < rank_ + e().reductions.size(); ++k) {
            const std::int64_t extent = e().reductions[k - rank_];
            if (extent == 0 || ir::uses(e().body, k)) continue;
            if (std::ranges::any_of(e().where, [&](const Predicate& p) { return p.index.uses(k); })) continue;
            if (e().reduce == Reduce::sum && !ir::is_real(node_.type)) continue;
            if (e().reduce == Reduce::sum) outer_.factors.push_back(Expr::constant(static_cast<double>(extent), node_.type));
            replace(k, Index(0));
            return true;
        }
        return false;
    }

    /// Factors that the reduction does not change multiply its result, and a choice it does not change chooses its result.
    bool free_factors() {
        if (e().reduce != Reduce::sum || !ir::is_real(node_.type)) return false;
        bool changed = false;
        if (e().body->is("select") && ir::is_constant(e().body->args[2], 0) && !varies(e().body->args[0]) &&
            e().body->args[1]->type == node_.type) {
            choices_.push_back(e().body->args[0]);
            e().body = e().body->args[1];
            changed = true;
        }
        const Product product = product_of(e().body);
        Product inside;
        // (x / s)^2 is scaled so that squares neither overflow nor vanish: s^2 would.
        for (const Expr& x : product.divisors)
            if (!varies(x) && std::ranges::count(product.divisors, x) > 1) return changed;
        const auto split = [&](const std::vector<Expr>& from, std::vector<Expr>& kept, std::vector<Expr>& left) {
            for (const Expr& x : from) {
                const bool leaves = !varies(x) && x->type == node_.type && !ir::is_constant(x, 1);
                (leaves ? left : kept).push_back(x);
                changed = changed || leaves;
            }
        };
        split(product.factors, inside.factors, outer_.factors);
        split(product.divisors, inside.divisors, outer_.divisors);
        if (changed) e().body = ir::convert(expression(inside, node_.type), node_.type);
        return changed;
    }

    /// In a product, variables that only one factor uses are summed there first.
    void sum_alone_first() {
        if (e().reduce != Reduce::sum) return;
        Product product = product_of(e().body);
        if (product.factors.size() < 2 || !product.divisors.empty()) return;
        std::vector<std::vector<Var>> used;
        for (const Expr& factor : product.factors) used.push_back(reduction_variables(factor));
        for (std::size_t f = 0; f < product.factors.size(); ++f) {
            std::vector<Var> alone;
            for (Var v : used[f]) {
                bool elsewhere = std::ranges::any_of(e().where, [&](const Predicate& p) { return p.index.uses(v); });
                for (std::size_t g = 0; g < used.size(); ++g)
                    elsewhere = elsewhere || (g != f && std::ranges::find(used[g], v) != used[g].end());
                if (!elsewhere) alone.push_back(v);
            }
            const bool others = std::ranges::any_of(used, [&](const auto& u) { return &u != &used[f] && !u.empty(); });
            if (alone.empty() || !others) continue;
            product.factors[f] = summed(product.factors[f], alone);
            e().body = expression(product, node_.type);
            for (auto v = alone.rbegin(); v != alone.rend(); ++v) replace(*v, Index(0));
            return;
        }
    }
    std::vector<Var> reduction_variables(const Expr& x) const {
        std::vector<Var> found;
        for (Var v = rank_; v < rank_ + std::get<ir::Equation>(node_.what).reductions.size(); ++v)
            if (ir::uses(x, v)) found.push_back(v);
        return found;
    }
    /// A read of a new node: the sum of `factor` over the variables `over`.
    Expr summed(const Expr& factor, const std::vector<Var>& over) {
        const ir::Shape extents = ir::extents_of(node_);
        ir::Equation sum;
        sum.reduce = Reduce::sum;
        ir::Shape shape;
        std::vector<Index> by(extents.size()), at;
        for (Var v = 0; v < extents.size(); ++v)
            if (ir::uses(factor, v) && std::ranges::find(over, v) == over.end()) {
                by[v] = Index::variable(static_cast<Var>(shape.size()));
                shape.push_back(extents[v]);
                at.push_back(Index::variable(v));
            }
        for (Var v : over) {
            by[v] = Index::variable(static_cast<Var>(shape.size() + sum.reductions.size()));
            sum.reductions.push_back(extents[v]);
        }
        ir::Shape all = shape;
        all.insert(all.end(), sum.reductions.begin(), sum.reductions.end());
        sum.body = ir::substitute(factor, by, ir::box_of(all));
        const ir::Type type = factor->type;
        return b_.read(b_.equation(type, shape, std::move(sum), node_.origin), at);
    }

    /// Output variables that nothing depends on go, so that one reduction serves all their values.  Gives where it is read.
    std::vector<Index> drop_idle_outputs() {
        const ir::Shape extents = ir::extents_of(node_);
        const auto idle = [&](Var v) {
            return v < rank_ && extents[v] > 1 && !ir::uses(e().body, v) &&
                   std::ranges::none_of(e().where, [&](const Predicate& p) { return p.index.uses(v); });
        };
        std::vector<Index> by(extents.size()), at;
        ir::Shape all;
        for (Var v = 0; v < extents.size(); ++v) {
            if (idle(v)) continue;
            by[v] = Index::variable(static_cast<Var>(all.size()));
            all.push_back(extents[v]);
            if (v < rank_) at.push_back(Index::variable(v));
        }
        if (at.size() == rank_) return at;
        const ir::Box box = ir::box_of(all);
        e().body = ir::substitute(e().body, by, box);
        for (Predicate& p : e().where) p.index = p.index.substitute(by, box);
        node_.shape.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at.size()));
        return at;
    }

    NodeId finish() {
        const ir::Type type = node_.type;
        const ir::Shape shape = node_.shape;
        const ir::Origin origin = node_.origin;
        // Conditions on the output alone choose between the result and nothing, if what is read is in range without them.
        std::vector<Predicate> outside, inside;
        const ir::Box box = ir::box_of(node_);
        const bool safe = std::ranges::all_of(ir::reads(e().body), [&](const Expr& read) {
            return read->otherwise || provably_inside(*read, b_[read->tensor].shape, box);
        });
        if (e().reduce != Reduce::argmax && e().reduce != Reduce::argmin && safe) {
            for (const Predicate& p : e().where) (varies(p.index) ? inside : outside).push_back(p);
            e().where = inside;
        }
        const double nothing = ir::identity(e().reduce, type);
        Expr value;
        if (e().reductions.empty() && e().where.empty() && e().reduce != Reduce::argmax && e().reduce != Reduce::argmin) {
            value = ir::convert(e().body, type);
        } else {
            const std::vector<Index> at = drop_idle_outputs();
            const bool whole = at.size() == rank_;
            const NodeId sum = append(b_, std::move(node_));
            if (whole && outside.empty() && choices_.empty() && outer_.factors.empty() && outer_.divisors.empty()) return sum;
            value = b_.read(sum, at);
        }
        if (!outer_.factors.empty() || !outer_.divisors.empty()) {
            outer_.factors.insert(outer_.factors.begin(), value);
            value = expression(outer_, type);
        }
        Expr condition = ir::holds(outside);
        for (const Expr& c : choices_) condition = ir::both(condition, c);
        return b_.pointwise(type, shape, ir::select(condition, value, Expr::constant(nothing, type)), origin);
    }

    ir::Builder& b_;
    ir::Node node_;
    Var rank_;
    Product outer_;
    std::vector<Expr> choices_;
};

/// Whether each factor of a product depends on each of `variables`: they are reduced as well as those it is reduced over.
bool all_depend(const Expr& product, const std::vector<Var>& variables) {
    const Product factors = product_of(product);
    return factors.divisors.empty() && std::ranges::all_of(factors.factors, [&](const Expr& f) {
               return std::ranges::all_of(variables, [&](Var v) { return ir::uses(f, v); });
           });
}

/// `sum[i](S[i])` with `S[i] = sum[k](…)`, S read by nothing else: one sum over both.  A contraction stays apart unless its
/// operands all run along `i`: the products of a batch of matrices, added up, are one product of longer matrices.
void merge_nested(ir::Builder& b, ir::Node& node, const ReadOnce& read_once) {
    ir::Equation& e = equation_of(node);
    if (e.body->kind != ExprNode::read || e.body->otherwise || !e.where.empty()) return;
    const ExprNode& read = *e.body;
    const ir::Node& inner = b[read.tensor];
    const ir::Equation* s = inner.equation();
    if (!s || s->scatter || s->reduce != e.reduce ||
        (e.reduce != Reduce::sum && e.reduce != Reduce::max && e.reduce != Reduce::min))
        return;
    if (!read_once(read.tensor)) return;
    std::set<Var> seen;
    std::vector<Var> summed;  // of the inner one
    for (const Index& index : read.at) {
        const auto v = index.as_variable();
        if (!v || !seen.insert(*v).second) return;
        if (*v >= node.shape.size()) summed.push_back(static_cast<Var>(&index - read.at.data()));
    }
    if (ir::is_contraction(inner) && !all_depend(s->body, summed)) return;
    if (stop_of(inner)) return;  // one step for each value, and one more to add them up
    ir::Shape extents = ir::extents_of(node);
    std::vector<Index> by = read.at;
    for (std::int64_t extent : s->reductions) {
        by.push_back(Index::variable(static_cast<Var>(extents.size())));
        extents.push_back(extent);
    }
    if (extents.size() != node.shape.size() + e.reductions.size() + s->reductions.size()) return;
    const ir::Box box = ir::box_of(extents);
    const ir::Equation source = *s;
    merge_origin(node.origin, inner.origin);
    e.body = ir::substitute(source.body, by, box);
    for (const Predicate& p : source.where) e.where.push_back({p.kind, p.index.substitute(by, box)});
    e.reductions.insert(e.reductions.end(), source.reductions.begin(), source.reductions.end());
}

ir::Graph run_reductions(const ir::Graph& graph) {
    ReadOnce read_once(graph);
    return rebuild(graph, [&](ir::Builder& b, ir::Node node, NodeId old) {
        NodeId id;
        if (!node.equation() || node.equation()->scatter || node.equation()->reduce == Reduce::none) {
            id = append(b, std::move(node));
        } else {
            merge_nested(b, node, read_once);
            id = Reduction(b, std::move(node)).run();
        }
        read_once.add(id, old);
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, reductions) = {
    .name = "reductions",
    .doc = "conditions become domains, constant factors leave sums, variables read by nothing are counted, nested sums merge",
    .run = run_reductions,
};

}  // namespace rows
}  // namespace dlc::passes
