#include "compiler/autodiff/loops.h"

#include <algorithm>
#include <map>
#include <optional>

#include "compiler/ir/arith.h"
#include "compiler/ir/loop.h"
#include "dsl/source/diagnostic.h"

namespace dlc::autodiff {

using ir::Builder;
using ir::Graph;
using ir::LeafKind;
using ir::Node;
using ir::NodeId;
using ir::Scan;

namespace {

/// A loop made from another one's body: that body's nodes come first, then what a derivative adds.
class Derived {
public:
    Derived(Builder& outer, const Scan& primal, std::function<NodeId(NodeId)> at_hand = std::identity())
        : outer_(outer), primal_(primal), at_hand_(std::move(at_hand)), body_(Builder::Sharing::off) {
        const Graph& graph = *primal.body;
        std::size_t input = 0;
        for (std::uint32_t k = 0; k < graph.size(); ++k) {
            Node node = graph[NodeId{k}];
            node.origin.layer.clear();  // of the derivative, which computes it once more
            body_.copy(node, [](NodeId id) { return id; });
            const bool carried = node.leaf() && node.leaf()->kind == LeafKind::carry;
            const bool sliced = node.leaf() && node.leaf()->kind == LeafKind::slice;
            varies_.push_back(carried || sliced ||
                              std::ranges::any_of(operands(node), [&](NodeId o) { return bool(varies_[o.value]); }));
            if (node.leaf()) leaves_.push_back({NodeId{k}, primal.inputs[input++]});
        }
    }
    struct PrimalLeaf {
        NodeId inside, outer;
    };
    Builder& body() { return body_; }
    const std::vector<PrimalLeaf>& leaves() const { return leaves_; }
    LeafKind kind(const PrimalLeaf& leaf) const { return body_[leaf.inside].leaf()->kind; }
    /// What a carry of the primal holds in the next step.
    NodeId next(NodeId carry) const {
        for (const ir::Result& r : primal_.body->results())
            if (r.target == carry) return r.node;
        return {};
    }

    NodeId leaf(LeafKind kind, NodeId outer, const Node& like) {
        const NodeId made = body_.leaf(kind, "derivative " + std::to_string(added_.size()), like.type, like.shape, like.origin);
        added_[made] = {kind, outer};
        return made;
    }
    void carry_on(NodeId carry, NodeId next) { next_[carry] = next; }

    /// The stacks of `wanted`, nodes of the derived body.
    std::vector<NodeId> finish(std::span<const NodeId> wanted, bool backwards, const ir::Origin& origin) {
        const std::size_t size = primal_.body->size();
        const ir::LoopBody made = ir::cut_loop(
            body_.graph().nodes(), wanted,
            [&](NodeId id) -> std::optional<ir::LoopInput> {
                if (const auto added = added_.find(id); added != added_.end()) return added->second;
                if (id.value >= size) return std::nullopt;
                if (const Node& node = body_[id]; node.leaf()) return boundary(id, node.leaf()->kind);
                if (!varies_[id.value]) return std::nullopt;
                return ir::LoopInput{LeafKind::slice, stack(id)};
            },
            [&](NodeId carry) { return next_.at(carry); });
        std::vector<NodeId> stacks;
        for (const NodeId yield : made.yields)
            stacks.push_back(outer_.scan({made.graph, yield, primal_.steps, backwards, made.inputs, primal_.checkpointed}, origin));
        return stacks;
    }

private:
    NodeId stack(NodeId of_primal) {
        Scan value = primal_;
        value.yield = of_primal;
        return outer_.scan(std::move(value), (*primal_.body)[of_primal].origin);
    }
    ir::LoopInput boundary(NodeId leaf, LeafKind kind) {
        const NodeId outer = at_hand_(std::ranges::find(leaves_, leaf, &PrimalLeaf::inside)->outer);
        if (kind != LeafKind::carry) return {kind, outer};
        return {LeafKind::slice, ir::carried(outer_, stack(next(leaf)), outer, primal_.backwards)};
    }

    Builder& outer_;
    const Scan primal_;                      // a copy: `outer_` grows
    std::function<NodeId(NodeId)> at_hand_;  // what holds the value of an input where the derivative is computed
    Builder body_;
    std::vector<bool> varies_;  // of the primal's nodes: from step to step
    std::vector<PrimalLeaf> leaves_;
    std::map<NodeId, ir::LoopInput> added_;
    std::map<NodeId, NodeId> next_;
};

}  // namespace

std::vector<NodeId> loop_vjp(Builder& b, std::span<const NodeId> members, std::span<const NodeId> cotangents,
                             const std::vector<bool>& relevant, const std::function<NodeId(NodeId)>& at_hand) {
    const Scan scan = *b[members.front()].scan();
    const ir::Origin origin = b[members.front()].origin;
    std::vector<NodeId> adjoints(scan.inputs.size());
    if (scan.steps == 0) return adjoints;
    Derived derived(b, scan, at_hand);
    std::vector<Seed> seeds;
    for (std::size_t m = 0; m < members.size(); ++m) {
        const NodeId yield = b[members[m]].scan()->yield;
        seeds.push_back({yield, derived.leaf(LeafKind::slice, cotangents[m], derived.body()[yield])});
    }
    std::vector<NodeId> wrt, carried(scan.inputs.size()), sums(scan.inputs.size());
    std::vector<std::size_t> of;  // the input each of `wrt` is
    for (std::size_t k = 0; k < derived.leaves().size(); ++k) {
        const auto leaf = derived.leaves()[k];
        const Node node = derived.body()[leaf.inside];
        if (!is_real(node.type)) continue;
        const bool carry = derived.kind(leaf) == LeafKind::carry;
        if (!carry && !relevant[leaf.outer.value]) continue;
        if (carry) {
            const NodeId zero = b.fill(0, node.type, ir::Shape(node.shape), origin);
            carried[k] = derived.leaf(LeafKind::carry, zero, node);
            seeds.push_back({derived.next(leaf.inside), carried[k]});
        }
        wrt.push_back(leaf.inside);
        of.push_back(k);
    }
    std::vector<NodeId> changes = vjp(derived.body(), seeds, wrt);
    for (std::size_t w = 0; w < wrt.size(); ++w)
        if (carried[of[w]]) derived.carry_on(carried[of[w]], changes[w]);
    // The adjoint of what is the same in every step is a sum over the steps.  It is handed on where nothing is kept for all steps,
    // else it is one product of all steps.
    if (scan.checkpointed)
        for (std::size_t w = 0; w < wrt.size(); ++w) {
            const auto leaf = derived.leaves()[of[w]];
            if (derived.kind(leaf) != LeafKind::input) continue;
            const Node node = derived.body()[leaf.inside];
            sums[of[w]] = derived.leaf(LeafKind::carry, b.fill(0, node.type, ir::Shape(node.shape), origin), node);
            Builder& body = derived.body();
            changes[w] = body.pointwise(node.type, node.shape, body.read_all(sums[of[w]]) + body.read_all(changes[w]), node.origin);
            derived.carry_on(sums[of[w]], changes[w]);
        }
    const std::vector<NodeId> stacks = derived.finish(changes, !scan.backwards, {origin.span, "d " + origin.name});
    for (std::size_t w = 0; w < wrt.size(); ++w) {
        const auto leaf = derived.leaves()[of[w]];
        if (!relevant[leaf.outer.value]) continue;
        const Node given = b[leaf.outer];
        const ir::Origin here{origin.span, "d " + given.origin.name};
        if (carried[of[w]] || sums[of[w]])
            adjoints[of[w]] = ir::element(b, stacks[w], scan.backwards ? scan.steps - 1 : 0, here);
        else
            adjoints[of[w]] = derived.kind(leaf) == LeafKind::slice ? stacks[w] : ir::sum_of_steps(b, stacks[w], here);
    }
    return adjoints;
}

std::vector<NodeId> loop_jvp(Builder& b, std::span<const NodeId> members, std::span<const NodeId> tangents) {
    const Scan scan = *b[members.front()].scan();
    const ir::Origin origin = b[members.front()].origin;
    Derived derived(b, scan);
    std::vector<Tangent> along;
    std::vector<NodeId> outputs, carried;
    for (std::size_t k = 0; k < derived.leaves().size(); ++k) {
        const auto leaf = derived.leaves()[k];
        const Node node = derived.body()[leaf.inside];
        if (!is_real(node.type)) continue;
        NodeId outer = tangents[k];
        if (derived.kind(leaf) == LeafKind::carry) {
            if (!outer) outer = b.fill(0, node.type, ir::Shape(node.shape), origin);
        } else if (!outer) {
            continue;
        }
        const NodeId change = derived.leaf(derived.kind(leaf), outer, node);
        along.push_back({leaf.inside, change});
        if (derived.kind(leaf) == LeafKind::carry) {
            carried.push_back(change);
            outputs.push_back(derived.next(leaf.inside));
        }
    }
    for (const NodeId member : members) outputs.push_back(b[member].scan()->yield);
    const std::vector<NodeId> changes = jvp(derived.body(), along, outputs);
    for (std::size_t c = 0; c < carried.size(); ++c) derived.carry_on(carried[c], changes[c]);
    return derived.finish(std::span(changes).subspan(carried.size()), scan.backwards, {origin.span, origin.name + " tangent"});
}

}  // namespace dlc::autodiff
