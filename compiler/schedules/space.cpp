#include "compiler/schedules/space.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "compiler/ir/arith.h"
#include "dsl/source/diagnostic.h"

namespace dlc::schedules {
namespace {

using ir::Atom;
using ir::Box;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::NodeId;
using ir::Predicate;
using ir::Shape;
using ir::Var;

bool reduces(const ir::Node& n) {
    const ir::Equation* e = n.equation();
    return e && (e->reduce != ir::Reduce::none || e->scatter);
}

/// Replaces reads of pointwise nodes by their bodies, each node's own body first.
class Inliner {
public:
    explicit Inliner(const ir::Graph& g) : graph_(g), bodies_(g.size()) {}

    Expr inline_reads(const Expr& e, const Box& box) {
        return ir::replace_reads(e, [&](const ExprNode& read) -> Expr {
            const ir::Node& n = graph_[read.tensor];
            const ir::Equation* q = n.equation();
            if (!q || reduces(n)) return {};
            const Expr inside = ir::substitute(body(read.tensor), read.at, box);
            if (!read.otherwise) return inside;
            std::vector<Predicate> within;
            for (std::size_t d = 0; d < n.shape.size(); ++d) {
                for (Predicate p :
                     {Predicate{Predicate::ge, read.at[d]}, Predicate{Predicate::ge, Index(n.shape[d] - 1) - read.at[d]}}) {
                    if (decide(p, box) != ir::Truth::always) within.push_back(std::move(p));
                }
            }
            if (within.empty()) return inside;
            return ir::select(ir::holds(within), inside, read.otherwise);
        });
    }

private:
    const Expr& body(NodeId id) {
        Expr& known = bodies_.at(id.value);
        if (!known) known = inline_reads(graph_[id].equation()->body, ir::box_of(graph_[id]));
        return known;
    }
    const ir::Graph& graph_;
    std::vector<Expr> bodies_;
};

const ir::Shape& shape_of(const ExprNode& read, const Parts& parts) { return parts.node(read.tensor).shape; }

std::vector<std::int64_t> strides_of(NodeId tensor, const Parts& parts) {
    const ir::Node& n = parts.node(tensor);
    const int input = parts.input_of[tensor.value];
    return kernels::strides(n.shape, input < 0 ? kernels::row_major(n.shape.size()) : parts.kernel->inputs[input]);
}
bool in_memory(NodeId tensor, const Parts& parts) { return !parts.node(tensor).equation(); }

/// Reads that are provably inside become flat.
Expr flatten(const Expr& e, const Box& box, const Parts& parts) {
    return ir::replace_reads(e, [&](const ExprNode& read) -> Expr {
        if (!in_memory(read.tensor, parts) || is_flat(read, parts)) return {};
        const Shape& shape = shape_of(read, parts);
        Index flat;
        const auto strides = strides_of(read.tensor, parts);
        for (std::size_t d = 0; d < shape.size(); ++d) {
            const ir::Range r = read.at[d].range(box);
            if (r.low < 0 || r.high >= shape[d] || read.at[d].has_get()) return {};
            flat = flat + read.at[d] * strides[d];
        }
        return Expr::read(read.tensor, read.type, {recombine(flat, box)});
    });
}

/// Applies `change` to every index of the space.
void map_space(Space& s, const std::function<Index(const Index&)>& change) {
    const auto expr = [&](Expr& e) {
        if (e) e = ir::map_indices(e, change);
    };
    for (Expr& v : s.values) expr(v);
    expr(s.term);
    for (Index& o : s.offsets) o = change(o);
    s.position = change(s.position);
    for (Predicate& p : s.where) p.index = change(p.index);
}

/// Replaces the variables; `by` is written over the new ones.
void change_variables(Space& s, std::span<const Index> by, Shape extents, std::size_t outs, std::vector<Index> origin,
                      const Parts& parts) {
    const Box box = ir::box_of(extents);
    s.origin = std::move(origin);
    map_space(s, [&](const Index& i) { return recombine(i.substitute(by, box), box); });
    s.extents = std::move(extents);
    s.outs = outs;
    for (Expr& v : s.values) v = flatten(v, box, parts);
    if (s.term) s.term = flatten(s.term, box, parts);
    std::erase_if(s.where, [&](const Predicate& p) { return decide(p, box) == ir::Truth::always; });
}

/// Every index of the space; `flat` for positions in memory, which fusing two variables may touch.
void each_index(const Space& s, const std::function<void(const Index&, bool flat)>& see) {
    for (const Expr& v : s.values) schedules::each_index(v, see);
    if (s.term) schedules::each_index(s.term, see);
    for (const Index& o : s.offsets) see(o, true);
    see(s.position, true);
    for (const Predicate& p : s.where) see(p.index, false);
}

void drop_units(Space& s, const Parts& parts) {
    if (std::none_of(s.extents.begin(), s.extents.end(), [](auto e) { return e == 1; })) return;
    std::vector<Index> by, origin;
    Shape extents;
    std::size_t outs = 0;
    for (std::size_t v = 0; v < s.extents.size(); ++v) {
        if (s.extents[v] == 1) {
            by.push_back(Index(0));
        } else {
            by.push_back(Index::variable(static_cast<Var>(extents.size())));
            extents.push_back(s.extents[v]);
            outs += v < s.outs;
            if (v < s.outs) origin.push_back(s.origin[v]);
        }
    }
    change_variables(s, by, std::move(extents), outs, std::move(origin), parts);
}

/// The moduli under which variables appear, of `v`, `v mod a`, `v div a` and their nests.
void collect_moduli(const Index& i, std::vector<std::set<std::int64_t>>& moduli) {
    for (const Index::Term& t : i.terms()) {
        const Atom& a = t.atom;
        if (a.kind == Atom::get) {
            for (const Index& part : a.at()) collect_moduli(part, moduli);
        }
        if (a.kind != Atom::div && a.kind != Atom::mod) continue;
        std::int64_t below = 1;
        const Index* e = &a.dividend();
        std::vector<std::int64_t> found;
        // (v div p) mod q counts as p and p q; (v mod p) div q as q and p.
        while (!e->as_variable() && e->terms().size() == 1 && e->constant() == 0 && e->terms()[0].coefficient == 1 &&
               (e->terms()[0].atom.kind == Atom::div || e->terms()[0].atom.kind == Atom::mod)) {
            const Atom& inner = e->terms()[0].atom;
            found.push_back(inner.modulus);
            if (inner.kind == Atom::div) below *= inner.modulus;
            e = &inner.dividend();
        }
        if (const auto v = e->as_variable()) {
            moduli[*v].insert(found.begin(), found.end());
            moduli[*v].insert(below * a.modulus);
        } else {
            collect_moduli(*e, moduli);
        }
    }
}

bool split_digits(Space& s, const Parts& parts, bool split_innermost) {
    std::vector<std::set<std::int64_t>> moduli(s.extents.size());
    each_index(s, [&](const Index& i, bool) { collect_moduli(i, moduli); });
    const Box original = ir::box_of(s.original);
    const std::optional<ir::Prefix> prefix = s.prefix();  // its two variables stay what they are
    std::vector<Index> by, origin;
    Shape extents;
    std::size_t outs = 0;
    bool changed = false;
    for (std::size_t v = 0; v < s.extents.size(); ++v) {
        std::vector<std::int64_t> chain;
        bool chained = true;
        for (const std::int64_t m : moduli[v]) {
            if (m >= s.extents[v]) continue;
            chained = chained && (chain.empty() || m % chain.back() == 0);
            chain.push_back(m);
        }
        chained = chained && !chain.empty() && s.extents[v] % chain.back() == 0;
        if (prefix && (v == prefix->out || v == prefix->reduced)) chained = false;
        if (!split_innermost && v < s.outs && !s.offsets.empty() && s.offsets[0].coefficient(static_cast<Var>(v)) == 1)
            chained = false;
        if (!chained) {
            by.push_back(Index::variable(static_cast<Var>(extents.size())));
            extents.push_back(s.extents[v]);
            if (v < s.outs) origin.push_back(s.origin[v]);
        } else {
            changed = true;
            chain.push_back(s.extents[v]);
            Index sum;
            std::vector<std::pair<std::int64_t, std::int64_t>> digits;  // unit, extent; the top digit first
            std::int64_t unit = 1;
            for (const std::int64_t m : chain) {
                digits.insert(digits.begin(), {unit, m / unit});
                unit = m;
            }
            for (const auto& [u, extent] : digits) {
                sum = sum + Index::variable(static_cast<Var>(extents.size()), u);
                extents.push_back(extent);
                if (v < s.outs) origin.push_back(mod(div(s.origin[v], u, original), extent, original));
            }
            by.push_back(sum);
        }
        if (v < s.outs) outs = extents.size();
    }
    if (changed) change_variables(s, by, std::move(extents), outs, std::move(origin), parts);
    return changed;
}

/// Whether `u * extent(v) + v` is one variable of everything.
bool fusible(const Space& s, Var u, Var v) {
    if ((u < s.outs) != (v < s.outs)) return false;
    bool good = true;
    each_index(s, [&](const Index& i, bool flat) {
        if (!good || (!i.uses(u) && !i.uses(v))) return;
        if (!flat || i.coefficient(u) != i.coefficient(v) * s.extents[v]) {
            good = false;
            return;
        }
        for (const Index::Term& t : i.terms()) {
            if (t.atom.kind == Atom::variable) continue;
            Index one;
            if (t.atom.kind == Atom::get) {
                for (const Index& part : t.atom.at()) good = good && !part.uses(u) && !part.uses(v);
            } else {
                good = good && !t.atom.dividend().uses(u) && !t.atom.dividend().uses(v);
            }
        }
    });
    return good;
}

bool fuse_variables(Space& s, const Parts& parts) {
    const auto n = static_cast<Var>(s.extents.size());
    for (Var u = 0; u < n; ++u) {
        for (Var v = 0; v < n; ++v) {
            if (u == v || !fusible(s, u, v)) continue;
            Shape extents;
            std::vector<Var> place(n);
            for (Var w = 0; w < n; ++w) {
                if (w == v) continue;
                place[w] = static_cast<Var>(extents.size());
                extents.push_back(w == u ? s.extents[u] * s.extents[v] : s.extents[w]);
            }
            const Box box = ir::box_of(extents);
            std::vector<Index> by(n);
            for (Var w = 0; w < n; ++w) {
                if (w != u && w != v) by[w] = Index::variable(place[w]);
            }
            by[u] = div(Index::variable(place[u]), s.extents[v], box);
            by[v] = mod(Index::variable(place[u]), s.extents[v], box);
            std::vector<Index> origin;
            for (Var w = 0; w < s.outs; ++w) {
                if (w != v) origin.push_back(w == u ? s.origin[u] * s.extents[v] + s.origin[v] : s.origin[w]);
            }
            change_variables(s, by, std::move(extents), s.outs - (v < s.outs), std::move(origin), parts);
            return true;
        }
    }
    return false;
}

Index as_index(const Index::Term& t, const Box& box) {
    const Atom& a = t.atom;
    switch (a.kind) {
        case Atom::variable: return Index::variable(a.var, t.coefficient);
        case Atom::div: return div(a.dividend(), a.modulus, box) * t.coefficient;
        case Atom::mod: return mod(a.dividend(), a.modulus, box) * t.coefficient;
        case Atom::get: return Index::get(a.tensor, a.at()) * t.coefficient;
    }
    return {};
}

void set_origin(Space& s) {
    s.original.assign(s.extents.begin(), s.extents.begin() + static_cast<std::ptrdiff_t>(s.outs));
    for (std::size_t v = 0; v < s.outs; ++v) s.origin.push_back(Index::variable(static_cast<Var>(v)));
}

Index offset_of(const Parts& parts, int output, std::size_t rank) {
    const auto& k = *parts.kernel;
    const ir::Shape& shape = parts.node(parts.outputs[output].node).shape;
    const auto strides = kernels::strides(shape, k.outputs[output]);
    Index sum;
    for (std::size_t d = 0; d < rank; ++d) sum = sum + Index::variable(static_cast<Var>(d), strides[d]);
    return sum;
}

}  // namespace

const Parts::Stage* Parts::reduction(NodeId id) const {
    for (const Stage& s : reductions) {
        if (s.node == id) return &s;
    }
    return nullptr;
}
std::size_t Parts::readers(NodeId id) const {
    std::size_t count = 0;
    const auto reads = [&](const Stage& s) {
        bool found = false;
        const auto t = ir::tensors(s.body);
        found = std::find(t.begin(), t.end(), id) != t.end();
        for (const Predicate& p : s.where) {
            const auto u = p.index.tensors();
            found = found || std::find(u.begin(), u.end(), id) != u.end();
        }
        count += found;
    };
    for (const Stage& s : reductions) reads(s);
    for (const Stage& s : outputs) reads(s);
    return count;
}
bool Parts::in_place() const {
    return std::any_of(kernel->alias.begin(), kernel->alias.end(), [](int a) { return a >= 0; });
}

Parts take_apart(const kernels::Kernel& k) {
    Parts parts{.kernel = &k, .reductions = {}, .outputs = {}, .input_of = {}};
    Inliner inliner(k.body);
    parts.input_of.assign(k.body.size(), -1);
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const NodeId leaf = k.body.leaf("in" + std::to_string(i));
        if (leaf) parts.input_of[leaf.value] = static_cast<int>(i);
    }
    std::set<NodeId> wanted;
    std::vector<NodeId> open;
    const auto want = [&](const std::vector<NodeId>& tensors) {
        for (const NodeId t : tensors) {
            if (reduces(k.body[t]) && wanted.insert(t).second) open.push_back(t);
        }
    };
    std::map<NodeId, Parts::Stage> stages;
    for (std::size_t i = 0; i < k.outputs.size(); ++i) {
        const ir::Result* r = k.body.result("out" + std::to_string(i));
        DLC_ASSERT(r, "every output of a kernel is a result of its body");
        const ir::Node& n = k.body[r->node];
        std::vector<Index> at;
        for (std::size_t d = 0; d < n.shape.size(); ++d) at.push_back(Index::variable(static_cast<Var>(d)));
        Parts::Stage s{r->node, inliner.inline_reads(Expr::read(r->node, n.type, at), ir::box_of(n.shape)), {}};
        want(ir::tensors(s.body));
        parts.outputs.push_back(std::move(s));
    }
    while (!open.empty()) {
        const NodeId id = open.back();
        open.pop_back();
        const ir::Equation& e = *k.body[id].equation();
        Parts::Stage s{id, inliner.inline_reads(e.body, ir::box_of(k.body[id])), e.where};
        want(ir::tensors(s.body));
        for (const Predicate& p : s.where) want(p.index.tensors());
        for (const Index& m : e.map) want(m.tensors());
        stages.emplace(id, std::move(s));
    }
    for (auto& [id, s] : stages) parts.reductions.push_back(std::move(s));
    return parts;
}

std::int64_t Space::out_volume() const {
    return std::accumulate(extents.begin(), extents.begin() + static_cast<std::ptrdiff_t>(outs), std::int64_t{1},
                           std::multiplies<>());
}
std::int64_t Space::reduced_volume() const {
    return std::accumulate(extents.begin() + static_cast<std::ptrdiff_t>(outs), extents.end(), std::int64_t{1},
                           std::multiplies<>());
}

std::optional<ir::Prefix> Space::prefix() const {
    if (!term) return std::nullopt;
    return ir::prefix_of(extents, outs, where, [&](Var v) { return ir::uses(term, v); });
}

Space space_of_outputs(const Parts& parts, std::span<const int> outputs) {
    Space s;
    s.extents = parts.node(parts.outputs[outputs[0]].node).shape;
    s.outs = s.extents.size();
    set_origin(s);
    const Box box = s.box();
    for (const int o : outputs) {
        s.values.push_back(flatten(parts.outputs[o].body, box, parts));
        s.offsets.push_back(offset_of(parts, o, s.outs));
    }
    return s;
}

Space space_of_reduction(const Parts& parts, const Parts::Stage& stage, const kernels::Order& order) {
    const ir::Node& n = parts.node(stage.node);
    const ir::Equation& e = *n.equation();
    Space s;
    s.extents = ir::extents_of(n);
    s.outs = e.scatter ? 0 : n.shape.size();
    s.reduction = stage.node;
    s.term = flatten(stage.body, s.box(), parts);
    s.where = stage.where;
    std::int64_t unit = 1;
    for (std::size_t v = s.extents.size(); v-- > s.outs;) {
        s.position = s.position + Index::variable(static_cast<Var>(v), unit);
        unit *= s.extents[v];
    }
    if (e.reduce != ir::Reduce::argmax && e.reduce != ir::Reduce::argmin) s.position = Index(0);
    if (e.scatter) return s;
    set_origin(s);
    s.values = {Expr::read(stage.node, n.type, {})};
    Index offset;
    const auto strides = kernels::strides(n.shape, order);
    for (std::size_t d = 0; d < n.shape.size(); ++d) offset = offset + Index::variable(static_cast<Var>(d), strides[d]);
    s.offsets = {offset};
    return s;
}

std::optional<Space> space_of_fused(const Parts& parts, const Parts::Stage& stage, std::span<const int> outputs) {
    const ir::Node& anchor = parts.node(stage.node);
    if (anchor.equation()->scatter) return std::nullopt;
    Space s = space_of_reduction(parts, stage, kernels::row_major(anchor.shape.size()));
    s.values.clear();
    s.offsets.clear();
    const Box box = s.box();
    for (const int o : outputs) {
        const ir::Node& out = parts.node(parts.outputs[o].node);
        // The output's variables in terms of the reduction's, from the indices at which it reads it.
        std::vector<Index> by(out.shape.size());
        std::vector<bool> known(out.shape.size(), false);
        bool good = true, found = false;
        for (std::size_t v = 0; v < out.shape.size(); ++v) {
            if (out.shape[v] == 1) known[v] = true;
        }
        const Expr& body = parts.outputs[o].body;
        for (const Expr& r : ir::reads(body)) {
            if (r->tensor != stage.node) continue;
            for (std::size_t d = 0; d < r->at.size() && good; ++d) {
                if (anchor.shape[d] == 1) continue;
                const auto v = r->at[d].as_variable();
                const Index here = Index::variable(static_cast<Var>(d));
                if (!v || out.shape[*v] != anchor.shape[d] || (known[*v] && by[*v] != here)) {
                    good = false;
                } else {
                    known[*v] = true;
                    by[*v] = here;
                }
            }
            found = true;
        }
        good = good && found && std::all_of(known.begin(), known.end(), [](bool b) { return b; });
        if (!good || ir::volume(out.shape) != ir::volume(anchor.shape)) return std::nullopt;
        Expr value = ir::replace_reads(body, [&](const ExprNode& read) -> Expr {
            return read.tensor == stage.node ? Expr::read(stage.node, read.type, {}) : Expr{};
        });
        value = ir::substitute(value, by, box);
        s.values.push_back(flatten(value, box, parts));
        s.offsets.push_back(offset_of(parts, o, out.shape.size()).substitute(by, box));
    }
    return s;
}

void simplify(Space& s, const Parts& parts, bool split_innermost) {
    if (std::find(s.extents.begin(), s.extents.end(), 0) != s.extents.end()) return;  // digits of nothing have no moduli
    drop_units(s, parts);
    if (split_digits(s, parts, split_innermost)) drop_units(s, parts);
    while (fuse_variables(s, parts)) {}
}

void join(Space& s, Var first, Var last, const Parts& parts) {
    if (last - first < 2) return;
    const std::size_t gone = last - first - 1;
    Shape extents = s.extents;
    const auto begin = extents.begin() + first;
    *begin = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(last - first), std::int64_t{1}, std::multiplies<>());
    extents.erase(begin + 1, begin + 1 + static_cast<std::ptrdiff_t>(gone));
    const Box box = ir::box_of(extents);
    std::vector<Index> by(s.extents.size()), origin;
    std::int64_t unit = 1;
    Index whole;
    for (Var v = static_cast<Var>(by.size()); v-- > 0;) {
        if (v < first || v >= last) {
            by[v] = Index::variable(v < first ? v : static_cast<Var>(v - gone));
            continue;
        }
        by[v] = mod(div(Index::variable(first), unit, box), s.extents[v], box);
        if (v < s.outs) whole = whole + s.origin[v] * unit;
        unit *= s.extents[v];
    }
    for (Var v = 0; v < s.outs; ++v)
        if (v <= first || v >= last) origin.push_back(v == first ? whole : s.origin[v]);
    const std::size_t outs = first < s.outs ? s.outs - gone : s.outs;
    change_variables(s, by, std::move(extents), outs, std::move(origin), parts);
}

bool is_flat(const ExprNode& read, const Parts& parts) {
    return in_memory(read.tensor, parts) && read.at.size() == 1 && shape_of(read, parts).size() != 1;
}

void each_index(const Expr& e, const std::function<void(const Index&, bool flat)>& see) {
    ir::visit(e, [&](const Expr& x) {
        if (x->kind == ExprNode::index) see(x->position, false);
        if (x->kind != ExprNode::read) return;
        // A read without `else` is at a flat position when it has one index; of a vector both are the same.
        const bool flat = x->at.size() == 1 && !x->otherwise;
        for (const Index& i : x->at) see(i, flat);
    });
}

bool shares_elements(const Index& i, bool flat, int out, int reduced, const Space& s) {
    const auto o = static_cast<Var>(out), r = static_cast<Var>(reduced);
    if (!flat) return i.uses(o) && i.uses(r);
    const std::int64_t a = std::abs(i.coefficient(o)), b = std::abs(i.coefficient(r));
    if (a == 0 || b == 0) return false;
    return a >= b ? b * (s.extents[r] - 1) >= a : a * (s.extents[o] - 1) >= b;
}
bool slides(const Expr& e, const Space& s) {
    bool found = false;
    each_index(e, [&](const Index& i, bool flat) {
        for (std::size_t o = 0; o < s.outs; ++o) {
            for (std::size_t r = s.outs; r < s.extents.size(); ++r)
                found = found || shares_elements(i, flat, static_cast<int>(o), static_cast<int>(r), s);
        }
    });
    return found;
}

Index recombine(const Index& given, const Box& box) {
    Index i = given;
    for (bool changed = true; changed;) {
        changed = false;
        for (const Index::Term& high : i.terms()) {
            for (const Index::Term& low : i.terms()) {
                if (low.atom.kind != Atom::mod || &low == &high) continue;
                const std::int64_t m = low.atom.modulus;
                if (high.coefficient != low.coefficient * m) continue;
                const Index& e = low.atom.dividend();
                std::optional<Index> joined;
                const Atom& h = high.atom;
                if (h.kind == Atom::div && h.modulus == m && h.dividend() == e) {
                    joined = e;
                } else if (h.kind == Atom::mod && h.dividend() == div(e, m, box)) {
                    joined = mod(e, m * h.modulus, box);
                } else if (h.kind == Atom::div && h.modulus == m && h.dividend().terms().size() == 1 &&
                           h.dividend().constant() == 0) {
                    const Index::Term& t = h.dividend().terms()[0];
                    if (t.coefficient == 1 && t.atom.kind == Atom::mod && t.atom.modulus % m == 0 && t.atom.dividend() == e) {
                        joined = h.dividend();
                    }
                }
                if (!joined) continue;
                const Index rest = i - as_index(high, box) - as_index(low, box);
                if (rest.terms().size() + 2 != i.terms().size()) continue;
                i = rest + *joined * low.coefficient;
                changed = true;
                break;
            }
            if (changed) break;
        }
    }
    return i;
}

}  // namespace dlc::schedules
