#include "compiler/autodiff/derivative.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "compiler/ir/arith.h"
#include "compiler/ir/condition.h"

namespace dlc::autodiff {

using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::Predicate;

namespace {

/// Where a read stays inside its tensor, as far as the box does not prove it.
Expr inside(const ExprNode& read, const ir::Shape& shape, const ir::Box& box) {
    std::vector<Predicate> predicates;
    for (std::size_t k = 0; k < shape.size(); ++k)
        for (const Predicate& p :
             {Predicate{Predicate::ge, read.at[k]}, Predicate{Predicate::ge, Index(shape[k] - 1) - read.at[k]}})
            if (decide(p, box) != ir::Truth::always) predicates.push_back(p);
    return ir::holds(predicates);
}

constexpr std::size_t kMostParts = 64;  // bodies are DAGs: a product or sum is not taken further apart than this

bool is_zero(const Expr& e) { return ir::is_constant(e, 0); }

/// A product, taken apart: factors, the conditions around it and its sign.
struct Product {
    std::vector<Predicate> where;
    std::vector<Expr> conditions;
    std::vector<Expr> factors;
    double coefficient = 1;

    void multiply(const Expr& e) {
        if (e->kind == ExprNode::constant && std::abs(e->value) < 1e300) {
            coefficient *= e->value;
        } else if (e->is("mul") && factors.size() < kMostParts) {
            multiply(e->args[0]);
            multiply(e->args[1]);
        } else if (e->is("neg")) {
            coefficient = -coefficient;
            multiply(e->args[0]);
        } else if (e->is("select") && is_zero(e->args[2])) {
            restrict(e->args[0]);
            multiply(e->args[1]);
        } else if (e->is("select") && is_zero(e->args[1])) {
            restrict(negate(e->args[0]));
            multiply(e->args[2]);
        } else {
            factors.push_back(e);
        }
    }
    void restrict(const Expr& condition) {
        if (const auto predicates = ir::as_predicates(condition)) {
            where.insert(where.end(), predicates->begin(), predicates->end());
        } else {
            conditions.push_back(condition);
        }
    }
};

void flatten(const Expr& e, double sign, std::vector<std::pair<double, Expr>>& terms) {
    if ((e->is("add") || e->is("sub")) && terms.size() < kMostParts) {
        flatten(e->args[0], sign, terms);
        flatten(e->args[1], e->is("add") ? sign : -sign, terms);
    } else {
        terms.emplace_back(sign, e);
    }
}

Expr guarded(const std::vector<Expr>& conditions, const Expr& e) {
    if (conditions.empty()) return e;
    Expr all = conditions.front();
    for (std::size_t k = 1; k < conditions.size(); ++k) all = both(all, conditions[k]);
    return select(all, e, zero_like(e));
}

}  // namespace

Expr tangent(const Expr& body, const std::function<Expr(const Expr&)>& of, const ShapeOf& shape_of, const ir::Box& box) {
    std::unordered_map<ir::Digest, Expr> d;
    ir::visit(body, [&](const Expr& e) {
        Expr& result = d[e->digest];
        if (e->kind == ExprNode::read) {
            result = of(e);
            const Expr otherwise = e->otherwise ? d.at(e->otherwise->digest) : Expr();
            if (otherwise) result = select(inside(*e, shape_of(e->tensor), box), result ? result : zero_like(otherwise), otherwise);
        } else if (e->kind == ExprNode::call && e->scalar->tangent) {
            std::vector<Expr> changes;
            for (const Expr& arg : e->args) changes.push_back(d.at(arg->digest));
            if (std::ranges::any_of(changes, [](const Expr& x) { return bool(x); }))
                result = e->scalar->tangent({e->args, e, changes});
        }
        if (result && is_zero(result)) result = {};
    });
    return d.at(body->digest);
}

std::vector<Summand> summands(const Expr& seed, const Expr& derivative) {
    std::vector<std::pair<double, Expr>> terms;
    flatten(derivative, 1, terms);
    // Products of one guard, counted by what they multiply.
    std::map<std::vector<Predicate>, std::vector<Product>> by_guard;
    for (const auto& [sign, e] : terms) {
        Product product;
        product.multiply(e);
        product.coefficient *= sign;
        std::ranges::sort(product.where);
        product.where.erase(std::ranges::unique(product.where).begin(), product.where.end());
        std::vector<Product>& group = by_guard[product.where];
        const auto same = std::ranges::find_if(
            group, [&](const Product& p) { return p.factors == product.factors && p.conditions == product.conditions; });
        if (same == group.end()) {
            group.push_back(std::move(product));
        } else {
            same->coefficient += product.coefficient;
        }
    }
    std::vector<Summand> result;
    for (auto& [where, group] : by_guard) {
        // A read or a factor common to all products stays outside the sum: a bound can be absorbed only by a factor.
        std::vector<Expr> common;
        if (group.size() > 1) {
            const std::vector<Expr> candidates = group.front().factors;
            for (const Expr& f : candidates) {
                if (!std::ranges::all_of(group,
                                         [&](const Product& p) { return std::ranges::find(p.factors, f) != p.factors.end(); }))
                    continue;
                common.push_back(f);
                for (Product& p : group) p.factors.erase(std::ranges::find(p.factors, f));
            }
        }
        const auto times = [](Expr e, const std::vector<Expr>& factors) {
            for (const Expr& f : factors) e = f->is("div") && ir::is_constant(f->args[0], 1) ? e / f->args[1] : e * f;
            return e;
        };
        const auto scaled = [](const Expr& e, double c) { return c == 1 ? e : c == -1 ? -e : c * e; };
        Expr body;
        if (group.size() == 1) {
            const Product& p = group.front();
            body = guarded(p.conditions, scaled(times(seed, p.factors), p.coefficient));
        } else {
            Expr sum;
            for (const Product& p : group) {
                const Expr one = one_like(derivative);
                const Expr term = guarded(p.conditions, scaled(times(one, p.factors), p.coefficient));
                sum = sum ? sum + term : term;
            }
            body = times(seed, common) * sum;
        }
        if (!is_zero(body)) result.push_back({where, body});
    }
    return result;
}

ir::Origin named_after(std::string_view prefix, const ir::Node& value, const ir::Node& equation) {
    ir::Origin origin = equation.origin;
    origin.layer.clear();
    const std::string& name = value.leaf() ? value.leaf()->name : value.origin.name;
    origin.name = name.empty() ? name : std::string(prefix) + name;
    return origin;
}

}  // namespace dlc::autodiff
