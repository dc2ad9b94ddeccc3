#include "compiler/ir/cost.h"

#include <algorithm>
#include <set>

namespace dlc::ir {

int weight(const Expr& body) {
    static const std::set<std::string_view> cheap = {"add", "sub", "mul", "neg",  "max",          "min", "select",
                                                     "lt",  "gt",  "le",  "ge",   "eq",           "ne",  "and",
                                                     "or",  "not", "abs", "cast", "stop_gradient"};
    int total = 0;
    visit(body, [&](const Expr& x) {
        if (x->kind == ExprNode::call) total += cheap.contains(x->scalar->name) ? 1 : 8;
    });
    return total;
}

bool is_contraction(const Node& node) {
    const Equation* e = node.equation();
    if (!e || e->scatter || e->reduce != Reduce::sum) return false;
    const auto rank = static_cast<Var>(node.shape.size());
    std::vector<std::set<Var>> outputs;  // of each read that uses a reduction variable
    bool window = false;
    for (const Expr& read : reads(e->body)) {
        std::set<Var> out;
        bool reduced = false;
        for (const Index& index : read->at) {
            bool inner = false, outer = false;
            for (Var v : index.variables()) {
                (v < rank ? outer : inner) = true;
                if (v < rank) out.insert(v);
            }
            reduced = reduced || inner;
            window = window || (inner && outer);
        }
        if (reduced) outputs.push_back(std::move(out));
    }
    if (window && outputs.size() > 1) return true;
    for (const auto& a : outputs)
        for (const auto& b : outputs)
            if (!std::ranges::includes(a, b) && !std::ranges::includes(b, a)) return true;
    return false;
}

std::optional<Prefix> prefix_of(std::span<const std::int64_t> extents, std::size_t rank, std::span<const Predicate> where,
                                const std::function<bool(Var)>& body_uses) {
    if (extents.size() != rank + 1 || extents.back() < 2) return std::nullopt;
    const auto j = static_cast<Var>(rank);
    for (const Predicate& p : where) {
        const Index& at = p.index;
        if (p.kind != Predicate::ge || at.terms().size() != 2 || at.constant() != 0 || std::abs(at.coefficient(j)) != 1) continue;
        const bool from_end = at.coefficient(j) == 1;
        const Index rest = at - Index::variable(j, at.coefficient(j));
        const auto k = from_end ? (-rest).as_variable() : rest.as_variable();
        if (!k || extents[*k] != extents[j] || body_uses(*k)) continue;
        const auto elsewhere = [&](const Predicate& other) { return &other != &p && other.index.uses(*k); };
        if (std::ranges::none_of(where, elsewhere)) return Prefix{*k, j, from_end};
    }
    return std::nullopt;
}

std::optional<Prefix> prefix_of(const Node& node) {
    const Equation* e = node.equation();
    if (!e || e->scatter || e->reduce == Reduce::none) return std::nullopt;
    return prefix_of(extents_of(node), node.shape.size(), e->where, [&](Var v) { return uses(e->body, v); });
}

std::int64_t evaluations(const Node& node) { return volume(prefix_of(node) ? node.shape : extents_of(node)); }

namespace {

std::int64_t multiply_adds_of(std::span<const Node> nodes, const std::vector<bool>& skip) {
    std::int64_t total = 0;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        if (skip[k]) continue;
        const Node& node = nodes[k];
        if (const Equation* e = node.equation(); e && e->reduce == Reduce::sum && e->body->is("mul") && reads(e->body).size() > 1)
            total += evaluations(node);
        if (const Scan* scan = node.scan()) {
            const bool known = std::ranges::any_of(nodes.first(k), [&](const Node& other) { return same_loop(other, node); });
            const std::size_t size = scan->body->size();
            if (!known) total += scan->steps * multiply_adds_of(scan->body->nodes(), std::vector<bool>(size, false));
        }
    }
    return total;
}

}  // namespace

std::int64_t multiply_adds(std::span<const Node> nodes, std::size_t first) {
    std::vector<bool> placeholder, skip;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        const Leaf* leaf = nodes[k].leaf();
        placeholder.push_back((leaf && k >= first && (leaf->kind == LeafKind::carry || leaf->kind == LeafKind::slice)) ||
                              std::ranges::any_of(operands(nodes[k]), [&](NodeId o) { return bool(placeholder[o.value]); }));
        skip.push_back(k < first || placeholder[k]);
    }
    return multiply_adds_of(nodes, skip);
}

}  // namespace dlc::ir
