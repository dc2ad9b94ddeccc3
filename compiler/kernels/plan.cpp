// From a graph to a plan: clusters, their order, storage, places.
//
// The one thing that is not a matter of taste here is a leaf's new value.  It is written into the leaf's own buffer, so every call
// that reads the old value runs before, or reads only where it writes (alias).  Where no order does that — `a <- b` beside `b <- a`
// — the value is made in the workspace and copied at the end; the planning starts again with that copy in the graph.
#include <algorithm>
#include <map>
#include <set>

#include "compiler/kernels/cluster.h"
#include "compiler/kernels/extract.h"
#include "compiler/kernels/kernel.h"
#include "compiler/kernels/memory.h"
#include "compiler/kernels/simulate.h"
#include "compiler/kernels/storage.h"
#include "dsl/source/diagnostic.h"

namespace dlc::kernels {
namespace {

using ir::NodeId;

/// The graph with what its results need and all leaves, where every result is a node of its own kind: a leaf or a constant as a
/// result is copied, and so is a value that is to be written to two places.
struct Prepared {
    ir::Graph graph;
    std::vector<NodeId> alone;
};
Prepared prepare(const ir::Graph& graph, const std::set<std::size_t>& detours) {
    Prepared prepared;
    ir::Builder builder(ir::Builder::Sharing::off);
    std::vector<bool> needed(graph.size(), false);
    for (const ir::Result& r : graph.results()) {
        needed[r.node.value] = true;
        if (r.target) needed[r.target.value] = true;
    }
    for (std::uint32_t i = static_cast<std::uint32_t>(graph.size()); i-- > 0;) {
        if (graph[NodeId{i}].leaf()) needed[i] = true;
        if (needed[i])
            for (NodeId operand : ir::operands(graph[NodeId{i}])) needed[operand.value] = true;
    }
    std::vector<NodeId> made(graph.size());
    for (std::uint32_t i = 0; i < graph.size(); ++i)
        if (needed[i]) made[i] = builder.copy(graph[NodeId{i}], [&](NodeId o) { return made[o.value]; });
    std::set<NodeId> claimed;  // by an update
    const auto copy_of = [&](NodeId id) {
        const ir::Node node = builder[id];
        return builder.pointwise(node.type, node.shape, builder.read_all(id), node.origin);
    };
    for (std::size_t i = 0; i < graph.results().size(); ++i) {
        ir::Result result = graph.results()[i];
        result.node = made[result.node.value];
        const bool update = result.kind == ir::Result::update;
        if (result.target) result.target = made[result.target.value];
        if (!builder[result.node].equation() && !builder[result.node].library()) result.node = copy_of(result.node);
        if (update && (detours.contains(i) || claimed.contains(result.node))) {
            result.node = copy_of(result.node);
            if (detours.contains(i)) prepared.alone.push_back(result.node);
        }
        if (update) claimed.insert(result.node);
        builder.result(std::move(result));
    }
    prepared.graph = std::move(builder).finish();
    return prepared;
}

struct Update {
    std::size_t result;
    NodeId value, leaf;
};

/// Clusters in the order of execution, outputs in the order of computation.
struct Ordered {
    std::vector<Cluster> clusters;
    std::optional<std::size_t> obstacle;  // a result whose update cannot be written in place; `clusters` is then of no use
};
Ordered order_clusters(const ir::Graph& graph, std::span<const Uses> uses, std::vector<Cluster> clusters,
                       std::span<const Update> updates, const std::set<std::size_t>& detours) {
    const std::size_t n = clusters.size();
    std::map<NodeId, std::size_t> owner;
    std::map<NodeId, std::set<std::size_t>> readers;
    for (std::size_t c = 0; c < n; ++c)
        for (NodeId output : clusters[c].outputs) owner[output] = c;
    for (std::size_t c = 0; c < n; ++c)
        for (NodeId id : clusters[c].nodes)
            for (NodeId operand : uses[id.value].operands)
                if (!std::ranges::binary_search(clusters[c].nodes, operand)) readers[operand].insert(c);
    std::vector<std::set<std::size_t>> before(n);
    for (const auto& [id, clusters_reading] : readers)
        if (const auto made = owner.find(id); made != owner.end())
            for (std::size_t c : clusters_reading) before[c].insert(made->second);
    std::vector<std::vector<InPlace>> in_place(n);
    for (const Update& update : updates) {
        const std::size_t writer = owner.at(update.value);
        for (std::size_t c : readers[update.leaf]) {
            if (c != writer) {
                before[writer].insert(c);
                continue;
            }
            const InPlace pair{update.value, update.leaf};
            if (!may_overwrite(graph, uses, clusters[c], pair)) return {{}, update.result};
            in_place[c].push_back(pair);
        }
    }
    // As the nodes stand in the graph, as far as the edges allow: the cluster whose last output comes first.
    std::vector<bool> done(n, false);
    Ordered ordered;
    while (ordered.clusters.size() < n) {
        std::optional<std::size_t> next;
        for (std::size_t c = 0; c < n; ++c)
            if (!done[c] && std::ranges::all_of(before[c], [&](std::size_t b) { return done[b]; }))
                if (!next || clusters[c].outputs.back() < clusters[*next].outputs.back()) next = c;
        if (!next) {
            // Data dependences alone have no cycle, so one of the updates not yet written is part of it; a copy, which nothing
            // reads, is not.
            for (const Update& update : updates)
                if (!detours.contains(update.result) && !done[owner.at(update.value)] &&
                    std::ranges::any_of(readers[update.leaf],
                                        [&](std::size_t c) { return !done[c] && c != owner.at(update.value); }))
                    return {{}, update.result};
            DLC_ASSERT(false, "kernels do not depend on each other in a circle");
        }
        done[*next] = true;
        Cluster cluster = clusters[*next];
        if (auto order = output_order(uses, cluster, in_place[*next])) {
            cluster.outputs = std::move(*order);
        } else {
            const NodeId first = in_place[*next].front().output;
            return {{}, std::ranges::find(updates, first, &Update::value)->result};
        }
        ordered.clusters.push_back(std::move(cluster));
    }
    return ordered;
}

Region region_of(ir::LeafKind kind) {
    switch (kind) {
        case ir::LeafKind::parameter: return Region::parameter;
        case ir::LeafKind::state:
        case ir::LeafKind::slot: return Region::state;
        default: return Region::input;
    }
}

Plan assemble(const ir::Graph& graph, std::span<const Uses> uses, std::span<const Cluster> clusters,
              std::span<const Update> updates) {
    Plan plan;
    const std::vector<Order> orders = choose_orders(graph, clusters);
    std::vector<int> buffer_of(graph.size(), -1);
    std::map<NodeId, NodeId> leaf_of;  // of an updated value
    for (const Update& update : updates) leaf_of[update.value] = update.leaf;
    const auto add = [&](NodeId id, std::string name, Region region) {
        const ir::Node& node = graph[id];
        Buffer buffer{std::move(name), node.type, node.shape, orders[id.value], region};
        buffer.bytes = ir::volume(node.shape) * ir::bytes(node.type);
        buffer_of[id.value] = static_cast<int>(plan.buffers.size());
        plan.buffers.push_back(std::move(buffer));
    };
    for (std::uint32_t i = 0; i < graph.size(); ++i)
        if (const ir::Leaf* leaf = graph[NodeId{i}].leaf()) add(NodeId{i}, leaf->name, region_of(leaf->kind));
    for (const ir::Result& r : graph.results()) {
        if (r.kind == ir::Result::update) buffer_of[r.node.value] = buffer_of[r.target.value];
    }
    for (const ir::Result& r : graph.results())
        if (buffer_of[r.node.value] < 0) add(r.node, r.name, Region::output);

    std::vector<Extracted> extracted;
    std::map<int, int> last_use;  // of a buffer
    for (const Cluster& cluster : clusters) {
        const int call = static_cast<int>(extracted.size());
        extracted.push_back(extract(graph, cluster));
        for (NodeId output : cluster.outputs) {
            if (buffer_of[output.value] < 0) add(output, graph[output].origin.name, Region::workspace);
            Buffer& buffer = plan.buffers[static_cast<std::size_t>(buffer_of[output.value])];
            if (buffer.region == Region::workspace) buffer.first = buffer.last = call;
        }
        for (NodeId input : extracted.back().inputs) {
            Buffer& buffer = plan.buffers[static_cast<std::size_t>(buffer_of[input.value])];
            if (buffer.region == Region::workspace) buffer.last = call;
        }
    }

    std::vector<int> over(plan.buffers.size(), -1);
    std::map<ir::Digest, int> known;
    for (std::size_t c = 0; c < clusters.size(); ++c) {
        const Cluster& cluster = clusters[c];
        Extracted& e = extracted[c];
        Kernel kernel;
        kernel.body = std::move(e.body);
        Call call;
        for (NodeId input : e.inputs) {
            kernel.inputs.push_back(orders[input.value]);
            call.inputs.push_back(buffer_of[input.value]);
        }
        std::set<std::size_t> taken;
        for (std::size_t o = 0; o < e.outputs.size(); ++o) {
            const NodeId output = e.outputs[o];
            kernel.outputs.push_back(orders[output.value]);
            call.outputs.push_back(buffer_of[output.value]);
            int alias = -1;
            for (std::size_t i = 0; i < e.inputs.size() && alias < 0; ++i) {
                const NodeId input = e.inputs[i];
                const auto leaf = leaf_of.find(output);
                if (leaf != leaf_of.end()) {  // the order of the calls and outputs was made for this
                    if (leaf->second == input) alias = static_cast<int>(i);
                    continue;
                }
                const auto in = static_cast<std::size_t>(call.inputs[i]), out = static_cast<std::size_t>(call.outputs[o]);
                if (plan.buffers[in].region != Region::workspace || plan.buffers[out].region != Region::workspace) continue;
                if (plan.buffers[in].last != static_cast<int>(c) || plan.buffers[in].order != plan.buffers[out].order) continue;
                if (taken.contains(i) || !may_overwrite(graph, uses, cluster, {output, input})) continue;
                const auto readers = direct_readers(uses, cluster, input);
                if (!std::ranges::all_of(readers, [&](NodeId r) {
                        return std::ranges::find(e.outputs, r) - e.outputs.begin() <= static_cast<std::ptrdiff_t>(o);
                    }))
                    continue;
                alias = static_cast<int>(i);
                taken.insert(i);
                over[out] = static_cast<int>(in);
            }
            kernel.alias.push_back(alias);
        }
        for (NodeId id : cluster.nodes)
            if (const ir::Origin& origin = graph[id].origin; origin.span || !origin.name.empty()) call.origins.push_back(origin);
        const auto [at, fresh] = known.emplace(kernel.digest(), static_cast<int>(plan.kernels.size()));
        call.kernel = at->second;
        if (fresh) plan.kernels.push_back(std::move(kernel));
        plan.calls.push_back(std::move(call));
    }
    place_regions(plan.buffers, plan.region_bytes);
    plan.region_bytes[static_cast<std::size_t>(Region::workspace)] = place_workspace(plan.buffers, over);
    plan.results = graph.results();
    for (const ir::Result& r : plan.results) plan.result_buffers.push_back(buffer_of[r.node.value]);
    return plan;
}

}  // namespace

Plan plan(const ir::Graph& graph) {
    std::set<std::size_t> detours;
    for (;;) {
        const Prepared prepared = prepare(graph, detours);
        std::vector<Uses> uses;
        for (const ir::Node& node : prepared.graph.nodes()) uses.push_back(uses_of(node));
        std::vector<Update> updates;
        for (std::size_t i = 0; i < prepared.graph.results().size(); ++i) {
            const ir::Result& r = prepared.graph.results()[i];
            if (r.kind == ir::Result::update) updates.push_back({i, r.node, r.target});
        }
        Ordered ordered = order_clusters(prepared.graph, uses, cluster(prepared.graph, prepared.alone), updates, detours);
        if (!ordered.obstacle) {
            Plan result = assemble(prepared.graph, uses, ordered.clusters, updates);
#ifdef DLC_VERIFY
            const std::vector<std::string> broken = verify(result);
            DLC_ASSERT(broken.empty(), broken.front());
#endif
            return result;
        }
        DLC_ASSERT(detours.insert(*ordered.obstacle).second, "a copied update is in nobody's way");
    }
}

}  // namespace dlc::kernels
