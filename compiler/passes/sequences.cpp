// What a checkpointed scan reads step by step is made in the step.
//
// A sequence outside of a loop is stored for all steps.  A view of something that is stored anyway, or a sequence made of little
// else than the place of the step, such as a mask, or the adjoint of a stack of which only the last element matters, need not be:
// the body of the loop computes the element of the step.
#include <algorithm>
#include <map>

#include "compiler/ir/row.h"
#include "compiler/passes/body.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::Builder;
using ir::Graph;
using ir::Index;
using ir::LeafKind;
using ir::Node;
using ir::NodeId;
using ir::Scan;

/// Whether the sequence had better be computed in the steps.  One of numbers takes too little to matter.
bool belongs_inside(const Builder& b, NodeId sequence) {
    const Node& node = b[sequence];
    const ir::Equation* e = node.equation();
    if (!e || e->scatter || e->reduce != ir::Reduce::none || !e->where.empty() || node.shape.size() < 2) return false;
    const std::int64_t of_a_step = ir::volume(node.shape) / std::max<std::int64_t>(node.shape.front(), 1);
    return e->body->kind == ir::ExprNode::read ||
           std::ranges::all_of(ir::operands(node), [&](NodeId from) { return ir::volume(b[from].shape) <= of_a_step; });
}

bool reads_one(const Builder& b, const Scan& scan) {
    std::size_t input = 0;
    return std::ranges::any_of(scan.body->nodes(), [&](const Node& node) {
        if (!node.leaf()) return false;
        const NodeId from = scan.inputs[input++];
        return node.leaf()->kind == LeafKind::slice && belongs_inside(b, from);
    });
}

/// Makes the body anew, with the sequences that belong there.
class Inside {
public:
    /// `scan` speaks of nodes of `b`.
    Inside(Builder& b, const Scan& scan) : b_(b), scan_(scan) {
        std::size_t input = 0;
        for (const Node& node : scan_.body->nodes()) {
            const auto copied = [&](NodeId id) { return moved_[id.value]; };
            if (!node.leaf())
                moved_.push_back(body_.copy(node, copied));
            else if (const NodeId from = scan_.inputs[input++]; node.leaf()->kind == LeafKind::slice && belongs_inside(b_, from))
                moved_.push_back(computed(from));
            else
                moved_.push_back(leaf(node.leaf()->kind, node.type, node.shape, from, node.origin));
        }
        for (ir::Result r : scan_.body->results()) {
            r.node = moved_[r.node.value];
            r.target = moved_[r.target.value];
            r.name = body_[r.target].leaf()->name;
            body_.result(std::move(r));
        }
    }

    ir::LoopBody body(std::span<const NodeId> yields) && {
        ir::LoopBody made{nullptr, std::move(inputs_), {}};
        for (const NodeId yield : yields) made.yields.push_back(moved_[yield.value]);
        made.graph = std::make_shared<const Graph>(std::move(body_).finish());
        return optimised(made);
    }

private:
    NodeId leaf(LeafKind kind, ir::Type type, ir::Shape shape, NodeId outer, ir::Origin origin) {
        inputs_.push_back(outer);
        return body_.leaf(kind, "leaf" + std::to_string(inputs_.size()), type, std::move(shape), std::move(origin));
    }
    NodeId step() {
        if (!step_) {
            const NodeId steps = b_.pointwise(ir::Type::i64, {scan_.steps}, ir::Expr::index(Index::variable(0)), {{}, "step"});
            step_ = leaf(LeafKind::slice, ir::Type::i64, {}, steps, {{}, "step"});
        }
        return step_;
    }
    NodeId computed(NodeId sequence) {
        if (const auto known = computed_.find(sequence); known != computed_.end()) return known->second;
        Node node = ir::with_operands(b_[sequence], [&](NodeId id) {
            const auto [at, isNew] = wholes_.try_emplace(id);
            if (isNew) at->second = leaf(LeafKind::input, b_[id].type, b_[id].shape, id, b_[id].origin);
            return at->second;
        });
        node.shape.erase(node.shape.begin());
        std::vector<Index> by{Index::get(step(), {})};
        for (ir::Var v = 0; v < node.shape.size(); ++v) by.push_back(Index::variable(v));
        const ir::Expr body = ir::substitute(node.equation()->body, by, ir::box_of(std::span<const std::int64_t>(node.shape)));
        return computed_[sequence] = body_.pointwise(node.type, node.shape, body, node.origin);
    }

    Builder& b_;
    const Scan scan_;
    Builder body_{Builder::Sharing::off};
    std::vector<NodeId> moved_;          // in the new body, by id in the old one
    std::vector<NodeId> inputs_;         // of the leaves of the new one
    NodeId step_;                        // a leaf that counts the steps
    std::map<NodeId, NodeId> wholes_;    // leaves for tensors outside
    std::map<NodeId, NodeId> computed_;  // by sequence outside
};

Graph move_sequences_inside(const Graph& graph) {
    return rebuild_loops(graph, [&](Builder& b, std::vector<Node> values) {
        const Scan& scan = *values.front().scan();
        if (scan.checkpointed && reads_one(b, scan)) {
            std::vector<NodeId> yields;
            for (const Node& value : values) yields.push_back(value.scan()->yield);
            const ir::LoopBody body = Inside(b, scan).body(yields);
            for (std::size_t k = 0; k < values.size(); ++k) {
                Scan& value = std::get<Scan>(values[k].what);
                value.body = body.graph;
                value.yield = body.yields[k];
                value.inputs = body.inputs;
            }
        }
        std::vector<NodeId> made;
        for (Node& value : values) made.push_back(append(b, std::move(value)));
        return made;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, sequences) = {
    .name = "sequences",
    .doc = "views, masks and the like that a checkpointed scan reads step by step are made in the steps",
    .run = move_sequences_inside,
};

}  // namespace rows
}  // namespace dlc::passes
