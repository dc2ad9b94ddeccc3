#include "compiler/kernels/panels.h"

#include <algorithm>
#include <map>
#include <optional>

#include "compiler/ir/cost.h"

namespace dlc::kernels {
namespace {

using ir::Index;
using ir::NodeId;
using ir::Var;

/// Of a row of a panel: two of the widest vectors, which is a multiple of two of any other.
constexpr std::int64_t kPanelBytes = 128;

/// How a read of a factor `A[i, u, k]` becomes one of its panels `P[i, u div width, k, u mod width]`.
struct Factor {
    Panels panels;
    std::vector<Index> read;  // over the variables of the product
};

bool is_plain(const std::vector<Index>& at) {
    std::vector<Var> seen;
    return std::ranges::all_of(at, [&](const Index& i) {
        const auto v = i.as_variable();
        if (!v || std::ranges::find(seen, *v) != seen.end()) return false;
        seen.push_back(*v);
        return true;
    });
}

/// Along the last dimension of the product, where the other factor does not run along it.
std::optional<Factor> factor(const ir::Graph& body, const ir::Node& product, const ir::Expr& read, const ir::Expr& other) {
    const ir::Node& leaf = body[read->tensor];
    const std::size_t rank = product.shape.size();
    if (!leaf.leaf() || leaf.leaf()->kind != ir::LeafKind::input || rank == 0 || read->otherwise || !is_plain(read->at))
        return std::nullopt;
    const auto last = static_cast<Var>(rank - 1);
    const std::int64_t width = kPanelBytes / ir::bytes(leaf.type);
    const auto runs_along = [&](const Index& i) { return i.uses(last); };
    const auto along = std::ranges::find_if(read->at, runs_along);
    if (along == read->at.end() || std::ranges::any_of(other->at, runs_along) || product.shape.back() % width != 0)
        return std::nullopt;
    const ir::Box box = box_of(product);
    Factor f{{read->tensor, {}, std::vector<Index>(read->at.size())}, {}};
    const auto axis = [&](std::int64_t extent, Index at) {
        f.panels.shape.push_back(extent);
        f.read.push_back(std::move(at));
        return Index::variable(static_cast<Var>(f.panels.shape.size() - 1));
    };
    const auto column = static_cast<std::size_t>(along - read->at.begin());
    const auto keep = [&](bool reduced) {
        for (std::size_t d = 0; d < read->at.size(); ++d)
            if (d != column && (*read->at[d].as_variable() >= rank) == reduced) f.panels.at[d] = axis(leaf.shape[d], read->at[d]);
    };
    keep(false);
    const Index panel = axis(leaf.shape[column] / width, div(*along, width, box));
    keep(true);
    const Index within = axis(width, mod(*along, width, box));
    f.panels.at[column] = panel * width + within;
    return f;
}

}  // namespace

ir::Graph with_panels(const ir::Graph& body, std::vector<Panels>& made) {
    // A leaf that anything else reads stays as it is.
    std::map<NodeId, Factor> factors;
    std::map<NodeId, int> readers;
    for (const ir::Node& node : body.nodes()) {
        for (const NodeId operand : operands(node)) ++readers[operand];
        const ir::Equation* e = node.equation();
        if (!e || e->reduce != ir::Reduce::sum || e->scatter || !e->where.empty() || !ir::is_contraction(node)) continue;
        const std::vector<ir::Expr> reads = ir::reads(e->body);
        if (reads.size() != 2 || reads[0]->tensor == reads[1]->tensor) continue;
        for (const std::size_t k : {0u, 1u})
            if (auto f = factor(body, node, reads[k], reads[1 - k])) factors.insert_or_assign(reads[k]->tensor, *std::move(f));
    }
    std::erase_if(factors, [&](const auto& entry) { return readers.at(entry.first) > 1; });
    for (const ir::Result& r : body.results()) factors.erase(r.node);

    ir::Builder b(ir::Builder::Sharing::off);
    for (std::uint32_t k = 0; k < body.size(); ++k) {
        ir::Node node = body[NodeId{k}];
        if (const auto f = factors.find(NodeId{k}); f != factors.end()) {
            b.leaf(node.leaf()->kind, node.leaf()->name, node.type, f->second.panels.shape, node.origin);
            made.push_back(f->second.panels);
            continue;
        }
        if (ir::Equation* e = std::get_if<ir::Equation>(&node.what))
            e->body = ir::replace_reads(e->body, [&](const ir::ExprNode& read) {
                const auto f = factors.find(read.tensor);
                return f == factors.end() ? ir::Expr() : b.read(read.tensor, f->second.read);
            });
        b.copy(node, [](NodeId id) { return id; });
    }
    for (const ir::Result& r : body.results()) b.result(r);
    return std::move(b).finish();
}

}  // namespace dlc::kernels
