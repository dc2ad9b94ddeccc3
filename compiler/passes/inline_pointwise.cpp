// Pointwise nodes that are read once, or that are lighter than what they would occupy, become part of their readers.  Clustering
// would compute them there anyway; inside one body the algebra can see them.  A contraction's operands stay as they are: the
// classes of kernels recognise products of reads.
#include <algorithm>

#include "compiler/ir/cost.h"
#include "compiler/ir/row.h"
#include "compiler/passes/compose.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using ir::NodeId;

constexpr int kFeather = 4;  // weight of a body that may be computed in several readers

std::int64_t bytes(const ir::Node& node) { return ir::volume(node.shape) * ir::bytes(node.type); }

bool is_pointwise(const ir::Node& node) {
    const ir::Equation* e = node.equation();
    return e && !e->scatter && e->reduce == ir::Reduce::none && e->where.empty();
}

std::int64_t operand_bytes(const ir::Graph& graph, const ir::Node& node) {
    std::int64_t total = 0;
    for (NodeId operand : ir::operands(node)) total += bytes(graph[operand]);
    return total;
}

/// Whether the node's value is read at most about as often as it has elements.
bool read_once(const ir::Graph& graph, NodeId id, const ir::Node& reader) {
    int count = 0;
    for (const ir::Expr& read : ir::reads(reader.equation()->body)) count += read->tensor == id;
    return count == 1 && ir::evaluations(reader) <= 2 * ir::volume(graph[id].shape);
}

std::vector<bool> choose(const ir::Graph& graph) {
    const Readers users = readers(graph);
    std::vector<bool> inlined(graph.size(), false);
    for (std::uint32_t i = 0; i < graph.size(); ++i) {
        const ir::Node& node = graph[NodeId{i}];
        if (!is_pointwise(node) || users.result[i] || users.of[i].empty()) continue;
        const int cost = ir::weight(node.equation()->body);
        const bool small = 2 * operand_bytes(graph, node) <= bytes(node);
        const bool shared = small && cost <= kFeather;
        inlined[i] = (shared || users.of[i].size() == 1) && std::ranges::all_of(users.of[i], [&](NodeId u) {
                         const ir::Node& reader = graph[u];
                         if (!reader.equation() || reader.equation()->scatter || ir::is_contraction(reader)) return false;
                         if (!is_pointwise(reader) && !small) return false;
                         return cost <= kFeather || read_once(graph, NodeId{i}, reader);
                     });
    }
    return inlined;
}

ir::Graph run_inline_pointwise(const ir::Graph& graph) {
    const std::vector<bool> chosen = choose(graph);
    std::vector<bool> inlined;  // by new id
    return rebuild(graph, [&](ir::Builder& b, ir::Node node, NodeId old) {
        const bool mine = chosen[old.value];
        if (node.equation()) {
            ir::Equation& e = equation_of(node);
            const ir::Box box = ir::box_of(node);
            e.body = ir::replace_reads(e.body, [&](const ir::ExprNode& read) {
                if (read.tensor.value >= inlined.size() || !inlined[read.tensor.value]) return ir::Expr();
                const auto through = read_through(read, b, box);
                if (!through) return ir::Expr();
                merge_origin(node.origin, b[read.tensor].origin);
                return *through;
            });
        }
        const NodeId id = append(b, std::move(node));
        if (inlined.size() <= id.value) inlined.resize(id.value + 1, false);
        inlined[id.value] = mine;
        return id;
    });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, inline_pointwise) = {
    .name = "inline-pointwise",
    .doc = "pointwise values read once, or lighter than their storage, become part of their readers",
    .run = run_inline_pointwise,
};

}  // namespace rows
}  // namespace dlc::passes
