// The gradient of a quotient `p = e / s`, as a softmax is, multiplies e by what is divided by s, and so keeps e and s:
//
//     (d / s - t / s) * e   is   (d - t) * p
//
// where p is there anyway.  One tensor as large as p is neither written nor read.
#include <map>

#include "compiler/ir/arith.h"
#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/product.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::ExprNode;
using ir::NodeId;

/// A node that is `tensor[i, j, …] / divisor`, at every position.
struct Quotient {
    NodeId node;
    Expr divisor;
};

class Quotients {
public:
    void add(const ir::Builder& b, NodeId id) {
        const ir::Node& node = b[id];
        const ir::Equation* e = node.equation();
        if (!e || e->scatter || e->reduce != ir::Reduce::none || !e->where.empty() || !e->body->is("div")) return;
        const Expr &above = e->body->args[0], &below = e->body->args[1];
        if (above->kind == ExprNode::read && below->kind == ExprNode::read && b[above->tensor].shape == node.shape &&
            above == b.read_all(above->tensor))
            known_.emplace(above->tensor, Quotient{id, below});
    }

    Expr replaced(const ir::Builder& b, const ir::Box& box, const Expr& body) const {
        return ir::rewrite(body, [&](const Expr& x) { return x->is("mul") ? product(b, box, x) : x; });
    }

private:
    Expr product(const ir::Builder& b, const ir::Box& box, const Expr& x) const {
        Product parts = product_of(x);
        for (Expr& e : parts.factors) {
            if (e->kind != ExprNode::read || e->otherwise) continue;
            const auto quotient = known_.find(e->tensor);
            if (quotient == known_.end()) continue;
            const Expr divisor = ir::substitute(quotient->second.divisor, e->at, box);
            for (Expr& other : parts.factors) {
                if (&other == &e) continue;
                const Expr above = numerator(b, box, other, divisor);
                if (!above) continue;
                other = above;
                e = b.read(quotient->second.node, e->at);
                return ir::convert(expression(parts, x->type), x->type);
            }
        }
        return x;
    }

    /// What, divided by `divisor`, is x; nothing where x is no such thing.
    Expr numerator(const ir::Builder& b, const ir::Box& box, const Expr& x, const Expr& divisor) const {
        if (ir::is_constant(x, 0)) return x;
        if (x->is("div")) {
            if (x->args[1] == divisor) return x->args[0];
            const Expr above = numerator(b, box, x->args[0], divisor);
            return above ? above / x->args[1] : Expr();
        }
        if (x->is("mul"))
            for (const std::size_t i : {0, 1})
                if (const Expr above = numerator(b, box, x->args[i], divisor))
                    return i == 0 ? above * x->args[1] : x->args[0] * above;
        if (x->is("neg")) {
            const Expr above = numerator(b, box, x->args[0], divisor);
            return above ? -above : Expr();
        }
        if (x->is("add") || x->is("sub")) {
            const Expr left = numerator(b, box, x->args[0], divisor);
            const Expr right = left ? numerator(b, box, x->args[1], divisor) : Expr();
            return right ? (x->is("add") ? left + right : left - right) : Expr();
        }
        if (x->kind == ExprNode::read && !x->otherwise) {
            const ir::Node& node = b[x->tensor];
            const ir::Equation* e = node.equation();
            if (!e || e->scatter || e->reduce != ir::Reduce::none || !e->where.empty() || ir::reads(e->body).size() > 2) return {};
            return numerator(b, box, ir::substitute(e->body, x->at, box), divisor);
        }
        return {};
    }

    std::map<NodeId, Quotient> known_;
};

ir::Graph run_quotients(const ir::Graph& graph) {
    Quotients quotients;
    return rebuild(graph, [&](ir::Builder& b, ir::Node node, NodeId) {
        if (node.equation() && !node.again) equation_of(node).body = quotients.replaced(b, ir::box_of(node), node.equation()->body);
        const NodeId id = append(b, std::move(node));
        quotients.add(b, id);
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, quotients) = {
    .name = "quotients",
    .doc = "what multiplies a numerator and is divided by its denominator multiplies their quotient, where that is there",
    .run = run_quotients,
};

}  // namespace rows
}  // namespace dlc::passes
