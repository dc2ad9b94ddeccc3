#include "compiler/ir/unbatch.h"

#include <algorithm>
#include <ranges>

#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

using Axes = std::vector<std::optional<PointAxis>>;  // by node; empty: it is the same for all points

/// What a place in an axis says of the points: which one it is, and where it is among those of the same point.
Index point_of(const Index& place, std::int64_t inner, std::int64_t size, const Box& box) {
    return mod(div(place, inner, box), size, box);
}
Index rest_of(const Index& place, std::int64_t inner, std::int64_t size, const Box& box) {
    return div(place, inner * size, box) * inner + mod(place, inner, box);
}

/// The variable, and how many of its positions in a row are one point's, where an index is the point of a variable.
struct PointOf {
    Var variable;
    std::int64_t inner;
};
std::optional<PointOf> as_point(const Index& index, std::int64_t size, const Shape& extents) {
    const auto only = [](const Index& i, Atom::Kind kind) -> const Atom* {
        const bool single = i.constant() == 0 && i.terms().size() == 1 && i.terms()[0].coefficient == 1;
        return single && i.terms()[0].atom.kind == kind ? &i.terms()[0].atom : nullptr;
    };
    const Box box = box_of(extents);
    const Index* rows = &index;  // of one point, counted through
    std::int64_t inner = 1;
    if (const Atom* a = only(index, Atom::mod); a && a->modulus == size) rows = &a->dividend();
    if (const Atom* a = only(*rows, Atom::div)) {
        inner = a->modulus;
        rows = &a->dividend();
        if (const Atom* m = only(*rows, Atom::mod)) rows = &m->dividend();
    }
    const std::optional<Var> v = rows->as_variable();
    if (!v || *v >= extents.size() || extents[*v] % (inner * size) != 0) return std::nullopt;
    if (point_of(Index::variable(*v), inner, size, box) != index) return std::nullopt;
    return PointOf{*v, inner};
}

/// Calls `see` for every read of a tensor, those of indices included.
void for_each_read(const Equation& e, const std::function<void(NodeId, const std::vector<Index>& at)>& see) {
    const auto gets = [&](const Index& index) {
        index.with_gets([&](NodeId tensor, std::vector<Index> at) {
            see(tensor, at);
            return Index::get(tensor, std::move(at));
        });
    };
    visit(e.body, [&](const Expr& x) {
        if (x->kind == ExprNode::index) gets(x->position);
        if (x->kind != ExprNode::read) return;
        see(x->tensor, x->at);
        for (const Index& i : x->at) gets(i);
    });
    for (const Predicate& p : e.where) gets(p.index);
    for (const Index& i : e.map) gets(i);
}

/// What a node is made for.  A check counts what is wrong at all points, so what only checks need may add up over them.
enum class Need : std::uint8_t { none, check, result };

/// Needs of results become those of operands.
void spread(std::vector<Need>& needs, const Graph& graph) {
    for (std::size_t k = graph.size(); k-- > 0;)
        if (needs[k] != Need::none)
            for (const NodeId o : operands(graph.nodes()[k])) needs[o.value] = std::max(needs[o.value], needs[k]);
}

class Unbatching {
public:
    Unbatching(const Graph& graph, Builder& b, std::int64_t size, Axes axes)
        : graph_(graph), b_(b), size_(size), axes_(std::move(axes)), varies_(graph.size()), moved_(graph.size()) {}

    /// Finds the axis of every node; where points meet there is none, or the first of several.
    void infer() {
        for (std::uint32_t k = 0; k < graph_.size(); ++k) {
            const Node& node = graph_.nodes()[k];
            if (node.leaf()) {
                varies_[k] = axes_[k].has_value();
                continue;
            }
            varies_[k] = std::ranges::any_of(operands(node), [&](NodeId o) { return varies_[o.value]; });
            if (!varies_[k]) continue;
            if (node.equation()) axes_[k] = axis_of(node);
            if (const Scan* scan = node.scan()) {
                const Axes inside = axes_of_loop(*scan);
                Unbatching body(*scan->body, b_, size_, inside);
                body.infer();
                if (const auto yield = body.axes_[scan->yield.value]) axes_[k] = PointAxis{yield->axis + 1, yield->inner};
                varies_[k] = body.varies_[scan->yield.value];
            }
        }
    }

    /// Appends the program of one point.  Throws Coupling.
    void build(std::vector<Need> needs) {
        needs_ = std::move(needs);
        for (std::uint32_t k = 0; k < graph_.size(); ++k) {
            if (needs_[k] == Need::none) continue;
            const Node& node = graph_.nodes()[k];
            here_ = &node.origin;
            b_.compute_again(node.again);
            if (const Leaf* leaf = node.leaf())
                moved_[k] = b_.leaf(leaf->kind, leaf->name, node.type, shape_of(k), node.origin);
            else if (node.scan())
                moved_[k] = loop(node);
            else if (!varies_[k])
                moved_[k] = b_.copy(node, [&](NodeId id) { return moved_[id.value]; });
            else if (node.equation())
                moved_[k] = axes_[k] ? equation(node, *axes_[k]) : without_axis(node, needs_[k]);
            else
                meet(Coupling::unclear);
        }
        b_.compute_again(0);
    }

    const std::optional<PointAxis>& axis(NodeId id) const { return axes_[id.value]; }
    NodeId moved(NodeId id) const { return moved_[id.value]; }

private:
    [[noreturn]] void meet(Coupling::Kind kind, std::string other = {}) { throw Coupling{kind, *here_, std::move(other)}; }

    std::optional<PointAxis> axis_of(const Node& node) const {
        const Equation& e = *node.equation();
        const Shape extents = extents_of(node);
        const Box box = box_of(extents);
        std::optional<PointAxis> found;
        for_each_read(e, [&](NodeId tensor, const std::vector<Index>& at) {
            const std::optional<PointAxis>& axis = axes_[tensor.value];
            if (found || !axis) return;
            const Index point = point_of(at[axis->axis], axis->inner, size_, box);
            const std::optional<PointOf> of = as_point(point, size_, extents);
            if (!of) return;
            if (!e.scatter) {
                if (of->variable < node.shape.size()) found = PointAxis{of->variable, of->inner};
                return;
            }
            for (std::size_t d = 0; d < e.map.size() && !found; ++d)
                for (const std::int64_t inner : {std::int64_t{1}, node.shape[d] / size_})
                    if (inner > 0 && node.shape[d] % (inner * size_) == 0 && point_of(e.map[d], inner, size_, box) == point)
                        found = PointAxis{d, inner};
        });
        return found;
    }

    /// The axis of a tensor that others read at the place of their points.
    std::optional<PointAxis> axis_read(NodeId tensor) const {
        const Shape& shape = graph_[tensor].shape;
        std::optional<PointAxis> found;
        for (std::uint32_t k = 0; k < graph_.size() && !found; ++k) {
            const Equation* e = graph_.nodes()[k].equation();
            if (!e || e->scatter || !axes_[k]) continue;
            const Shape extents = extents_of(graph_.nodes()[k]);
            const Box box = box_of(extents);
            const Index point = point_of(Index::variable(static_cast<Var>(axes_[k]->axis)), axes_[k]->inner, size_, box);
            for_each_read(*e, [&](NodeId read, const std::vector<Index>& at) {
                if (read != tensor) return;
                for (std::size_t d = 0; d < at.size() && !found; ++d)
                    for (const std::int64_t inner : {std::int64_t{1}, shape[d] / size_})
                        if (inner > 0 && shape[d] % (inner * size_) == 0 && point_of(at[d], inner, size_, box) == point)
                            found = PointAxis{d, inner};
            });
        }
        return found;
    }

    /// The axes of the leaves of a loop's body.  That of a carry whose first value is the same for all points is the axis of what
    /// a step computes for it; other leaves that are the same for all have the axis at which they are read.
    Axes axes_of_loop(const Scan& scan) const {
        Axes inside(scan.body->size());
        std::size_t next = 0;
        for (std::uint32_t k = 0; k < scan.body->size(); ++k) {
            const Leaf* leaf = scan.body->nodes()[k].leaf();
            if (!leaf) continue;
            std::optional<PointAxis> axis = axes_[scan.inputs[next++].value];
            if (axis && leaf->kind == LeafKind::slice) {
                if (axis->axis == 0) continue;  // `loop` says what is wrong
                --axis->axis;
            }
            inside[k] = axis;
        }
        for (bool changed = true; changed;) {
            changed = false;
            Unbatching body(*scan.body, b_, size_, inside);
            body.infer();
            for (const Result& r : scan.body->results())
                if (!inside[r.target.value] && body.axes_[r.node.value]) {
                    inside[r.target.value] = body.axes_[r.node.value];
                    changed = true;
                }
            next = 0;
            for (std::uint32_t k = 0; k < scan.body->size(); ++k) {
                if (!scan.body->nodes()[k].leaf()) continue;
                if (varies_[scan.inputs[next++].value] || inside[k]) continue;
                inside[k] = body.axis_read(NodeId{k});
                changed = changed || inside[k];
            }
        }
        return inside;
    }

    Shape shape_of(std::uint32_t k) const { return without_points(graph_.nodes()[k].shape, axes_[k]); }
    Shape without_points(Shape shape, const std::optional<PointAxis>& axis) const {
        if (axis) shape[axis->axis] /= size_;
        return shape;
    }

    // ------------------------------------------------ equations

    /// The variables of an equation with those of the points taken out: `by` gives the old ones in terms of the new and of `point`,
    /// a variable behind all others.
    struct Split {
        std::vector<Index> by;
        Box box;
        Var point;
        const Equation* equation;  // that is rewritten, for what is said of it
        Var outputs;               // variables from here on are reduced
    };
    Split split(const Equation& e, Shape extents, Var variable, std::int64_t inner, Var outputs) const {
        Split s{{}, {}, static_cast<Var>(extents.size()), &e, outputs};
        for (Var v = 0; v < extents.size(); ++v) s.by.push_back(Index::variable(v));
        const std::int64_t left = extents[variable] / size_;
        extents[variable] = left;
        extents.push_back(size_);
        s.box = box_of(extents);
        const Index rest = left == 1 ? Index(0) : Index::variable(variable);
        s.by[variable] = (div(rest, inner, s.box) * size_ + Index::variable(s.point)) * inner + mod(rest, inner, s.box);
        return s;
    }

    NodeId equation(const Node& node, const PointAxis& axis) {
        const Equation& e = *node.equation();
        const Shape extents = extents_of(node);
        PointOf of{static_cast<Var>(axis.axis), axis.inner};
        if (e.scatter) {
            const auto found = as_point(point_of(e.map[axis.axis], axis.inner, size_, box_of(extents)), size_, extents);
            if (!found) meet(Coupling::unclear);
            of = *found;
        }
        return equation(node, split(e, extents, of.variable, of.inner, static_cast<Var>(node.shape.size())), of.variable, axis);
    }
    NodeId equation(const Node& node, const Split& s, Var variable, const std::optional<PointAxis>& axis) {
        Equation e = *node.equation();
        e.body = rewritten(s, substitute(e.body, s.by, s.box));
        for (Predicate& p : e.where) p.index = without_point(s, p.index.substitute(s.by, s.box), Coupling::place);
        if (e.scatter) e.map = positions(s, axis, substituted(s, e.map));
        if (const Var outputs = e.scatter ? 0 : s.outputs; variable >= outputs) e.reductions[variable - outputs] /= size_;
        return b_.equation(node.type, without_points(node.shape, axis), std::move(e), node.origin);
    }

    /// An equation that varies from point to point and has no axis of them: a sum that a check needs, or one at which they meet.
    NodeId without_axis(const Node& node, Need need) {
        const Equation& e = *node.equation();
        const Shape extents = extents_of(node);
        const Split all{{}, box_of(extents), static_cast<Var>(extents.size()), &e, static_cast<Var>(node.shape.size())};
        std::optional<Index> met;
        for_each_read(e, [&](NodeId tensor, const std::vector<Index>& at) {
            if (const auto& of = axes_[tensor.value]; of && !met) met = point_of(at[of->axis], of->inner, size_, all.box);
        });
        if (need == Need::check && !met) return b_.copy(node, [&](NodeId id) { return moved_[id.value]; });
        if (need == Need::check && e.reduce == Reduce::sum && !e.scatter)
            if (const auto of = as_point(*met, size_, extents); of && of->variable >= all.outputs)
                return equation(node, split(e, extents, of->variable, of->inner, all.outputs), of->variable, std::nullopt);
        if (met) strange(all, *met);
        meet(Coupling::unclear);
    }

    static std::vector<Index> substituted(const Split& s, std::vector<Index> indices) {
        for (Index& i : indices) i = i.substitute(s.by, s.box);
        return indices;
    }

    /// Says why what should be the point of an equation is not.
    [[noreturn]] void strange(const Split& s, const Index& point) {
        const std::vector<Var> used = point.variables();
        const bool reduced = std::ranges::any_of(used, [&](Var v) { return v >= s.outputs && v != s.point; });
        meet(reduced || (s.equation->scatter && !used.empty()) ? Coupling::reduces : Coupling::another);
    }

    /// The index with the tensors of its gets translated.
    Index without_point(const Split& s, const Index& index, Coupling::Kind otherwise, const std::string& other = {}) {
        Index translated = index.with_gets([&](NodeId tensor, std::vector<Index> at) {
            // Inner gets are translated already and know nothing of the point any more.
            return Index::get(moved_[tensor.value],
                              axes_[tensor.value] ? of_this_point(s, *axes_[tensor.value], std::move(at)) : std::move(at));
        });
        if (translated.uses(s.point)) {
            bool drawn = false;
            visit(s.equation->body, [&](const Expr& x) { drawn = drawn || x->is("philox"); });
            meet(otherwise == Coupling::place && drawn ? Coupling::random : otherwise, other);
        }
        return translated;
    }

    /// The position in a tensor of points, `at`, in the one of this point.
    std::vector<Index> of_this_point(const Split& s, const PointAxis& axis, std::vector<Index> at) {
        const Index point = point_of(at[axis.axis], axis.inner, size_, s.box);
        if (point != Index::variable(s.point)) strange(s, point);
        at[axis.axis] = rest_of(at[axis.axis], axis.inner, size_, s.box);
        return at;
    }
    std::vector<Index> positions(const Split& s, const std::optional<PointAxis>& axis, std::vector<Index> at) {
        if (axis) at = of_this_point(s, *axis, std::move(at));
        for (Index& i : at) i = without_point(s, i, Coupling::another);
        return at;
    }

    Expr rewritten(const Split& s, const Expr& e) {
        return rewrite(e, [&](const Expr& x) {
            if (x->kind == ExprNode::index) return Expr::index(without_point(s, x->position, Coupling::place));
            if (x->kind != ExprNode::read) return x;
            if (axes_[x->tensor.value] || std::ranges::none_of(x->at, [&](const Index& i) { return i.uses(s.point); }))
                return Expr::read(moved_[x->tensor.value], x->type, positions(s, axes_[x->tensor.value], x->at), x->otherwise);
            return shared(s, *x);
        });
    }

    /// A read of what all points share at the place of a point: fine where its value is the same at all of them, as that of a
    /// tensor of zeros.  Then it is what its equation says.
    Expr shared(const Split& s, const ExprNode& read) {
        const Node& node = graph_[read.tensor];
        const Equation* e = node.equation();
        bool inside = true;
        for (std::size_t d = 0; d < read.at.size(); ++d) inside = inside && read.at[d].range(s.box).within({0, node.shape[d] - 1});
        const bool pointwise = e && !varies_[read.tensor.value] && e->reduce == Reduce::none && e->where.empty() && !e->scatter;
        if (inside && pointwise) return rewritten(s, substitute(e->body, read.at, s.box));
        for (const Index& i : read.at) without_point(s, i, Coupling::shared, node.origin.name);
        // The point is in the position of a get: a table of data is read, which is no one's.
        return Expr::read(moved_[read.tensor.value], read.type, positions(s, std::nullopt, read.at), read.otherwise);
    }

    // ------------------------------------------------ loops

    /// A tensor that is the same for all points, as each point has it.
    NodeId for_one(NodeId id, const PointAxis& axis) {
        const Node& node = graph_[id];
        Equation copy;
        std::vector<Index> at;
        for (Var v = 0; v < node.shape.size(); ++v) at.push_back(Index::variable(v));
        copy.body = Expr::read(id, node.type, at);
        const Split s = split(copy, node.shape, static_cast<Var>(axis.axis), axis.inner, static_cast<Var>(node.shape.size()));
        return b_.pointwise(node.type, without_points(node.shape, axis), rewritten(s, substitute(copy.body, s.by, s.box)),
                            node.origin);
    }
    /// What stands for a node where one with that axis is wanted.
    NodeId moved(NodeId id, const std::optional<PointAxis>& axis) {
        if (axes_[id.value] == axis) return moved_[id.value];
        if (!axis || varies_[id.value]) meet(Coupling::unclear);
        return for_one(id, *axis);
    }

    struct Loop {
        const Scan* scan;
        std::shared_ptr<const Graph> body;
        std::vector<NodeId> inputs;
        std::vector<NodeId> moved;  // by node of the old body
    };

    NodeId loop(const Node& node) {
        const Scan& scan = *node.scan();
        DLC_ASSERT(!scan.last, "last values are for the passes to make");
        auto known =
            std::ranges::find_if(loops_, [&](const Loop& l) { return l.scan->body == scan.body && l.scan->inputs == scan.inputs; });
        if (known == loops_.end()) known = loops_.insert(loops_.end(), for_one(scan));
        return b_.scan({known->body, known->moved[scan.yield.value], scan.steps, scan.backwards, known->inputs, scan.checkpointed},
                       node.origin);
    }

    Loop for_one(const Scan& scan) {
        const Axes inside = axes_of_loop(scan);
        Loop made{&scan, {}, {}, {}};
        for (std::uint32_t k = 0; k < scan.body->size(); ++k) {
            const Leaf* leaf = scan.body->nodes()[k].leaf();
            if (!leaf) continue;
            const NodeId outer = scan.inputs[made.inputs.size()];
            std::optional<PointAxis> axis = inside[k];
            if (leaf->kind == LeafKind::slice) {
                if (axes_[outer.value] && axes_[outer.value]->axis == 0) meet(Coupling::steps);
                if (axis) ++axis->axis;
            }
            made.inputs.push_back(moved(outer, axis));
        }
        std::vector<Need> needs(scan.body->size());
        Need most = Need::check;
        for (std::uint32_t k = 0; k < graph_.size(); ++k) {
            const Scan* member = graph_.nodes()[k].scan();
            if (!member || member->body != scan.body || member->inputs != scan.inputs) continue;
            needs[member->yield.value] = std::max(needs[member->yield.value], needs_[k]);
            most = std::max(most, needs_[k]);
        }
        for (const Result& r : scan.body->results()) needs[r.node.value] = std::max(needs[r.node.value], most);
        spread(needs, *scan.body);
        for (std::uint32_t k = 0; k < scan.body->size(); ++k)
            if (scan.body->nodes()[k].leaf()) needs[k] = most;
        Builder b;
        Unbatching body(*scan.body, b, size_, inside);
        body.infer();
        body.build(std::move(needs));
        for (const Result& r : scan.body->results())
            b.result({r.kind, r.name, body.moved(r.node, inside[r.target.value]), body.moved_[r.target.value], r.span});
        made.moved = body.moved_;
        made.body = std::make_shared<const Graph>(std::move(b).finish());
        return made;
    }

    const Graph& graph_;
    Builder& b_;
    std::int64_t size_;
    Axes axes_;
    std::vector<bool> varies_;  // from point to point
    std::vector<NodeId> moved_;
    std::vector<Need> needs_;
    std::vector<Loop> loops_;
    const Origin* here_ = nullptr;
};

}  // namespace

std::variant<PerPoint, Coupling> unbatch(const Graph& graph, std::int64_t size, const std::map<NodeId, std::size_t>& leaves) {
    DLC_ASSERT(size > 1, "one point alone says nothing of the others");
    Axes axes(graph.size());
    for (const auto& [leaf, axis] : leaves) {
        DLC_ASSERT(graph[leaf].shape.at(axis) == size, "the axis of the points has their number");
        axes[leaf.value] = PointAxis{axis, 1};
    }
    std::vector<Need> needs(graph.size());
    for (const Result& r : graph.results())
        if (r.kind != Result::update)
            needs[r.node.value] = std::max(needs[r.node.value], r.kind == Result::check ? Need::check : Need::result);
    spread(needs, graph);
    Builder b;
    Unbatching unbatching(graph, b, size, std::move(axes));
    PerPoint made;
    try {
        unbatching.infer();
        unbatching.build(std::move(needs));
    } catch (Coupling& coupling) { return std::move(coupling); }
    for (const Result& r : graph.results()) {
        if (r.kind == Result::update) continue;
        b.result({r.kind, r.name, unbatching.moved(r.node), {}, r.span});
        made.axes.push_back(unbatching.axis(r.node));
    }
    made.graph = share(std::move(b).finish());
    return made;
}

}  // namespace dlc::ir
