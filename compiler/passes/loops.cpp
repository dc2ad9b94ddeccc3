// What of a scan need not run step by step leaves it.
//
// A loop's body is an ordinary graph, in which three kinds of nodes have no business:
//
//   before   what depends on no carry: the input projections of a recurrent layer.  It is computed for all steps at once, an
//            equation with one more variable, and the loop reads a slice of it.
//   after    what no carry depends on: the output projection, a weight's gradient.  The loop stacks what it reads, and it follows
//            for all steps at once; a sum over the steps then becomes one with it.
//   nothing  what is the same in every step moves as it is.
//
// Of a checkpointed scan nothing of the kinds before and after moves: outside it would be stored for all steps.
//
// A product of small matrices in each step so becomes one large product.  What stays is the recurrence itself; where nothing
// stays, the loop is gone.  Bodies are then optimised like any graph.
#include <algorithm>
#include <map>
#include <optional>

#include "compiler/ir/batch.h"
#include "compiler/ir/loop.h"
#include "compiler/ir/row.h"
#include "compiler/passes/body.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"
#include "dsl/source/diagnostic.h"

namespace dlc::passes {
namespace {

using ir::Builder;
using ir::Graph;
using ir::Index;
using ir::LeafKind;
using ir::Node;
using ir::NodeId;
using ir::Scan;

class Loop {
public:
    /// `scan` speaks of nodes of `b`; `yields` are nodes of its body, wanted as stacks or as the `last` of them.
    Loop(Builder& b, const Scan& scan, std::vector<NodeId> yields, std::vector<bool> last)
        : b_(b),
          scan_(scan),
          body_(*scan.body),
          yields_(std::move(yields)),
          last_(std::move(last)),
          inputs_(body_.size()),
          next_(body_.size()) {
        std::size_t input = 0;
        for (std::size_t k = 0; k < body_.size(); ++k)
            if (body_.nodes()[k].leaf()) inputs_[k] = scan.inputs[input++];
        for (const ir::Result& r : body_.results()) next_[r.target.value] = r.node;
        classify();
    }

    /// What stands for the stack of each yield, or for its last element.
    std::vector<NodeId> run() {
        for (std::uint32_t k = 0; k < body_.size(); ++k)
            if (body_.nodes()[k].leaf() && (place_[k] == same || place_[k] == before))
                outside_[NodeId{k}] = {inputs_[k], place_[k] == before ? std::vector{Index::variable(0)} : std::vector<Index>{}};
        move_out({same, before});
        cut();
        move_out({after});
        std::vector<NodeId> stacks;
        for (std::size_t k = 0; k < yields_.size(); ++k) stacks.push_back(last_[k] ? last_of(yields_[k]) : stack_of(yields_[k]));
        return stacks;
    }

private:
    enum Place : std::uint8_t { same, before, inside, after, unused };

    bool is_leaf(std::uint32_t k) const { return body_.nodes()[k].leaf(); }
    bool liftable(const Node& node) const { return node.equation() || node.constant() || node.leaf(); }

    void classify() {
        const std::size_t size = body_.size();
        // What the yields need, through the carries.
        std::vector<bool> needed(size, false);
        std::vector<NodeId> stack = yields_;
        const auto take = [&](std::vector<bool>& set, NodeId id) {
            if (set[id.value]) return;
            set[id.value] = true;
            stack.push_back(id);
        };
        const auto close = [&](std::vector<bool>& set) {
            while (!stack.empty()) {
                const NodeId id = stack.back();
                stack.pop_back();
                for (const NodeId operand : operands(body_[id])) take(set, operand);
                if (next_[id.value]) take(set, next_[id.value]);
            }
        };
        for (const NodeId id : yields_) needed[id.value] = true;
        close(needed);

        // Forwards: what depends on a carry, or on what cannot be computed for all steps at once, stays or follows.
        std::vector<bool> late(size, false), varies(size, false);
        for (std::uint32_t k = 0; k < size; ++k) {
            const Node& node = body_.nodes()[k];
            for (const NodeId operand : operands(node)) {
                late[k] = late[k] || late[operand.value];
                varies[k] = varies[k] || varies[operand.value];
            }
            if (node.leaf()) {
                const bool carried = node.leaf()->kind == LeafKind::carry && next_[k] != NodeId{k};
                varies[k] = carried || node.leaf()->kind == LeafKind::slice;
                late[k] = carried;
            }
            if (varies[k] && !liftable(node)) late[k] = true;
        }
        // Backwards: what a carry or something that must stay depends on.
        std::vector<bool> leads(size, false);
        for (std::uint32_t k = 0; k < size; ++k)
            if (needed[k] && late[k] && (next_[k] || !liftable(body_.nodes()[k]))) take(leads, NodeId{k});
        close(leads);
        for (std::uint32_t k = 0; k < size; ++k)
            place_.push_back(!needed[k]                                       ? unused
                             : !varies[k]                                     ? same
                             : scan_.checkpointed && (late[k] || !is_leaf(k)) ? inside
                             : !late[k]                                       ? before
                             : leads[k]                                       ? inside
                                                                              : after);
    }

    /// The tensor outside that holds a node's values of all steps, with a leading axis.
    NodeId stack_of(NodeId id) {
        const ir::Family made = outside_.at(id);
        if (!made.at.empty()) return made.node;
        const Node node = b_[made.node];  // the same in every step
        ir::Shape shape = node.shape;
        shape.insert(shape.begin(), scan_.steps);
        std::vector<Index> at;
        for (ir::Var v = 1; v < shape.size(); ++v) at.push_back(Index::variable(v));
        return b_.pointwise(node.type, shape, b_.read(made.node, std::move(at)), node.origin);
    }

    /// What it holds in the step that is run last.  A stack of which nothing else is read is not made.
    NodeId last_of(NodeId id) {
        const ir::Family made = outside_.at(id);
        if (made.at.empty()) return made.node;
        if (const Scan* loop = b_[made.node].scan()) {
            Scan last = *loop;
            last.last = true;
            return b_.scan(std::move(last), b_[made.node].origin);
        }
        return ir::element(b_, made.node, scan_.backwards ? 0 : scan_.steps - 1, body_[id].origin);
    }

    /// Appends the nodes of these places outside of the loop, for all steps at once.
    void move_out(std::initializer_list<Place> places) {
        std::vector<NodeId> wanted;
        for (std::uint32_t k = 0; k < body_.size(); ++k)
            if (std::ranges::find(places, place_[k]) != places.end() && !outside_.contains(NodeId{k})) wanted.push_back(NodeId{k});
        const std::vector<ir::Family> made = ir::batch(b_, body_, {scan_.steps}, outside_, {}, wanted).wanted;
        for (std::size_t w = 0; w < wanted.size(); ++w) outside_[wanted[w]] = made[w];
    }

    /// Makes the loop of what stays, and the stacks of what others read of it.
    void cut() {
        std::vector<NodeId> read;  // nodes of the loop
        std::vector<bool> seen(body_.size(), false);
        std::vector<NodeId> carries;
        const auto want = [&](NodeId id) {
            if (place_[id.value] != inside || seen[id.value]) return;
            seen[id.value] = true;
            // A carry is what the step before computed, and its first value in the first step.
            const NodeId next = next_[id.value];
            const bool shifted = next && !body_[next].leaf();
            if (shifted) carries.push_back(id);
            const NodeId wanted = shifted ? next : id;
            if (shifted && (seen[next.value] || place_[next.value] != inside)) return;
            seen[wanted.value] = true;
            read.push_back(wanted);
        };
        for (const NodeId yield : yields_) want(yield);
        for (std::uint32_t k = 0; k < body_.size(); ++k)
            if (place_[k] == after)
                for (const NodeId operand : operands(body_.nodes()[k])) want(operand);
        if (!read.empty()) make_loop(read);
        for (const NodeId carry : carries) {
            const NodeId held = ir::carried(b_, stack_of(next_[carry.value]), inputs_[carry.value], scan_.backwards);
            outside_[carry] = {held, {Index::variable(0)}};
        }
    }
    void make_loop(std::span<const NodeId> wanted) {
        // The body's own sources come first: the graph it has now, with what moved out as leaves.
        const auto boundary = [&](NodeId id) -> std::optional<ir::LoopInput> {
            if (place_[id.value] == same) return ir::LoopInput{LeafKind::input, outside_.at(id).node};
            if (place_[id.value] == before) return ir::LoopInput{LeafKind::slice, outside_.at(id).node};
            if (body_[id].leaf()) return ir::LoopInput{body_[id].leaf()->kind, inputs_[id.value]};
            return std::nullopt;
        };
        const ir::LoopBody made =
            optimised(ir::cut_loop(body_.nodes(), wanted, boundary, [&](NodeId carry) { return next_[carry.value]; }));
        for (std::size_t k = 0; k < wanted.size(); ++k)
            outside_[wanted[k]] = {
                b_.scan({made.graph, made.yields[k], scan_.steps, scan_.backwards, made.inputs, scan_.checkpointed},
                        body_[wanted[k]].origin),
                {Index::variable(0)}};
    }

    Builder& b_;
    const Scan scan_;
    const Graph& body_;
    std::vector<NodeId> yields_;
    std::vector<bool> last_;                // of the yields
    std::vector<NodeId> inputs_;            // outside, of leaves
    std::vector<NodeId> next_;              // in the body, of carries
    std::map<NodeId, ir::Family> outside_;  // what holds a node's values there, by step
    std::vector<Place> place_;
};

Graph move_out_of_loops(const Graph& graph) {
    return rebuild_loops(graph, [](Builder& b, std::vector<Node> values) {
        std::vector<NodeId> made, yields;
        std::vector<bool> last;
        for (Node& value : values) {
            const Scan& scan = *value.scan();
            yields.push_back(scan.yield);
            last.push_back(scan.last);
            if (scan.steps == 0) made.push_back(b.fill(0, value.type, std::move(value.shape), std::move(value.origin)));
        }
        return made.empty() ? Loop(b, *values.front().scan(), std::move(yields), std::move(last)).run() : made;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, loops) = {
    .name = "loops",
    .doc = "what of a scan does not depend on its carries leaves it, what no carry depends on follows it",
    .run = move_out_of_loops,
};

}  // namespace rows
}  // namespace dlc::passes
