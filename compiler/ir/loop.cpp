#include "compiler/ir/loop.h"

#include "dsl/source/diagnostic.h"

namespace dlc::ir {

LoopBody cut_loop(std::span<const Node> from, std::span<const NodeId> wanted,
                  const std::function<std::optional<LoopInput>(NodeId)>& boundary, const std::function<NodeId(NodeId)>& next) {
    std::vector<bool> needed(from.size(), false);
    std::vector<std::optional<LoopInput>> ends(from.size());
    std::vector<NodeId> stack;
    const auto need = [&](NodeId id) {
        if (needed[id.value]) return;
        needed[id.value] = true;
        stack.push_back(id);
    };
    for (const NodeId id : wanted) need(id);
    while (!stack.empty()) {
        const NodeId id = stack.back();
        stack.pop_back();
        ends[id.value] = boundary(id);
        if (!ends[id.value]) {
            DLC_ASSERT(!from[id.value].leaf(), "the walk of a loop's body ends at its leaves");
            for (const NodeId operand : operands(from[id.value])) need(operand);
        } else if (ends[id.value]->kind == LeafKind::carry) {
            need(next(id));
        }
    }

    LoopBody made;
    Builder body(Builder::Sharing::on);
    std::vector<NodeId> moved(from.size());
    std::vector<std::pair<NodeId, NodeId>> carries;  // leaf of the body, node of `from`
    for (std::uint32_t k = 0; k < from.size(); ++k) {
        if (!needed[k]) continue;
        const Node& node = from[k];
        if (!ends[k]) {
            moved[k] = body.copy(node, [&](NodeId id) { return moved[id.value]; });
            continue;
        }
        const std::string leaf = std::string(name(ends[k]->kind)) + std::to_string(made.inputs.size());
        moved[k] = body.leaf(ends[k]->kind, leaf, node.type, node.shape, node.origin);
        made.inputs.push_back(ends[k]->outer);
        if (ends[k]->kind == LeafKind::carry) carries.emplace_back(moved[k], next(NodeId{k}));
    }
    for (const auto& [leaf, after] : carries) body.result({Result::update, body[leaf].leaf()->name, moved[after.value], leaf, {}});
    for (const NodeId id : wanted) made.yields.push_back(moved[id.value]);
    made.graph = std::make_shared<const Graph>(std::move(body).finish());
    return made;
}

NodeId carried(Builder& b, NodeId after, NodeId start, bool backwards) {
    const Node node = b[after];
    std::vector<Index> before, first;
    for (Var v = 0; v < node.shape.size(); ++v) {
        before.push_back(Index::variable(v));
        if (v > 0) first.push_back(Index::variable(v));
    }
    before.front() = before.front() + Index(backwards ? 1 : -1);
    return b.pointwise(node.type, node.shape, b.read(after, before, b.read(start, first)), node.origin);
}

NodeId element(Builder& b, NodeId stack, std::int64_t t, const Origin& origin) {
    const Node node = b[stack];
    const Shape shape(node.shape.begin() + 1, node.shape.end());
    std::vector<Index> at{Index(t)};
    for (Var v = 0; v < shape.size(); ++v) at.push_back(Index::variable(v));
    return b.pointwise(node.type, shape, b.read(stack, std::move(at)), origin);
}

NodeId sum_of_steps(Builder& b, NodeId stack, const Origin& origin) {
    const Node node = b[stack];
    Equation sum;
    sum.reduce = Reduce::sum;
    sum.reductions = {node.shape.front()};
    const Shape shape(node.shape.begin() + 1, node.shape.end());
    std::vector<Index> at{Index::variable(static_cast<Var>(shape.size()))};
    for (Var v = 0; v < shape.size(); ++v) at.push_back(Index::variable(v));
    sum.body = b.read(stack, std::move(at));
    return b.equation(node.type, shape, std::move(sum), origin);
}

}  // namespace dlc::ir
