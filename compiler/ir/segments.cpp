#include "compiler/ir/segments.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "compiler/ir/arith.h"

namespace dlc::ir {

namespace {

std::vector<Index> variables(std::size_t first, std::size_t count) {
    std::vector<Index> all;
    for (std::size_t v = first; v < first + count; ++v) all.push_back(Index::variable(static_cast<Var>(v)));
    return all;
}

Shape with_axis(std::int64_t extent, Shape shape) {
    shape.insert(shape.begin(), extent);
    return shape;
}

class Segments {
public:
    Segments(Builder& b, const LoopBody& body, std::int64_t steps, std::uint32_t checkpoint, std::uint32_t around)
        : b_(b),
          body_(body),
          steps_(steps),
          length_(segment_length(steps)),
          count_(steps / length_),
          rest_(steps % length_),
          checkpoint_(checkpoint),
          around_(around),
          segment_(Builder::Sharing::on) {
        std::size_t input = 0;
        for (std::uint32_t k = 0; k < body.graph->size(); ++k)
            if ((*body.graph)[NodeId{k}].leaf()) leaves_.push_back({NodeId{k}, body.inputs[input++]});
    }

    Segmented run(std::size_t counts) {
        for (const Leaf& leaf : leaves_) inner_inputs_.push_back(inside(leaf));
        const std::size_t values = body_.yields.size() - counts;
        std::vector<NodeId> wanted;  // of a segment: stacks, sums; then what the carries are behind it
        for (std::size_t k = 0; k < body_.yields.size(); ++k) {
            const NodeId stack = inner(body_.yields[k]);
            wanted.push_back(k < values ? stack : sum_of_steps(segment_, stack, recomputed(body_.yields[k])));
        }
        for (const Result& r : body_.graph->results()) {
            const NodeId stack = inner(r.node);
            wanted.push_back(element(segment_, stack, length_ - 1, Origin(segment_[stack].origin)));
            const std::string name = (*body_.graph)[r.target].leaf()->name;
            segment_.result({Result::update, name, wanted.back(), segment_.graph().leaf(name), {}});
        }
        segment_graph_ = std::make_shared<const Graph>(std::move(segment_).finish());
        std::vector<NodeId> outer;
        for (const NodeId id : wanted)
            outer.push_back(b_.scan({segment_graph_, id, count_, false, inputs_, true}, in(around_, (*segment_graph_)[id].origin)));
        if (rest_ > 0) begin_rest(std::span(outer).last(body_.graph->results().size()));

        Segmented made;
        for (std::size_t k = 0; k < body_.yields.size(); ++k) {
            const Origin from = kept(body_.yields[k]);
            const NodeId tail = rest_ > 0 ? in_rest(body_.yields[k]) : NodeId{};
            if (k < values) {
                made.stacks.push_back(joined(outer[k], tail, from));
                continue;
            }
            made.totals.push_back(sum_of_steps(b_, outer[k], from));
            if (!tail) continue;
            const NodeId whole = made.totals.back(), more = sum_of_steps(b_, tail, from);
            made.totals.back() = b_.pointwise(b_[whole].type, {}, b_.read_all(whole) + b_.read_all(more), from);
        }
        return made;
    }

private:
    struct Leaf {
        NodeId inside, outer;
    };
    static Origin in(std::uint32_t checkpoint, Origin origin) {
        origin.checkpoint = checkpoint;
        return origin;
    }
    Origin recomputed(NodeId of_body) const { return in(checkpoint_, (*body_.graph)[of_body].origin); }
    Origin kept(NodeId of_body) const { return in(around_, (*body_.graph)[of_body].origin); }
    NodeId leaf(LeafKind kind, std::string name, Type type, Shape shape, NodeId outer, Origin from) {
        const std::size_t before = segment_.size();
        const NodeId made = segment_.leaf(kind, std::move(name), type, std::move(shape), std::move(from));
        if (segment_.size() > before) inputs_.push_back(outer);
        return made;
    }

    /// What stands for the input of a leaf of the body in a segment.
    NodeId inside(const Leaf& of) {
        const Node node = (*body_.graph)[of.inside];
        const LeafKind kind = node.leaf()->kind;
        if (kind != LeafKind::slice) return leaf(kind, node.leaf()->name, node.type, node.shape, of.outer, node.origin);
        std::vector<Index> at = variables(1, node.shape.size() + 1);
        at.front() = Index::variable(0) * length_ + at.front();
        const Shape shape = with_axis(length_, node.shape);
        const NodeId rows =
            b_.pointwise(node.type, with_axis(count_, shape), b_.read(of.outer, std::move(at)), in(around_, node.origin));
        return leaf(LeafKind::slice, node.leaf()->name, node.type, shape, rows, node.origin);
    }

    /// In a segment, the stack of a node of the body.
    NodeId inner(NodeId of_body) {
        return segment_.scan({body_.graph, of_body, length_, false, inner_inputs_}, recomputed(of_body));
    }

    /// The steps behind the last whole segment begin with what the segments leave.
    void begin_rest(std::span<const NodeId> carries) {
        for (const Leaf& of : leaves_) {
            const Node node = (*body_.graph)[of.inside];
            const auto& updates = body_.graph->results();
            const auto update = std::ranges::find(updates, of.inside, &Result::target);
            if (update != updates.end()) {
                const NodeId last = carries[static_cast<std::size_t>(update - updates.begin())];
                rest_inputs_.push_back(element(b_, last, count_ - 1, node.origin));
            } else if (node.leaf()->kind == LeafKind::slice) {
                std::vector<Index> at = variables(0, node.shape.size() + 1);
                at.front() = at.front() + Index(count_ * length_);
                rest_inputs_.push_back(b_.pointwise(node.type, with_axis(rest_, node.shape), b_.read(of.outer, std::move(at)),
                                                    in(around_, node.origin)));
            } else {
                rest_inputs_.push_back(of.outer);
            }
        }
    }
    NodeId in_rest(NodeId of_body) { return b_.scan({body_.graph, of_body, rest_, false, rest_inputs_}, kept(of_body)); }

    /// One stack of all steps.
    NodeId joined(NodeId segments, NodeId tail, const Origin& from) {
        const Node node = b_[segments];
        const Shape shape = with_axis(steps_, Shape(node.shape.begin() + 2, node.shape.end()));
        const Box box = box_of(std::span<const std::int64_t>(shape));
        std::vector<Index> at = variables(0, shape.size());
        Expr rest;
        if (tail) {
            std::vector<Index> in_tail = at;
            in_tail.front() = in_tail.front() - Index(count_ * length_);
            rest = b_.read(tail, std::move(in_tail), Expr::constant(0, node.type));
        }
        const Index step = at.front();
        at.front() = mod(step, length_, box);
        at.insert(at.begin(), div(step, length_, box));
        return b_.pointwise(node.type, shape, b_.read(segments, std::move(at), std::move(rest)), from);
    }

    Builder& b_;
    const LoopBody& body_;
    const std::int64_t steps_, length_, count_, rest_;
    const std::uint32_t checkpoint_, around_;
    std::vector<Leaf> leaves_;  // of the body
    Builder segment_;
    std::shared_ptr<const Graph> segment_graph_;
    std::vector<NodeId> inputs_, inner_inputs_, rest_inputs_;
};

}  // namespace

std::int64_t segment_length(std::int64_t steps) {
    const auto root = std::max<std::int64_t>(std::llround(std::sqrt(static_cast<double>(steps))), 1);
    for (std::int64_t away = 0; away <= root / 3; ++away)
        for (const std::int64_t length : {root + away, root - away})
            if (steps % length == 0) return length;
    return root;
}

Segmented segmented(Builder& b, const LoopBody& body, std::int64_t steps, std::size_t counts, std::uint32_t checkpoint,
                    std::uint32_t around) {
    return Segments(b, body, steps, checkpoint, around).run(counts);
}

}  // namespace dlc::ir
