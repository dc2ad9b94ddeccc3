#include <algorithm>

#include "compiler/ir/arith.h"
#include "compiler/ir/row.h"
#include "compiler/passes/gather/lower.h"
#include "compiler/passes/pass.h"
#include "compiler/passes/rebuild.h"

namespace dlc::passes {
namespace {

using gather::Gathered;
using gather::Piece;
using ir::Box;
using ir::Builder;
using ir::Equation;
using ir::Expr;
using ir::Graph;
using ir::Index;
using ir::Node;
using ir::NodeId;
using ir::Predicate;
using ir::Reduce;
using ir::Var;

/// A gather in vectors is so many times faster than a scatter, point after point.
constexpr double kVain = 32;

Expr accumulated(Reduce reduce, const Expr& a, const Expr& b) {
    return reduce == Reduce::sum ? a + b : Expr::call(ir::name(reduce), {a, b});
}

/// A scatter whose data-dependent positions do not use some variable of its domain: that one is reduced first.
NodeId scatter(Builder& b, const Node& node, const ir::Shape& shape, Equation e) {
    std::vector<bool> placed(e.reductions.size(), false);
    for (const Index& index : e.map)
        for (const Var v : index.variables()) placed[v] = true;
    Equation reduced, rest;
    reduced.reduce = rest.reduce = e.reduce;
    ir::Shape kept, extents;
    std::vector<Index> by(e.reductions.size()), renumbered(e.reductions.size());
    for (const bool first : {true, false})
        for (Var v = 0; v < e.reductions.size(); ++v) {
            if (placed[v] != first) continue;
            by[v] = Index::variable(static_cast<Var>(extents.size()));
            extents.push_back(e.reductions[v]);
            (first ? kept : reduced.reductions).push_back(e.reductions[v]);
        }
    if (reduced.reductions.empty()) return b.equation(node.type, shape, std::move(e), node.origin);
    const Box box = ir::box_of(extents);
    reduced.body = substitute(e.body, by, box);
    for (const Predicate& p : e.where) reduced.where.push_back({p.kind, p.index.substitute(by, box)});
    rest.reductions = kept;
    rest.scatter = true;
    rest.lossy = e.lossy;
    for (const Index& index : e.map) rest.map.push_back(index.substitute(by, box));
    rest.body = b.read_all(b.equation(node.type, kept, std::move(reduced), node.origin));
    return b.equation(node.type, shape, std::move(rest), node.origin);
}

NodeId emit(Builder& b, const Node& node, const Piece& piece) {
    return piece.equation.scatter ? scatter(b, node, piece.shape, piece.equation)
                                  : b.equation(node.type, piece.shape, piece.equation, node.origin);
}

/// The pieces side by side: each position takes its value from the piece of its residues.
Expr interleaved(const Builder& b, const Node& node, const Gathered& gathered, const std::vector<NodeId>& pieces) {
    const Reduce reduce = node.equation()->reduce;
    const Box box = ir::box_of(node.shape);
    std::vector<Index> at;
    for (Var v = 0; v < node.shape.size(); ++v) {
        const auto modulus = gathered.moduli.find(v);
        at.push_back(modulus == gathered.moduli.end() ? Index::variable(v) : div(Index::variable(v), modulus->second, box));
    }
    std::map<std::map<Var, std::int64_t>, Expr> by_phase;
    for (std::size_t k = 0; k < pieces.size(); ++k) {
        Expr& value = by_phase[gathered.pieces[k].phase];
        const Expr read = b.read(pieces[k], at);
        value = value ? accumulated(reduce, value, read) : read;
    }
    Expr result = Expr::constant(ir::identity(reduce, node.type), node.type);
    for (auto phase = by_phase.rbegin(); phase != by_phase.rend(); ++phase) {
        std::vector<Predicate> here;
        for (const auto& [v, residue] : phase->first) {
            const Predicate p{Predicate::eq, mod(Index::variable(v), gathered.moduli.at(v), box) - residue};
            if (decide(p, box) != ir::Truth::always) here.push_back(p);
        }
        result = select(ir::holds(here), phase->second, result);
    }
    return result;
}

/// Whether a condition picks out points of a reduction whose variables are those from `rank` on: an equality that speaks of them,
/// or a bound of theirs alone.
bool selects(const Predicate& p, std::size_t rank) {
    const auto reduced = [&](Var v) { return v >= rank; };
    if (p.index.has_get() || p.kind == Predicate::ne) return false;
    return p.kind == Predicate::eq ? std::ranges::any_of(p.index.variables(), reduced)
                                   : std::ranges::all_of(p.index.variables(), reduced);
}

/// A gather that reduces over the points picked by a condition, `sum[k | (i - k) mod 2 == 0]`, as a scatter of every point of its
/// domain to its own output: solved as one, it visits those points alone.
std::optional<Node> as_scatter(const Node& node) {
    const Equation& e = *node.equation();
    if (e.reduce != Reduce::sum && e.reduce != Reduce::max && e.reduce != Reduce::min) return std::nullopt;
    if (std::ranges::none_of(e.where, [&](const Predicate& p) { return selects(p, node.shape.size()); })) return std::nullopt;
    Node result = node;
    Equation& scatter = std::get<Equation>(result.what);
    scatter.scatter = scatter.lossy = true;
    scatter.reductions = extents_of(node);
    for (Var v = 0; v < node.shape.size(); ++v) scatter.map.push_back(Index::variable(v));
    return result;
}

/// The sum, say, of the pieces, each at its residues.
NodeId joined(Builder& b, const Node& node, const Gathered& parts) {
    const Reduce reduce = node.equation()->reduce;
    if (parts.pieces.empty()) return b.fill(ir::identity(reduce, node.type), node.type, node.shape, node.origin);
    std::vector<NodeId> pieces;
    for (const Piece& piece : parts.pieces) pieces.push_back(emit(b, node, piece));
    if (!parts.moduli.empty()) return b.pointwise(node.type, node.shape, interleaved(b, node, parts, pieces), node.origin);
    if (pieces.size() == 1) return pieces.front();
    Expr total = b.read_all(pieces.front());
    for (std::size_t k = 1; k < pieces.size(); ++k) total = accumulated(reduce, total, b.read_all(pieces[k]));
    return b.pointwise(node.type, node.shape, total, node.origin);
}

/// A variable of the domain that must equal a value looked up, `get(…) - v == 0`, is that value: a scatter to where data says.
std::optional<Equation> looked_up(const Equation& e) {
    for (std::size_t k = 0; k < e.where.size(); ++k) {
        const Predicate& p = e.where[k];
        if (p.kind != Predicate::eq || !p.index.has_get()) continue;
        for (Var v = 0; v < e.reductions.size(); ++v) {
            const std::int64_t c = p.index.coefficient(v);
            const Index rest = p.index - Index::variable(v, c);
            if (std::abs(c) != 1 || rest.uses(v)) continue;
            ir::Shape extents = e.reductions;
            std::vector<Index> by;
            for (Var u = 0; u < extents.size(); ++u) by.push_back(u == v ? Index() : Index::variable(u < v ? u : u - 1));
            extents.erase(extents.begin() + v);
            const Box box = ir::box_of(extents);
            const Index value = (rest * -c).substitute(by, box);
            by[v] = value;
            Equation result = e;
            result.where.erase(result.where.begin() + static_cast<std::ptrdiff_t>(k));
            for (Predicate& other : result.where) other.index = other.index.substitute(by, box);
            result.where.push_back({Predicate::ge, value});
            result.where.push_back({Predicate::ge, Index(e.reductions[v] - 1) - value});
            for (Index& index : result.map) index = index.substitute(by, box);
            result.body = substitute(e.body, by, box);
            result.reductions = std::move(extents);
            return result;
        }
    }
    return std::nullopt;
}
/// Whether asking at each position who writes there visits so many more points than writing that it is no use.
bool asks_in_vain(const Node& node, const Gathered& parts, const Equation& written) {
    double asked = 0;
    for (const Piece& piece : parts.pieces)
        asked += static_cast<double>(ir::volume(piece.shape)) * static_cast<double>(ir::volume(piece.equation.reductions));
    return asked > kVain * static_cast<double>(ir::volume(node.shape) + ir::volume(written.reductions));
}

/// `node` is an equation over nodes of `b`.
NodeId gathered(Builder& b, const Node& node) {
    const auto node_of = [&b](NodeId id) -> const Node& { return b[id]; };
    if (node.equation()->scatter) {
        if (const auto parts = gather::lower(node, node_of)) {
            const auto written = looked_up(*node.equation());
            if (written && asks_in_vain(node, *parts, *written)) return scatter(b, node, node.shape, *written);
            return joined(b, node, *parts);
        }
    } else if (const auto scatter = as_scatter(node)) {
        const auto parts = gather::lower(*scatter, node_of);
        const auto solved = [](const Piece& piece) {
            const auto selecting = [&](const Predicate& p) { return p.kind == Predicate::eq && selects(p, piece.shape.size()); };
            return !piece.equation.scatter && std::ranges::none_of(piece.equation.where, selecting);
        };
        if (parts && std::ranges::all_of(parts->pieces, solved)) return joined(b, node, *parts);
    }
    return b.equation(node.type, node.shape, *node.equation(), node.origin);
}

Graph run_gatherize(const Graph& graph) {
    return rebuild(ir::share(graph),
                   [](Builder& b, Node node, NodeId) { return node.equation() ? gathered(b, node) : append(b, std::move(node)); });
}

}  // namespace

namespace rows {

DLC_ROW(Pass, gatherize) = {
    .name = "gatherize",
    .doc =
        "scatters with affine positions become gathers, adjoints and the user's own alike; conditions `== 0` on indices are solved",
    .run = run_gatherize,
};

}  // namespace rows
}  // namespace dlc::passes
