// The rules in the order they are tried: digits (a row whose remainder is shorter than a coefficient is a division), dependent rows
// (conditions on parameters alone), a unit elimination that uncovers digits, and for every choice of pivot columns their exact
// inverse, which gives substitution, phases or, last, a divisibility guard.  Digits are taken at once because they cost nothing;
// the others compete.
#include "compiler/passes/gather/solve.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace dlc::passes::gather {
namespace {

using ir::Box;
using ir::Index;
using ir::Range;
using ir::Var;
using Int = __int128;
using Coefficients = std::map<Var, std::int64_t>;

constexpr std::int64_t kMostPhases = 64;      // of one component; beyond that a residue of the output is cheaper than code for each
constexpr std::int64_t kMostFamilies = 4096;  // phases times residues of free variables
constexpr std::size_t kMostPivotSets = 256;
constexpr int kDeepest = 8;             // nested eliminations
constexpr Int kLargest = Int{1} << 40;  // beyond this a pivot set is not considered

using shapes::ceil_div;
using shapes::floor_div;
using shapes::floor_mod;

std::int64_t extent(const Box& box, Var v) { return box[v].high + 1; }

Index linear(const Coefficients& coefficients) {
    Index sum;
    for (const auto& [v, c] : coefficients) sum = sum + Index::variable(v, c);
    return sum;
}
Coefficients without(Coefficients c, Var v) {
    c.erase(v);
    return c;
}
/// a + factor * b, zeros dropped.
Coefficients add(Coefficients a, const Coefficients& b, std::int64_t factor) {
    for (const auto& [v, c] : b)
        if ((a[v] += factor * c) == 0) a.erase(v);
    return a;
}
std::int64_t at(const Coefficients& c, Var v) {
    const auto found = c.find(v);
    return found == c.end() ? 0 : found->second;
}
std::int64_t coefficient(const Index& index, const ir::Atom& atom) {
    for (const Index::Term& term : index.terms())
        if (term.atom == atom) return term.coefficient;
    return 0;
}

/// The parameters of one phase: p -> m p' + phase, and the box of the p'.
std::pair<std::vector<Index>, Box> phased(const std::map<Var, std::int64_t>& moduli, const std::vector<std::int64_t>& phase,
                                          Box box) {
    std::vector<Index> by = identity_map(box.size());
    std::size_t k = 0;
    for (const auto& [p, m] : moduli) {
        by[p] = Index::variable(p, m) + phase[k++];
        box[p] = {0, floor_div(box[p].high, m)};
    }
    return {std::move(by), std::move(box)};
}

/// Whether the unknowns but v span fewer than |c| values, so that a row is a division by c.
bool is_digit(const Coefficients& row, Var v, const Box& box) {
    const Range rest = linear(without(row, v)).range(box);
    return rest.high - rest.low + 1 <= std::abs(row.at(v));
}

/// Unimodular row operations to echelon form; the rows that become empty are conditions on the parameters.
std::vector<Index> eliminate(std::vector<Row>& rows, const std::vector<Var>& order) {
    std::size_t done = 0;
    for (const Var v : order) {
        while (true) {
            std::size_t pivot = rows.size(), live = 0;
            for (std::size_t r = done; r < rows.size(); ++r) {
                const std::int64_t c = at(rows[r].coefficients, v);
                if (c == 0) continue;
                ++live;
                if (pivot == rows.size() || std::abs(c) < std::abs(at(rows[pivot].coefficients, v))) pivot = r;
            }
            if (live == 0) break;
            std::swap(rows[done], rows[pivot]);
            if (live == 1) {
                ++done;
                break;
            }
            for (std::size_t r = done + 1; r < rows.size(); ++r) {
                const std::int64_t q = at(rows[r].coefficients, v) / at(rows[done].coefficients, v);
                if (q == 0) continue;
                rows[r].coefficients = add(rows[r].coefficients, rows[done].coefficients, -q);
                rows[r].rhs = rows[r].rhs - rows[done].rhs * q;
            }
        }
    }
    std::vector<Index> conditions;
    for (std::size_t r = done; r < rows.size(); ++r) conditions.push_back(rows[r].rhs);
    rows.resize(done);
    return conditions;
}

/// The inverse of a square integer matrix as numerators over one denominator.
struct Inverse {
    std::vector<std::vector<Int>> numerators;
    Int denominator = 0;  // 0: singular, or too large to be of use

    /// Numerators of the inverse times a vector.
    std::vector<Int> apply(const std::vector<std::int64_t>& w) const {
        std::vector<Int> result(numerators.size(), 0);
        for (std::size_t r = 0; r < numerators.size(); ++r)
            for (std::size_t c = 0; c < w.size(); ++c) result[r] += numerators[r][c] * w[c];
        return result;
    }
    /// The least multiple of `w` that the matrix reaches with integers.
    std::int64_t order(const std::vector<std::int64_t>& w) const {
        const Int size = denominator < 0 ? -denominator : denominator;
        auto g = static_cast<std::int64_t>(size);
        for (const Int x : apply(w)) g = std::gcd(g, static_cast<std::int64_t>(x % size));
        return static_cast<std::int64_t>(size / g);
    }
};
/// Fraction-free Gauss-Jordan elimination: every intermediate entry is a minor of [m | 1].
Inverse invert(const std::vector<std::vector<std::int64_t>>& m) {
    const std::size_t n = m.size();
    std::vector<std::vector<Int>> a(n, std::vector<Int>(2 * n, 0));
    for (std::size_t r = 0; r < n; ++r) {
        std::copy(m[r].begin(), m[r].end(), a[r].begin());
        a[r][n + r] = 1;
    }
    Int previous = 1;
    for (std::size_t c = 0; c < n; ++c) {
        std::size_t pivot = c;
        while (pivot < n && a[pivot][c] == 0) ++pivot;
        if (pivot == n) return {};
        std::swap(a[c], a[pivot]);
        for (std::size_t r = 0; r < n; ++r) {
            if (r == c) continue;
            const Int factor = a[r][c];
            for (std::size_t k = 0; k < 2 * n; ++k) {
                a[r][k] = (a[c][c] * a[r][k] - factor * a[c][k]) / previous;
                if (a[r][k] > kLargest || a[r][k] < -kLargest) return {};
            }
        }
        previous = a[c][c];
    }
    Inverse inverse{{}, previous};
    for (std::size_t r = 0; r < n; ++r) inverse.numerators.emplace_back(a[r].begin() + static_cast<std::ptrdiff_t>(n), a[r].end());
    return inverse;
}

/// Calls `see` with each way to choose `size` of `items`, in order, until it returns false.
template <class See>
void combinations(const std::vector<Var>& items, std::size_t size, See see) {
    std::vector<std::size_t> at(size);
    std::iota(at.begin(), at.end(), 0);
    while (true) {
        std::vector<Var> chosen;
        for (std::size_t k : at) chosen.push_back(items[k]);
        if (!see(chosen)) return;
        std::size_t k = size;
        while (k > 0 && at[k - 1] == items.size() - size + k - 1) --k;
        if (k == 0) return;
        ++at[k - 1];
        for (; k < size; ++k) at[k] = at[k - 1] + 1;
    }
}
/// Calls `see` with each tuple below the limits, the last entry fastest.
template <class See>
void tuples(const std::vector<std::int64_t>& limits, See see) {
    std::vector<std::int64_t> tuple(limits.size(), 0);
    while (true) {
        see(tuple);
        std::size_t k = limits.size();
        while (k > 0 && ++tuple[k - 1] == limits[k - 1]) tuple[--k] = 0;
        if (k == 0) return;
    }
}

class Solver {
public:
    Solver(const Box& box, const Rules& rules) : box_(box), rules_(rules) {}

    std::optional<std::vector<Alternative>> solve(std::vector<Row> all, int depth) const {
        std::vector<Row> rows;
        std::vector<Index> zero;
        for (Row& row : all) {
            if (!row.coefficients.empty()) {
                rows.push_back(std::move(row));
            } else if (!row.rhs.is_constant()) {
                zero.push_back(std::move(row.rhs));
            } else if (row.rhs.constant() != 0) {
                return std::nullopt;
            }
        }
        if (rows.empty()) return std::vector{Alternative{{}, {{{}, {Family{{}, {}, zero, {}}}}}, Method::unit}};
        if (const auto found = find_digit(rows)) return digit(rows, zero, *found, depth);

        std::set<Var> seen;
        for (const Row& row : rows)
            for (const auto& [v, c] : row.coefficients) seen.insert(v);
        std::vector<Var> unknowns(seen.begin(), seen.end());  // the longest first: as pivots they leave the least to sum over
        std::ranges::stable_sort(unknowns, std::greater{}, [&](Var v) { return box_[v].high; });

        std::vector<Row> independent = rows;
        std::vector<Index> conditions = eliminate(independent, unknowns);
        if (!conditions.empty()) {
            conditions.insert(conditions.end(), zero.begin(), zero.end());
            return solve(joined(std::move(independent), conditions), depth + 1);
        }
        std::vector<Alternative> result;
        if (rows.size() > 1 && depth < kDeepest && rules_.digits && !unit_then_digit(rows, zero, depth, result))
            return std::nullopt;
        std::size_t sets = 0;
        combinations(unknowns, rows.size(), [&](const std::vector<Var>& pivots) {
            pivot(rows, zero, unknowns, pivots, result);
            return ++sets < kMostPivotSets;
        });
        return result;
    }

private:
    static std::vector<Row> joined(std::vector<Row> rows, const std::vector<Index>& zero) {
        for (const Index& e : zero) rows.push_back({{}, e});
        return rows;
    }

    struct Digit {
        std::size_t row;
        Var unknown;
    };
    /// A row c v + rest == rhs with a rest shorter than |c|, the largest c first.
    std::optional<Digit> find_digit(const std::vector<Row>& rows) const {
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Coefficients& row = rows[k].coefficients;
            std::vector<Var> by_size;
            for (const auto& [v, c] : row) by_size.push_back(v);
            std::ranges::stable_sort(by_size, std::greater{}, [&](Var v) { return std::abs(row.at(v)); });
            for (const Var v : by_size)
                if (is_digit(row, v, box_) &&
                    (std::abs(row.at(v)) == 1 || (rules_.digits && (row.size() > 1 || rules_.bare_digits))))
                    return Digit{k, v};
        }
        return std::nullopt;
    }
    /// Then v is the quotient and rest the remainder of rhs by c, an equivalence.
    std::optional<std::vector<Alternative>> digit(const std::vector<Row>& rows, const std::vector<Index>& zero, Digit at_,
                                                  int depth) const {
        const auto& [coefficients, rhs] = rows[at_.row];
        const Var v = at_.unknown;
        const std::int64_t c = coefficients.at(v), size = std::abs(c);
        const Coefficients rest = without(coefficients, v);
        const std::int64_t low = linear(rest).range(box_).low;
        const Index quotient = div(rhs - low, size, box_) * (c > 0 ? 1 : -1);
        std::vector<Row> smaller;
        for (std::size_t r = 0; r < rows.size(); ++r)
            if (r != at_.row)
                smaller.push_back({without(rows[r].coefficients, v), rows[r].rhs - quotient * at(rows[r].coefficients, v)});
        smaller.push_back({rest, mod(rhs - low, size, box_) + low});
        auto result = solve(joined(std::move(smaller), zero), depth + 1);
        if (!result) return std::nullopt;
        for (Alternative& alternative : *result) {
            for (auto& [phase, families] : alternative.cases) {
                const auto [by, box] = phased(alternative.moduli, phase, box_);
                const Index value = alternative.moduli.empty() ? quotient : quotient.substitute(by, box);
                for (Family& family : families) {
                    family.values[v] = value;
                    family.bounded.push_back(v);
                }
            }
            if (alternative.method == Method::unit && size > 1) alternative.method = Method::digit;
        }
        return result;
    }

    /// Solves one row for an unknown of coefficient 1 where the rest then has a digit.  False: the system has no solution.
    bool unit_then_digit(const std::vector<Row>& rows, const std::vector<Index>& zero, int depth,
                         std::vector<Alternative>& result) const {
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const auto& [coefficients, rhs] = rows[k];
            for (const auto& [unit, sign] : coefficients) {
                if (std::abs(sign) != 1) continue;
                std::vector<Row> smaller;
                bool uncovered = false;
                for (std::size_t r = 0; r < rows.size(); ++r) {
                    if (r == k) continue;
                    const std::int64_t factor = at(rows[r].coefficients, unit) * sign;
                    Row row{add(rows[r].coefficients, coefficients, -factor), rows[r].rhs - rhs * factor};
                    for (const auto& [v, c] : row.coefficients)
                        uncovered =
                            uncovered || (std::abs(c) > 1 && row.coefficients.size() > 1 && is_digit(row.coefficients, v, box_));
                    smaller.push_back(std::move(row));
                }
                if (!uncovered) continue;
                auto alternatives = solve(joined(std::move(smaller), zero), depth + 1);
                if (!alternatives) return false;
                for (Alternative& alternative : *alternatives) {
                    for (auto& [phase, families] : alternative.cases) {
                        const auto [by, phase_box] = phased(alternative.moduli, phase, box_);
                        for (Family& family : families) {
                            std::vector<Index> values = identity_map(box_.size());
                            for (const auto& [v, c] : coefficients) {
                                if (v == unit) continue;
                                if (!family.values.contains(v)) {  // the rest of the system leaves it free
                                    family.free[v] = extent(box_, v);
                                    family.values[v] = Index::variable(v);
                                }
                                values[v] = family.values[v];
                            }
                            Box box = phase_box;
                            for (const auto& [v, n] : family.free) box[v] = {0, n - 1};
                            const Index rest = linear(without(coefficients, unit)).substitute(values, box);
                            family.values[unit] = (rhs.substitute(by, box) - rest) * sign;
                            family.bounded.push_back(unit);
                        }
                    }
                    result.push_back(std::move(alternative));
                }
            }
        }
        return true;
    }

    /// All alternatives with the given pivot columns.
    void pivot(const std::vector<Row>& rows, const std::vector<Index>& zero, const std::vector<Var>& unknowns,
               const std::vector<Var>& pivots, std::vector<Alternative>& result) const {
        const std::size_t n = rows.size();
        const auto column = [&](Var v) {
            std::vector<std::int64_t> w;
            for (const Row& row : rows) w.push_back(at(row.coefficients, v));
            return w;
        };
        std::vector<std::vector<std::int64_t>> matrix(n);
        for (std::size_t r = 0; r < n; ++r)
            for (const Var p : pivots) matrix[r].push_back(at(rows[r].coefficients, p));
        const Inverse inverse = invert(matrix);
        if (inverse.denominator == 0) return;
        const Int d = inverse.denominator;
        std::vector<Var> free;
        for (const Var v : unknowns)
            if (std::ranges::find(pivots, v) == pivots.end()) free.push_back(v);

        // Columns of the parameters (atoms: a digit's residue is one too) and of the free variables, with their orders modulo the
        // pivots.
        struct Column {
            std::vector<std::int64_t> w;
            std::int64_t order;
        };
        std::map<ir::Atom, Column> parameters;
        for (const Row& row : rows)
            for (const Index::Term& term : row.rhs.terms()) parameters[term.atom];
        std::int64_t phases = 1, families = 1;
        bool splittable = true;
        std::map<Var, std::int64_t> moduli;
        for (auto& [atom, c] : parameters) {
            for (const Row& row : rows) c.w.push_back(coefficient(row.rhs, atom));
            c.order = inverse.order(c.w);
            if (c.order == 1) continue;
            splittable = splittable && atom.kind == ir::Atom::variable;
            if (atom.kind == ir::Atom::variable) moduli[atom.var] = c.order;
            phases = std::min(phases, kMostFamilies) * std::min(c.order, kMostFamilies);
        }
        std::vector<std::int64_t> orders, residues;
        for (const Var f : free) {
            orders.push_back(inverse.order(column(f)));
            residues.push_back(std::min(orders.back(), extent(box_, f)));
            families = std::min(families, kMostFamilies) * std::min(residues.back(), kMostFamilies);
        }

        if (phases * families <= kMostFamilies && (phases == 1 || (rules_.phases && splittable && phases <= kMostPhases))) {
            Alternative alternative{moduli, {}, phases * families > 1 ? Method::phase : Method::unit};
            std::vector<std::int64_t> limits;
            for (const auto& [p, m] : moduli) limits.push_back(m);
            tuples(limits, [&](const std::vector<std::int64_t>& phase) {
                Alternative::Case one{phase, {}};
                const auto [by, box] = phased(moduli, phase, box_);
                tuples(residues, [&](const std::vector<std::int64_t>& residue) {
                    std::vector<std::int64_t> w;
                    for (const Row& row : rows) w.push_back(row.rhs.constant());
                    std::size_t j = 0;
                    for (const auto& [p, m] : moduli) {
                        const std::vector<std::int64_t>& c = parameters.at(Index::variable(p).terms()[0].atom).w;
                        for (std::size_t r = 0; r < n; ++r) w[r] += c[r] * phase[j];
                        ++j;
                    }
                    for (std::size_t f = 0; f < free.size(); ++f)
                        for (std::size_t r = 0; r < n; ++r) w[r] -= at(rows[r].coefficients, free[f]) * residue[f];
                    const std::vector<Int> constant = inverse.apply(w);
                    if (std::ranges::any_of(constant, [&](Int x) { return x % d != 0; })) return;
                    Family family{{}, {}, {}, pivots};
                    for (const Index& e : zero) family.zero.push_back(moduli.empty() ? e : e.substitute(by, box));
                    for (std::size_t f = 0; f < free.size(); ++f) {
                        family.free[free[f]] = ceil_div(extent(box_, free[f]) - residue[f], orders[f]);
                        family.values[free[f]] = Index::variable(free[f], orders[f]) + residue[f];
                    }
                    for (std::size_t k = 0; k < n; ++k) {
                        Index value = static_cast<std::int64_t>(constant[k] / d);
                        for (const auto& [atom, c] : parameters) {
                            // A split parameter's phase is in the constant; a quotient of one is rewritten with it.
                            const Index own = atom.kind == ir::Atom::variable || moduli.empty()
                                                  ? Index::of(atom)
                                                  : Index::of(atom).substitute(by, box);
                            value = value + own * static_cast<std::int64_t>(inverse.apply(c.w)[k] * c.order / d);
                        }
                        for (std::size_t f = 0; f < free.size(); ++f)
                            value = value - Index::variable(free[f], static_cast<std::int64_t>(inverse.apply(column(free[f]))[k] *
                                                                                               orders[f] / d));
                        family.values[pivots[k]] = value;
                    }
                    one.families.push_back(std::move(family));
                });
                alternative.cases.push_back(std::move(one));
            });
            result.push_back(std::move(alternative));
        }
        if (n == 1 && d != 1 && d != -1) spread(rows[0], zero, free, pivots[0], result);
        if (d != 1 && d != -1) guard(rows, zero, free, pivots, inverse, result);
    }

    /// One row: a free variable takes the residue class the others leave, so the pivot divides exactly, without unrolling.
    void spread(const Row& row, const std::vector<Index>& zero, const std::vector<Var>& free, Var pivot,
                std::vector<Alternative>& result) const {
        const std::int64_t s = std::abs(row.coefficients.at(pivot)), sign = row.coefficients.at(pivot) > 0 ? 1 : -1;
        for (const Var f : free) {
            const std::int64_t c = row.coefficients.at(f);
            if (std::gcd(c, s) > 1) continue;
            std::int64_t inverse = 1;
            while (floor_mod(c * inverse, s) != 1 % s) ++inverse;
            const Index others = row.rhs - linear(without(without(row.coefficients, pivot), f));
            const Index residue = mod(others * inverse, s, box_);
            const Index quotient = c == 1    ? div(others, s, box_)
                                   : c == -1 ? div(others + (s - 1), s, box_)
                                             : div(others - residue * c, s, box_);
            Family family{{}, {}, zero, {pivot, f}};
            for (const Var v : free) {
                family.free[v] = extent(box_, v);
                family.values[v] = Index::variable(v);
            }
            family.free[f] = ceil_div(extent(box_, f), s);
            family.values[f] = residue + Index::variable(f, s);
            family.values[pivot] = (quotient - Index::variable(f, c)) * sign;
            result.push_back({{}, {{{}, {std::move(family)}}}, Method::spread});
        }
    }

    /// Always possible: every free variable runs in full, and the quotients count where the division is exact.
    void guard(const std::vector<Row>& rows, const std::vector<Index>& zero, const std::vector<Var>& free,
               const std::vector<Var>& pivots, const Inverse& inverse, std::vector<Alternative>& result) const {
        const auto d = static_cast<std::int64_t>(inverse.denominator);
        Family family{{}, {}, zero, pivots};
        for (const Var v : free) {
            family.free[v] = extent(box_, v);
            family.values[v] = Index::variable(v);
        }
        for (std::size_t k = 0; k < pivots.size(); ++k) {
            Index numerator;
            for (std::size_t r = 0; r < rows.size(); ++r) {
                Index w = rows[r].rhs;
                for (const Var f : free) w = w - Index::variable(f, at(rows[r].coefficients, f));
                numerator = numerator + w * static_cast<std::int64_t>(inverse.numerators[k][r] * (d < 0 ? -1 : 1));
            }
            family.values[pivots[k]] = div(numerator, std::abs(d), box_);
            if (const Index rest = mod(numerator, std::abs(d), box_); !(rest == Index(0))) family.zero.push_back(rest);
        }
        result.push_back({{}, {{{}, {std::move(family)}}}, Method::guard});
    }

    const Box& box_;
    Rules rules_;
};

}  // namespace

std::vector<Index> identity_map(std::size_t variables) {
    std::vector<Index> by;
    for (Var v = 0; v < variables; ++v) by.push_back(Index::variable(v));
    return by;
}

std::optional<std::vector<Alternative>> solve(std::vector<Row> rows, const Box& box, const Rules& rules) {
    return Solver(box, rules).solve(std::move(rows), 0);
}

}  // namespace dlc::passes::gather
