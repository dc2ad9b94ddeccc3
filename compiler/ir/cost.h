// What computing an equation costs, roughly: what passes and clustering weigh against moving its result through memory.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "compiler/ir/graph.h"

namespace dlc::ir {

/// Scalar operations of a body: an addition counts 1, what takes a polynomial 8.
int weight(const Expr& body);
/// The same of one primitive.
int weight(const Scalar&);
/// Whether the equation sums over operands none of which has all of another's output variables, or over windows of one of them:
/// each element is read many times, so what it reads is better stored than computed again.  A node that is no equation is none.
bool is_contraction(const Node&);

/// A running reduction, `y[…, k] = reduce[j | j <= k](x[…, j])` or, from the end, `j >= k`: the body knows nothing of k, so each
/// value is the one beside it and one term more.
struct Prefix {
    Var out;      // k
    Var reduced;  // j, the only variable reduced
    bool from_end = false;
};
/// The same of an equation's parts: variables from `rank` on are reduced, `body_uses` asks of the terms.
std::optional<Prefix> prefix_of(std::span<const std::int64_t> extents, std::size_t rank, std::span<const Predicate> where,
                                const std::function<bool(Var)>& body_uses);
/// Of an equation that is one.
std::optional<Prefix> prefix_of(const Node&);
/// How often an equation's body is evaluated: at each point of its domain, in a running reduction once for each value.
std::int64_t evaluations(const Node& equation);

/// Of the sums of products among the nodes, all steps of a loop counted.
std::int64_t multiply_adds(std::span<const Node> nodes);
/// The same of the nodes that the results need, by the layer whose equation each is (Origin::layer).
std::map<std::string, std::int64_t> multiply_adds_by_layer(const Graph&);

}  // namespace dlc::ir
