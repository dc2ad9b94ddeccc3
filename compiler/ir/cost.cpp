#include "compiler/ir/cost.h"

#include <algorithm>
#include <set>

namespace dlc::ir {

int weight(const Scalar& scalar) {
    static const std::set<std::string_view> cheap = {"add", "sub", "mul", "neg",  "max",          "min", "select",
                                                     "lt",  "gt",  "le",  "ge",   "eq",           "ne",  "and",
                                                     "or",  "not", "abs", "cast", "stop_gradient"};
    return cheap.contains(scalar.name) ? 1 : 8;
}

int weight(const Expr& body) {
    int total = 0;
    visit(body, [&](const Expr& x) {
        if (x->kind == ExprNode::call) total += weight(*x->scalar);
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

/// Calls `add` with each node that sums products and how many it multiplies and adds in `times` runs of the nodes; `needed` says
/// which of them, or all do.
void each_sum_of_products(std::span<const Node> nodes, std::int64_t times, const std::function<bool(std::size_t)>& needed,
                          const std::function<void(const Node&, std::int64_t)>& add) {
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        if (!needed(k)) continue;
        const Node& node = nodes[k];
        if (const Equation* e = node.equation(); e && e->reduce == Reduce::sum && e->body->is("mul") && reads(e->body).size() > 1)
            add(node, times * evaluations(node));
        const Scan* scan = node.scan();
        if (!scan) continue;
        bool known = false;  // the loop, by another of its values
        for (std::size_t other = 0; other < k; ++other) known = known || (needed(other) && same_loop(nodes[other], node));
        if (!known)
            each_sum_of_products(
                scan->body->nodes(), times * scan->steps, [](std::size_t) { return true; }, add);
    }
}

}  // namespace

std::int64_t multiply_adds(std::span<const Node> nodes) {
    std::int64_t total = 0;
    each_sum_of_products(
        nodes, 1, [](std::size_t) { return true; }, [&](const Node&, std::int64_t n) { total += n; });
    return total;
}

std::map<std::string, std::int64_t> multiply_adds_by_layer(const Graph& graph) {
    std::vector<bool> needed(graph.size(), false);
    for (const Result& r : graph.results()) needed[r.node.value] = true;
    for (std::uint32_t k = static_cast<std::uint32_t>(graph.size()); k-- > 0;)
        if (needed[k])
            for (const NodeId o : operands(graph[NodeId{k}])) needed[o.value] = true;
    std::map<std::string, std::int64_t> of_layer;
    each_sum_of_products(
        graph.nodes(), 1, [&](std::size_t k) { return needed[k]; },
        [&](const Node& node, std::int64_t n) { of_layer[node.origin.layer] += n; });
    return of_layer;
}

}  // namespace dlc::ir
