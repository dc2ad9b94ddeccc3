// Clustering: from equations to kernels.
//
// A kernel has one anchor, an equation that decides its loops: a contraction, a reduction, a scatter, or a pointwise equation where
// no other is near.  What else is computed in it saves a trip through memory.  The steps, in this order, because each takes what
// the earlier ones left:
//
//   twins      reductions over the same domain that read the same tensors (max and argmax of a window) share their loops
//   rows       reductions of the rows of one tensor, and what lies between them, are one pass over each row (softmax, its loss and
//              its gradient; layer normalisation)
//   epilogues  a pointwise node that reads an anchor at the position it computes is written where the anchor's value is at hand
//   recompute  a pointwise node is computed again where it is read when that moves fewer bytes than storing it; never inside a
//              contraction, which reads each element many times
//   chains     pointwise nodes over the same positions that are left join
//   pools      a window reduction joins a convolution that is so cheap that writing its result would dominate
//   updates    new values of leaves that are still pointwise kernels of their own become few kernels, the same for equal layers; so
//              do small scalar results
//
// Two groups join only if no path between them leads through a third, so the groups stay without cycles.
#include "compiler/kernels/cluster.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "compiler/ir/cost.h"
#include "compiler/kernels/batches.h"
#include "compiler/kernels/extract.h"
#include "compiler/kernels/uses.h"
#include "dsl/source/diagnostic.h"

namespace dlc::kernels {
namespace {

using ir::NodeId;

enum class Role : std::uint8_t { none, pointwise, contraction, window, rows, columns, full, prefix, scatter, library, loop };

/// A cheap convolution: fewer multiplications than this for each output, and pooling in the same kernel beats the register tile's
/// full width, because the kernel is bound by memory.
constexpr std::int64_t kCheapConvolution = 100;
/// A pointwise body up to this weight may be computed more than once.
constexpr int kLight = 12;
/// A single number up to this weight is computed again by each tensor that needs it: one function beyond plain arithmetic.
constexpr int kLightNumber = 8;
/// Scalar reductions over domains up to this size are bound by the call, not by the work.
constexpr std::int64_t kSmallReduction = 1 << 16;
/// Rows longer than this do not stay in the first caches between the reductions over them.
constexpr std::int64_t kLongRow = 1 << 18;
/// So many small kernels become one: a call costs microseconds, but the time to compile a kernel grows faster than what it joins.
constexpr std::size_t kMostJoined = 16;

/// What fuses with a node depends on how its loops run over what it reads: the reduced variables of one read decide.
Role role_of(const ir::Node& node) {
    if (node.library()) return Role::library;
    if (node.scan()) return Role::loop;
    const ir::Equation* e = node.equation();
    if (!e) return Role::none;
    if (e->scatter) return Role::scatter;
    if (e->reduce == ir::Reduce::none) return Role::pointwise;
    if (ir::prefix_of(node)) return Role::prefix;
    if (ir::is_contraction(node)) return Role::contraction;
    const auto reduced = [rank = node.shape.size()](ir::Var v) { return v >= rank; };
    bool window = false, inner = false;
    for (const ir::Expr& read : ir::reads(e->body)) {
        for (const ir::Index& index : read->at) {
            const std::vector<ir::Var> in = index.variables();
            if (std::ranges::any_of(in, reduced) && !std::ranges::all_of(in, reduced)) window = true;
        }
        if (!read->at.empty() && std::ranges::any_of(read->at.back().variables(), reduced)) inner = true;
    }
    if (window) return Role::window;
    if (ir::volume(node.shape) == 1) return Role::full;
    return inner ? Role::rows : Role::columns;
}

class Clustering {
public:
    Clustering(const ir::Graph& graph, std::span<const NodeId> alone) : graph_(graph) {
        const std::size_t n = graph.size();
        parent_.resize(n);
        std::iota(parent_.begin(), parent_.end(), 0u);
        members_.resize(n);
        users_.resize(n);
        recomputed_.assign(n, false);
        alone_.assign(n, false);
        result_.assign(n, false);
        update_.assign(n, false);
        update_only_.assign(n, false);
        for (std::uint32_t i = 0; i < n; ++i) {
            const ir::Node& node = graph[NodeId{i}];
            members_[i] = {i};
            uses_.push_back(uses_of(node));
            role_.push_back(role_of(node));
            owned_.push_back(false);
            for (NodeId operand : uses_.back().operands) users_[operand.value].push_back(i);
        }
        for (NodeId id : alone) alone_[id.value] = true;
        for (const ir::Result& r : graph.results()) {
            result_[r.node.value] = true;
            if (r.kind == ir::Result::update) update_[r.node.value] = true;
        }
        for (const ir::Result& r : graph.results())
            if (r.kind != ir::Result::update) update_[r.node.value] = false;
        // What leads to new values of leaves and to nothing else is written in place, which a kernel with a reduction in it cannot
        // do.
        for (std::uint32_t i = static_cast<std::uint32_t>(n); i-- > 0;)
            update_only_[i] = role_[i] == Role::pointwise && (!result_[i] || update_[i]) &&
                              std::ranges::all_of(users_[i], [&](std::uint32_t user) { return update_only_[user]; });
        for (std::uint32_t i = 0; i < n; ++i) owned_[i] = role_[i] != Role::none && role_[i] != Role::pointwise;
    }

    std::vector<Cluster> run() {
        loops();
        fills();
        twins();
        rows();
        epilogues(false);
        recompute();
        epilogues(true);
        pools();
        updates();
        return emit();
    }

private:
    const ir::Node& node(std::uint32_t i) const { return graph_[NodeId{i}]; }
    std::int64_t bytes(std::uint32_t i) const { return ir::volume(node(i).shape) * ir::bytes(node(i).type); }
    std::int64_t domain(std::uint32_t i) const { return ir::evaluations(node(i)); }
    bool computed(std::uint32_t i) const { return role_[i] != Role::none; }

    // Groups: a union-find over owned nodes; recomputed nodes belong to none and are seen through.

    std::uint32_t find(std::uint32_t i) const {
        while (parent_[i] != i) i = parent_[i];
        return i;
    }
    void join(std::uint32_t a, std::uint32_t b) {
        owned_[a] = owned_[b] = true;
        a = find(a), b = find(b);
        if (a == b) return;
        if (b < a) std::swap(a, b);
        parent_[b] = a;
        members_[a].insert(members_[a].end(), members_[b].begin(), members_[b].end());
        std::ranges::sort(members_[a]);
        members_[b].clear();
        rows_.erase(b);
    }
    /// Calls `see` for each node outside recomputed ones that reads `i`, through recomputed ones.
    template <class See>
    void for_users(std::uint32_t i, const See& see) const {
        for (std::uint32_t user : users_[i]) {
            if (recomputed_[user])
                for_users(user, see);
            else
                see(user);
        }
    }
    template <class See>
    void for_operands(std::uint32_t i, const See& see) const {
        for (NodeId operand : uses_[i].operands) {
            if (recomputed_[operand.value])
                for_operands(operand.value, see);
            else
                see(operand.value);
        }
    }
    /// A path from a's group to b's with a third group between.
    bool path_around(std::uint32_t a, std::uint32_t b) const {
        a = find(a), b = find(b);
        std::vector<bool> seen(graph_.size(), false);
        std::vector<std::uint32_t> stack;
        bool found = false;
        const auto push = [&](std::uint32_t from) {
            for (std::uint32_t member : members_[from])
                for_users(member, [&](std::uint32_t user) {
                    const std::uint32_t group = find(user);
                    if (group == b && from != a) found = true;
                    if (group == a || group == b || seen[group]) return;
                    seen[group] = true;
                    stack.push_back(group);
                });
        };
        push(a);
        while (!stack.empty() && !found) {
            const std::uint32_t next = stack.back();
            stack.pop_back();
            push(next);
        }
        return found;
    }
    /// Whether a value of `tensor` is a position at which `i`, or what it recomputes, reads: such a value comes from memory.
    bool takes_position(std::uint32_t i, std::uint32_t tensor) const {
        return uses_[i].gets_from(NodeId{tensor}) || std::ranges::any_of(uses_[i].operands, [&](NodeId o) {
                   return recomputed_[o.value] && takes_position(o.value, tensor);
               });
    }
    bool joinable(std::uint32_t a, std::uint32_t b) const {
        if (find(a) == find(b)) return true;
        for (std::uint32_t end : {a, b})
            for (std::uint32_t member : members_[find(end)])
                if (alone_[member]) return false;
        for (std::uint32_t m : members_[find(a)])
            for (std::uint32_t n : members_[find(b)])
                if (takes_position(m, n) || takes_position(n, m)) return false;
        return waits(a, b) && waits(b, a) && !path_around(a, b) && !path_around(b, a);
    }
    /// Whether what a's group computes again, for a checkpoint, is not drawn forward into b's: that has such nodes itself, or it
    /// reads a's and so comes late anyway.
    bool waits(std::uint32_t a, std::uint32_t b) const {
        const std::vector<std::uint32_t>&from = members_[find(a)], &to = members_[find(b)];
        return std::ranges::all_of(from, [&](std::uint32_t m) {
            const auto late = [&](std::uint32_t n) { return node(n).again == node(m).again; };
            return !node(m).again || std::ranges::any_of(to, late) || reads(find(b), find(a));
        });
    }
    bool reads(std::uint32_t group, std::uint32_t of) const {
        bool found = false;
        for (std::uint32_t m : members_[of]) for_users(m, [&](std::uint32_t user) { found = found || find(user) == group; });
        return found;
    }

    /// A kernel that takes whole tensors from memory: nothing is computed inside of it.
    bool takes_whole(std::uint32_t i) const { return role_[i] == Role::library || role_[i] == Role::loop; }

    // Steps.

    /// Nodes that are values of one loop.
    void loops() {
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            for (std::uint32_t j = 0; role_[i] == Role::loop && j < i; ++j)
                if (same_loop(node(j), node(i))) {
                    join(j, i);
                    break;
                }
    }

    /// Nodes that read no tensor: constants spread over a shape, positions, random numbers.
    void fills() {
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            if (role_[i] == Role::pointwise && !result_[i] && !is_heavy_number(i) &&
                std::ranges::all_of(uses_[i].operands,
                                    [&](NodeId o) { return recomputed_[o.value] || ir::volume(graph_[o].shape) <= 1; }) &&
                std::ranges::none_of(users_[i], [&](std::uint32_t u) {
                    // A position that is data is read from memory.
                    return takes_whole(u) || alone_[u] || uses_[u].gets_from(NodeId{i});
                }))
                recomputed_[i] = !depends_on_computed(i);
    }
    /// One number that takes long to compute, such as Adam's `1 - pow(0.9, step)`, and that tensors read: from memory, because in
    /// their kernels its code would stand once for each of them.
    bool is_heavy_number(std::uint32_t i) const {
        return ir::volume(node(i).shape) == 1 && ir::weight(node(i).equation()->body) > kLightNumber &&
               std::ranges::any_of(users_[i], [&](std::uint32_t user) { return ir::volume(node(user).shape) > 1; });
    }
    bool depends_on_computed(std::uint32_t i) const {
        return std::ranges::any_of(uses_[i].operands, [&](NodeId o) { return computed(o.value) && !recomputed_[o.value]; });
    }

    void twins() {
        std::map<std::pair<ir::Shape, ir::Shape>, std::vector<std::uint32_t>> domains;
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            if (role_[i] == Role::window || role_[i] == Role::columns) {
                auto& same = domains[{node(i).shape, node(i).equation()->reductions}];
                const auto twin = std::ranges::find_if(same, [&](std::uint32_t other) {
                    return role_[other] == role_[i] && shares_large_operand(i, other) && joinable(i, other);
                });
                if (twin != same.end()) join(*twin, i);
                same.push_back(i);
            }
    }
    /// Both read one tensor whose elements are as many as their results' or more.
    bool shares_large_operand(std::uint32_t a, std::uint32_t b) const {
        return std::ranges::any_of(uses_[a].operands, [&](NodeId o) {
            return ir::volume(graph_[o].shape) >= ir::volume(node(a).shape) && std::ranges::binary_search(uses_[b].operands, o);
        });
    }

    struct Rows {
        ir::Shape space;
        std::set<std::uint32_t> sources;  // tensors whose rows it reads
    };
    bool starts_with(std::uint32_t i, const ir::Shape& space) const {
        const ir::Shape& shape = node(i).shape;
        return shape.size() >= space.size() && std::equal(space.begin(), space.end(), shape.begin());
    }
    /// Walks from `i` to what it reads by row: unowned pointwise nodes are passed through into `chain`, all else lands in
    /// `sources`.
    void row_sources(std::uint32_t i, const ir::Shape& space, std::set<std::uint32_t>& chain,
                     std::set<std::uint32_t>& sources) const {
        for (NodeId operand : uses_[i].operands) {
            const std::uint32_t o = operand.value;
            if (recomputed_[o] || !starts_with(o, space) || !uses_[i].aligned(operand, space.size())) continue;
            if (role_[o] == Role::pointwise && !owned_[o] && !alone_[o]) {
                if (chain.insert(o).second) row_sources(o, space, chain, sources);
            } else {
                sources.insert(o);
            }
        }
    }
    void rows() {
        for (std::uint32_t i = 0; i < graph_.size(); ++i) {
            if (role_[i] != Role::rows || node(i).shape.empty()) continue;
            const ir::Shape space = node(i).shape;
            if (ir::volume(node(i).equation()->reductions) > kLongRow) continue;
            std::set<std::uint32_t> chain, sources;
            row_sources(i, space, chain, sources);
            std::optional<std::uint32_t> home;
            for (const auto& [group, rows] : rows_) {
                if (rows.space != space) continue;
                const bool near =
                    std::ranges::any_of(sources, [&](std::uint32_t s) { return rows.sources.contains(s) || find(s) == group; });
                if (near && joinable_through(group, i, chain)) home = group;
            }
            if (home) {
                std::set<std::uint32_t> between;
                for (std::uint32_t c : chain)
                    if (depends_on_group(c, *home, chain)) between.insert(c);
                Rows merged = rows_.at(*home);
                for (std::uint32_t c : between) join(*home, c);
                join(*home, i);
                merged.sources.insert(sources.begin(), sources.end());
                rows_[find(i)] = std::move(merged);
            } else {
                rows_[find(i)] = {space, sources};
            }
        }
    }
    bool depends_on_group(std::uint32_t c, std::uint32_t group, const std::set<std::uint32_t>& chain) const {
        return std::ranges::any_of(uses_[c].operands, [&](NodeId o) {
            return (owned_[o.value] && find(o.value) == find(group)) ||
                   (chain.contains(o.value) && depends_on_group(o.value, group, chain));
        });
    }
    /// Whether `i` may join the group together with those nodes of `chain` that lie between.
    bool joinable_through(std::uint32_t group, std::uint32_t i, const std::set<std::uint32_t>& chain) {
        // Seen through, the chain's nodes are no third group: that is what computing them inside the kernel means.
        std::vector<std::uint32_t> passed;
        for (std::uint32_t c : chain)
            if (depends_on_group(c, group, chain)) passed.push_back(c);
        for (std::uint32_t c : passed) recomputed_[c] = true;
        bool fine = joinable(group, i);
        for (std::uint32_t c : passed) recomputed_[c] = false;
        // A node between that is also read elsewhere becomes an output; no path may come back from there.
        for (std::uint32_t c : passed) fine = fine && !alone_[c] && !path_around(c, i);
        return fine;
    }

    /// The group whose anchor (or, `chains`, whose pointwise nodes) `i` may be computed beside, or none.
    std::optional<std::uint32_t> epilogue_home(std::uint32_t i, bool chains) const {
        std::vector<std::uint32_t> candidates;
        for_operands(i, [&](std::uint32_t o) {
            if (owned_[o]) candidates.push_back(find(o));
        });
        // The last group is the one whose value is the freshest; an earlier one could not take `i` when the last depends on it.
        std::ranges::sort(candidates, std::greater{}, [&](std::uint32_t g) { return members_[g].back(); });
        for (std::uint32_t group : candidates) {
            const bool anchored =
                std::ranges::any_of(members_[group], [&](std::uint32_t m) { return role_[m] != Role::pointwise; });
            if (!anchored && !chains) continue;
            if (anchored && update_only_[i]) continue;
            if (std::ranges::any_of(members_[group], [&](std::uint32_t m) { return takes_whole(m) || role_[m] == Role::scatter; }))
                continue;
            const auto rows = rows_.find(group);
            const ir::Shape& space = rows != rows_.end() ? rows->second.space : node(members_[group].front()).shape;
            if (rows == rows_.end() && node(i).shape != space) continue;
            if (rows != rows_.end() && !starts_with(i, space)) continue;
            if (reads_aligned(i, group, space.size()) && joinable(group, i)) return group;
        }
        return std::nullopt;
    }
    /// Every read of a member of the group from `i`, also through recomputed nodes, is at the point of `space` that is computed.
    bool reads_aligned(std::uint32_t i, std::uint32_t group, std::size_t rank) const {
        return std::ranges::all_of(uses_[i].operands, [&](NodeId o) {
            if (recomputed_[o.value])
                return !reads_group(o.value, group) || (uses_[i].aligned(o, rank) && reads_aligned(o.value, group, rank));
            return !owned_[o.value] || find(o.value) != group || uses_[i].aligned(o, rank);
        });
    }
    bool reads_group(std::uint32_t recomputed, std::uint32_t group) const {
        bool found = false;
        for_operands(recomputed, [&](std::uint32_t o) { found = found || (owned_[o] && find(o) == group); });
        return found;
    }
    void epilogues(bool chains) {
        for (std::uint32_t i = 0; i < graph_.size(); ++i) {
            if (role_[i] != Role::pointwise || recomputed_[i] || owned_[i] || alone_[i]) continue;
            if (const auto home = epilogue_home(i, chains)) {
                std::optional<Rows> rows;
                if (const auto known = rows_.find(*home); known != rows_.end()) rows = known->second;
                join(*home, i);
                if (rows) rows_[find(i)] = *rows;
            } else if (chains) {
                owned_[i] = true;
            }
        }
        if (chains)
            for (std::uint32_t i = 0; i < graph_.size(); ++i)
                if (role_[i] == Role::pointwise && !recomputed_[i]) owned_[i] = true;
    }

    void recompute() {
        for (std::uint32_t i = static_cast<std::uint32_t>(graph_.size()); i-- > 0;) {
            if (role_[i] != Role::pointwise || recomputed_[i] || owned_[i] || result_[i] || alone_[i]) continue;
            std::set<std::uint32_t> groups;
            bool possible = true;
            std::int64_t evaluations = 0;
            for_users(i, [&](std::uint32_t user) {
                const Role role = role_[user];
                if (takes_whole(user)) {
                    possible = false;  // it has no domain
                    return;
                }
                if (role == Role::contraction || role == Role::scatter || alone_[user]) possible = false;
                if (takes_position(user, i)) possible = false;
                groups.insert(find(user));
                evaluations += domain(user);
            });
            if (!possible || groups.empty()) continue;
            std::int64_t operands = 0;
            for_operands(i, [&](std::uint32_t o) { operands += bytes(o); });
            const auto readers = static_cast<std::int64_t>(groups.size());
            const std::int64_t stored = operands + bytes(i) * (1 + readers);
            const int cost = ir::weight(node(i).equation()->body);
            const std::int64_t size = std::max<std::int64_t>(ir::volume(node(i).shape), 1);
            const bool worthwhile = evaluations <= 2 * size || cost <= kLight;
            if (worthwhile && operands * readers <= stored) recomputed_[i] = true;
        }
    }

    /// A window reduction whose windows do not overlap joins the cheap convolution it reads, if nothing else does.
    void pools() {
        for (std::uint32_t i = 0; i < graph_.size(); ++i) {
            if (role_[i] != Role::contraction || domain(i) > kCheapConvolution * ir::volume(node(i).shape)) continue;
            const std::uint32_t group = find(i);
            std::vector<std::uint32_t> tensors;  // that leave the group
            std::set<std::uint32_t> readers;
            bool fine = true;
            for (std::uint32_t m : members_[group]) {
                bool leaves = result_[m];
                fine = fine && !result_[m];
                for_users(m, [&](std::uint32_t user) {
                    if (find(user) == group) return;
                    leaves = true;
                    readers.insert(find(user));
                    fine = fine && role_[user] == Role::window && disjoint_windows(user, NodeId{m});
                });
                if (leaves) tensors.push_back(m);
            }
            if (fine && tensors.size() == 1 && readers.size() == 1 && joinable(group, *readers.begin()))
                join(group, *readers.begin());
        }
    }
    bool disjoint_windows(std::uint32_t user, NodeId tensor) const {
        const ir::Node& pool = node(user);
        const auto rank = static_cast<ir::Var>(pool.shape.size());
        const ir::Shape extents = ir::extents_of(pool);
        for (const ir::Expr& read : uses_[user].reads) {
            if (read->tensor != tensor) continue;
            std::int64_t reads = 1;
            for (const ir::Index& index : read->at) {
                if (!index.is_affine()) return false;
                std::int64_t stride = 1, window = 1;
                for (const auto& term : index.terms())
                    (term.atom.var < rank ? stride : window) =
                        term.atom.var < rank ? term.coefficient : extents[term.atom.var] * std::abs(term.coefficient);
                if (window > stride) return false;
                reads *= window;
            }
            if (reads * ir::volume(pool.shape) > ir::volume(graph_[tensor].shape)) return false;
        }
        return true;
    }

    /// Joins the groups all of whose members fit, as far as their dependences allow, batch by batch.
    template <class Fits>
    void join_all(const Fits& fits) {
        std::vector<std::uint32_t> groups;
        std::vector<ir::Digest> keys;
        for (std::uint32_t i = 0; i < graph_.size(); ++i) {
            if (!owned_[i] || find(i) != i || !std::ranges::all_of(members_[i], fits)) continue;
            groups.push_back(i);
            keys.push_back(extract(graph_, cluster_of(i)).body.digest());
        }
        for (const std::vector<std::size_t>& batch : batches(keys, kMostJoined)) {
            std::uint32_t home = groups[batch.front()];
            for (const std::size_t b : batch) {
                if (!joinable(home, groups[b])) continue;
                join(home, groups[b]);
                home = find(home);
            }
        }
    }
    void updates() {
        // Every value that leaves such a group is the new value of a leaf.
        join_all([&](std::uint32_t m) {
            if (role_[m] != Role::pointwise || alone_[m]) return false;
            bool inside = true;
            for_users(m, [&](std::uint32_t user) { inside = inside && find(user) == find(m); });
            return update_[m] || inside;
        });
        join_all([&](std::uint32_t m) {
            return (role_[m] == Role::full && domain(m) <= kSmallReduction) ||
                   (role_[m] == Role::pointwise && ir::volume(node(m).shape) == 1);
        });
    }

    std::vector<Cluster> emit() const {
        std::vector<Cluster> clusters;
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            if (owned_[i] && find(i) == i) clusters.push_back(cluster_of(i));
        return clusters;
    }
    Cluster cluster_of(std::uint32_t group) const {
        Cluster cluster;
        std::set<std::uint32_t> nodes;
        for (std::uint32_t m : members_[group]) {
            take(m, nodes);
            bool leaves = result_[m];
            for_users(m, [&](std::uint32_t user) { leaves = leaves || find(user) != group; });
            if (leaves) cluster.outputs.push_back(NodeId{m});
        }
        DLC_ASSERT(!cluster.outputs.empty(), "a kernel computes something that is read");
        for (std::uint32_t n : nodes) cluster.nodes.push_back(NodeId{n});
        return cluster;
    }
    void take(std::uint32_t i, std::set<std::uint32_t>& nodes) const {
        if (!nodes.insert(i).second) return;
        for (NodeId o : uses_[i].operands)
            if (recomputed_[o.value] || (graph_[o].constant() && !is_number(graph_[o]))) take(o.value, nodes);
    }

    const ir::Graph& graph_;
    std::vector<Uses> uses_;
    std::vector<std::vector<std::uint32_t>> users_;
    std::vector<Role> role_;
    std::vector<bool> owned_, recomputed_, alone_, result_, update_, update_only_;
    std::vector<std::uint32_t> parent_;
    std::vector<std::vector<std::uint32_t>> members_;  // of each root
    std::map<std::uint32_t, Rows> rows_;               // by root
};

}  // namespace

std::vector<Cluster> cluster(const ir::Graph& graph, std::span<const NodeId> alone) { return Clustering(graph, alone).run(); }

}  // namespace dlc::kernels
