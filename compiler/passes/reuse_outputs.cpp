// A derivative that needs f(x) reads the stored f(x) instead of computing it from x again, so that x need not be stored.
#include <map>

#include "compiler/ir/arith.h"
#include "compiler/ir/cost.h"
#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::NodeId;

/// Bodies lighter than this are as cheap to compute as to read.
constexpr int kWorthReading = 8;

/// The nodes made so far, by shape and by what they compute.
class Known {
public:
    /// `b`'s node `id` may stand for its body, and `x > 0` may be asked of `max(x, 0)`.
    void add(const ir::Builder& b, NodeId id) {
        const ir::Node& node = b[id];
        const ir::Equation* e = node.equation();
        if (!e || e->scatter || e->reduce != ir::Reduce::none || !e->where.empty()) return;
        if (ir::weight(e->body) >= kWorthReading) values_.emplace(std::pair(node.shape, e->body->digest), id);
        if (!e->body->is("max")) return;
        for (std::size_t i : {0, 1})
            if (ir::is_constant(e->body->args[i], 0) && e->body->args[1 - i]->kind != ir::ExprNode::constant)
                rectified_.emplace(std::pair(node.shape, e->body->args[1 - i]->digest), id);
    }
    Expr replaced(const ir::Builder& b, const ir::Shape& shape, const Expr& body) const {
        return ir::rewrite(body, [&](const Expr& x) {
            if (x->kind != ir::ExprNode::call) return x;
            if (const auto value = values_.find({shape, x->digest}); value != values_.end()) return b.read_all(value->second);
            if (x->is("gt") && ir::is_constant(x->args[1], 0))
                if (const auto y = rectified_.find({shape, x->args[0]->digest}); y != rectified_.end())
                    return ir::greater(b.read_all(y->second), x->args[1]);
            return x;
        });
    }

private:
    std::map<std::pair<ir::Shape, ir::Digest>, NodeId> values_, rectified_;
};

ir::Graph run_reuse_outputs(const ir::Graph& graph) {
    Known known;
    return rebuild(graph, [&known](ir::Builder& b, ir::Node node, NodeId) {
        const bool gathers = node.equation() && !node.equation()->scatter && !node.again;
        if (gathers) equation_of(node).body = known.replaced(b, node.shape, node.equation()->body);
        const NodeId id = append(b, std::move(node));
        known.add(b, id);
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, reuse_outputs) = {
    .name = "reuse-outputs",
    .doc = "what an earlier node of the same shape holds is read, not computed again; the sign of x is that of max(x, 0)",
    .run = run_reuse_outputs,
};

}  // namespace rows
}  // namespace dlc::passes
