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
        for (const Result& r : body_.results()) needed[r.node.value] = true;
        for (std::size_t k = body_.size(); k-- > 0;)
            if (needed[k])
                for (const NodeId o : operands(body_.nodes()[k])) needed[o.value] = true;
        for (std::size_t k = 0; k < body_.size(); ++k)
            if (needed[k] && !families_[k].node) families_[k] = moved(body_.nodes()[k]);
        for (const Result& r : body_.results()) check(r);
    }

    const Family& of(NodeId id) const { return families_[id.value]; }

private:
    Family moved(const Node& node) {
        std::set<Var> used;
        for (const NodeId o : operands(node))
            for (const Index& i : families_[o.value].at)
                for (const Var v : i.variables()) used.insert(v);
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
