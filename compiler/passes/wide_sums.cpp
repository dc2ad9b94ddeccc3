// In a program of 16-bit numbers, sums of many terms and what is computed from them alone are kept in 32 bits: means, variances,
// denominators, losses.  They are few, and a rounded one would be wrong in every element that reads it.  So is what its readers all
// convert, as an optimizer does the gradients of the weights it keeps in 32 bits.
//
// Nothing is rounded that was not, for a value that is computed and not stored has 32 bits anyway (docs/language.md).
#include <algorithm>

#include "compiler/ir/arith.h"
#include "compiler/ir/cost.h"
#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::ExprNode;
using ir::NodeId;
using ir::Reduce;
using ir::Type;

/// Terms of a sum from which on it is few numbers made of many.
constexpr std::int64_t kMany = 8;

bool rounds(const Expr& body) {
    bool found = false;
    ir::visit(body, [&](const Expr& x) { found = found || (x->is("cast") && ir::is_half(x->type)); });
    return found;
}

/// Whether every read of the tensor in the body is at once converted to a wider real.
bool only_widened(const Expr& body, NodeId tensor) {
    bool all = true;
    const auto reads = [&](const Expr& x) { return x->kind == ExprNode::read && x->tensor == tensor; };
    if (reads(body)) return false;
    ir::visit(body, [&](const Expr& x) {
        const bool widens = x->is("cast") && ir::is_real(x->type) && !ir::is_half(x->type);
        for (const Expr& part : ir::children(x)) all = all && (widens || !reads(part));
    });
    return all;
}

class WideSums {
public:
    explicit WideSums(const ir::Graph& graph) : graph_(graph), readers_(readers(graph)) {}

    ir::Graph run() {
        return rebuild(graph_, [&](ir::Builder& b, ir::Node node, NodeId old) {
            if (!node.equation()) return append(b, std::move(node));
            const bool wide = ir::is_half(node.type) && may_change(old) && widens(b, node, old);
            const Type before = node.type;
            if (wide) node.type = Type::f32;
            ir::Equation& e = equation_of(node);
            e.body = ir::rewrite(e.body, [&](const Expr& x) {
                if (x->is("cast") && x->args[0]->type == x->type) return x->args[0];
                if (x->kind != ExprNode::read) return x;
                const Expr read = Expr::read(x->tensor, b[x->tensor].type, x->at, x->otherwise);
                return wide && ir::is_half(read->type) ? ir::convert(read, Type::f32) : read;
            });
            const bool promoted = e.body->type != node.type && e.reduce != Reduce::argmax && e.reduce != Reduce::argmin;
            if (!promoted) return append(b, std::move(node));
            if (wide || e.reduce == Reduce::none) {
                e.body = ir::convert(e.body, node.type);
                return append(b, std::move(node));
            }
            // Terms of 32 bits: the result is rounded, not each of them.
            node.type = e.body->type;
            const ir::Shape shape = node.shape;
            const ir::Origin origin = node.origin;
            const NodeId sum = append(b, std::move(node));
            return b.pointwise(before, shape, ir::convert(b.read_all(sum), before), origin);
        });
    }

private:
    /// Types of results, and of what loops and library calls take, are what others rely on.
    bool may_change(NodeId old) const {
        return !readers_.result[old.value] &&
               std::ranges::all_of(readers_.of[old.value], [&](NodeId user) { return graph_[user].equation() != nullptr; });
    }
    bool widens(const ir::Builder& b, const ir::Node& node, NodeId old) const {
        const ir::Equation& e = *node.equation();
        if (e.reduce == Reduce::none) return !rounds(e.body) && of_few(b, node);
        if (e.reduce != Reduce::sum && e.reduce != Reduce::prod) return false;
        if (!e.scatter && !ir::is_contraction(node) && ir::volume(e.reductions) >= kMany) return true;
        const auto& users = readers_.of[old.value];
        return !users.empty() &&
               std::ranges::all_of(users, [&](NodeId user) { return only_widened(graph_[user].equation()->body, old); });
    }
    /// Whether all it reads has 32 bits already, one tensor as many elements as it has itself.
    static bool of_few(const ir::Builder& b, const ir::Node& node) {
        bool any = false;
        for (const NodeId tensor : ir::tensors(node.equation()->body)) {
            const ir::Node& read = b[tensor];
            if (!ir::is_real(read.type)) continue;
            if (ir::is_half(read.type)) return false;
            any = any || (read.equation() && ir::volume(read.shape) >= ir::volume(node.shape));
        }
        return any;
    }

    const ir::Graph& graph_;
    Readers readers_;
};

ir::Graph run_wide_sums(const ir::Graph& graph) {
    const bool any = std::ranges::any_of(graph.nodes(), [](const ir::Node& n) { return ir::is_half(n.type); });
    return any ? WideSums(graph).run() : graph;
}

}  // namespace

namespace rows {

DLC_ROW(Pass, wide_sums) = {
    .name = "wide-sums",
    .doc = "among 16-bit numbers, sums of many and what is computed from them alone keep 32 bits",
    .run = run_wide_sums,
};

}  // namespace rows
}  // namespace dlc::passes
