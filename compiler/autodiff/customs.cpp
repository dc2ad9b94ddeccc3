#include "compiler/autodiff/customs.h"

#include <algorithm>
#include <set>

#include "compiler/autodiff/derivative.h"
#include "compiler/autodiff/gradient.h"
#include "compiler/ir/batch.h"
#include "dsl/source/diagnostic.h"

namespace dlc::autodiff {

using ir::Builder;
using ir::Custom;
using ir::Graph;
using ir::LeafKind;
using ir::Node;
using ir::NodeId;

namespace {

/// The leaves of kind input and what they stand for: of a result, the value whose derivative is the given one.
std::map<NodeId, ir::Family> stand_ins(Builder& b, NodeId member) {
    const Custom custom = *b[member].custom();
    const ir::Origin origin = b[member].origin;
    const std::size_t results = custom.adjoint->leaves(LeafKind::cotangent).size();
    std::map<NodeId, ir::Family> found;
    for (const NodeId leaf : custom.adjoint->leaves(LeafKind::input)) {
        const std::size_t k = found.size();
        Custom sibling = custom;
        sibling.result = static_cast<std::uint32_t>(k);
        found[leaf].node = k >= results ? custom.inputs[k] : k == custom.result ? member : b.custom(std::move(sibling), origin);
    }
    return found;
}

std::vector<NodeId> paste(Builder& b, const Graph& graph, const std::map<NodeId, ir::Family>& leaves,
                          std::span<const NodeId> wanted) {
    std::vector<NodeId> made;
    for (const ir::Family& f : ir::batch(b, graph, {}, leaves, {}, wanted).wanted) made.push_back(f.node);
    return made;
}

/// The adjoint, transposed: a graph that maps a tangent for each target to the tangent of `result`.
struct Transposed {
    Graph graph;
    std::vector<NodeId> tangents;  // leaves, by result of the adjoint
    NodeId result;
    bool linear = true;
};
Transposed transposed(const Graph& adjoint, std::uint32_t result) {
    Builder b(Builder::Sharing::off);
    for (const Node& node : adjoint.nodes()) b.copy(node, [](NodeId id) { return id; });
    Transposed made;
    std::vector<Seed> seeds;
    for (const ir::Result& r : adjoint.results()) {
        const Node node = adjoint[r.node];
        made.tangents.push_back(b.leaf(LeafKind::input, "tangent " + r.name, node.type, node.shape, node.origin));
        seeds.push_back({r.node, made.tangents.back()});
    }
    const std::vector<NodeId> cotangents = adjoint.leaves(LeafKind::cotangent);
    const std::vector<NodeId> found = vjp(b, seeds, cotangents);
    const std::vector<bool> uses = dependents(b, cotangents);
    made.linear = std::ranges::none_of(found, [&](NodeId id) { return bool(uses[id.value]); });
    made.result = found[result];
    made.graph = std::move(b).finish();
    return made;
}

bool has_tangents(const Graph& adjoint) { return transposed(adjoint, 0).linear; }

/// The first node in (from, to) of a graph whose adjoint is not linear.
const Node* not_linear(const Graph& graph, const std::vector<bool>& between) {
    for (std::uint32_t k = 0; k < between.size(); ++k) {
        if (!between[k]) continue;
        const Node& node = graph[NodeId{k}];
        if (const Custom* custom = node.custom(); custom && !has_tangents(*custom->adjoint)) return &node;
        if (const ir::Scan* scan = node.scan())
            if (const Node* inside = not_linear(*scan->body, std::vector<bool>(scan->body->size(), true))) return inside;
    }
    return nullptr;
}

}  // namespace

std::vector<NodeId> custom_vjp(Builder& b, std::span<const NodeId> members, std::span<const NodeId> cotangents) {
    const NodeId any = members.front();
    const Custom custom = *b[any].custom();
    std::map<NodeId, ir::Family> leaves = stand_ins(b, any);
    const std::vector<NodeId> given = custom.adjoint->leaves(LeafKind::cotangent);
    for (std::size_t m = 0; m < members.size(); ++m) leaves[given[b[members[m]].custom()->result]].node = cotangents[m];
    for (std::size_t k = 0; k < given.size(); ++k) {
        if (leaves[given[k]].node) continue;
        const Node value = b[custom.inputs[k]];
        leaves[given[k]].node = b.fill(0, value.type, value.shape, named_after("d_", value, value));
    }
    std::vector<NodeId> wanted, adjoints(custom.inputs.size());
    for (const ir::Result& r : custom.adjoint->results()) wanted.push_back(r.node);
    const std::vector<NodeId> made = paste(b, *custom.adjoint, leaves, wanted);
    const std::vector<NodeId> inputs = custom.adjoint->leaves(LeafKind::input);
    for (std::size_t k = 0; k < made.size(); ++k) {
        const auto target = std::ranges::find(inputs, custom.adjoint->results()[k].target);
        adjoints[static_cast<std::size_t>(target - inputs.begin())] = made[k];
    }
    return adjoints;
}

NodeId custom_jvp(Builder& b, NodeId member, std::span<const NodeId> tangents) {
    const Custom custom = *b[member].custom();
    const Transposed along = transposed(*custom.adjoint, custom.result);
    DLC_ASSERT(along.linear, "only a linear adjoint has tangents");
    std::map<NodeId, ir::Family> leaves = stand_ins(b, member);
    const std::vector<NodeId> inputs = custom.adjoint->leaves(LeafKind::input);
    for (std::size_t k = 0; k < along.tangents.size(); ++k) {
        const auto target = std::ranges::find(inputs, custom.adjoint->results()[k].target);
        NodeId& tangent = leaves[along.tangents[k]].node;
        tangent = tangents[static_cast<std::size_t>(target - inputs.begin())];
        if (tangent) continue;
        const Node value = along.graph[along.tangents[k]];
        tangent = b.fill(0, value.type, value.shape, named_after("tangent_", value, value));
    }
    return paste(b, along.graph, leaves, std::span(&along.result, 1)).front();
}

std::optional<source::Span> without_tangent(const Builder& b, NodeId of, std::span<const NodeId> by) {
    std::vector<bool> between = dependents(b, by), needed(b.size(), false);
    needed[of.value] = true;
    for (std::size_t k = b.size(); k-- > 0;) {
        if (needed[k])
            for (const NodeId o : operands(b[NodeId{static_cast<std::uint32_t>(k)}])) needed[o.value] = true;
        between[k] = between[k] && needed[k];
    }
    const Node* found = not_linear(b.graph(), between);
    return found ? std::optional(found->origin.span) : std::nullopt;
}

}  // namespace dlc::autodiff
