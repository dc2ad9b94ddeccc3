// Rows of a table that data choose, `E[t[b], k]`, are computed with once for each row of the table, not once for each time a row
// is looked up, where the table has fewer rows than there are look-ups:
//
//     y[b, u] = sum[k](E[t[b], k] * W[u, k])    is   P[v, u] = sum[k](E[v, k] * W[u, k])   and   y[b, u] = P[t[b], u]
//     dW[u, k] = sum[b](dy[b, u] * E[t[b], k])  is   S[v, u] = sum of dy[b, u] at v = t[b] and   dW[u, k] = sum[v](S[v, u] * E[v,
//     k]) dE[v, k] = sum of sum[u](dy[b, u] * W[u, k]) at v = t[b]   is   dE[v, k] = sum[u](S[v, u] * W[u, k])
//
// with the same S in the gradients of both.  An embedding before a dense or a recurrent layer so multiplies as many rows as there
// are symbols, not as many as the text has, and a dense layer over the ends of edges as many as there are nodes.
#include <algorithm>
#include <optional>

#include "compiler/ir/arith.h"
#include "compiler/ir/cost.h"
#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/product.h"
#include "compiler/passes/rebuild.h"
#include "compiler/passes/renaming.h"

namespace dlc::passes {
namespace {

using ir::Atom;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Var;

/// Points of a look-up or of sums at positions that data decide, in points of a product: those run in registers.
constexpr double kMoved = 2, kScattered = 16;
/// What must be gained to have one more result in memory.
constexpr double kGain = 2;

bool contains(const std::vector<Var>& set, Var v) { return std::ranges::find(set, v) != set.end(); }
std::vector<Var> joined(std::vector<Var> a, const std::vector<Var>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}
double volume(const std::vector<Var>& variables, const ir::Shape& extents) {
    double product = 1;
    for (const Var v : variables) product *= static_cast<double>(extents[v]);
    return product;
}
/// The variables of the expressions in the order in which their reads name them.
std::vector<Var> variables_of(const std::vector<Expr>& all) {
    std::vector<Var> found;
    const auto see = [&](const Index& index) {
        for (const Var v : index.variables())
            if (!contains(found, v)) found.push_back(v);
    };
    for (const Expr& e : all)
        ir::visit(e, [&](const Expr& x) {
            if (x->kind == ExprNode::index) see(x->position);
            if (x->kind == ExprNode::read) std::ranges::for_each(x->at, see);
        });
    return found;
}
bool uses_any(const Expr& e, const std::vector<Var>& variables) {
    return std::ranges::any_of(variables, [&](Var v) { return ir::uses(e, v); });
}

/// A whole index that data decide, the variables it depends on, and how many rows it chooses from.
struct Lookup {
    Index row;
    std::vector<Var> variables;
    std::int64_t rows;

    bool is(NodeId tensor, const std::vector<Index>& at) const { return row == Index::get(tensor, at); }
    /// With the chosen row as the variable v.
    Index at_row(const Index& index, Var v) const {
        return index.with_gets([&](NodeId tensor, std::vector<Index> at) {
            return is(tensor, at) ? Index::variable(v) : Index::get(tensor, std::move(at));
        });
    }
    Expr at_row(const Expr& e, Var v) const {
        return ir::map_indices(e, [&](const Index& index) { return at_row(index, v); });
    }
};
bool is_chosen(const Index& index) {
    return index.constant() == 0 && index.terms().size() == 1 && index.terms()[0].coefficient == 1 &&
           index.terms()[0].atom.kind == Atom::get;
}

/// Whether the look-up stands alone wherever the expressions use it, in reads of as many rows that have no `else`: any other row is
/// as good an index as a chosen one.
bool any_row_fits(const ir::Builder& b, const Lookup& lookup, const std::vector<Expr>& all) {
    const auto fits = [&](const Expr& read, std::size_t d) {
        const Index& index = read->at[d];
        return index == lookup.row ? !read->otherwise && b[read->tensor].shape[d] == lookup.rows : lookup.at_row(index, 0) == index;
    };
    return std::ranges::all_of(all, [&](const Expr& e) {
        return std::ranges::all_of(ir::reads(e), [&](const Expr& read) {
            for (std::size_t d = 0; d < read->at.size(); ++d)
                if (!fits(read, d)) return false;
            return true;
        });
    });
}

/// The indices of the body that choose a row, of which any other would do.
std::vector<Lookup> lookups(const ir::Builder& b, const Expr& body) {
    std::vector<Lookup> found;
    for (const Expr& read : ir::reads(body))
        for (std::size_t d = 0; d < read->at.size(); ++d)
            if (is_chosen(read->at[d]) && std::ranges::find(found, read->at[d], &Lookup::row) == found.end())
                found.push_back({read->at[d], read->at[d].variables(), b[read->tensor].shape[d]});
    std::erase_if(found, [&](const Lookup& l) { return l.variables.empty() || !any_row_fits(b, l, {body}); });
    return found;
}

/// A sum of products as a sum over rows: what depends on the look-ups is summed first, for each row.
class ByRow {
public:
    /// Of the node's variables with these extents; nothing if a factor or a condition depends on the look-up on both sides.
    static std::optional<ByRow> of(const Lookup& lookup, const Product& product, const std::vector<Predicate>& where,
                                   ir::Shape extents) {
        ByRow result(lookup, std::move(extents));
        return result.divide(product) && result.divide(where) ? std::optional(std::move(result)) : std::nullopt;
    }

    /// The variable that is the row, after all others.
    Var row() const { return static_cast<Var>(extents_.size() - 1); }
    bool depends(Var v) const { return contains(lookup_.variables, v); }
    /// What the sums cost that give `outs` by adding up `reduced`.
    double cost(const std::vector<Var>& outs, const std::vector<Var>& reduced) const {
        return kScattered * volume(joined(kept_, lookup_.variables), extents_) + volume(joined(outs, reduced), extents_);
    }
    NodeId make(ir::Builder& b, const ir::Node& node, const std::vector<Var>& outs, const std::vector<Var>& reduced) const {
        const NodeId summed = sum_of_lookups(b, node);
        std::vector<Index> at{Index::variable(row())};
        for (const Var v : kept_) at.push_back(Index::variable(v));
        Product product = of_rows_;
        product.factors.push_back(b.read(summed, std::move(at)));

        const Renaming rename = renaming(joined(outs, reduced), extents_);
        ir::Equation sum;
        sum.reduce = Reduce::sum;
        for (const Var v : reduced) sum.reductions.push_back(extents_[v]);
        sum.body = ir::convert(rename(expression(product, node.type)), node.type);
        for (const Predicate& p : outer_) sum.where.push_back(rename(p));
        return b.equation(node.type, node.shape, std::move(sum), node.origin);
    }

private:
    ByRow(const Lookup& lookup, ir::Shape extents) : lookup_(lookup), extents_(std::move(extents)) {
        extents_.push_back(lookup_.rows);
    }
    bool divide(const Product& product) {
        for (const bool above : {true, false})
            for (const Expr& x : above ? product.factors : product.divisors) {
                const Expr moved = lookup_.at_row(x, row());
                const bool of_lookup = uses_any(moved, lookup_.variables);
                if (of_lookup && !(moved == x)) return false;
                Product& side = of_lookup ? of_lookups_ : of_rows_;
                (above ? side.factors : side.divisors).push_back(moved);
            }
        std::vector<Expr> all = of_lookups_.factors;
        all.insert(all.end(), of_lookups_.divisors.begin(), of_lookups_.divisors.end());
        // In the order of their reads, so that the same sum of another equation is the same node.
        std::vector<Var> order;
        for (const Var v : variables_of(all)) (depends(v) ? order : kept_).push_back(v);
        for (const Var v : lookup_.variables)
            if (!contains(order, v)) order.push_back(v);
        lookup_.variables = std::move(order);
        return true;
    }
    bool divide(const std::vector<Predicate>& where) {
        const std::vector<Var> here = joined(kept_, lookup_.variables);
        for (const Predicate& p : where) {
            const std::vector<Var> used = p.index.variables();
            const bool inner = std::ranges::any_of(used, [&](Var v) { return depends(v); });
            if (inner && !std::ranges::all_of(used, [&](Var v) { return contains(here, v); })) return false;
            (inner ? inner_ : outer_).push_back(p);
        }
        return true;
    }
    /// [rows, extents of `kept`]
    NodeId sum_of_lookups(ir::Builder& b, const ir::Node& node) const {
        const Renaming rename = renaming(joined(kept_, lookup_.variables), extents_);
        const ir::Type type = ir::is_half(node.type) ? ir::Type::f32 : node.type;
        ir::Equation sum;
        sum.reduce = Reduce::sum;
        sum.scatter = sum.lossy = true;
        sum.body = ir::convert(rename(expression(of_lookups_, type)), type);
        sum.map = {rename(lookup_.row)};
        ir::Shape shape{lookup_.rows};
        for (const Var v : kept_) {
            sum.map.push_back(rename(Index::variable(v)));
            shape.push_back(extents_[v]);
        }
        for (const ir::Range& range : rename.box) sum.reductions.push_back(range.high + 1);
        for (const Predicate& p : inner_) sum.where.push_back(rename(p));
        return b.equation(type, std::move(shape), std::move(sum), node.origin);
    }

    Lookup lookup_;
    ir::Shape extents_;
    Product of_lookups_, of_rows_;
    std::vector<Var> kept_;  // variables of `of_lookups_` that the look-up does not depend on
    std::vector<Predicate> inner_, outer_;
};

/// A reduction whose look-ups depend on outputs alone: reduced once for each row, of which the outputs look up theirs.
std::optional<NodeId> reduced_by_row(ir::Builder& b, const ir::Node& node) {
    const ir::Equation& e = *node.equation();
    const auto rank = static_cast<Var>(node.shape.size());
    ir::Shape extents = ir::extents_of(node);
    const auto row = static_cast<Var>(extents.size());
    extents.push_back(0);
    const double whole = static_cast<double>(ir::volume(node.shape));
    for (const Lookup& lookup : lookups(b, e.body)) {
        if (lookup.variables.back() >= rank) continue;
        extents[row] = lookup.rows;
        const Expr body = lookup.at_row(e.body, row);
        std::vector<Predicate> where;
        for (const Predicate& p : e.where) where.push_back({p.kind, lookup.at_row(p.index, row)});
        std::vector<Var> outs{row}, reduced;
        std::vector<Index> at{lookup.row};
        for (Var v = 0; v < row; ++v) {
            if (v >= rank) {
                reduced.push_back(v);
            } else if (ir::uses(body, v) || std::ranges::any_of(where, [&](const Predicate& p) { return p.index.uses(v); })) {
                outs.push_back(v);
                at.push_back(Index::variable(v));
            }
        }
        const double before = whole * static_cast<double>(ir::volume(e.reductions));
        if (before < kGain * (kMoved * whole + volume(joined(outs, reduced), extents))) continue;
        const Renaming rename = renaming(joined(outs, reduced), extents);
        ir::Equation sum = e;
        sum.body = rename(body);
        sum.where.clear();
        for (const Predicate& p : where) sum.where.push_back(rename(p));
        ir::Shape shape;
        for (const Var v : outs) shape.push_back(extents[v]);
        const NodeId rows = b.equation(node.type, std::move(shape), std::move(sum), node.origin);
        return b.pointwise(node.type, node.shape, b.read(rows, std::move(at)), node.origin);
    }
    return std::nullopt;
}

/// A sum of products whose look-ups depend on what is summed over alone.
std::optional<NodeId> summed_by_row(ir::Builder& b, const ir::Node& node) {
    const ir::Equation& e = *node.equation();
    const auto rank = static_cast<Var>(node.shape.size());
    const ir::Shape extents = ir::extents_of(node);
    for (const Lookup& lookup : lookups(b, e.body)) {
        if (lookup.variables.front() < rank) continue;
        const auto by_row = ByRow::of(lookup, product_of(e.body), e.where, extents);
        if (!by_row) continue;
        std::vector<Var> outs, reduced{by_row->row()};
        for (Var v = 0; v < extents.size(); ++v)
            if (v < rank)
                outs.push_back(v);
            else if (!by_row->depends(v))
                reduced.push_back(v);
        const double before = static_cast<double>(ir::volume(extents));
        if (before >= kGain * by_row->cost(outs, reduced)) return by_row->make(b, node, outs, reduced);
    }
    return std::nullopt;
}

/// A sum at positions that data decide of products, or of a sum of products that nothing else reads.
std::optional<NodeId> scattered_by_row(ir::Builder& b, const ir::Node& node, const ReadOnce& read_once) {
    const ir::Equation& e = *node.equation();
    ir::Shape extents = e.reductions;
    Product product = product_of(e.body);
    std::vector<Predicate> where = e.where;
    double before = kScattered * static_cast<double>(ir::volume(extents));
    for (auto factor = product.factors.begin(); factor != product.factors.end(); ++factor) {
        const ExprNode& read = **factor;
        if (read.kind != ExprNode::read || read.otherwise || !read_once(read.tensor)) continue;
        const ir::Node& inner = b[read.tensor];
        const ir::Equation* s = inner.equation();
        if (!s || s->scatter || s->reduce != Reduce::sum) continue;
        if (!std::ranges::all_of(read.at, [](const Index& i) { return i.as_variable().has_value(); })) continue;
        before += static_cast<double>(ir::evaluations(inner));
        std::vector<Index> by = read.at;
        for (const std::int64_t extent : s->reductions) {
            by.push_back(Index::variable(static_cast<Var>(extents.size())));
            extents.push_back(extent);
        }
        const ir::Box box = ir::box_of(extents);
        for (const Predicate& p : s->where) where.push_back({p.kind, p.index.substitute(by, box)});
        const Product terms = product_of(ir::substitute(s->body, by, box));
        product.factors.erase(factor);
        product.factors.insert(product.factors.end(), terms.factors.begin(), terms.factors.end());
        product.divisors.insert(product.divisors.end(), terms.divisors.begin(), terms.divisors.end());
        break;
    }
    const auto chosen = std::ranges::find_if(e.map, [](const Index& i) { return i.has_get(); });
    if (chosen == e.map.end() || !is_chosen(*chosen)) return std::nullopt;
    const Lookup lookup{*chosen, chosen->variables(), node.shape[static_cast<std::size_t>(chosen - e.map.begin())]};
    if (!any_row_fits(b, lookup, product.factors) || !any_row_fits(b, lookup, product.divisors)) return std::nullopt;
    const auto by_row = ByRow::of(lookup, product, where, extents);
    if (!by_row) return std::nullopt;
    std::vector<Var> outs, reduced;
    for (std::size_t d = 0; d < e.map.size(); ++d) {
        const bool is_row = e.map.begin() + static_cast<std::ptrdiff_t>(d) == chosen;
        const std::optional<Var> v = is_row ? by_row->row() : e.map[d].as_variable();
        if (!v || contains(outs, *v) || by_row->depends(*v) || (!is_row && extents[*v] != node.shape[d])) return std::nullopt;
        outs.push_back(*v);
    }
    for (Var v = 0; v < extents.size(); ++v)
        if (!by_row->depends(v) && !contains(outs, v)) reduced.push_back(v);
    if (before < kGain * by_row->cost(outs, reduced)) return std::nullopt;
    return by_row->make(b, node, outs, reduced);
}

ir::Graph run_lookups(const ir::Graph& graph) {
    ReadOnce read_once(graph);
    return rebuild(graph, [&](ir::Builder& b, ir::Node node, NodeId old) {
        const ir::Equation* e = node.equation();
        std::optional<NodeId> made;
        if (e && e->scatter && e->reduce == Reduce::sum) {
            made = scattered_by_row(b, node, read_once);
        } else if (e && !e->scatter && e->reduce != Reduce::none) {
            made = reduced_by_row(b, node);
            if (!made && e->reduce == Reduce::sum) made = summed_by_row(b, node);
        }
        const NodeId id = made ? *made : append(b, std::move(node));
        read_once.add(id, old);
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, lookups) = {
    .name = "lookups",
    .doc = "rows that data choose from a table are computed with once for each row of the table",
    .run = run_lookups,
};

}  // namespace rows
}  // namespace dlc::passes
