// Canonical affine forms and the simplification of `div` and `mod`.
//
// Everything rests on four facts, for e = m*q + r: a floor quotient of r that is one number over the box is that number; quotients
// of quotients multiply their moduli; a remainder's multiple-of-m parts vanish; and where e = g*a + b with g | m and 0 <= b < g,
// the digit b separates: e div m = a div (m/g), e mod m = g*(a mod (m/g)) + b.  A sum puts the two halves of a division together
// again: m*(e div m) + e mod m = e, which is why flattening what was unflattened leaves no trace.
#include "compiler/ir/index.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "dsl/shapes/mixed_radix.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

using shapes::checked_add;
using shapes::checked_mul;
using shapes::floor_div;
using shapes::floor_mod;

Box box_of(std::span<const std::int64_t> extents) {
    Box box;
    box.reserve(extents.size());
    for (const std::int64_t extent : extents) box.push_back({0, extent - 1});
    return box;
}

const Index& Atom::dividend() const { return parts->front(); }
const std::vector<Index>& Atom::at() const { return *parts; }

std::strong_ordering Atom::operator<=>(const Atom& o) const {
    if (const auto c = kind <=> o.kind; c != 0) return c;
    if (const auto c = var <=> o.var; c != 0) return c;
    if (const auto c = modulus <=> o.modulus; c != 0) return c;
    if (const auto c = tensor <=> o.tensor; c != 0) return c;
    if (parts == o.parts) return std::strong_ordering::equal;
    return *parts <=> *o.parts;
}

namespace {
// Without a box nothing is known of the variables, and only the rules that hold for all integers apply.
Index divide(const Index& e, std::int64_t m, const Box* box);
Index remainder(const Index& e, std::int64_t m, const Box* box);

Atom divided_atom(Atom::Kind kind, Index dividend, std::int64_t m) {
    Atom atom;
    atom.kind = kind;
    atom.modulus = m;
    atom.parts = std::make_shared<const std::vector<Index>>(1, std::move(dividend));
    return atom;
}
}  // namespace

/// Collects terms in any order and makes the canonical sum.
class IndexSum {
public:
    void add(const Index& index, std::int64_t factor = 1) {
        constant_ = checked_add(constant_, checked_mul(index.constant_, factor));
        for (const Index::Term& term : index.terms_) add(term.atom, checked_mul(term.coefficient, factor));
    }
    void add(Atom atom, std::int64_t coefficient) {
        if (coefficient != 0) terms_.push_back({std::move(atom), coefficient});
    }
    void add_constant(std::int64_t constant) { constant_ = checked_add(constant_, constant); }

    Index done() {
        collect();
        while (rejoin()) collect();
        Index index;
        index.terms_ = std::move(terms_);
        index.constant_ = constant_;
        return index;
    }

private:
    void collect() {
        std::sort(terms_.begin(), terms_.end(), [](const auto& a, const auto& b) { return a.atom < b.atom; });
        std::size_t kept = 0;
        for (std::size_t t = 0; t < terms_.size();) {
            Index::Term total = std::move(terms_[t++]);
            while (t < terms_.size() && terms_[t].atom == total.atom)
                total.coefficient = checked_add(total.coefficient, terms_[t++].coefficient);
            if (total.coefficient != 0) terms_[kept++] = std::move(total);
        }
        terms_.resize(kept);
    }
    // One c*m*(e div m) + c*(e mod m) becomes c*e.
    bool rejoin() {
        const auto is = [](Atom::Kind kind) { return [kind](const Index::Term& t) { return t.atom.kind == kind; }; };
        if (std::none_of(terms_.begin(), terms_.end(), is(Atom::mod)) || std::none_of(terms_.begin(), terms_.end(), is(Atom::div)))
            return false;
        for (std::size_t r = 0; r < terms_.size(); ++r) {
            if (terms_[r].atom.kind != Atom::mod) continue;
            const Atom remainder = terms_[r].atom;
            const std::int64_t c = terms_[r].coefficient;
            std::int64_t weight = 0;
            if (__builtin_mul_overflow(c, remainder.modulus, &weight)) continue;
            const Index quotient = divide(remainder.dividend(), remainder.modulus, nullptr);
            if (quotient.constant_ != 0 || quotient.terms_.size() != 1 || quotient.terms_[0].coefficient != 1) continue;
            for (std::size_t q = 0; q < terms_.size(); ++q) {
                if (terms_[q].coefficient != weight || terms_[q].atom != quotient.terms_[0].atom) continue;
                terms_.erase(terms_.begin() + static_cast<std::ptrdiff_t>(std::max(q, r)));
                terms_.erase(terms_.begin() + static_cast<std::ptrdiff_t>(std::min(q, r)));
                add(remainder.dividend(), c);
                return true;
            }
        }
        return false;
    }

    std::vector<Index::Term> terms_;
    std::int64_t constant_ = 0;
};

namespace {

Range range_of(const Index& index, const Box* box);

Range range_of(const Atom& atom, const Box* box) {
    switch (atom.kind) {
        case Atom::variable:
            if (!box) return Range::everything();
            DLC_ASSERT(atom.var < box->size(), "a variable lies outside its box");
            return (*box)[atom.var];
        case Atom::div: return shapes::divided(range_of(atom.dividend(), box), atom.modulus);
        case Atom::mod: return shapes::remainders(range_of(atom.dividend(), box), atom.modulus);
        case Atom::get: break;
    }
    return Range::everything();
}
Range range_of(const Index& index, const Box* box) {
    Range total{index.constant(), index.constant()};
    for (const auto& term : index.terms()) total = shapes::sum(total, shapes::scaled(range_of(term.atom, box), term.coefficient));
    return total;
}

/// e = g*a + b with g | m, g > 1 and 0 <= b < g, for the largest such g below m; or nothing.
struct Split {
    std::int64_t g;
    Index a, b;
};
std::optional<Split> separate(const Index& e, std::int64_t m, const Box* box) {
    std::set<std::int64_t, std::greater<>> candidates;
    for (const auto& term : e.terms()) {
        const std::int64_t g = std::gcd(term.coefficient, m);
        for (const std::int64_t other : std::vector(candidates.begin(), candidates.end())) candidates.insert(std::gcd(g, other));
        candidates.insert(g);
    }
    for (const std::int64_t g : candidates) {
        if (g == 1 || g == m) continue;
        IndexSum multiples, rest;
        for (const auto& term : e.terms())
            if (term.coefficient % g == 0)
                multiples.add(term.atom, term.coefficient / g);
            else
                rest.add(term.atom, term.coefficient);
        rest.add_constant(e.constant());
        const Index b = rest.done();
        const Range range = range_of(b, box);
        if (!shapes::one_quotient(range, g)) continue;
        const std::int64_t carry = floor_div(range.low, g);
        multiples.add_constant(carry);
        return Split{g, multiples.done(), b - Index(checked_mul(carry, g))};
    }
    return std::nullopt;
}

/// e = m*quotient + rest with coefficients of `rest` below m in magnitude and its constant in [0, m).
struct Extracted {
    Index quotient, rest;
};
Extracted extract(const Index& e, std::int64_t m) {
    IndexSum quotient, rest;
    for (const auto& term : e.terms()) {
        quotient.add(term.atom, term.coefficient / m);
        rest.add(term.atom, term.coefficient % m);
    }
    quotient.add_constant(floor_div(e.constant(), m));
    rest.add_constant(floor_mod(e.constant(), m));
    return {quotient.done(), rest.done()};
}

Index divide(const Index& e, std::int64_t m, const Box* box) {
    DLC_ASSERT(m > 0, "a divisor is positive");
    if (m == 1) return e;
    const auto [quotient, rest] = extract(e, m);
    if (rest.is_constant()) return quotient;
    if (const Range range = range_of(rest, box); shapes::one_quotient(range, m)) return quotient + floor_div(range.low, m);
    if (rest.terms().size() == 1 && rest.terms()[0].coefficient == 1) {
        const Atom& atom = rest.terms()[0].atom;
        std::int64_t product = 0;
        if (atom.kind == Atom::div && !__builtin_mul_overflow(atom.modulus, m, &product))
            return quotient + divide(atom.dividend() + checked_mul(rest.constant(), atom.modulus), product, box);
        if (atom.kind == Atom::mod && rest.constant() == 0 && atom.modulus % m == 0)
            return quotient + remainder(divide(atom.dividend(), m, box), atom.modulus / m, box);
    }
    if (const auto split = separate(rest, m, box)) return quotient + divide(split->a, m / split->g, box);
    return quotient + Index::of(divided_atom(Atom::div, rest, m));
}

Index remainder(const Index& e, std::int64_t m, const Box* box) {
    DLC_ASSERT(m > 0, "a modulus is positive");
    if (m == 1) return 0;
    const Index rest = extract(e, m).rest;
    if (rest.is_constant()) return rest;
    if (const Range range = range_of(rest, box); shapes::one_quotient(range, m))
        return rest - checked_mul(m, floor_div(range.low, m));
    // k*(x mod n) = k*x modulo k*n, so modulo any divisor of it.
    IndexSum opened;
    bool changed = false;
    for (const auto& term : rest.terms()) {
        std::int64_t whole = 0;
        const bool vanishes =
            term.atom.kind == Atom::mod && !__builtin_mul_overflow(term.coefficient, term.atom.modulus, &whole) && whole % m == 0;
        if (vanishes)
            opened.add(term.atom.dividend(), term.coefficient);
        else
            opened.add(term.atom, term.coefficient);
        changed |= vanishes;
    }
    if (changed) {
        opened.add_constant(rest.constant());
        return remainder(opened.done(), m, box);
    }
    if (const auto split = separate(rest, m, box)) return remainder(split->a, m / split->g, box) * split->g + split->b;
    return Index::of(divided_atom(Atom::mod, rest, m));
}

}  // namespace

Index Index::variable(Var v, std::int64_t coefficient) {
    Atom atom;
    atom.var = v;
    return of(std::move(atom), coefficient);
}
Index Index::get(NodeId tensor, std::vector<Index> at) {
    Atom atom;
    atom.kind = Atom::get;
    atom.tensor = tensor;
    atom.parts = std::make_shared<const std::vector<Index>>(std::move(at));
    return of(std::move(atom));
}
Index Index::of(Atom atom, std::int64_t coefficient) {
    Index index;
    if (coefficient != 0) index.terms_.push_back({std::move(atom), coefficient});
    return index;
}

std::optional<Var> Index::as_variable() const {
    if (constant_ != 0 || terms_.size() != 1 || terms_[0].coefficient != 1 || terms_[0].atom.kind != Atom::variable)
        return std::nullopt;
    return terms_[0].atom.var;
}
std::int64_t Index::coefficient(Var v) const {
    for (const Term& term : terms_)
        if (term.atom.kind == Atom::variable && term.atom.var == v) return term.coefficient;
    return 0;
}
bool Index::is_affine() const {
    return std::all_of(terms_.begin(), terms_.end(), [](const Term& t) { return t.atom.kind == Atom::variable; });
}

namespace {
/// Calls `see` for every atom, outer ones first, until it answers true.
template <class See>
bool any_atom(const Index& index, const See& see) {
    for (const auto& term : index.terms()) {
        if (see(term.atom)) return true;
        if (term.atom.parts)
            for (const Index& part : *term.atom.parts)
                if (any_atom(part, see)) return true;
    }
    return false;
}
template <class T>
std::vector<T> sorted_once(std::vector<T> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}
}  // namespace

bool Index::has_get() const {
    return any_atom(*this, [](const Atom& a) { return a.kind == Atom::get; });
}
bool Index::uses(Var v) const {
    return any_atom(*this, [v](const Atom& a) { return a.kind == Atom::variable && a.var == v; });
}
std::vector<Var> Index::variables() const {
    std::vector<Var> found;
    any_atom(*this, [&](const Atom& a) {
        if (a.kind == Atom::variable) found.push_back(a.var);
        return false;
    });
    return sorted_once(std::move(found));
}
std::vector<NodeId> Index::tensors() const {
    std::vector<NodeId> found;
    any_atom(*this, [&](const Atom& a) {
        if (a.kind == Atom::get) found.push_back(a.tensor);
        return false;
    });
    return sorted_once(std::move(found));
}

Index operator+(const Index& a, const Index& b) {
    IndexSum sum;
    sum.add(a);
    sum.add(b);
    return sum.done();
}
Index operator-(const Index& a, const Index& b) {
    IndexSum sum;
    sum.add(a);
    sum.add(b, -1);
    return sum.done();
}
Index operator*(const Index& a, std::int64_t factor) {
    Index product;
    if (factor == 0) return product;
    product = a;
    for (Index::Term& term : product.terms_) term.coefficient = checked_mul(term.coefficient, factor);
    product.constant_ = checked_mul(a.constant_, factor);
    return product;
}

std::strong_ordering Index::operator<=>(const Index& o) const {
    if (const auto c = terms_ <=> o.terms_; c != 0) return c;
    return constant_ <=> o.constant_;
}

Index div(const Index& e, std::int64_t m, const Box& box) { return divide(e, m, &box); }
Index mod(const Index& e, std::int64_t m, const Box& box) { return remainder(e, m, &box); }

Index Index::substitute(std::span<const Index> by, const Box& box) const {
    IndexSum sum;
    sum.add_constant(constant_);
    for (const Term& term : terms_) {
        const Atom& atom = term.atom;
        switch (atom.kind) {
            case Atom::variable:
                DLC_ASSERT(atom.var < by.size(), "a variable has no substitute");
                sum.add(by[atom.var], term.coefficient);
                break;
            case Atom::div: sum.add(div(atom.dividend().substitute(by, box), atom.modulus, box), term.coefficient); break;
            case Atom::mod: sum.add(mod(atom.dividend().substitute(by, box), atom.modulus, box), term.coefficient); break;
            case Atom::get: {
                std::vector<Index> at;
                for (const Index& part : atom.at()) at.push_back(part.substitute(by, box));
                sum.add(get(atom.tensor, std::move(at)), term.coefficient);
                break;
            }
        }
    }
    return sum.done();
}

Index Index::with_gets(const std::function<Index(NodeId, std::vector<Index>)>& change) const {
    if (!has_get()) return *this;
    Index sum(constant_);
    for (const Term& term : terms_) {
        Atom atom = term.atom;
        std::vector<Index> parts;
        if (atom.parts)
            for (const Index& part : *atom.parts) parts.push_back(part.with_gets(change));
        if (atom.kind == Atom::get) {
            sum = sum + change(atom.tensor, std::move(parts)) * term.coefficient;
            continue;
        }
        if (atom.parts) atom.parts = std::make_shared<const std::vector<Index>>(std::move(parts));
        sum = sum + of(std::move(atom), term.coefficient);
    }
    return sum;
}
Index Index::with_tensors(const std::function<NodeId(NodeId)>& id_of) const {
    return with_gets([&](NodeId tensor, std::vector<Index> at) { return get(id_of(tensor), std::move(at)); });
}

Range Index::range(const Box& box) const { return range_of(*this, &box); }

std::int64_t Index::evaluate(std::span<const std::int64_t> variables,
                             const std::function<std::int64_t(NodeId, std::span<const std::int64_t>)>& get) const {
    std::int64_t total = constant_;
    for (const Term& term : terms_) {
        std::int64_t value = 0;
        switch (term.atom.kind) {
            case Atom::variable: value = variables[term.atom.var]; break;
            case Atom::div: value = floor_div(term.atom.dividend().evaluate(variables, get), term.atom.modulus); break;
            case Atom::mod: value = floor_mod(term.atom.dividend().evaluate(variables, get), term.atom.modulus); break;
            case Atom::get: {
                std::vector<std::int64_t> at;
                for (const Index& part : term.atom.at()) at.push_back(part.evaluate(variables, get));
                value = get(term.atom.tensor, at);
                break;
            }
        }
        total = checked_add(total, checked_mul(term.coefficient, value));
    }
    return total;
}

void Index::hash(Hasher& hasher) const {
    hasher.add(terms_.size()).add(static_cast<std::uint64_t>(constant_));
    for (const Term& term : terms_) {
        hasher.add(static_cast<std::uint64_t>(term.coefficient)).add(std::uint64_t{term.atom.kind});
        switch (term.atom.kind) {
            case Atom::variable: hasher.add(std::uint64_t{term.atom.var}); continue;
            case Atom::get: hasher.add(std::uint64_t{term.atom.tensor.value}); break;
            case Atom::div:
            case Atom::mod: hasher.add(static_cast<std::uint64_t>(term.atom.modulus)); break;
        }
        hasher.add(term.atom.parts->size());
        for (const Index& part : *term.atom.parts) part.hash(hasher);
    }
}

Truth decide(const Predicate& predicate, const Box& box) {
    for (const Range& r : box)
        if (r.empty()) return Truth::unknown;
    const Range range = predicate.index.range(box);
    if (predicate.kind == Predicate::ge) return range.low >= 0 ? Truth::always : range.high < 0 ? Truth::never : Truth::unknown;
    bool zero = range.low == 0 && range.high == 0, nonzero = !range.contains(0);
    if (!zero && !nonzero) {
        // A sum of multiples of g is 0 only where g divides the constant.
        std::int64_t g = 0;
        for (const auto& term : predicate.index.terms()) g = std::gcd(g, term.coefficient);
        nonzero = g != 0 && predicate.index.constant() % g != 0;
    }
    if (!zero && !nonzero) return Truth::unknown;
    return zero == (predicate.kind == Predicate::eq) ? Truth::always : Truth::never;
}

}  // namespace dlc::ir
