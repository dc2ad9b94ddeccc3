// Convolutions run along channels: 16 neighbours of one pixel fill a vector register whatever the width of the image.  So what they
// read and write keeps a pixel's channels together ([N, H, W, C]), and so does everything between two of them that goes position by
// position.  What the caller sees, and what is read as if it had fewer dimensions (a flattened image), stays row-major.
#include "compiler/kernels/storage.h"

#include <algorithm>
#include <optional>
#include <set>

#include "compiler/kernels/uses.h"

namespace dlc::kernels {
namespace {

using ir::NodeId;
using ir::Var;

/// The spatial dimensions stand before all others but the first; nothing if they already do, or if they are all there are.
std::optional<Order> channels_last(std::size_t rank, const std::set<std::size_t>& spatial) {
    if (spatial.empty() || spatial.size() + 1 >= rank || spatial.contains(0)) return std::nullopt;
    Order order = {0};
    for (std::size_t d : spatial) order.push_back(static_cast<int>(d));
    for (std::size_t d = 1; d < rank; ++d)
        if (!spatial.contains(d)) order.push_back(static_cast<int>(d));
    return order;
}

class Storage {
public:
    Storage(const ir::Graph& graph, std::span<const Cluster> clusters)
        : graph_(graph), orders_(graph.size()), fixed_(graph.size(), false) {
        for (std::uint32_t i = 0; i < graph.size(); ++i) {
            uses_.push_back(uses_of(graph[NodeId{i}]));
            if (!graph[NodeId{i}].equation()) fixed_[i] = true;
            if (graph[NodeId{i}].scan())
                for (NodeId sequence : uses_.back().operands) fixed_[sequence.value] = true;
        }
        for (const ir::Result& r : graph.results()) fixed_[r.node.value] = true;
        for (std::uint32_t i = 0; i < graph.size(); ++i) fix_flattened(NodeId{i});
        for (const Cluster& cluster : clusters) {
            // Results of one kernel and shape lie alike, so that one loop can write them.
            for (NodeId a : cluster.outputs)
                for (NodeId b : cluster.outputs)
                    if (fixed_[a.value] && graph[a].shape == graph[b].shape) fixed_[b.value] = true;
        }
    }

    std::vector<Order> run() {
        for (std::uint32_t i = 0; i < graph_.size(); ++i) vote(NodeId{i});
        spread();
        std::vector<Order> result;
        for (std::uint32_t i = 0; i < graph_.size(); ++i)
            result.push_back(orders_[i] && !fixed_[i] ? *orders_[i] : row_major(graph_[NodeId{i}].shape.size()));
        return result;
    }

private:
    /// A variable that several indices of one read share sees the tensor's memory as one dimension.
    void fix_flattened(NodeId id) {
        const ir::Node& node = graph_[id];
        if (!node.equation()) return;
        for (const ir::Expr& read : uses_[id.value].reads) {
            std::set<Var> seen;
            for (const ir::Index& index : read->at)
                for (Var v : index.variables())
                    if (!seen.insert(v).second) fixed_[read->tensor.value] = true;
        }
    }

    struct WindowedRead {
        ir::Expr read;
        std::set<std::size_t> dims;
        std::set<Var> outputs, reduced;  // variables in windows
    };
    std::optional<WindowedRead> windowed(NodeId id) const {
        const auto rank = static_cast<Var>(graph_[id].shape.size());
        for (const ir::Expr& read : uses_[id.value].reads) {
            WindowedRead found{read, {}, {}, {}};
            for (std::size_t d = 0; d < read->at.size(); ++d) {
                std::set<Var> outputs, reduced;
                for (Var v : read->at[d].variables()) (v < rank ? outputs : reduced).insert(v);
                if (outputs.empty() || reduced.empty()) continue;
                found.dims.insert(d);
                found.outputs.insert(outputs.begin(), outputs.end());
                found.reduced.insert(reduced.begin(), reduced.end());
            }
            if (!found.dims.empty()) return found;
        }
        return std::nullopt;
    }

    /// A convolution says how its input and output lie; a weight gradient, how both its inputs do.
    void vote(NodeId id) {
        const ir::Node& node = graph_[id];
        const ir::Equation* e = node.equation();
        if (!e || e->scatter || e->reduce != ir::Reduce::sum || uses_[id.value].reads.size() < 2) return;
        const auto window = windowed(id);
        if (!window) return;
        const ir::Shape extents = ir::extents_of(node);
        const auto product = [&](const std::set<Var>& variables) {
            std::int64_t total = 1;
            for (Var v : variables) total *= extents[v];
            return total;
        };
        want(window->read->tensor, window->dims);
        if (product(window->reduced) <= product(window->outputs)) {
            want(id, {window->outputs.begin(), window->outputs.end()});
            return;
        }
        for (const ir::Expr& read : uses_[id.value].reads) {
            if (read == window->read) continue;
            std::set<std::size_t> dims;
            for (std::size_t d = 0; d < read->at.size(); ++d)
                for (Var v : read->at[d].variables())
                    if (window->reduced.contains(v)) dims.insert(d);
            want(read->tensor, dims);
        }
    }
    void want(NodeId id, const std::set<std::size_t>& spatial) {
        if (fixed_[id.value] || orders_[id.value]) return;
        orders_[id.value] = channels_last(graph_[id].shape.size(), spatial);
    }

    /// Along reads whose every index stays in its dimension, until nothing changes.
    void spread() {
        for (bool changed = true; changed;) {
            changed = false;
            const auto copy = [&](NodeId from, NodeId to) {
                if (!orders_[from.value] || orders_[to.value] || fixed_[to.value]) return;
                orders_[to.value] = orders_[from.value];
                changed = true;
            };
            for (std::uint32_t i = 0; i < graph_.size(); ++i)
                for (const ir::Expr& read : uses_[i].reads)
                    if (same_dimensions(NodeId{i}, *read)) {
                        copy(read->tensor, NodeId{i});
                        copy(NodeId{i}, read->tensor);
                    }
        }
    }
    bool same_dimensions(NodeId id, const ir::ExprNode& read) const {
        const ir::Node& node = graph_[id];
        const std::size_t rank = node.shape.size();
        if (node.equation()->scatter || read.at.size() != rank || rank < 3) return false;
        for (std::size_t d = 0; d < rank; ++d) {
            bool own = node.shape[d] == 1 && read.at[d].is_constant();
            for (Var v : read.at[d].variables()) {
                if (v < rank && v != d) return false;
                own = own || v == d;
            }
            if (!own) return false;
        }
        return true;
    }

    const ir::Graph& graph_;
    std::vector<Uses> uses_;
    std::vector<std::optional<Order>> orders_;
    std::vector<bool> fixed_;
};

}  // namespace

std::vector<Order> choose_orders(const ir::Graph& graph, std::span<const Cluster> clusters) {
    return Storage(graph, clusters).run();
}

}  // namespace dlc::kernels
