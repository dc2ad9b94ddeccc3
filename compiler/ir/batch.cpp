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
            if (body_.nodes()[k].scan() && !used.empty())
                move_loop(NodeId{k}, used, needed);
            else
                families_[k] = moved(body_.nodes()[k], used);
        }
        b_.compute_again(0);
        for (const Result& r : body_.results())
            if (r.kind == Result::check) check(r);
    }

    const Family& of(NodeId id) const { return families_[id.value]; }

private:
    /// Of the point, on which the node depends.
    std::set<Var> variables(NodeId id) const {
        std::set<Var> used;
        for (const NodeId o : operands(body_[id]))
            for (const Index& i : families_[o.value].at)
                for (const Var v : i.variables()) used.insert(v);
        return used;
    }

    Family moved(const Node& node, const std::set<Var>& used) {
        if (used.empty() && std::ranges::all_of(operands(node), [&](NodeId o) { return families_[o.value].at.empty(); }))
            return {b_.copy(node, [&](NodeId id) { return families_[id.value].node; }), {}};
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

    // A loop that depends on the point is one loop that goes over all points in each step: its carries, and what differs from point
    // to point, get leading axes.
    void move_loop(NodeId first, const std::set<Var>& used, const std::vector<bool>& needed) {
        const Scan scan = *body_[first].scan();
        const Graph& steps = *scan.body;
        Shape lead;
        std::vector<Index> point(extents_.size());
        for (const Var v : used) {
            point[v] = Index::variable(static_cast<Var>(lead.size()));
            lead.push_back(extents_[v]);
        }
        const auto everywhere = [&] {
            std::vector<Index> all;
            for (Var v = 0; v < lead.size(); ++v) all.push_back(Index::variable(v));
            return all;
        }();
        // `id` with the axes `before`, those of the point, and its own behind them; `at` says where the point's value lies.
        const auto spread = [&](Builder& b, const Shape& before, NodeId id, const std::vector<Index>& at) {
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
        };

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
                outer = spread(b_, {}, given.node, at);
            else if (at.empty())
                here.at.clear();
            else
                outer = spread(b_, {scan.steps}, given.node, at);
            const Node& whole = b_[outer];
            const Shape shape(whole.shape.begin() + (kind == LeafKind::slice ? 1 : 0), whole.shape.end());
            here.node = made.leaf(kind, node.leaf()->name, node.type, shape, node.origin);
            inputs.push_back(outer);
            if (kind == LeafKind::carry) carries.emplace_back(NodeId{k}, here.node);
            inside.emplace(NodeId{k}, std::move(here));
        }
        std::vector<Expr> conditions;
        if (const Expr holds = around(point, used, box)) {
            inputs.push_back(b_.pointwise(Type::boolean, lead, holds));
            conditions.push_back(made.read(made.leaf(LeafKind::input, "holds", Type::boolean, lead), everywhere));
        }
        std::vector<NodeId> wanted, members;
        for (const auto& [leaf, moved] : carries) wanted.push_back(std::ranges::find(steps.results(), leaf, &Result::target)->node);
        for (std::uint32_t k = first.value; k < body_.size(); ++k)
            if (needed[k] && same_loop(body_[first], body_[NodeId{k}])) {
                members.push_back(NodeId{k});
                wanted.push_back(body_[NodeId{k}].scan()->yield);
            }
        const std::vector<Family> found = batch(made, steps, lead, inside, conditions, wanted);
        for (std::size_t c = 0; c < carries.size(); ++c) {
            const auto& [leaf, moved] = carries[c];
            const NodeId next = found[c].at == everywhere ? found[c].node : spread(made, {}, found[c].node, found[c].at);
            made.result({Result::update, made[moved].leaf()->name, next, moved, {}});
        }
        const auto body = std::make_shared<const Graph>(std::move(made).finish());
        for (std::size_t m = 0; m < members.size(); ++m) {
            const Family& yield = found[carries.size() + m];
            const NodeId stack = b_.scan({body, yield.node, scan.steps, scan.backwards, inputs}, body_[members[m]].origin);
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

    void check(Result r) {
        const Family& family = families_[r.node.value];
        r.node = family.node;
        std::set<Var> used;
        for (const Index& i : family.at)
            for (const Var v : i.variables()) used.insert(v);
        for (const Expr& c : conditions_)
            for (Var v = 0; v < extents_.size(); ++v)
                if (uses(c, v)) used.insert(v);
        if (!family.at.empty() || !used.empty()) {
            const Node& node = b_[family.node];
            Equation e;
            e.reduce = Reduce::sum;
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
        }
        b_.result(std::move(r));
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

std::vector<Family> batch(Builder& b, const Graph& body, const Shape& extents, const std::map<NodeId, Family>& arguments,
                          std::span<const Expr> conditions, std::span<const NodeId> wanted) {
    Batching batching(b, body, extents, arguments, conditions);
    batching.run(wanted);
    std::vector<Family> found;
    for (const NodeId id : wanted) found.push_back(batching.of(id));
    return found;
}

}  // namespace dlc::ir
