#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "compiler/autodiff/customs.h"
#include "compiler/autodiff/gradient.h"
#include "compiler/autodiff/loops.h"
#include "compiler/autodiff/reductions.h"
#include "compiler/autodiff/shifts.h"
#include "compiler/ir/arith.h"
#include "dsl/source/diagnostic.h"

namespace dlc::autodiff {

using ir::Box;
using ir::Builder;
using ir::Equation;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::Node;
using ir::NodeId;
using ir::Reduce;
using ir::Var;

namespace {

class Reverse {
public:
    Reverse(Builder& b, std::span<const Seed> seeds, std::span<const NodeId> wrt)
        : b_(b), size_(b.size()), relevant_(dependents(b, wrt)), contributions_(size_) {
        for (const Seed& seed : seeds) {
            DLC_ASSERT(b[seed.of].shape == b[seed.cotangent].shape && b[seed.of].type == b[seed.cotangent].type,
                       "a cotangent has the shape and type of its value");
            contributions_[seed.of.value].push_back(seed.cotangent);
            values_.push_back(seed.of);
        }
    }

    void run() {
        for (std::size_t k = size_; k-- > 0;) {
            const NodeId id{static_cast<std::uint32_t>(k)};
            if (b_[id].scan() || b_[id].custom())
                differentiate_together(id);
            else if (relevant_[k] && !contributions_[k].empty())
                differentiate(id);
        }
    }
    /// The adjoint of a node: the sum of its contributions, made once.
    NodeId adjoint(NodeId id) {
        std::vector<NodeId>& parts = contributions_[id.value];
        const Node& node = b_[id];
        const ir::Origin origin = named_after("d_", node, node);
        if (parts.empty()) return b_.fill(0, node.type, ir::Shape(node.shape), origin);
        if (parts.size() > 1) {
            Expr sum = b_.read_all(parts.front());
            for (std::size_t k = 1; k < parts.size(); ++k) sum = sum + b_.read_all(parts[k]);
            parts = {b_.pointwise(node.type, ir::Shape(node.shape), sum, origin)};
        }
        return parts.front();
    }

private:
    /// All values of a loop, or results of a call with a given adjoint, at once, when the first of them is reached: by then
    /// whatever reads one of them is done.
    void differentiate_together(NodeId id) {
        std::vector<NodeId> members, cotangents;
        for (std::uint32_t k = 0; k < size_; ++k) {
            if (!same_loop(b_[NodeId{k}], b_[id]) && !same_call(b_[NodeId{k}], b_[id])) continue;
            if (k < id.value) return;
            if (!relevant_[k] || contributions_[k].empty()) continue;
            members.push_back(NodeId{k});
        }
        if (members.empty()) return;
        for (NodeId& member : members) {
            cotangents.push_back(adjoint(member));
            member = computed(member);
        }
        const bool loop = b_[members.front()].scan();
        const std::vector<NodeId> inputs = loop ? b_[members.front()].scan()->inputs : b_[members.front()].custom()->inputs;
        const std::vector<NodeId> made =
            loop ? loop_vjp(b_, members, cotangents, relevant_, [&](NodeId input) { return at_hand(input); })
                 : custom_vjp(b_, members, cotangents);
        for (std::size_t k = 0; k < inputs.size(); ++k)
            if (made[k]) contributions_[first(inputs[k]).value].push_back(made[k]);
    }

    // What a checkpoint computed is differentiated where it is computed again: a copy of its nodes that is made when the adjoint of
    // the first of them is due, and so after all that the adjoint depends on.

    /// The node whose values the derivative of `id` reads.
    NodeId computed(NodeId id) {
        const std::uint32_t checkpoint = b_[id].origin.checkpoint;
        if (checkpoint && checkpoints_.insert(checkpoint).second) compute_again(checkpoint);
        return at_hand(id);
    }
    /// What holds its value now: the copy, if there is one.
    NodeId at_hand(NodeId id) const {
        const auto copy = again_.find(id);
        return copy == again_.end() ? id : copy->second;
    }
    /// The node of which `id` may be a copy.
    NodeId first(NodeId id) const {
        const auto found = first_.find(id);
        return found == first_.end() ? id : found->second;
    }
    void compute_again(std::uint32_t checkpoint) {
        for (std::uint32_t k = 0; k < size_; ++k) {
            Node node = b_[NodeId{k}];
            if (node.origin.checkpoint != checkpoint || node.leaf() || node.constant()) continue;
            node.origin.checkpoint = 0;
            node.origin.layer.clear();
            node.again = checkpoint;
            const NodeId copy = b_.copy(node, [&](NodeId o) { return again_.contains(o) ? again_.at(o) : o; });
            again_[NodeId{k}] = copy;
            first_[copy] = NodeId{k};
            relevant_.resize(b_.size(), false);
            relevant_[copy.value] = relevant_[k];
        }
    }

    void differentiate(NodeId primal) {
        const NodeId id = computed(primal);
        if (const std::optional<RunningProduct> running = running_product(b_, id)) {
            const Seed seed{running->product, adjoint(primal)};
            const NodeId factors = running->factors;
            return differentiate(factors, [&] { return vjp(b_, {&seed, 1}, {&factors, 1}).front(); });
        }
        differentiate(id, [&] { return adjoint(primal); });
    }
    /// Of the node whose values the derivative reads; `cotangent` is asked for where one is wanted.
    void differentiate(NodeId id, const std::function<NodeId()>& cotangent) {
        const Node node = b_[id];
        DLC_ASSERT(is_real(node.type), "only real values have an adjoint");
        DLC_ASSERT(!node.library(), "a library operation has no derivative");
        if (!node.equation()) return;
        const Equation& e = *node.equation();
        std::vector<Expr> targets;
        for (const Expr& read : ir::reads(e.body))
            if (is_real(read->type) && relevant_[read->tensor.value]) targets.push_back(read);
        if (targets.empty()) return;
        if ((e.reduce == Reduce::max || e.reduce == Reduce::min) && is_immaterial(b_, first(id), values_)) return;
        const ShapeOf shape_of = [this](NodeId t) -> const ir::Shape& { return b_[t].shape; };
        const Box box = box_of(node);

        // Derivatives first: an equation of which nothing changes needs no seed and no slope.
        std::vector<Expr> derivatives;
        for (const Expr& target : targets)
            derivatives.push_back(tangent(
                e.body, [&](const Expr& read) { return read == target ? one_like(read) : Expr(); }, shape_of, box));
        if (std::ranges::none_of(derivatives, [](const Expr& d) { return bool(d); })) return;
        const auto slope_here = slope(b_, id);
        if (!slope_here) return;

        Expr seed = e.scatter
                        ? b_.read(cotangent(), e.map, may_leave(e.map, node.shape, box) ? Expr::constant(0, node.type) : Expr())
                        : b_.read_all(cotangent());
        if (slope_here->factor) seed = seed * slope_here->factor;
        // The value of exp(x) is at hand when its derivative is wanted.
        const bool plain = !e.scatter && e.reduce == Reduce::none && e.body->kind == ExprNode::call;
        const Expr value = plain ? b_.read_all(id) : Expr();

        // A read that meets every element once comes first: its adjoint is the value that other reads of equal derivative
        // accumulate, as the bias does the adjoint of what it is added to.
        std::vector<std::size_t> order;
        for (const bool whole : {true, false})
            for (std::size_t k = 0; k < targets.size(); ++k)
                if (derivatives[k] && is_whole(targets[k]->at, b_[targets[k]->tensor].shape, extents_of(node)) == whole)
                    order.push_back(k);
        std::vector<Known> known;
        for (const std::size_t k : order) {
            const Expr derivative =
                plain ? ir::rewrite(derivatives[k], [&](const Expr& x) { return x == e.body ? value : x; }) : derivatives[k];
            const NodeId tensor = first(targets[k]->tensor);
            const ir::Type type = b_[tensor].type;
            const ir::Shape shape = b_[tensor].shape;
            for (const Summand& summand : summands(seed, derivative)) {
                Equation adjoint;
                adjoint.scatter = true;
                adjoint.lossy = true;
                adjoint.reduce = Reduce::sum;
                adjoint.reductions = extents_of(node);
                adjoint.map = targets[k]->at;
                adjoint.body = convert(summand.body, type);
                adjoint.where = slope_here->where;
                adjoint.where.insert(adjoint.where.end(), summand.where.begin(), summand.where.end());
                std::ranges::sort(adjoint.where);
                const Expr body = adjoint.body;
                const std::vector<ir::Predicate> where = adjoint.where;
                const auto same = std::ranges::find_if(known, [&](const Known& x) { return x.body == body && x.where == where; });
                if (same != known.end()) {
                    adjoint.body = b_.read(same->adjoint, same->at);
                    adjoint.where.clear();
                }
                const NodeId made = b_.equation(type, shape, std::move(adjoint), named_after("d_", b_[tensor], node));
                contributions_[tensor.value].push_back(made);
                if (same == known.end() && body->kind == ExprNode::call && is_whole(targets[k]->at, shape, extents_of(node)))
                    known.push_back({body, where, made, targets[k]->at});
            }
        }
    }
    /// A contribution that holds `body` at each point of the domain where the conditions hold, and 0 elsewhere.
    struct Known {
        Expr body;
        std::vector<ir::Predicate> where;
        NodeId adjoint;
        std::vector<Index> at;
    };
    /// Whether a read meets each element of its tensor at exactly one point of the domain.
    static bool is_whole(const std::vector<Index>& at, const ir::Shape& shape, const ir::Shape& domain) {
        std::vector<Var> used;
        for (std::size_t k = 0; k < at.size(); ++k) {
            const auto v = at[k].as_variable();
            if (!v || shape[k] != domain[*v]) return false;
            used.push_back(*v);
        }
        std::ranges::sort(used);
        return used.size() == domain.size() && std::ranges::adjacent_find(used) == used.end();
    }
    static bool may_leave(const std::vector<Index>& at, const ir::Shape& shape, const Box& box) {
        for (std::size_t k = 0; k < at.size(); ++k) {
            const ir::Range r = at[k].range(box);
            if (r.low < 0 || r.high >= shape[k]) return true;
        }
        return false;
    }

    Builder& b_;
    std::size_t size_;  // nodes that existed before
    std::vector<bool> relevant_;
    std::vector<std::vector<NodeId>> contributions_;
    std::vector<NodeId> values_;
    std::set<std::uint32_t> checkpoints_;     // computed again
    std::map<NodeId, NodeId> again_, first_;  // of what checkpoints computed: its copy, and back
};

}  // namespace

std::vector<bool> dependents(const Builder& b, std::span<const NodeId> on) {
    std::vector<bool> result(b.size(), false);
    for (const NodeId id : on) result[id.value] = true;
    for (std::uint32_t id = 0; id < b.size(); ++id)
        if (!result[id]) result[id] = std::ranges::any_of(operands(b[NodeId{id}]), [&](NodeId o) { return bool(result[o.value]); });
    return result;
}

std::vector<NodeId> vjp(Builder& b, std::span<const Seed> seeds, std::span<const NodeId> wrt) {
    Reverse reverse(b, seeds, wrt);
    reverse.run();
    std::vector<NodeId> result;
    for (const NodeId id : wrt) result.push_back(reverse.adjoint(id));
    return result;
}

std::vector<NodeId> gradient(Builder& b, NodeId scalar, std::span<const NodeId> wrt) {
    DLC_ASSERT(ir::volume(b[scalar].shape) == 1, "a gradient is of one number");
    const ir::Node value = b[scalar];
    const Seed seed{scalar, b.fill(1, value.type, value.shape, named_after("d_", value, value))};
    return vjp(b, {&seed, 1}, wrt);
}

}  // namespace dlc::autodiff
