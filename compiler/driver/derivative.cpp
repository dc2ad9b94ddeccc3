#include "compiler/driver/derivative.h"

#include <algorithm>

#include "compiler/autodiff/gradient.h"
#include "compiler/ir/arith.h"
#include "compiler/ir/plain.h"
#include "dsl/source/diagnostic.h"

namespace dlc::driver {
namespace {

// The graph again in a builder that keeps every node apart: a derivative speaks of one leaf, not of a value that happens to equal
// it. Ids are those of the graph.
ir::Builder reopened(const ir::Graph& graph) {
    ir::Builder b(ir::Builder::Sharing::off);
    for (const ir::Node& node : graph.nodes()) b.copy(node, [](ir::NodeId id) { return id; });
    for (const ir::Result& result : graph.results()) b.result(result);
    return b;
}

bool has_cotangent(const ir::Graph& graph, const ir::Result& result) {
    const bool asked = result.kind == ir::Result::value || result.kind == ir::Result::output || result.kind == ir::Result::loss;
    return asked && ir::is_real(graph[result.node].type);
}

ir::NodeId sum_of(ir::Builder& b, ir::NodeId tensor) {
    const ir::Node node = b[tensor];
    if (node.shape.empty()) return tensor;
    std::vector<ir::Index> at;
    for (ir::Var v = 0; v < node.shape.size(); ++v) at.push_back(ir::Index::variable(v));
    ir::Equation total;
    total.reductions = node.shape;
    total.reduce = ir::Reduce::sum;
    total.body = b.read(tensor, at);
    return b.equation(node.type, {}, total);
}

ir::NodeId plus(ir::Builder& b, ir::NodeId x, ir::NodeId y) {
    return b.pointwise(b[x].type, b[x].shape, b.read_all(x) + b.read_all(y));
}

// Σ_leaf Σ (d scalar / d leaf) · weight(leaf), a number.
template <class Weight>
ir::NodeId directional(ir::Builder& b, const std::vector<ir::NodeId>& gradients, Weight&& weighted) {
    ir::NodeId total;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const ir::NodeId part = sum_of(b, weighted(i, gradients[i]));
        total = total ? plus(b, total, part) : part;
    }
    return total;
}

std::vector<ir::NodeId> leaves_named(const ir::Graph& graph, const std::vector<std::string>& names) {
    std::vector<ir::NodeId> found;
    for (const std::string& name : names) {
        found.push_back(graph.leaf(name));
        DLC_ASSERT(found.back(), "there is no leaf " + name);
    }
    return found;
}

}  // namespace

std::vector<ir::NodeId> differentiable_leaves(const ir::Graph& graph) {
    std::vector<ir::NodeId> found;
    for (std::uint32_t i = 0; i < graph.size(); ++i) {
        const ir::Node& node = graph.nodes()[i];
        if (!node.leaf() || !ir::is_real(node.type)) continue;
        const ir::LeafKind kind = node.leaf()->kind;
        if (kind == ir::LeafKind::input || kind == ir::LeafKind::target || kind == ir::LeafKind::parameter) found.push_back({i});
    }
    return found;
}

ir::Graph with_gradient(const ir::Graph& graph, const std::string& loss, const std::vector<std::string>& names, int order) {
    ir::Builder b = reopened(graph);
    const std::vector<ir::NodeId> leaves = leaves_named(graph, names);
    ir::NodeId scalar = graph.result(loss)->node;
    std::vector<ir::NodeId> gradients = autodiff::gradient(b, scalar, leaves);
    for (int i = 1; i < order; ++i) {
        scalar = directional(b, gradients, [](std::size_t, ir::NodeId g) { return g; });
        gradients = autodiff::gradient(b, scalar, leaves);
    }
    for (std::size_t i = 0; i < names.size(); ++i) b.result({ir::Result::value, "grad/" + names[i], gradients[i], {}, {}});
    return ir::plain(std::move(b).finish());
}

ir::Graph with_vjp(const ir::Graph& graph) {
    ir::Builder b = reopened(graph);
    std::vector<autodiff::Seed> seeds;
    for (const ir::Result& result : graph.results()) {
        if (!has_cotangent(graph, result)) continue;
        const ir::Node& node = graph[result.node];
        seeds.push_back({result.node, b.leaf(ir::LeafKind::input, "cotangent/" + result.name, node.type, node.shape)});
    }
    const std::vector<ir::NodeId> leaves = differentiable_leaves(graph);
    const std::vector<ir::NodeId> gradients = autodiff::vjp(b, seeds, leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i)
        b.result({ir::Result::value, "grad/" + graph[leaves[i]].leaf()->name, gradients[i], {}, {}});
    return ir::plain(std::move(b).finish());
}

ir::Graph with_jvp(const ir::Graph& graph) {
    ir::Builder b = reopened(graph);
    std::vector<autodiff::Tangent> along;
    for (ir::NodeId leaf : differentiable_leaves(graph)) {
        const ir::Node& node = graph[leaf];
        along.push_back({leaf, b.leaf(ir::LeafKind::input, "tangent/" + node.leaf()->name, node.type, node.shape)});
    }
    std::vector<ir::NodeId> outputs;
    std::vector<std::string> names;
    for (const ir::Result& result : graph.results()) {
        if (!has_cotangent(graph, result)) continue;
        outputs.push_back(result.node);
        names.push_back(result.name);
    }
    std::vector<ir::NodeId> by;
    for (const autodiff::Tangent& tangent : along) by.push_back(tangent.of);
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (const auto there = autodiff::without_tangent(b, outputs[i], by))
            throw source::UserError(
                source::error(source::code("E0216"),
                              "`" + names[i] + "` has no directional derivative: an adjoint on the way is not linear")
                    .at(*there, "its adjoint is not linear in what flows back")
                    .helped("`--jvp` transposes the adjoint; `--vjp` does not need to"));
    const std::vector<ir::NodeId> tangents = autodiff::jvp(b, along, outputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) b.result({ir::Result::value, "jvp/" + names[i], tangents[i], {}, {}});
    return ir::plain(std::move(b).finish());
}

ir::Graph with_hvp(const ir::Graph& graph, const std::string& loss, const std::vector<std::string>& names) {
    ir::Builder b = reopened(graph);
    const std::vector<ir::NodeId> leaves = leaves_named(graph, names);
    const std::vector<ir::NodeId> gradients = autodiff::gradient(b, graph.result(loss)->node, leaves);
    const ir::NodeId along = directional(b, gradients, [&](std::size_t i, ir::NodeId g) {
        const ir::Node node = b[leaves[i]];
        const ir::NodeId direction = b.leaf(ir::LeafKind::input, "direction/" + names[i], node.type, node.shape);
        return b.pointwise(node.type, node.shape, b.read_all(g) * b.read_all(direction));
    });
    const std::vector<ir::NodeId> products = autodiff::gradient(b, along, leaves);
    for (std::size_t i = 0; i < names.size(); ++i) b.result({ir::Result::value, "hvp/" + names[i], products[i], {}, {}});
    return ir::plain(std::move(b).finish());
}

ir::Graph with_results(const ir::Graph& graph, const std::vector<std::string>& names) {
    ir::Builder b(ir::Builder::Sharing::off);
    for (const ir::Node& node : graph.nodes()) b.copy(node, [](ir::NodeId id) { return id; });
    for (const ir::Result& result : graph.results())
        if (result.kind == ir::Result::check || std::find(names.begin(), names.end(), result.name) != names.end()) b.result(result);
    return ir::share(std::move(b).finish());
}

}  // namespace dlc::driver
