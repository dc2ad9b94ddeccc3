#include <algorithm>

#include "compiler/autodiff/customs.h"
#include "compiler/autodiff/gradient.h"
#include "compiler/autodiff/loops.h"
#include "compiler/autodiff/reductions.h"
#include "compiler/ir/arith.h"
#include "dsl/source/diagnostic.h"

namespace dlc::autodiff {

using ir::Builder;
using ir::Equation;
using ir::Expr;
using ir::Node;
using ir::NodeId;
using ir::Reduce;

std::vector<NodeId> jvp(Builder& b, std::span<const Tangent> along, std::span<const NodeId> outputs) {
    const std::size_t size = b.size();
    std::vector<NodeId> tangents(size);
    std::vector<NodeId> from;
    for (const Tangent& t : along) {
        DLC_ASSERT(b[t.of].shape == b[t.tangent].shape && b[t.of].type == b[t.tangent].type,
                   "a tangent has the shape and type of its value");
        tangents[t.of.value] = t.tangent;
        from.push_back(t.of);
    }
    // Only what lies between the given values and the outputs.
    const std::vector<bool> relevant = dependents(b, from);
    std::vector<bool> wanted(size, false);
    for (const NodeId id : outputs) wanted[id.value] = true;
    for (std::size_t k = size; k-- > 0;)
        if (wanted[k])
            for (const NodeId o : operands(b[NodeId{static_cast<std::uint32_t>(k)}])) wanted[o.value] = true;

    const ShapeOf shape_of = [&b](NodeId t) -> const ir::Shape& { return b[t].shape; };
    for (std::size_t k = 0; k < size; ++k) {
        const NodeId id{static_cast<std::uint32_t>(k)};
        if (!relevant[k] || !wanted[k] || tangents[k]) continue;
        const Node node = b[id];
        if (!is_real(node.type)) continue;
        DLC_ASSERT(!node.library(), "a library operation has no derivative");
        if (const ir::Scan* scan = node.scan()) {
            std::vector<NodeId> members, along_inputs;
            for (std::uint32_t other = 0; other < size; ++other)
                if (wanted[other] && !tangents[other] && same_loop(b[NodeId{other}], node)) members.push_back(NodeId{other});
            for (const NodeId input : scan->inputs) along_inputs.push_back(tangents[input.value]);
            const std::vector<NodeId> made = loop_jvp(b, members, along_inputs);
            for (std::size_t m = 0; m < members.size(); ++m) tangents[members[m].value] = made[m];
            continue;
        }
        if (const ir::Custom* custom = node.custom()) {
            std::vector<NodeId> along_inputs;
            for (const NodeId input : custom->inputs) along_inputs.push_back(tangents[input.value]);
            tangents[k] = custom_jvp(b, id, along_inputs);
            continue;
        }
        if (!node.equation()) continue;
        const std::optional<RunningProduct> running = running_product(b, id);
        const Node here = running ? b[running->factors] : node;
        Equation e = *here.equation();
        // Outside its tensor a read is its `else`, which `tangent` sees to.
        const auto of = [&](const Expr& read) {
            const NodeId t = tangents[read->tensor.value];
            return t ? b.read(t, read->at, read->otherwise ? zero_like(read) : Expr()) : Expr();
        };
        const Expr change = tangent(e.body, of, shape_of, box_of(here));
        if (!change) continue;
        if (running) {
            const NodeId moved =
                b.pointwise(here.type, ir::Shape(here.shape), convert(change, here.type), named_after("tangent_", here, node));
            const Tangent factors{running->factors, moved};
            tangents[k] = jvp(b, {&factors, 1}, {&running->product, 1}).front();
            continue;
        }
        const auto slope_here = slope(b, id);
        if (!slope_here) continue;
        e.body = convert(slope_here->factor ? change * slope_here->factor : change, node.type);
        e.where = slope_here->where;
        if (e.reduce != Reduce::none) e.reduce = Reduce::sum;
        tangents[k] = b.equation(node.type, node.shape, std::move(e), named_after("tangent_", node, node));
    }
    std::vector<NodeId> result;
    for (const NodeId id : outputs)
        result.push_back(tangents[id.value] ? tangents[id.value] : b.fill(0, b[id].type, ir::Shape(b[id].shape), b[id].origin));
    return result;
}

}  // namespace dlc::autodiff
