#include "compiler/ir/batch.h"

#include <algorithm>
#include <set>

#include "compiler/ir/arith.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

class Batching {
public:
    Batching(Builder& b, const Graph& body, const Shape& extents, const std::map<NodeId, Family>& arguments,
             std::span<const Expr> conditions)
        : b_(b), body_(body), extents_(extents), conditions_(conditions), families_(body.size()) {
        for (const auto& [leaf, family] : arguments) families_[leaf.value] = family;
    }

    void run(std::span<const NodeId> wanted) {
        std::vector<bool> needed(body_.size(), false);
        for (const NodeId id : wanted) needed[id.value] = true;
        for (const Result& r : body_.results())
            if (r.kind == Result::check) needed[r.node.value] = true;
        for (std::size_t k = body_.size(); k-- > 0;)
            if (needed[k] && !families_[k].node)
                for (const NodeId o : operands(body_.nodes()[k])) needed[o.value] = true;
        for (std::uint32_t k = 0; k < body_.size(); ++k) {
            if (!needed[k] || families_[k].node) continue;
            const std::set<Var> used = variables(NodeId{k});
            b_.compute_again(body_.nodes()[k].again);
            if (same_everywhere(body_.nodes()[k]))
                families_[k] = {b_.copy(body_.nodes()[k], [&](NodeId id) { return families_[id.value].node; }), {}};
            else if (body_.nodes()[k].scan())
                move_loop(NodeId{k}, used, needed);
            else if (body_.nodes()[k].custom())
                families_[k] = moved_custom(body_.nodes()[k], used);
            else
                families_[k] = moved(body_.nodes()[k], used);
        }
        b_.compute_again(0);
    }

    const Family& of(NodeId id) const { return families_[id.value]; }

    /// The check for all points.
    Result check(Result r) {
        const Family& family = families_[r.node.value];
        r.node = family.node;
        std::set<Var> used;
        for (const Index& i : family.at)
            for (const Var v : i.variables()) used.insert(v);
        for (const Expr& c : conditions_)
            for (Var v = 0; v < extents_.size(); ++v)
                if (uses(c, v)) used.insert(v);
        if (family.at.empty() && conditions_.empty()) return r;
        const Node& node = b_[family.node];
        Equation e;
        if (!used.empty()) e.reduce = Reduce::sum;
        std::vector<Index> point(extents_.size());
        for (const Var v : used) {
            point[v] = Index::variable(static_cast<Var>(e.reductions.size()));
            e.reductions.push_back(extents_[v]);
        }
        const Box box = box_of(std::span<const std::int64_t>(e.reductions));
        std::vector<Index> at;
        for (const Index& i : family.at) at.push_back(i.substitute(point, box));
        e.body = convert(b_.read(family.node, at), Type::i32);
        if (const Expr holds = around(point, used, box)) e.body = select(holds, e.body, zero_like(e.body));
        r.node = b_.equation(Type::i32, {}, std::move(e), Origin(node.origin));
        return r;
    }

private:
    /// Of the point, on which the node depends.
    std::set<Var> variables(NodeId id) const {
        std::set<Var> used;
        for (const NodeId o : operands(body_[id]))
            for (const Index& i : families_[o.value].at)
                for (const Var v : i.variables()) used.insert(v);
        return used;
    }

    /// Whether what the node reads is one tensor at every point.  A family may be read at a constant place, along an axis of one
    /// element: it depends on no variable and is no tensor of one point all the same.
    bool same_everywhere(const Node& node) const {
        return std::ranges::all_of(operands(node), [&](NodeId o) { return families_[o.value].at.empty(); });
    }

    Family moved(const Node& node, const std::set<Var>& used) {
        DLC_ASSERT(node.equation(), "only an equation depends on the point");

        // The node's own variables move behind those of the point.
        Family made;
        Shape lead;
        std::vector<Index> point(extents_.size());
        for (const Var v : used) {
            made.at.push_back(Index::variable(v));
            point[v] = Index::variable(static_cast<Var>(lead.size()));
            lead.push_back(extents_[v]);
        }
        const auto widened = [&](const Shape& own) {
            Shape all = lead;
            all.insert(all.end(), own.begin(), own.end());
            return all;
        };
        const Box box = box_of(std::span<const std::int64_t>(widened(extents_of(node))));
        const std::function<Index(const Index&)> index = [&](const Index& i) {
            Index sum(i.constant());
            for (const Index::Term& t : i.terms()) {
                Index atom;
                switch (t.atom.kind) {
                    case Atom::variable: atom = Index::variable(static_cast<Var>(t.atom.var + lead.size())); break;
                    case Atom::div: atom = div(index(t.atom.dividend()), t.atom.modulus, box); break;
                    case Atom::mod: atom = mod(index(t.atom.dividend()), t.atom.modulus, box); break;
                    case Atom::get: {
                        const Family& family = families_[t.atom.tensor.value];
                        atom = Index::get(family.node, positions(family, point, box, t.atom.at(), index));
                        break;
                    }
                }
                sum = sum + atom * t.coefficient;
            }
            return sum;
        };
        Equation e = *node.equation();
        e.body = rewrite(e.body, [&](const Expr& x) {
            if (x->kind == ExprNode::index) return Expr::index(index(x->position));
            if (x->kind != ExprNode::read) return x;
            const Family& family = families_[x->tensor.value];
            return Expr::read(family.node, x->type, positions(family, point, box, x->at, index), x->otherwise);
        });
        for (Predicate& p : e.where) p.index = index(p.index);
        if (is_real(node.type) && may_diverge(e.body))
            if (const Expr holds = around(point, used, box))
                e.body = select(holds, e.body,
                                Expr::constant(e.reduce == Reduce::none ? 0 : identity(e.reduce, e.body->type), e.body->type));
        if (e.scatter) {
            std::vector<Index> map;
            for (Var v = 0; v < lead.size(); ++v) map.push_back(Index::variable(v));
            for (const Index& i : e.map) map.push_back(index(i));
            e.map = std::move(map);
            e.reductions = widened(e.reductions);
        }
        made.node = b_.equation(node.type, widened(node.shape), std::move(e), node.origin);
        return made;
    }

    /// `id` with the axes `before`, those of the point, and its own behind them; `at` says where the point's value lies.
    static NodeId spread(Builder& b, const Shape& before, const Shape& lead, NodeId id, const std::vector<Index>& at) {
        const Node node = b[id];
        Shape shape = before;
        shape.insert(shape.end(), lead.begin(), lead.end());
        std::vector<Index> shift, place;
        for (Var v = 0; v < lead.size(); ++v) shift.push_back(Index::variable(static_cast<Var>(v + before.size())));
        const Box box = box_of(std::span<const std::int64_t>(shape));
        for (const Index& i : at) place.push_back(i.substitute(shift, box));
        for (Var v = 0; v < before.size(); ++v) place.push_back(Index::variable(v));
        for (std::size_t d = place.size(); d < node.shape.size(); ++d) {
            place.push_back(Index::variable(static_cast<Var>(shape.size())));
            shape.push_back(node.shape[d]);
        }
        return b.pointwise(node.type, shape, b.read(id, std::move(place)), node.origin);
    }

    /// The variables of the point that something uses, as the leading axes of what is made of it.
    struct Lead {
        Shape shape;
        std::vector<Index> point;       // by variable of the point: its axis
        std::vector<Index> everywhere;  // the axes, in their order
    };
    Lead lead_of(const std::set<Var>& used) const {
        Lead lead{{}, std::vector<Index>(extents_.size()), {}};
        for (const Var v : used) {
            lead.point[v] = Index::variable(static_cast<Var>(lead.shape.size()));
            lead.everywhere.push_back(lead.point[v]);
            lead.shape.push_back(extents_[v]);
        }
        return lead;
    }
    /// What holds around, as a leaf of the graph that is made for all points; nothing where that is always true.
    std::vector<Expr> holds_inside(Builder& made, std::vector<NodeId>& inputs, const Lead& lead, const std::set<Var>& used) {
        const Expr holds = around(lead.point, used, box_of(std::span<const std::int64_t>(lead.shape)));
        if (!holds) return {};
        inputs.push_back(b_.pointwise(Type::boolean, lead.shape, holds));
        return {made.read(made.leaf(LeafKind::input, "holds", Type::boolean, lead.shape), lead.everywhere)};
    }

    // A call with a given adjoint: the results at all points, with the adjoint of all points.
    Family moved_custom(const Node& node, const std::set<Var>& used) {
        const Custom& custom = *node.custom();
        const Lead lead = lead_of(used);
        const Box box = box_of(std::span<const std::int64_t>(lead.shape));
        const std::vector<NodeId> leaves = custom.adjoint->leaves(LeafKind::input);
        const std::vector<NodeId> cotangents = custom.adjoint->leaves(LeafKind::cotangent);
        Builder made(Builder::Sharing::off);
        std::map<NodeId, Family> inside;
        std::vector<NodeId> inputs;
        const auto leaf = [&](LeafKind kind, NodeId of, const Shape& shape) {
            const Node& old = (*custom.adjoint)[of];
            return made.leaf(kind, old.leaf()->name, old.type, shape, old.origin);
        };
        for (std::size_t k = 0; k < leaves.size(); ++k) {
            const Family& given = families_[custom.inputs[k].value];
            std::vector<Index> at;
            for (const Index& i : given.at) at.push_back(i.substitute(lead.point, box));
            const bool varies = !at.empty() || k < cotangents.size();
            inputs.push_back(varies ? spread(b_, {}, lead.shape, given.node, at) : given.node);
            inside[leaves[k]] = {leaf(LeafKind::input, leaves[k], b_[inputs.back()].shape),
                                 varies ? lead.everywhere : std::vector<Index>{}};
        }
        for (std::size_t k = 0; k < cotangents.size(); ++k)
            inside[cotangents[k]] = {leaf(LeafKind::cotangent, cotangents[k], b_[inputs[k]].shape), lead.everywhere};
        const std::vector<Expr> conditions = holds_inside(made, inputs, lead, used);
        std::vector<NodeId> wanted;
        for (const Result& r : custom.adjoint->results()) wanted.push_back(r.node);
        const std::vector<Family> found = batch(made, *custom.adjoint, lead.shape, inside, conditions, wanted).wanted;
        for (std::size_t k = 0; k < found.size(); ++k) {
            Result r = custom.adjoint->results()[k];
            const Family& target = inside[r.target];
            r.target = target.node;
            r.node = spread(made, {}, lead.shape, found[k].node, found[k].at);
            if (target.at.empty()) r.node = sum_of_points(made, r.node, lead.shape.size());
            made.result(std::move(r));
        }
        Custom all{std::make_shared<const Graph>(std::move(made).finish()), custom.result, std::move(inputs)};
        Family family{b_.custom(std::move(all), node.origin), {}};
        for (const Var v : used) family.at.push_back(Index::variable(v));
        return family;
    }
    /// The sum over the first `count` axes.
    static NodeId sum_of_points(Builder& b, NodeId id, std::size_t count) {
        const Node node = b[id];
        const auto lead = node.shape.begin() + static_cast<std::ptrdiff_t>(count);
        const Shape own(lead, node.shape.end());
        Equation sum;
        sum.reduce = Reduce::sum;
        sum.reductions.assign(node.shape.begin(), lead);
        std::vector<Index> at;
        for (std::size_t v = 0; v < count; ++v) at.push_back(Index::variable(static_cast<Var>(own.size() + v)));
        for (std::size_t v = 0; v < own.size(); ++v) at.push_back(Index::variable(static_cast<Var>(v)));
        sum.body = b.read(id, std::move(at));
        return b.equation(node.type, own, std::move(sum), node.origin);
    }

    // A loop that depends on the point is one loop that goes over all points in each step: its carries, and what differs from point
    // to point, get leading axes.
    void move_loop(NodeId first, const std::set<Var>& used, const std::vector<bool>& needed) {
        const Scan scan = *body_[first].scan();
        const Graph& steps = *scan.body;
        const Lead leading = lead_of(used);
        const auto& [lead, point, everywhere] = leading;
        Builder made;
        std::map<NodeId, Family> inside;
        std::vector<NodeId> inputs;
        std::vector<std::pair<NodeId, NodeId>> carries;  // leaf, its leaf in the new body
        const Box box = box_of(std::span<const std::int64_t>(lead));
        for (std::uint32_t k = 0; k < steps.size(); ++k) {
            const Node& node = steps.nodes()[k];
            if (!node.leaf()) continue;
            const LeafKind kind = node.leaf()->kind;
            const Family& given = families_[scan.inputs[inputs.size()].value];
            std::vector<Index> at;
            for (const Index& i : given.at) at.push_back(i.substitute(point, box));
            Family here{{}, everywhere};
            NodeId outer = given.node;
            if (kind == LeafKind::input)
                here.at = at;
            else if (kind == LeafKind::carry)
                outer = spread(b_, {}, lead, given.node, at);
            else if (at.empty())
                here.at.clear();
            else
                outer = spread(b_, {scan.steps}, lead, given.node, at);
            const Node& whole = b_[outer];
            const Shape shape(whole.shape.begin() + (kind == LeafKind::slice ? 1 : 0), whole.shape.end());
            here.node = made.leaf(kind, node.leaf()->name, node.type, shape, node.origin);
            inputs.push_back(outer);
            if (kind == LeafKind::carry) carries.emplace_back(NodeId{k}, here.node);
            inside.emplace(NodeId{k}, std::move(here));
        }
        const std::vector<Expr> conditions = holds_inside(made, inputs, leading, used);
        std::vector<NodeId> wanted, members;
        for (const auto& [leaf, moved] : carries) wanted.push_back(std::ranges::find(steps.results(), leaf, &Result::target)->node);
        for (std::uint32_t k = first.value; k < body_.size(); ++k)
            if (needed[k] && same_loop(body_[first], body_[NodeId{k}])) {
                DLC_ASSERT(!body_[NodeId{k}].scan()->last, "last values are for the passes to make");
                members.push_back(NodeId{k});
                wanted.push_back(body_[NodeId{k}].scan()->yield);
            }
        const std::vector<Family> found = batch(made, steps, lead, inside, conditions, wanted).wanted;
        for (std::size_t c = 0; c < carries.size(); ++c) {
            const auto& [leaf, moved] = carries[c];
            const NodeId next = found[c].at == everywhere ? found[c].node : spread(made, {}, lead, found[c].node, found[c].at);
            made.result({Result::update, made[moved].leaf()->name, next, moved, {}});
        }
        const auto body = std::make_shared<const Graph>(std::move(made).finish());
        for (std::size_t m = 0; m < members.size(); ++m) {
            const Family& yield = found[carries.size() + m];
            const NodeId stack =
                b_.scan({body, yield.node, scan.steps, scan.backwards, inputs, scan.checkpointed}, body_[members[m]].origin);
            // The point's axes come first again.
            const Node node = b_[stack];
            Family& family = families_[members[m].value];
            std::vector<Index> place{Index::variable(static_cast<Var>(lead.size()))};
            place.insert(place.end(), yield.at.begin(), yield.at.end());
            Shape shape = lead;
            shape.push_back(scan.steps);
            for (std::size_t d = place.size(); d < node.shape.size(); ++d) {
                place.push_back(Index::variable(static_cast<Var>(shape.size())));
                shape.push_back(node.shape[d]);
            }
            family.node = b_.pointwise(node.type, shape, b_.read(stack, std::move(place)), node.origin);
            for (const Var v : used) family.at.push_back(Index::variable(v));
        }
    }

    static std::vector<Index> positions(const Family& family, std::span<const Index> point, const Box& box,
                                        const std::vector<Index>& own, const std::function<Index(const Index&)>& index) {
        std::vector<Index> at;
        for (const Index& i : family.at) at.push_back(i.substitute(point, box));
        for (const Index& i : own) at.push_back(index(i));
        return at;
    }

    // The conditions around that speak of no other variables than `used`, where those stand at `point`.
    Expr around(std::span<const Index> point, const std::set<Var>& used, const Box& box) const {
        Expr all;
        for (const Expr& c : conditions_) {
            bool known = true;
            for (Var v = 0; v < extents_.size(); ++v) known = known && (used.contains(v) || !uses(c, v));
            if (!known) continue;
            const Expr here = substitute(c, point, box);
            all = all ? both(all, here) : here;
        }
        return all;
    }

    Builder& b_;
    const Graph& body_;
    const Shape& extents_;
    std::span<const Expr> conditions_;
    std::vector<Family> families_;  // by node of the body
};

}  // namespace

bool may_diverge(const Expr& e) {
    constexpr std::string_view kTame[] = {"add", "sub", "mul", "neg", "select", "max", "min", "cast", "abs", "stop_gradient",
                                          "eq",  "ne",  "lt",  "le",  "gt",     "ge",  "and", "or",   "not"};
    bool found = false;
    visit(e, [&](const Expr& n) {
        found = found || (n->kind == ExprNode::call && std::ranges::find(kTame, n->scalar->name) == std::end(kTame));
    });
    return found;
}

Batched batch(Builder& b, const Graph& body, const Shape& extents, const std::map<NodeId, Family>& arguments,
              std::span<const Expr> conditions, std::span<const NodeId> wanted) {
    Batching batching(b, body, extents, arguments, conditions);
    batching.run(wanted);
    Batched made;
    for (const NodeId id : wanted) made.wanted.push_back(batching.of(id));
    for (const Result& r : body.results())
        if (r.kind == Result::check) made.checks.push_back(batching.check(r));
    return made;
}

}  // namespace dlc::ir
