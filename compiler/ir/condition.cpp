#include "compiler/ir/condition.h"

#include <algorithm>
#include <cmath>

namespace dlc::ir {

std::optional<Index> as_index(const Expr& e) {
    if (!is_integer(e->type)) return std::nullopt;
    switch (e->kind) {
        case ExprNode::constant: return Index(static_cast<std::int64_t>(e->value));
        case ExprNode::index: return e->position;
        case ExprNode::read: return std::nullopt;
        case ExprNode::call: break;
    }
    if (bytes(e->type) < 4) return std::nullopt;  // wraps around too early to be taken for the integers
    if (e->is("cast") || e->is("neg")) {
        const auto a = as_index(e->args[0]);
        if (!a) return std::nullopt;
        return e->is("neg") ? -*a : *a;
    }
    if (!e->is("add") && !e->is("sub") && !e->is("mul")) return std::nullopt;
    const auto a = as_index(e->args[0]), b = as_index(e->args[1]);
    if (!a || !b) return std::nullopt;
    if (e->is("add")) return *a + *b;
    if (e->is("sub")) return *a - *b;
    if (a->is_constant()) return *b * a->constant();
    if (b->is_constant()) return *a * b->constant();
    return std::nullopt;
}

Predicate negated(const Predicate& p) {
    switch (p.kind) {
        case Predicate::ge: return {Predicate::ge, Index(-1) - p.index};
        case Predicate::eq: return {Predicate::ne, p.index};
        case Predicate::ne: return {Predicate::eq, p.index};
    }
    return p;
}

namespace {

std::optional<Predicate> comparison(const Expr& e) {
    const auto a = as_index(e->args[0]), b = as_index(e->args[1]);
    if (!a || !b) return std::nullopt;
    if (e->is("eq")) return Predicate{Predicate::eq, *a - *b};
    if (e->is("ne")) return Predicate{Predicate::ne, *a - *b};
    if (e->is("ge")) return Predicate{Predicate::ge, *a - *b};
    if (e->is("gt")) return Predicate{Predicate::ge, *a - *b - 1};
    if (e->is("le")) return Predicate{Predicate::ge, *b - *a};
    if (e->is("lt")) return Predicate{Predicate::ge, *b - *a - 1};
    return std::nullopt;
}

bool collect(const Expr& e, std::vector<Predicate>& into) {
    if (e->kind == ExprNode::constant) return e->value != 0;
    if (e->kind != ExprNode::call) return false;
    if (e->is("and")) return collect(e->args[0], into) && collect(e->args[1], into);
    if (e->is("not")) {
        std::vector<Predicate> inner;
        if (!collect(e->args[0], inner) || inner.size() != 1) return false;
        into.push_back(negated(inner.front()));
        return true;
    }
    if (e->args.size() != 2) return false;
    const auto p = comparison(e);
    if (p) into.push_back(*p);
    return p.has_value();
}

}  // namespace

std::optional<std::vector<Predicate>> as_predicates(const Expr& condition) {
    std::vector<Predicate> found;
    if (condition->type != Type::boolean || !collect(condition, found)) return std::nullopt;
    std::ranges::sort(found);
    found.erase(std::ranges::unique(found).begin(), found.end());
    return found;
}

}  // namespace dlc::ir
