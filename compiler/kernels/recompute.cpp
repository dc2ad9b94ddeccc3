// `Recomputation` knows the forward pass as the clusters that compute it, and for a choice of segments which values are worth
// dropping; its `Rewrite` makes the graph in which a set of them is computed again beside its first reader.  `fit` plans such
// graphs until one meets the limit.  They are one file because all three speak of clusters, segments and what crosses between them.
#include "compiler/kernels/recompute.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "compiler/ir/cost.h"
#include "compiler/ir/verify.h"
#include "compiler/kernels/cluster.h"
#include "dsl/source/diagnostic.h"

namespace dlc::kernels {
namespace {

using ir::NodeId;

/// What an element of a pointwise equation takes, in multiply-adds: it is bound by memory.
constexpr double kPointwise = 8;
/// A value this much smaller than what it is computed from is kept: a norm's mean, a maximum.
constexpr std::int64_t kSmall = 16;
/// Choices that fit are refined in the order of their work, no more than these.
constexpr std::size_t kMostRefined = 3;

std::int64_t bytes_of(const ir::Node& node) { return ir::volume(node.shape) * ir::bytes(node.type); }

double work_of(const ir::Node& node) {
    if (node.scan()) {
        double body = 0;
        for (const ir::Node& inner : node.scan()->body->nodes()) body += work_of(inner);
        return static_cast<double>(node.scan()->steps) * body;
    }
    if (!node.equation()) return node.library() ? kPointwise * static_cast<double>(bytes_of(node)) : 0;
    return static_cast<double>(ir::evaluations(node)) * (ir::is_contraction(node) ? 1 : kPointwise);
}
bool multiplies(const ir::Node& node) { return node.scan() || node.library() || ir::is_contraction(node); }

/// Values of the forward pass that are not to be kept.
using Dropped = std::set<NodeId>;

/// A way to cut the forward pass, and what may be dropped, in the order in which it is.
struct Choice {
    std::vector<int> segment;  // by forward cluster; what crosses from one to the next is kept
    std::vector<NodeId> droppable;
};

class Recomputation {
public:
    explicit Recomputation(const ir::Graph& graph)
        : graph_(graph),
          clusters_(cluster(graph)),
          made_by_(graph.size(), -1),
          late_(graph.size(), false),
          last_forward_(graph.size(), -1),
          result_(graph.size(), false),
          of_batch_(graph.size(), false),
          beside_forward_(graph.size(), false) {
        for (const ir::Result& r : graph.results()) {
            result_[r.node.value] = true;
            if (r.kind == ir::Result::loss && (!turn_ || *turn_ < r.node)) turn_ = r.node;
        }
        for (std::uint32_t i = 0; i < graph.size(); ++i) {
            const ir::Node& node = graph[NodeId{i}];
            again_ = std::max({again_, node.again, node.origin.checkpoint});
            const ir::Leaf* leaf = node.leaf();
            of_batch_[i] = (leaf && leaf->kind != ir::LeafKind::parameter && leaf->kind != ir::LeafKind::slot) ||
                           std::ranges::any_of(ir::operands(node), [&](NodeId operand) { return of_batch_[operand.value]; });
        }
        if (!turn_) return;
        // Of a cluster's outputs the last one of the forward pass; after all of those come the clusters that have none.
        const auto place = [&](const Cluster& c) {
            NodeId last;
            for (const NodeId output : c.outputs)
                if (output <= *turn_ && (!last || last < output)) last = output;
            return last;
        };
        std::ranges::stable_sort(clusters_, {}, place);
        while (forward_ < std::ssize(clusters_) && place(clusters_[static_cast<std::size_t>(forward_)])) ++forward_;
        for (int c = 0; c < std::ssize(clusters_); ++c)
            for (const NodeId output : clusters_[static_cast<std::size_t>(c)].outputs) made_by_[output.value] = c;
        for (int c = 0; c < std::ssize(clusters_); ++c) {
            const std::vector<NodeId>& nodes = clusters_[static_cast<std::size_t>(c)].nodes;
            for (const NodeId id : nodes)
                for (const NodeId operand : ir::operands(graph[id])) {
                    if (!is_forward(operand) || std::ranges::binary_search(nodes, operand)) continue;
                    if (c >= forward_ || *turn_ < id)
                        late_[operand.value] = true;
                    else
                        last_forward_[operand.value] = std::max(last_forward_[operand.value], c);
                }
        }
        backward_ = backward_nodes();
    }

    /// One segment, of which nothing is computed again that takes a sum of products, then two and more.
    std::vector<Choice> choices() const {
        std::vector<Choice> all;
        if (!turn_) return all;
        for (double segments = 1; segments <= forward_ && segments <= 64; segments *= segments < 3 ? 2 : 1.5) {
            Choice cut{segments_of(static_cast<int>(segments)), {}};
            if (!all.empty() && cut.segment == all.back().segment) continue;
            find_droppable(cut);
            if (!cut.droppable.empty()) all.push_back(std::move(cut));
        }
        return all;
    }

    /// The graph in which the first `count` of the choice's values are computed again.
    ir::Graph graph(const Choice& choice, std::size_t count) const {
        const auto end = choice.droppable.begin() + static_cast<std::ptrdiff_t>(count);
        return Rewrite(*this, choice, Dropped(choice.droppable.begin(), end)).run();
    }
    double work(const ir::Graph& graph) const {
        return std::transform_reduce(graph.nodes().begin(), graph.nodes().end(), 0.0, std::plus{}, work_of);
    }

private:
    /// The nodes behind the loss in the order in which kernels compute them, which is not always that of the graph: what a
    /// derivative asks of an early layer may stand right behind the loss.
    std::vector<NodeId> backward_nodes() {
        const std::size_t n = clusters_.size();
        std::vector<std::set<int>> before(n);
        for (std::size_t c = 0; c < n; ++c)
            for (const NodeId id : clusters_[c].nodes)
                for (const NodeId operand : ir::operands(graph_[id]))
                    if (const int maker = made_by_[operand.value];
                        maker >= 0 && maker != static_cast<int>(c) && !std::ranges::binary_search(clusters_[c].nodes, operand))
                        before[c].insert(maker);
        // As the plan orders them: of those whose operands are made the one whose last output comes first.
        std::vector<std::size_t> waiting(n);
        std::iota(waiting.begin(), waiting.end(), 0);
        std::ranges::sort(waiting, {}, [&](std::size_t c) { return clusters_[c].outputs.back(); });
        std::vector<bool> done(n, false), listed(graph_.size(), false);
        std::vector<NodeId> nodes;
        bool forward = false;
        const auto list = [&](NodeId id) {
            if (!listed[id.value] && *turn_ < id) nodes.push_back(id), beside_forward_[id.value] = forward;
            listed[id.value] = true;
        };
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            if (graph_[NodeId{i}].leaf() || graph_[NodeId{i}].constant()) list(NodeId{i});
        while (!waiting.empty()) {
            const auto next = std::ranges::find_if(waiting, [&](std::size_t c) {
                return std::ranges::all_of(before[c], [&](int b) { return done[static_cast<std::size_t>(b)]; });
            });
            DLC_ASSERT(next != waiting.end(), "clusters do not depend on each other in a circle");
            done[*next] = true;
            forward = static_cast<int>(*next) < forward_;
            std::ranges::for_each(clusters_[*next].nodes, list);
            waiting.erase(next);
        }
        return nodes;
    }

    int segment(const Choice& choice, NodeId id) const { return choice.segment[static_cast<std::size_t>(made_by_[id.value])]; }
    bool is_forward(NodeId id) const { return id <= *turn_ && made_by_[id.value] >= 0 && made_by_[id.value] < forward_; }
    bool crosses(const Choice& choice, NodeId id) const {
        const int reader = last_forward_[id.value];
        return reader >= 0 && choice.segment[static_cast<std::size_t>(reader)] > segment(choice, id);
    }
    /// Whether the value is in memory when the backward pass runs, unless it is dropped.
    bool kept(const Choice& choice, NodeId id) const {
        return late_[id.value] || result_[id.value] || !of_batch_[id.value] || crosses(choice, id);
    }

    /// What is computed again where a value alone is dropped.
    void chain(const Choice& choice, NodeId id, std::set<NodeId>& nodes) const {
        if (!nodes.insert(id).second) return;
        for (const NodeId operand : ir::operands(graph_[id])) {
            const ir::Node& node = graph_[operand];
            if (node.leaf() || node.constant() || (is_forward(operand) && kept(choice, operand))) continue;
            chain(choice, operand, nodes);
        }
    }
    /// All that is kept for the backward pass alone and worth dropping: of the last segment, whose values are all there when the
    /// backward pass begins, what takes no sum of products.
    void find_droppable(Choice& choice) const {
        const int last = choice.segment.empty() ? 0 : choice.segment.back();
        std::vector<std::pair<double, NodeId>> found;  // by work for a byte
        for (std::uint32_t i = 0; i < graph_.size(); ++i) {
            const NodeId id{i};
            if (!is_forward(id) || !late_[i] || result_[i] || !of_batch_[i] || crosses(choice, id)) continue;
            std::set<NodeId> nodes;
            chain(choice, id, nodes);
            double work = 0;
            std::int64_t read = 0;  // bytes of the largest tensor that would have to be there instead
            bool products = false;
            for (const NodeId n : nodes) {
                work += work_of(graph_[n]);
                products = products || multiplies(graph_[n]);
                for (const NodeId operand : ir::operands(graph_[n])) read = std::max(read, bytes_of(graph_[operand]));
            }
            const std::int64_t bytes = bytes_of(graph_[id]);
            if (bytes == 0 || bytes < read / kSmall || (products && segment(choice, id) == last)) continue;
            found.emplace_back(work / static_cast<double>(bytes), id);
        }
        std::ranges::stable_sort(found, {}, &std::pair<double, NodeId>::first);
        for (const auto& [work, id] : found) choice.droppable.push_back(id);
    }

    /// The forward clusters in `count` segments of about equal bytes of what is kept, cut where least crosses.
    std::vector<int> segments_of(int count) const {
        std::vector<double> sum;       // of bytes kept, up to and including each cluster
        std::vector<double> crossing;  // bytes alive behind each cluster that later ones of the forward pass read
        double total = 0;
        for (int c = 0; c < forward_; ++c) {
            double alive = 0;
            for (const NodeId output : clusters_[static_cast<std::size_t>(c)].outputs)
                if (late_[output.value]) total += static_cast<double>(bytes_of(graph_[output]));
            for (int before = 0; before <= c; ++before)
                for (const NodeId output : clusters_[static_cast<std::size_t>(before)].outputs)
                    if (last_forward_[output.value] > c) alive += static_cast<double>(bytes_of(graph_[output]));
            sum.push_back(total);
            crossing.push_back(alive);
        }
        std::set<int> cuts;  // the last cluster of a segment
        for (int s = 1; s < count; ++s) {
            const double wanted = total * s / count, slack = total / (3 * count);
            std::optional<std::pair<double, double>> least;  // crosses, is off what is wanted
            int best = 0;
            for (int c = 0; c + 1 < forward_; ++c) {
                const auto at = static_cast<std::size_t>(c);
                const std::pair rank(crossing[at], std::abs(sum[at] - wanted));
                if (rank.second <= slack && (!least || rank < *least)) least = rank, best = c;
            }
            if (least) cuts.insert(best);
        }
        std::vector<int> segment;
        for (int c = 0, s = 0; c < forward_; ++c) {
            segment.push_back(s);
            s += cuts.contains(c);
        }
        return segment;
    }

    /// Reads of the backward pass go to values that are made beside their first reader.
    class Rewrite {
    public:
        Rewrite(const Recomputation& of, const Choice& choice, Dropped dropped)
            : of_(of), choice_(choice), dropped_(std::move(dropped)), moved_(of.graph_.size()), again_(of.graph_.size()) {}

        ir::Graph run() && {
            for (std::uint32_t i = 0; i <= of_.turn_->value; ++i) copy(NodeId{i});
            for (const NodeId id : of_.backward_)
                if (!waits(id)) make(id);
            for (const ir::Result& r : of_.graph_.results()) make(r.node);
            for (ir::Result r : of_.graph_.results()) {
                r.node = moved_[r.node.value];
                if (r.target) r.target = moved_[r.target.value];
                b_.result(std::move(r));
            }
            return ir::share(std::move(b_).finish());  // without what only the backward pass read
        }

    private:
        /// Whether the node is computed with the forward pass, as the position of a maximum is with the maximum, but would ask for
        /// what is gone: then it is made where it is read.
        bool waits(NodeId id) {
            if (!of_.beside_forward_[id.value]) return false;
            const bool any = std::ranges::any_of(ir::operands(of_.graph_[id]),
                                                 [&](NodeId operand) { return gone(operand) || waiting_.contains(operand); });
            if (any) waiting_.insert(id);
            return any;
        }
        /// A node behind the loss, after what it reads.
        void make(NodeId id) {
            if (moved_[id.value]) return;
            for (const NodeId operand : ir::operands(of_.graph_[id])) {
                if (gone(operand))
                    compute_again(operand, -1);
                else
                    make(operand);
            }
            copy(id);
        }
        void copy(NodeId id) {
            const ir::Node& node = of_.graph_[id];
            b_.compute_again(node.again);
            moved_[id.value] = b_.copy(node, [&](NodeId operand) {
                return *of_.turn_ < id && gone(operand) ? again_[operand.value] : moved_[operand.value];
            });
        }
        /// Whether the value is not there any more when the backward pass runs.
        bool gone(NodeId id) {
            if (*of_.turn_ < id) return false;
            const ir::Node& node = of_.graph_[id];
            if (node.leaf() || node.constant()) return false;
            if (of_.is_forward(id)) return dropped_.contains(id) || !of_.kept(choice_, id);
            const auto [known, fresh] = gone_.emplace(id, false);
            if (!fresh) return known->second;
            const bool any = std::ranges::any_of(ir::operands(node), [&](NodeId operand) { return gone(operand); });
            return gone_[id] = any;
        }
        /// Whether only kernels of the forward pass know the value.
        bool inside(NodeId id) const {
            const ir::Node& node = of_.graph_[id];
            return of_.made_by_[id.value] < 0 && !node.leaf() && !node.constant();
        }
        /// Makes the value once more, from what is there.  What belongs to one kernel stays together: it has one number.
        void compute_again(NodeId id, int cluster) {
            if (again_[id.value]) return;
            if (of_.is_forward(id)) cluster = of_.made_by_[id.value];
            const ir::Node& node = of_.graph_[id];
            for (const NodeId operand : ir::operands(node))
                if (inside(operand) || gone(operand)) compute_again(operand, cluster);
            b_.compute_again(of_.again_ + static_cast<std::uint32_t>(cluster) + 2);
            again_[id.value] = b_.copy(node, [&](NodeId operand) {
                return inside(operand) || gone(operand) ? again_[operand.value] : moved_[operand.value];
            });
        }

        const Recomputation& of_;
        const Choice& choice_;
        const Dropped dropped_;
        ir::Builder b_{ir::Builder::Sharing::off};
        std::vector<NodeId> moved_, again_;  // by node: its copy, and the one made again
        std::map<NodeId, bool> gone_;        // of values that no kernel writes
        std::set<NodeId> waiting_;
    };

    const ir::Graph& graph_;
    std::vector<Cluster> clusters_;  // those of the forward pass in their order, then the others
    int forward_ = 0;                // so many are of the forward pass
    std::optional<NodeId> turn_;     // the last loss
    std::vector<int> made_by_;       // cluster whose output a node is, or -1
    std::vector<bool> late_;         // read by clusters that are not of the forward pass
    std::vector<int> last_forward_;  // the last cluster of the forward pass that reads it, or -1
    std::vector<bool> result_;
    std::vector<bool> of_batch_;        // what depends on parameters alone is small, and read by their updates as well
    std::vector<NodeId> backward_;      // in the order of kernels
    std::vector<bool> beside_forward_;  // of those: whether a kernel of the forward pass computes it
    std::uint32_t again_ = 0;           // the highest number of a checkpoint
};

struct Candidate {
    const Choice* choice;
    std::size_t count;
    Fitted fitted;
    double work;
};

}  // namespace

std::int64_t memory_bytes(const Plan& plan) {
    return std::accumulate(std::begin(plan.region_bytes), std::end(plan.region_bytes), std::int64_t{0});
}

Fitted fit(const ir::Graph& graph, std::int64_t limit, std::int64_t reserved) {
    Fitted plain{graph, plan(graph)};
    const auto takes = [&](const Plan& plan) { return memory_bytes(plan) + reserved; };
    if (takes(plain.plan) <= limit) return plain;
    std::int64_t least = memory_bytes(plain.plan);
    const Recomputation recomputation(graph);
    const std::vector<Choice> choices = recomputation.choices();
    const auto tried = [&](const Choice& choice, std::size_t count) {
        ir::Graph changed = recomputation.graph(choice, count);
#ifdef DLC_VERIFY
        ir::verify_or_die(changed, "recompute");
#endif
        Plan its = plan(changed);
        const double work = recomputation.work(changed);
        return Candidate{&choice, count, {std::move(changed), std::move(its)}, work};
    };
    const auto fits = [&](const Candidate& c) { return takes(c.fitted.plan) <= limit; };
    std::vector<Candidate> fitting;
    for (const Choice& choice : choices) {
        Candidate all = tried(choice, choice.droppable.size());
        least = std::min(least, memory_bytes(all.fitted.plan));
        if (fits(all)) fitting.push_back(std::move(all));
    }
    if (fitting.empty()) {
        const std::string kernels = reserved > 0 ? fmt::format(" and its kernels {} while they run", reserved) : "";
        throw source::UserError(source::error(
            source::code("E0505"),
            fmt::format("the tensors of the program take at least {} bytes{}; the limit is {}", least, kernels, limit)));
    }
    std::ranges::stable_sort(fitting, {}, &Candidate::work);
    if (fitting.size() > kMostRefined) fitting.erase(fitting.begin() + kMostRefined, fitting.end());
    for (Candidate& candidate : fitting) {
        // The fewest of its values that fit, as if fewer never took less.
        for (std::size_t least = 0; least + 1 < candidate.count;) {
            const std::size_t middle = (least + candidate.count) / 2;
            Candidate fewer = tried(*candidate.choice, middle);
            if (fits(fewer))
                candidate = std::move(fewer);
            else
                least = middle;
        }
    }
    return std::move(std::ranges::min_element(fitting, {}, &Candidate::work)->fitted);
}

}  // namespace dlc::kernels
