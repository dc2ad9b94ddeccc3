// A scatter writes out[map(v)] for all v of its domain; a gather asks, for one position of out, which v write there.  The steps:
//
// 1. every index that has a solution is a row `map_j(v) == out_j`, conditions `e(v) == 0` are rows too;
// 2. `div` and `mod` in rows become digits, new unknowns with one more row;
// 3. the rows fall into connected components, each solved by itself (solve.h), the cheapest alternative taken;
// 4. what the solution leaves, bounds of eliminated unknowns and conditions, tightens the free variables' ranges, is absorbed as
//    `else 0` by a factor that is read at the bounded variable alone, or stays as a condition.
//
// All this happens in one numbering: variables 0 … rank-1 are the positions, then those of the domain, then digits.
#include "compiler/passes/gather/lower.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

#include "compiler/ir/arith.h"
#include "compiler/ir/condition.h"
#include "compiler/passes/gather/solve.h"
#include "dsl/source/diagnostic.h"

namespace dlc::passes::gather {
namespace {

using ir::Atom;
using ir::Box;
using ir::Equation;
using ir::Expr;
using ir::ExprNode;
using ir::Index;
using ir::Predicate;
using ir::Range;
using ir::Reduce;
using ir::Truth;
using ir::Var;

constexpr double kUnabsorbedBound = 1.3;  // what a bound left in a loop costs, relative to the loop
constexpr std::size_t kManyPieces = 16;

void each_atom(const Index& index, const std::function<void(const Atom&)>& see) {
    for (const Index::Term& term : index.terms()) {
        see(term.atom);
        if (term.atom.parts)
            for (const Index& part : *term.atom.parts) each_atom(part, see);
    }
}
bool is_division(const Atom& atom) { return atom.kind == Atom::div || atom.kind == Atom::mod; }
bool divides_anywhere(const Index& index) {
    bool found = false;
    each_atom(index, [&](const Atom& atom) { found = found || is_division(atom); });
    return found;
}
/// A division of a sum of plain variables, the innermost of its kind.
std::optional<Atom> innermost_division(const Index& index) {
    std::optional<Atom> found;
    each_atom(index, [&](const Atom& atom) {
        if (!found && is_division(atom) && atom.dividend().is_affine()) found = atom;
    });
    return found;
}
Index replace(const Index& index, const std::map<Atom, Index>& by, const Box& box) {
    Index result = index.constant();
    for (const auto& [atom, coefficient] : index.terms()) {
        const auto found = by.find(atom);
        if (found != by.end()) {
            result = result + found->second * coefficient;
        } else if (!atom.parts) {
            result = result + Index::of(atom, coefficient);
        } else {
            std::vector<Index> parts;
            for (const Index& part : *atom.parts) parts.push_back(replace(part, by, box));
            const Index rebuilt = atom.kind == Atom::get   ? Index::get(atom.tensor, parts)
                                  : atom.kind == Atom::div ? div(parts[0], atom.modulus, box)
                                                           : mod(parts[0], atom.modulus, box);
            result = result + rebuilt * coefficient;
        }
    }
    return result;
}
void each_index(const Expr& body, const std::function<void(const Index&)>& see) {
    ir::visit(body, [&](const Expr& e) {
        if (e->kind == ExprNode::index) see(e->position);
        for (const Index& index : e->at) see(index);
    });
}
bool is_zero(const Expr& e) { return ir::is_constant(e, 0); }

/// What the body multiplies: it is 0 wherever one of these is.
void factors(const Expr& e, std::vector<Expr>& into) {
    if (e->is("mul")) {
        factors(e->args[0], into);
        factors(e->args[1], into);
    } else if (e->is("neg") || e->is("cast") || e->is("div")) {
        factors(e->args[0], into);
    } else if (e->is("select") && is_zero(e->args[2])) {
        factors(e->args[1], into);
    } else if (e->is("select") && is_zero(e->args[1])) {
        factors(e->args[2], into);
    } else {
        into.push_back(e);
    }
}

/// Narrows the ranges of `free` by `index >= 0` (and <= 0 for an equality) until nothing changes.  False: no point is left.
bool tighten(const std::vector<Predicate>& predicates, const std::vector<Var>& free, Box& box) {
    for (int round = 0; round < 8; ++round) {
        bool changed = false;
        for (const Predicate& p : predicates) {
            if (p.kind == Predicate::ne || p.index.has_get()) continue;
            for (const std::int64_t sign : {1, -1}) {
                if (sign < 0 && p.kind == Predicate::ge) continue;
                const Index index = p.index * sign;
                for (const Var v : free) {
                    const std::int64_t c = index.coefficient(v);
                    const Index rest = index - Index::variable(v, c);
                    if (c == 0 || rest.uses(v)) continue;
                    const std::int64_t high = rest.range(box).high;  // c v + high >= 0 is necessary
                    Range& r = box[v];
                    if (c > 0 && -shapes::floor_div(high, c) > r.low) {
                        r.low = -shapes::floor_div(high, c);
                        changed = true;
                    } else if (c < 0 && shapes::floor_div(high, -c) < r.high) {
                        r.high = shapes::floor_div(high, -c);
                        changed = true;
                    }
                    if (r.empty()) return false;
                }
            }
        }
        if (!changed) break;
    }
    return true;
}

class Lowering {
public:
    Lowering(const ir::Node& node, const NodeOf& node_of)
        : node_(node), equation_(*node.equation()), node_of_(node_of), rank_(static_cast<Var>(node.shape.size())) {
        box_ = ir::box_of(node.shape);
        const Box domain = ir::box_of(equation_.reductions);
        box_.insert(box_.end(), domain.begin(), domain.end());
        std::vector<Index> shifted;
        for (Var v = 0; v < domain.size(); ++v) shifted.push_back(Index::variable(rank_ + v));
        body_ = substitute(equation_.body, shifted, box_);
        for (const Index& index : equation_.map) map_.push_back(index.substitute(shifted, box_));
        for (const Predicate& p : equation_.where) conditions_.push_back({p.kind, p.index.substitute(shifted, box_)});
        for (Var v = rank_; v < box_.size(); ++v) unknowns_.insert(v);
    }

    std::optional<Gathered> run() {
        for (const Range& r : box_)
            if (r.empty()) return Gathered{};
        collect_rows();
        expand_digits();
        drop_single_valued();
        find_absorbers();
        if (!choose_alternatives()) return std::nullopt;
        if (dead_) return Gathered{};
        settle_data_dependent_rows();
        Gathered result;
        for (const Alternative& a : chosen_) result.moduli.insert(a.moduli.begin(), a.moduli.end());
        moduli_ = result.moduli;
        std::vector<const Alternative::Case*> cases;
        each_case(cases, result.pieces);
        return result;
    }

private:
    // --- the system -----------------------------------------------------------------------------------------------------------

    void collect_rows() {
        for (Var j = 0; j < rank_; ++j) {
            if (map_[j].has_get()) {
                opaque_.push_back(j);
            } else {
                rows_.push_back({map_[j], Index::variable(j)});
            }
        }
        std::vector<Predicate> rest;
        for (const Predicate& p : conditions_) {
            if (p.kind == Predicate::eq && !p.index.has_get()) {
                rows_.push_back({p.index, 0});
            } else {
                rest.push_back(p);
            }
        }
        conditions_ = std::move(rest);
    }

    void rewrite_all(const std::function<Index(const Index&)>& f) {
        for (auto& [lhs, rhs] : rows_) lhs = f(lhs);
        for (Predicate& p : conditions_) p.index = f(p.index);
        for (Index& index : map_) index = f(index);
        body_ = map_indices(body_, f);
    }
    void each_of_all(const std::function<void(const Index&)>& see) const {
        for (const auto& [lhs, rhs] : rows_) see(lhs);
        for (const Predicate& p : conditions_) see(p.index);
        for (const Index& index : map_) see(index);
        each_index(body_, see);
    }

    /// e div m and e mod m become digits of e: one chain of digits for all moduli of e that divide one another, so that a flattened
    /// position that is split again comes back as it was.
    void expand_digits() {
        while (true) {
            std::optional<Atom> atom;
            for (const auto& [lhs, rhs] : rows_)
                if (!atom) atom = innermost_division(lhs);
            if (!atom) return;
            const Index e = atom->dividend();
            std::set<std::int64_t> all{atom->modulus};
            each_of_all([&](const Index& index) {
                each_atom(index, [&](const Atom& a) {
                    if (!is_division(a)) return;
                    if (a.dividend() == e) all.insert(a.modulus);
                    const auto& terms = a.dividend().terms();
                    const bool wraps = a.kind == Atom::mod && a.dividend().constant() == 0 && terms.size() == 1 &&
                                       terms[0].coefficient == 1 && terms[0].atom.kind == Atom::div &&
                                       terms[0].atom.dividend() == e;
                    if (wraps) all.insert({terms[0].atom.modulus, terms[0].atom.modulus * a.modulus});
                });
            });
            std::vector<std::int64_t> moduli(all.begin(), all.end());
            for (std::size_t k = 1; k < moduli.size(); ++k)
                if (moduli[k] % moduli[k - 1] != 0) moduli = {atom->modulus};

            // e = d0 + m1 d1 + … + mk top, the least significant first.
            std::vector<Index> digits;
            std::int64_t weight = 1;
            for (const std::int64_t m : moduli) {
                digits.push_back(Index::variable(add_unknown(m / weight), weight));
                weight = m;
            }
            const Range r = e.range(box_);
            const std::int64_t low = shapes::floor_div(r.low, weight), high = shapes::floor_div(r.high, weight);
            const Var top = add_unknown(high - low + 1);
            implied_.insert(top);  // by the range of e
            digits.push_back(Index::variable(top, weight) + low * weight);

            std::map<Atom, Index> by;
            Index total;
            for (const Index& d : digits) total = total + d;
            for (std::size_t k = 0; k < moduli.size(); ++k) {
                Index above, below;
                for (std::size_t d = 0; d < digits.size(); ++d) (d > k ? above : below) = (d > k ? above : below) + digits[d];
                Atom quotient = *atom, remainder = *atom;
                quotient.kind = Atom::div;
                remainder.kind = Atom::mod;
                quotient.modulus = remainder.modulus = moduli[k];
                by[quotient] = div(above, moduli[k], box_);
                by[remainder] = below;
            }
            rewrite_all([&](const Index& index) { return replace(index, by, box_); });
            rows_.push_back({e - total, 0});
        }
    }
    Var add_unknown(std::int64_t extent) {
        const Var v = static_cast<Var>(box_.size());
        box_.push_back({0, extent - 1});
        unknowns_.insert(v);
        return v;
    }

    void drop_single_valued() {
        std::vector<Index> by = identity_map(box_.size());
        bool any = false;
        for (auto v = unknowns_.begin(); v != unknowns_.end();) {
            if (box_[*v].high > 0) {
                ++v;
                continue;
            }
            by[*v] = 0;
            any = true;
            v = unknowns_.erase(v);
        }
        if (any) rewrite_all([&](const Index& index) { return index.substitute(by, box_); });
        for (const auto& [lhs, rhs] : rows_) {
            Row row{{}, rhs - lhs.constant()};
            for (const Index::Term& term : lhs.terms()) row.coefficients[term.atom.var] = term.coefficient;
            for (const auto& [v, c] : row.coefficients) used_.insert(v);
            system_.push_back(std::move(row));
        }
    }

    // --- which bounds cost nothing --------------------------------------------------------------------------------------------

    /// A factor read at `c v + d` alone, in range only where v is, is 0 outside with `else 0`: v needs no bound.  Not where v takes
    /// part in something that may be infinite or undefined (0 * log 0), nor where it chooses what is read through data.
    void find_absorbers() {
        if (equation_.reduce != Reduce::sum) return;
        std::set<Var> excluded;
        const auto exclude = [&](const Index& index) {
            for (const Var v : index.variables()) excluded.insert(v);
        };
        const auto exclude_gets = [&](const Index& index) {
            each_atom(index, [&](const Atom& atom) {
                if (atom.kind == Atom::get)
                    for (const Index& part : atom.at()) exclude(part);
            });
        };
        each_index(body_, exclude_gets);
        for (const Index& index : map_) exclude_gets(index);
        ir::visit(body_, [&](const Expr& e) {
            if (e->kind != ExprNode::call || !e->scalar->partial) return;
            if (!equation_.where.empty()) {  // then even variables in range need not have met in the domain
                for (const Var v : unknowns_) excluded.insert(v);
            } else if (e->is("div") && e->args[1]->kind != ExprNode::constant) {
                each_index(e->args[1], exclude);
            } else if (!e->is("div")) {
                each_index(e, exclude);
            }
        });
        // A bound that is implied by one that may be absorbed is needed where the variable is excluded.
        for (const Var v : excluded) implied_.erase(v);
        std::vector<Expr> parts;
        factors(body_, parts);
        for (const Expr& f : parts) {
            if (f->kind != ExprNode::read || (f->otherwise && !is_zero(f->otherwise))) continue;
            const ir::Shape& shape = node_of_(f->tensor).shape;
            for (std::size_t k = 0; k < f->at.size(); ++k) {
                const Index& index = f->at[k];
                if (index.terms().size() != 1 || index.terms()[0].atom.kind != Atom::variable) continue;
                const Var v = index.terms()[0].atom.var;
                if (!unknowns_.contains(v) || excluded.contains(v)) continue;
                const std::int64_t c = index.terms()[0].coefficient, d = index.constant(), last = shape[k] - 1;
                const std::int64_t low = c > 0 ? -shapes::floor_div(d, c) : -shapes::floor_div(last - d, -c);
                const std::int64_t high = c > 0 ? shapes::floor_div(last - d, c) : shapes::floor_div(d, -c);
                if (low >= 0 && high <= box_[v].high) absorbers_.try_emplace(v, f->digest);
            }
        }
    }

    // --- the choice -----------------------------------------------------------------------------------------------------------

    std::vector<std::vector<Row>> components() const {
        std::map<Var, std::size_t> of;  // variable or parameter -> component
        std::vector<std::size_t> parent(system_.size());
        std::iota(parent.begin(), parent.end(), 0);
        const std::function<std::size_t(std::size_t)> root = [&](std::size_t k) { return parent[k] == k ? k : root(parent[k]); };
        for (std::size_t k = 0; k < system_.size(); ++k) {
            std::vector<Var> all = system_[k].rhs.variables();
            for (const auto& [v, c] : system_[k].coefficients) all.push_back(v);
            for (const Var v : all) {
                const auto [known, fresh] = of.try_emplace(v, k);
                if (!fresh) parent[root(k)] = root(known->second);
            }
        }
        std::map<std::size_t, std::vector<Row>> groups;
        std::vector<std::size_t> order;
        for (std::size_t k = 0; k < system_.size(); ++k) {
            if (!groups.contains(root(k))) order.push_back(root(k));
            groups[root(k)].push_back(system_[k]);
        }
        std::vector<std::vector<Row>> result;
        for (const std::size_t k : order) result.push_back(std::move(groups[k]));
        return result;
    }

    static bool reduces(const Family& family, const Index& index) {
        return std::ranges::any_of(family.free, [&](const auto& f) { return index.uses(f.first); });
    }

    /// Lexicographic: a congruence inside a reduction; iterations per output; bounds left; code size; the plainer method.
    using Cost = std::tuple<bool, double, int, bool, bool, std::size_t, Method>;
    Cost cost(const Alternative& a) const {
        double phases = 1, iterations = 0;
        for (const auto& [p, m] : a.moduli) phases *= static_cast<double>(m);
        bool congruence = false;
        int bounds = 0;
        std::size_t pieces = 0;
        for (const auto& [phase, families] : a.cases) {
            pieces += families.size();
            for (const Family& family : families) {
                double points = 1;
                Box box = box_;
                for (const auto& [v, n] : family.free) {
                    points *= static_cast<double>(n);
                    box[v] = {0, n - 1};
                }
                iterations += points;
                for (const Index& e : family.zero) congruence = congruence || reduces(family, e);
                for (const Var v : family.bounded)
                    if (!absorbers_.contains(v) && !implied_.contains(v) && !family.values.at(v).range(box).within(box_[v]))
                        ++bounds;
            }
        }
        return {congruence,
                iterations / phases * (bounds > 0 ? kUnabsorbedBound : 1),
                bounds,
                pieces > kManyPieces,
                a.method == Method::spread,
                pieces,
                a.method};
    }

    /// The cheapest alternative of each component.  Nothing: some component has none that fits the numbers; empty and dead_: no
    /// solution.
    std::optional<std::vector<Alternative>> cheapest(const std::vector<std::vector<Row>>& groups, const Rules& rules) {
        std::vector<Alternative> result;
        const auto by_cost = [this](const Alternative& a) { return cost(a); };
        for (const std::vector<Row>& rows : groups) {
            auto alternatives = solve(rows, box_, rules);
            if (!alternatives) {
                dead_ = true;
                return std::vector<Alternative>{};
            }
            const auto congruent = [&] { return std::get<0>(cost(*std::ranges::min_element(*alternatives, {}, by_cost))); };
            if (!alternatives->empty() && rules.digits && rules.phases && congruent()) {
                // A quotient of a position cannot be split in phases, the position itself can.
                Rules without = rules;
                without.digits = false;
                if (auto others = solve(rows, box_, without))
                    alternatives->insert(alternatives->end(), std::make_move_iterator(others->begin()),
                                         std::make_move_iterator(others->end()));
            }
            if (alternatives->empty()) return std::nullopt;
            result.push_back(std::move(*std::ranges::min_element(*alternatives, {}, by_cost)));
        }
        return result;
    }
    static int inner_congruences(const std::vector<Alternative>& alternatives) {
        int count = 0;
        for (const Alternative& a : alternatives)
            for (const auto& [phase, families] : a.cases)
                for (const Family& family : families)
                    for (const Index& e : family.zero) count += reduces(family, e);
        return count;
    }

    bool choose_alternatives() {
        const std::vector<std::vector<Row>> groups = components();
        Rules rules{.phases = opaque_.empty(), .bare_digits = true};
        auto best = cheapest(groups, rules);
        if (!best) return false;
        chosen_ = std::move(*best);
        if (dead_) return true;
        // Where something is summed, a congruence on the output wastes the sum at most positions: phases leave those out.
        bool sums = std::ranges::any_of(unknowns_, [&](Var v) { return !used_.contains(v); });
        bool congruent = false;
        for (const Alternative& a : chosen_)
            for (const auto& [phase, families] : a.cases)
                for (const Family& family : families) {
                    sums = sums || !family.free.empty();
                    for (const Index& e : family.zero) congruent = congruent || divides_anywhere(e);
                }
        if (sums && congruent && rules.phases) {
            rules.bare_digits = false;
            auto other = cheapest(groups, rules);
            if (other && !dead_ && inner_congruences(*other) <= inner_congruences(chosen_)) chosen_ = std::move(*other);
            dead_ = false;
        }
        return true;
    }

    /// A data-dependent index whose variables are all determined is a condition on the position; otherwise the scatter stays in the
    /// dimensions that have one.
    void settle_data_dependent_rows() {
        if (opaque_.empty()) return;
        std::set<Var> free;
        for (const Var v : unknowns_)
            if (!used_.contains(v)) free.insert(v);
        std::map<Var, const Index*> values;
        for (const Alternative& a : chosen_)
            for (const auto& [phase, families] : a.cases)
                for (const Family& family : families) {
                    for (const auto& [v, n] : family.free) free.insert(v);
                    for (const auto& [v, value] : family.values) values[v] = &value;
                }
        const auto undetermined = [&](Var j) {
            return std::ranges::any_of(map_[j].variables(), [&](Var v) {
                if (free.contains(v)) return true;
                const auto value = values.find(v);
                return value != values.end() &&
                       std::ranges::any_of(value->second->variables(), [&](Var w) { return free.contains(w); });
            });
        };
        if (std::ranges::any_of(opaque_, undetermined)) return;
        for (const Var j : opaque_) conditions_.push_back({Predicate::eq, map_[j] - Index::variable(j)});
        opaque_.clear();
    }

    // --- the pieces -----------------------------------------------------------------------------------------------------------

    void each_case(std::vector<const Alternative::Case*>& cases, std::vector<Piece>& pieces) const {
        if (cases.size() < chosen_.size()) {
            for (const Alternative::Case& c : chosen_[cases.size()].cases) {
                cases.push_back(&c);
                each_case(cases, pieces);
                cases.pop_back();
            }
            return;
        }
        std::map<Var, std::int64_t> phase;
        for (std::size_t k = 0; k < cases.size(); ++k) {
            std::size_t j = 0;
            for (const auto& [p, m] : chosen_[k].moduli) phase[p] = cases[k]->phase[j++];
        }
        std::vector<const Family*> families;
        each_family(cases, families, phase, pieces);
    }
    void each_family(const std::vector<const Alternative::Case*>& cases, std::vector<const Family*>& families,
                     const std::map<Var, std::int64_t>& phase, std::vector<Piece>& pieces) const {
        if (families.size() < cases.size()) {
            for (const Family& f : cases[families.size()]->families) {
                families.push_back(&f);
                each_family(cases, families, phase, pieces);
                families.pop_back();
            }
            return;
        }
        if (auto made = piece(families, phase)) pieces.push_back(std::move(*made));
    }

    /// What one choice of families gives; nothing where its conditions leave no point.
    std::optional<Piece> piece(const std::vector<const Family*>& families, const std::map<Var, std::int64_t>& phase) const {
        // Ranges and values at this stage: positions within the phase, free variables in full.
        Box box = box_;
        Piece result{phase, node_.shape, {}};
        for (const auto& [p, m] : moduli_) {
            box[p] = {0, shapes::floor_div(node_.shape[p] - 1 - phase.at(p), m)};
            if (box[p].empty()) return std::nullopt;
            result.shape[p] = box[p].high + 1;
        }
        std::vector<Var> free;
        for (const Var v : unknowns_)
            if (!used_.contains(v)) free.push_back(v);
        std::vector<Index> values = identity_map(box.size());
        std::vector<Predicate> hard;                    // must be kept unless they always hold
        std::vector<std::pair<Predicate, Var>> bounds;  // of an eliminated variable
        for (const Family* family : families) {
            for (const auto& [v, n] : family->free) {
                free.push_back(v);
                box[v] = {0, n - 1};
            }
            for (const auto& [v, value] : family->values) values[v] = value;
            for (const Index& e : family->zero) hard.push_back({Predicate::eq, e});
        }
        for (const Predicate& p : conditions_) hard.push_back({p.kind, p.index.substitute(values, box)});
        for (const Family* family : families)
            for (const Var v : family->bounded) {
                if (implied_.contains(v)) continue;
                bounds.push_back({{Predicate::ge, values[v]}, v});
                bounds.push_back({{Predicate::ge, Index(box_[v].high) - values[v]}, v});
            }

        const Box before = box;
        std::vector<Predicate> all = hard;
        for (const auto& [p, v] : bounds) all.push_back(p);
        if (!tighten(all, free, box)) return std::nullopt;

        // Every free variable starts at 0 again; those with one value are gone.
        std::vector<Index> shift = identity_map(box.size());
        std::vector<Var> loops;
        for (const Var v : free) {
            const Range r = box[v];
            shift[v] = r.low == r.high ? Index(r.low) : Index::variable(v) + r.low;
            if (r.high > r.low) loops.push_back(v);
            box[v] = {0, r.high - r.low};
        }
        const auto shifted = [&](const Predicate& p) { return Predicate{p.kind, p.index.substitute(shift, box)}; };
        const auto moved = [&](const Index& index) { return index.substitute(values, before).substitute(shift, box); };

        std::vector<Predicate> where;
        std::set<Var> absorbed;
        const auto keep = [&](const Predicate& p) {
            switch (decide(p, box)) {
                case Truth::always: return true;
                case Truth::never: return false;
                case Truth::unknown: where.push_back(p);
            }
            return true;
        };
        for (const Predicate& p : hard)
            if (!keep(shifted(p))) return std::nullopt;
        for (const auto& [p, v] : bounds) {
            const Predicate moved_bound = shifted(p);
            const Truth truth = decide(moved_bound, box);
            if (truth == Truth::never) return std::nullopt;
            if (truth == Truth::always) continue;
            if (absorbers_.contains(v)) {
                absorbed.insert(v);
            } else {
                keep(moved_bound);
            }
        }
        std::set<ir::Digest> carriers;
        for (const Var v : absorbed) carriers.insert(absorbers_.at(v));
        Equation& e = result.equation;
        e.reduce = equation_.reduce;
        e.body = rebuilt(body_, moved, box, carriers);
        e.where = std::move(where);
        if (e.reduce == Reduce::sum) route_in_body(e, box);

        if (!opaque_.empty()) {
            scatter_rest(result, loops, box, moved);
            return result;
        }
        fuse_digits(e, loops, box);
        drop_idle(e, loops, box);
        number(e, loops, box);
        if (loops.empty() && (e.reduce == Reduce::sum || e.where.empty())) e.reduce = Reduce::none;
        return result;
    }

    /// The body at the solution.  A factor that carries a bound, and then every other read that may leave its tensor, is 0 outside.
    Expr rebuilt(const Expr& body, const std::function<Index(const Index&)>& moved, const Box& box,
                 const std::set<ir::Digest>& carriers) const {
        return ir::rewrite(body, [&](const Expr& e) {
            if (e->kind == ExprNode::index) return Expr::index(moved(e->position));
            if (e->kind != ExprNode::read) return e;
            const ir::Shape& shape = node_of_(e->tensor).shape;
            std::vector<Index> at;
            bool inside = true;
            for (std::size_t k = 0; k < e->at.size(); ++k) {
                at.push_back(moved(e->at[k]));
                inside = inside && at.back().range(box).within({0, shape[k] - 1});
            }
            Expr otherwise = inside ? Expr() : e->otherwise;
            if (!inside && !otherwise && !carriers.empty()) otherwise = ir::zero_like(e);
            return Expr::read(e->tensor, e->type, std::move(at), otherwise);
        });
    }

    /// A condition on data that may be looked up outside its tensor, at points where a factor is 0 anyway, moves into the body.
    void route_in_body(Equation& e, const Box& box) const {
        std::vector<Expr> routing;
        std::erase_if(e.where, [&](const Predicate& p) {
            if (p.kind == Predicate::ge || !p.index.has_get()) return false;
            bool inside = true, plain = true;
            each_atom(p.index, [&](const Atom& atom) {
                if (is_division(atom)) plain = plain && std::ranges::none_of(*atom.parts, &Index::has_get);
                if (atom.kind != Atom::get) return;
                const ir::Shape& shape = node_of_(atom.tensor).shape;
                for (std::size_t k = 0; k < shape.size(); ++k) {
                    plain = plain && !atom.at()[k].has_get();
                    inside = inside && atom.at()[k].range(box).within({0, shape[k] - 1});
                }
            });
            if (inside || !plain) return false;
            Expr looked_up;
            Index rest = p.index;
            for (const auto& [atom, c] : p.index.terms()) {
                if (atom.kind != Atom::get) continue;
                rest = rest - Index::of(atom, c);
                const ir::Type type = node_of_(atom.tensor).type;
                const Expr read = convert(Expr::read(atom.tensor, type, atom.at(), Expr::constant(-1, type)), ir::Type::i64);
                const Expr term = read * Expr::constant(static_cast<double>(c), ir::Type::i64);
                looked_up = looked_up ? looked_up + term : term;
            }
            const Expr same = equal(looked_up, Expr::index(-rest));
            routing.push_back(p.kind == Predicate::eq ? same : negate(same));
            return true;
        });
        for (const Expr& condition : routing) e.body = select(condition, e.body, zero_like(e.body));
    }

    /// Two loops that occur only as m * outer + inner, where inner runs below m, are one.
    static void fuse_digits(Equation& e, std::vector<Var>& loops, Box& box) {
        while (true) {
            std::vector<Index> all;
            each_index(e.body, [&](const Index& index) { all.push_back(index); });
            for (const Predicate& p : e.where) all.push_back(p.index);
            const auto nested = [&](Var v) {
                return std::ranges::any_of(all, [&](const Index& i) { return (i - Index::variable(v, i.coefficient(v))).uses(v); });
            };
            const auto used = [&](Var v) { return std::ranges::any_of(all, [&](const Index& i) { return i.uses(v); }); };
            std::optional<std::pair<Var, Var>> found;
            for (const Var outer : loops)
                for (const Var inner : loops) {
                    if (found || outer == inner || !used(outer) || !used(inner) || nested(outer) || nested(inner)) continue;
                    const std::int64_t m = box[inner].high + 1;
                    if (std::ranges::all_of(all, [&](const Index& i) { return i.coefficient(outer) == m * i.coefficient(inner); }))
                        found = {outer, inner};
                }
            if (!found) return;
            const auto [outer, inner] = *found;
            box[inner] = {0, (box[outer].high + 1) * (box[inner].high + 1) - 1};
            std::vector<Index> by = identity_map(box.size());
            by[outer] = 0;
            e.body = substitute(e.body, by, box);
            for (Predicate& p : e.where) p.index = p.index.substitute(by, box);
            std::erase(loops, outer);
        }
    }

    /// A loop that nothing looks at repeats what it accumulates.
    static void drop_idle(Equation& e, std::vector<Var>& loops, const Box& box) {
        double repeats = 1;
        std::erase_if(loops, [&](Var v) {
            const bool idle =
                !uses(e.body, v) && std::ranges::none_of(e.where, [&](const Predicate& p) { return p.index.uses(v); });
            if (idle) repeats *= static_cast<double>(box[v].high + 1);
            return idle;
        });
        if (e.reduce == Reduce::sum && repeats != 1) e.body = repeats * e.body;
    }

    /// Loops become the variables after the positions.
    void number(Equation& e, const std::vector<Var>& loops, const Box& box) const {
        std::vector<Index> by = identity_map(box.size());
        Box numbered(box.begin(), box.begin() + rank_);
        for (const Var v : loops) {
            by[v] = Index::variable(static_cast<Var>(numbered.size()));
            numbered.push_back(box[v]);
            e.reductions.push_back(box[v].high + 1);
        }
        numbered.resize(std::max(numbered.size(), box.size()));  // variables that no longer occur keep a place
        e.body = substitute(e.body, by, numbered);
        for (Predicate& p : e.where) p.index = p.index.substitute(by, numbered);
    }

    /// Scatter form in the data-dependent dimensions alone: the domain is the other dimensions, then the loops.
    void scatter_rest(Piece& piece, const std::vector<Var>& loops, const Box& box,
                      const std::function<Index(const Index&)>& moved) const {
        Equation& e = piece.equation;
        std::vector<Index> by = identity_map(box.size());
        Box numbered;
        const auto add = [&](Var v) {
            by[v] = Index::variable(static_cast<Var>(numbered.size()));
            numbered.push_back(box[v]);
            e.reductions.push_back(box[v].high + 1);
        };
        const auto is_opaque = [&](Var j) { return std::ranges::find(opaque_, j) != opaque_.end(); };
        for (Var j = 0; j < rank_; ++j)
            if (!is_opaque(j)) add(j);
        for (const Var v : loops) add(v);
        numbered.resize(std::max(numbered.size(), box.size()));
        e.body = substitute(e.body, by, numbered);
        for (Predicate& p : e.where) p.index = p.index.substitute(by, numbered);
        for (Var j = 0; j < rank_; ++j) e.map.push_back(is_opaque(j) ? moved(map_[j]).substitute(by, numbered) : by[j]);
        e.scatter = true;
        e.lossy = equation_.lossy;
    }

    struct Equality {
        Index lhs, rhs;  // of the domain's variables, of the positions
    };

    const ir::Node& node_;
    const Equation& equation_;
    const NodeOf& node_of_;
    Var rank_;
    Box box_;
    Expr body_;
    std::vector<Index> map_;
    std::vector<Predicate> conditions_;
    std::set<Var> unknowns_;  // of the domain, with digits, without those of one value
    std::vector<Equality> rows_;
    std::vector<Row> system_;
    std::vector<Var> opaque_;              // dimensions with a data-dependent index
    std::set<Var> implied_;                // digits that need no bound
    std::set<Var> used_;                   // unknowns that stand in a row
    std::map<Var, ir::Digest> absorbers_;  // the factor that is 0 where the variable leaves its range
    std::vector<Alternative> chosen_;
    std::map<Var, std::int64_t> moduli_;
    bool dead_ = false;
};

}  // namespace

std::optional<Gathered> lower(const ir::Node& scatter, const NodeOf& node_of) { return Lowering(scatter, node_of).run(); }

}  // namespace dlc::passes::gather
