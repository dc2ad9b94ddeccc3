// From a graph to a plan: clusters, their order, storage, places.
//
// The one thing that is not a matter of taste here is a leaf's new value.  It is written into the leaf's own buffer, so every call
// that reads the old value runs before, or reads only where it writes (alias).  Where no order does that — `a <- b` beside `b <- a`
// — the value is made in the workspace and copied at the end; the planning starts again with that copy in the graph.
#include <algorithm>
#include <map>
#include <set>

#include "compiler/ir/memory.h"
#include "compiler/kernels/cluster.h"
#include "compiler/kernels/extract.h"
#include "compiler/kernels/kernel.h"
#include "compiler/kernels/memory.h"
#include "compiler/kernels/panels.h"
#include "compiler/kernels/simulate.h"
#include "compiler/kernels/storage.h"
#include "compiler/kernels/uses.h"
#include "dsl/source/diagnostic.h"

namespace dlc::kernels {
namespace {

using ir::NodeId;

/// The body with the site of every draw of random numbers read from memory, so that layers which draw at different sites share
/// their kernels.  Each site is one number of `sites`.
ir::Expr with_sites_read(ir::Builder& builder, const ir::Expr& body, std::map<double, NodeId>& sites) {
    constexpr std::size_t kSite = 2;
    return ir::rewrite(body, [&](const ir::Expr& x) {
        if (!x->is("philox") || x->args[kSite]->kind != ir::ExprNode::constant) return x;
        std::vector<ir::Expr> args = x->args;
        NodeId& site = sites[args[kSite]->value];
        if (!site) site = builder.constant(args[kSite]->type, {}, {args[kSite]->value}, {{}, ".site"});
        args[kSite] = builder.read(site, {});
        return ir::Expr::call(*x->scalar, std::move(args), x->type);
    });
}

/// The graph with what its results need and all leaves, where every result is a node of its own kind: a leaf or a constant as a
/// result is copied, and so is a value that is to be written to two places, and a constant that a loop reads.
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
    std::map<double, NodeId> sites;
    const auto copy_of = [&](NodeId id) {
        const ir::Node node = builder[id];
        return builder.pointwise(node.type, node.shape, builder.read_all(id), node.origin);
    };
    for (std::uint32_t i = 0; i < graph.size(); ++i) {
        const ir::Node& node = graph[NodeId{i}];
        if (!needed[i]) continue;
        if (node.scan())  // a loop takes all it reads from memory
            for (NodeId operand : ir::operands(node))
                if (graph[operand].constant() && builder[made[operand.value]].constant())
                    made[operand.value] = copy_of(made[operand.value]);
        ir::Node moved = ir::with_operands(node, [&](NodeId o) { return made[o.value]; });
        if (auto* e = std::get_if<ir::Equation>(&moved.what)) e->body = with_sites_read(builder, e->body, sites);
        made[i] = builder.copy(moved, [](NodeId o) { return o; });
    }
    std::set<NodeId> claimed;  // by an update
    for (std::size_t i = 0; i < graph.results().size(); ++i) {
        ir::Result result = graph.results()[i];
        result.node = made[result.node.value];
        const bool update = result.kind == ir::Result::update;
        if (result.target) result.target = made[result.target.value];
        if (builder[result.node].leaf() || builder[result.node].constant()) result.node = copy_of(result.node);
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
        case ir::LeafKind::slot:
        case ir::LeafKind::carry: return Region::state;
        default: return Region::input;
    }
}

/// The body of the loop of `members` as a graph of its own: its yields are values beside the updates of its carries.
ir::Graph loop_body(const ir::Graph& graph, std::span<const NodeId> members) {
    const ir::Graph& body = *graph[members.front()].scan()->body;
    ir::Builder builder(ir::Builder::Sharing::off);
    for (const ir::Node& node : body.nodes()) builder.copy(node, [](NodeId id) { return id; });
    std::set<NodeId> taken;  // by a buffer already
    for (const ir::Result& r : body.results()) {
        taken.insert(r.node);
        builder.result(r);
    }
    for (std::size_t m = 0; m < members.size(); ++m) {
        NodeId yield = graph[members[m]].scan()->yield;
        if (!taken.insert(yield).second) {
            const ir::Node node = builder[yield];
            yield = builder.pointwise(node.type, node.shape, builder.read_all(yield), node.origin);
        }
        builder.result({ir::Result::value, std::to_string(m), yield, {}, {}});
    }
    return std::move(builder).finish();
}

class Assembly {
public:
    Assembly(const ir::Graph& graph, std::span<const Uses> uses, std::span<const Cluster> clusters, std::span<const Update> updates)
        : graph_(graph),
          uses_(uses),
          clusters_(clusters),
          orders_(choose_orders(graph, clusters)),
          buffer_of_(graph.size(), -1),
          last_reader_(graph.size(), -1) {
        for (const Update& update : updates) leaf_of_[update.value] = update.leaf;
        for (std::size_t c = 0; c < clusters.size(); ++c)
            for (NodeId id : clusters[c].nodes)
                for (NodeId operand : uses[id.value].operands) last_reader_[operand.value] = static_cast<int>(c);
    }

    Plan run() && {
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            if (const ir::Leaf* leaf = graph_[NodeId{i}].leaf()) add(NodeId{i}, leaf->name, region_of(leaf->kind));
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            if (const ir::Node& node = graph_[NodeId{i}]; is_number(node)) {
                add(NodeId{i}, node.origin.name, Region::constant);
                buffer(buffer_of_[i]).value = node.constant()->values.front();
            }
        for (const ir::Result& r : graph_.results())
            if (r.kind == ir::Result::update) buffer_of_[r.node.value] = buffer_of_[r.target.value];
        // The name of a check is its message, which is long; the report says where it stands.
        for (int checks = 0; const ir::Result& r : graph_.results()) {
            const bool check = r.kind == ir::Result::check;
            checks += check;
            if (buffer_of_[r.node.value] < 0) add(r.node, check ? "check " + std::to_string(checks) : r.name, Region::output);
        }
        for (std::size_t c = 0; c < clusters_.size(); ++c) {
            if (graph_[clusters_[c].nodes.front()].scan())
                add_loop(static_cast<int>(c));
            else
                add_kernel(clusters_[c]);
        }
        over_.assign(plan_.buffers.size(), -1);
        for (Step& step : steps_) emit(step);
        std::ranges::stable_sort(plan_.moves, {}, &Move::loop);
        place_regions(plan_.buffers, plan_.region_bytes);
        plan_.region_bytes[static_cast<std::size_t>(Region::workspace)] = place_workspace(plan_.buffers, over_);
        for (Buffer& b : plan_.buffers)  // what it lies inside is listed before
            if (b.inside >= 0) b.offset += buffer(b.inside).offset;
        plan_.results = graph_.results();
        for (const ir::Result& r : plan_.results) plan_.result_buffers.push_back(buffer_of_[r.node.value]);
        return std::move(plan_);
    }

private:
    /// Made before a loop: where a carry begins, a factor in panels.
    struct Copy {
        NodeId of;
        int to;
        std::vector<ir::Index> at;  // over the variables of `to`
    };
    /// A call, or copies and the calls of a loop.
    struct Step {
        const Cluster* cluster;
        Extracted kernel = {};
        Plan body = {};
        std::vector<int> buffers = {};  // of the body's, here
        std::vector<Copy> copies = {};
    };

    Buffer& buffer(int number) { return plan_.buffers[static_cast<std::size_t>(number)]; }
    int add(Buffer b) {
        b.bytes = ir::volume(b.shape) * ir::bytes(b.type);
        plan_.buffers.push_back(std::move(b));
        return static_cast<int>(plan_.buffers.size()) - 1;
    }
    void add(NodeId id, std::string name, Region region) {
        const ir::Node& node = graph_[id];
        // Beyond that, sums of sizes might not fit 64 bits.
        if (const double bytes = ir::elements(node.shape) * static_cast<double>(ir::bytes(node.type)); bytes > 0x1p53)
            throw ir::no_memory(node.origin, name, node.shape, bytes);
        buffer_of_[id.value] = add(Buffer{std::move(name), node.type, node.shape, orders_[id.value], region});
    }
    void add_outputs(const Cluster& cluster, int call) {
        for (NodeId output : cluster.outputs) {
            if (buffer_of_[output.value] < 0) add(output, graph_[output].origin.name, Region::workspace);
            Buffer& b = buffer(buffer_of_[output.value]);
            if (b.region == Region::workspace) b.first = b.last = call;
        }
    }
    void read(NodeId input, int call) {
        Buffer& b = buffer(buffer_of_[input.value]);
        if (b.region == Region::workspace) b.last = call;
    }

    void add_kernel(const Cluster& cluster) {
        Step step{&cluster, extract(graph_, cluster)};
        add_outputs(cluster, calls_);
        for (NodeId input : step.kernel.inputs) read(input, calls_);
        ++calls_;
        steps_.push_back(std::move(step));
    }

    static std::vector<ir::Index> everywhere(const ir::Shape& shape) {
        std::vector<ir::Index> at;
        for (ir::Var v = 0; v < shape.size(); ++v) at.push_back(ir::Index::variable(v));
        return at;
    }
    static const std::string& scan_leaf(const ir::Scan& scan, NodeId leaf) { return (*scan.body)[leaf].leaf()->name; }
    int add_copy(Step& step, NodeId of, Buffer copy, std::vector<ir::Index> at) {
        copy.name = graph_[of].origin.name;
        copy.region = Region::workspace;
        copy.first = calls_ + static_cast<int>(step.copies.size());
        const int made = add(std::move(copy));
        step.copies.push_back({of, made, std::move(at)});
        return made;
    }

    // The body's plan becomes a part of this one: its leaves are rows of what the loop reads, its values rows of what it makes; its
    // workspace, one block, and its carries live as long as the loop.
    void add_loop(int number) {
        const Cluster& cluster = clusters_[static_cast<std::size_t>(number)];
        const ir::Scan& scan = *graph_[cluster.outputs.front()].scan();
        std::vector<Panels> panels;
        Step step{&cluster, {}, plan(with_panels(loop_body(graph_, cluster.outputs), panels))};
        Plan& body = step.body;
        const std::string& name = graph_[cluster.outputs.front()].origin.name;

        std::map<std::string, NodeId, std::less<>> given;  // by leaf of the body
        std::vector<std::size_t> carries;                  // buffers of the body
        std::size_t input = 0;
        for (const ir::Node& node : scan.body->nodes())
            if (node.leaf()) given[node.leaf()->name] = scan.inputs[input++];
        std::vector<int> result_of(body.buffers.size(), -1);
        for (std::size_t r = 0; r < body.results.size(); ++r)
            if (body.results[r].kind == ir::Result::value)
                result_of[static_cast<std::size_t>(body.result_buffers[r])] = std::stoi(body.results[r].name);
        for (std::size_t k = 0; k < body.buffers.size(); ++k)
            if (body.buffers[k].inside < 0 && body.buffers[k].region == Region::state) carries.push_back(k);

        // A carry takes the place of its first value where nothing else reads that.
        step.buffers.assign(body.buffers.size(), -1);
        for (const std::size_t k : carries) {
            const NodeId start = given.at(body.buffers[k].name);
            const int from = buffer_of_[start.value];
            const bool others = std::ranges::count(scan.inputs, start) > 1 || last_reader_[start.value] > number;
            const bool free = buffer(from).region == Region::workspace && !others;
            step.buffers[k] = free ? from : add_copy(step, start, body.buffers[k], everywhere(body.buffers[k].shape));
        }
        for (const Panels& p : panels)
            for (std::size_t k = 0; k < body.buffers.size(); ++k)
                if (const Buffer& leaf = body.buffers[k]; leaf.region == Region::input && leaf.name == scan_leaf(scan, p.leaf))
                    step.buffers[k] = add_copy(step, given.at(leaf.name), leaf, p.at);
        for (std::size_t s = 0; s < step.copies.size(); ++s) read(step.copies[s].of, calls_ + static_cast<int>(s));
        const int first = calls_ + static_cast<int>(step.copies.size()), last = first + static_cast<int>(body.calls.size()) - 1;
        for (const int made : step.buffers)
            if (made >= 0) buffer(made).last = last;
        add_outputs(cluster, first);
        for (NodeId output : cluster.outputs) read(output, last);

        const int loop = static_cast<int>(plan_.loops.size());
        plan_.loops.push_back({first, last + 1, scan.steps, scan.backwards});
        int block = -1;
        if (const std::int64_t bytes = body.region_bytes[static_cast<std::size_t>(Region::workspace)]; bytes > 0) {
            block = add(Buffer{name + " (a step)", ir::Type::u8, {bytes}, row_major(1), Region::workspace});
            buffer(block).first = first;
            buffer(block).last = last;
        }
        std::vector<std::int64_t> moved(body.buffers.size(), 0);  // bytes a step
        for (std::size_t k = 0; k < body.buffers.size(); ++k) {
            Buffer part = body.buffers[k];
            int& here = step.buffers[k];
            if (here >= 0) continue;
            if (part.region == Region::constant) {
                here = add(std::move(part));
                continue;
            }
            const auto row_of = [&](NodeId stack) {
                part.inside = buffer_of_[stack.value];
                part.name = buffer(part.inside).name + "[t]";
                part.offset = 0;
                moved[k] = part.bytes;
            };
            if (part.inside >= 0) {
                const auto around = static_cast<std::size_t>(part.inside);
                part.offset -= body.buffers[around].offset;
                part.inside = step.buffers[around];
                moved[k] = moved[around];
            } else if (part.region == Region::workspace) {
                part.inside = block;
            } else if (result_of[k] >= 0) {
                const NodeId output = cluster.outputs[static_cast<std::size_t>(result_of[k])];
                if (graph_[output].scan()->last) {  // each step writes over what the one before left
                    here = buffer_of_[output.value];
                    continue;
                }
                row_of(output);
            } else {
                const NodeId from = given.at(part.name);
                read(from, last);
                if ((*scan.body)[scan.body->leaf(part.name)].leaf()->kind == ir::LeafKind::input) {
                    here = buffer_of_[from.value];
                    continue;
                }
                row_of(from);
            }
            part.region = buffer(part.inside).region;
            if (part.first >= 0) part.first += first, part.last += first;
            here = add(std::move(part));
            if (moved[k] > 0) plan_.moves.push_back({loop, here, moved[k]});
        }
        for (const Loop& inner : body.loops)
            plan_.loops.push_back({inner.first + first, inner.last + first, inner.steps, inner.backwards});
        for (const Move& inner : body.moves)
            plan_.moves.push_back({inner.loop + loop + 1, step.buffers[static_cast<std::size_t>(inner.buffer)], inner.bytes});
        calls_ = last + 1;
        steps_.push_back(std::move(step));
    }

    void emit(Step& step) {
        if (step.kernel.outputs.empty())
            emit_loop(step);
        else
            emit_kernel(step);
    }
    void emit_loop(Step& step) {
        for (const Copy& copy : step.copies) emit_copy(copy);
        std::vector<int> kernels;
        for (Kernel& kernel : step.body.kernels) kernels.push_back(known(std::move(kernel)));
        for (Call& call : step.body.calls) {
            call.kernel = kernels[static_cast<std::size_t>(call.kernel)];
            for (std::vector<int>* list : {&call.inputs, &call.outputs})
                for (int& b : *list) b = step.buffers[static_cast<std::size_t>(b)];
            plan_.calls.push_back(std::move(call));
        }
    }
    void emit_copy(const Copy& copy) {
        const ir::Node& node = graph_[copy.of];
        ir::Builder builder;
        const NodeId in = builder.leaf(ir::LeafKind::input, "in0", node.type, node.shape);
        const NodeId out = builder.pointwise(node.type, buffer(copy.to).shape, builder.read(in, copy.at));
        builder.result({ir::Result::value, "out0", out, {}, {}});
        Kernel kernel{std::move(builder).finish(), {orders_[copy.of.value]}, {buffer(copy.to).order}, {-1}};
        plan_.calls.push_back({known(std::move(kernel)), {buffer_of_[copy.of.value]}, {copy.to}, {node.origin}});
    }
    void emit_kernel(Step& step) {
        const Cluster& cluster = *step.cluster;
        Extracted& e = step.kernel;
        Kernel kernel;
        kernel.body = std::move(e.body);
        Call call;
        for (NodeId input : e.inputs) {
            kernel.inputs.push_back(orders_[input.value]);
            call.inputs.push_back(buffer_of_[input.value]);
        }
        std::set<std::size_t> taken;
        for (std::size_t o = 0; o < e.outputs.size(); ++o) {
            const NodeId output = e.outputs[o];
            kernel.outputs.push_back(orders_[output.value]);
            call.outputs.push_back(buffer_of_[output.value]);
            kernel.alias.push_back(alias(cluster, e, call, o, taken));
        }
        for (NodeId id : cluster.nodes)
            if (const ir::Origin& origin = graph_[id].origin; origin.span || !origin.name.empty()) call.origins.push_back(origin);
        call.kernel = known(std::move(kernel));
        plan_.calls.push_back(std::move(call));
    }
    /// The input that output `o` is written over, or -1.
    int alias(const Cluster& cluster, const Extracted& e, const Call& call, std::size_t o, std::set<std::size_t>& taken) {
        const NodeId output = e.outputs[o];
        const int out = call.outputs[o], now = static_cast<int>(plan_.calls.size());
        for (std::size_t i = 0; i < e.inputs.size(); ++i) {
            const NodeId input = e.inputs[i];
            if (const auto leaf = leaf_of_.find(output); leaf != leaf_of_.end()) {
                // The order of the calls and outputs was made for this.
                if (leaf->second == input) return static_cast<int>(i);
                continue;
            }
            const int in = call.inputs[i];
            if (buffer(in).region != Region::workspace || buffer(out).region != Region::workspace) continue;
            if (buffer(in).last != now || buffer(in).order != buffer(out).order) continue;
            if (taken.contains(i) || !may_overwrite(graph_, uses_, cluster, {output, input})) continue;
            const auto readers = direct_readers(uses_, cluster, input);
            if (!std::ranges::all_of(readers, [&](NodeId r) {
                    return std::ranges::find(e.outputs, r) - e.outputs.begin() <= static_cast<std::ptrdiff_t>(o);
                }))
                continue;
            taken.insert(i);
            over_[static_cast<std::size_t>(out)] = in;
            return static_cast<int>(i);
        }
        return -1;
    }
    int known(Kernel kernel) {
        const auto [at, fresh] = known_.emplace(kernel.digest(), static_cast<int>(plan_.kernels.size()));
        if (fresh) plan_.kernels.push_back(std::move(kernel));
        return at->second;
    }

    const ir::Graph& graph_;
    std::span<const Uses> uses_;
    std::span<const Cluster> clusters_;
    const std::vector<Order> orders_;
    std::vector<int> buffer_of_;        // by node
    std::vector<int> last_reader_;      // cluster, by node
    std::map<NodeId, NodeId> leaf_of_;  // of an updated value
    std::vector<Step> steps_;
    int calls_ = 0;
    Plan plan_;
    std::vector<int> over_;
    std::map<ir::Digest, int> known_;
};

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
            Plan result = Assembly(prepared.graph, uses, ordered.clusters, updates).run();
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
