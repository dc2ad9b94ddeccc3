// Index expressions: affine forms over the variables of one equation, with floor division, remainder and data-dependent atoms.
//
// An equation's variables are numbered: outputs 0..rank-1 from the outermost dimension, then the reduction variables.  Every
// variable runs from 0 to its extent.  An `Index` is kept canonical: terms sorted by atom, no zero coefficient, equal atoms added.
//
// Simplifying `div` and `mod` needs the ranges of the variables.  Ranges belong to one stage of a substitution: simplifying an
// expression before a shift with the ranges that hold after it drops a `mod` that is needed.  So every function that may simplify
// takes the `Box` its argument lives in; none is remembered.
//
// Sums put the halves of a division together, `m*(e div m) + e mod m` is `e`.  Equal terms therefore give equal sums, but one value
// may have two forms: compare indices to share work, never to prove them different.
//
// Coefficients and constants that leave 64 bits fail with std::overflow_error.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/digest.h"
#include "dsl/shapes/range.h"

namespace dlc::ir {

/// A handle of a node; ids of one graph are in topological order.
struct NodeId {
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t value = kNone;
    auto operator<=>(const NodeId&) const = default;
    explicit operator bool() const { return value != kNone; }
};

using Var = std::uint32_t;

/// The bounds of a data-dependent index are `Range::everything()`.
using Range = shapes::Range;
/// The range of each variable.
using Box = std::vector<Range>;
/// The box of variables 0 <= v < extents[v].
Box box_of(std::span<const std::int64_t> extents);

class Index;

/// What an affine form adds up.
struct Atom {
    enum Kind : std::uint8_t { variable, div, mod, get };
    Kind kind = variable;
    Var var = 0;                                      // variable
    std::int64_t modulus = 0;                         // div, mod: > 1
    NodeId tensor;                                    // get: an integer tensor
    std::shared_ptr<const std::vector<Index>> parts;  // div, mod: one dividend; get: one index per dimension
    const Index& dividend() const;                    // div, mod
    const std::vector<Index>& at() const;             // get
    std::strong_ordering operator<=>(const Atom&) const;
    bool operator==(const Atom& o) const { return (*this <=> o) == 0; }
};

class Index {
public:
    struct Term {
        Atom atom;
        std::int64_t coefficient;
        std::strong_ordering operator<=>(const Term&) const = default;
        bool operator==(const Term&) const = default;
    };

    Index() = default;
    Index(std::int64_t constant) : constant_(constant) {}
    static Index variable(Var v, std::int64_t coefficient = 1);
    static Index get(NodeId tensor, std::vector<Index> at);
    /// `coefficient * atom` as it stands: nothing is simplified, for the atom may come from another canonical index only.
    static Index of(Atom, std::int64_t coefficient = 1);

    const std::vector<Term>& terms() const { return terms_; }
    std::int64_t constant() const { return constant_; }
    bool is_constant() const { return terms_.empty(); }
    std::optional<Var> as_variable() const;  // exactly one variable, coefficient 1, constant 0
    std::int64_t coefficient(Var v) const;   // of the bare variable, 0 if absent
    bool is_affine() const;                  // bare variables only
    bool has_get() const;                    // at any depth
    bool uses(Var v) const;                  // at any depth
    std::vector<Var> variables() const;      // at any depth, sorted, once each
    std::vector<NodeId> tensors() const;     // of gets, at any depth

    friend Index operator+(const Index&, const Index&);
    friend Index operator-(const Index&, const Index&);
    friend Index operator*(const Index&, std::int64_t);
    Index operator-() const { return *this * -1; }
    std::strong_ordering operator<=>(const Index&) const;
    bool operator==(const Index& o) const { return (*this <=> o) == 0; }

    /// Floor division and remainder, simplified as far as `box` allows.  `m` > 0.
    friend Index div(const Index&, std::int64_t m, const Box& box);
    friend Index mod(const Index&, std::int64_t m, const Box& box);

    /// Every variable replaced, `by[v]`; the result lives in `box`.
    Index substitute(std::span<const Index> by, const Box& box) const;
    /// Every get replaced, inner ones first.
    Index with_gets(const std::function<Index(NodeId tensor, std::vector<Index> at)>&) const;
    /// Every tensor of a get replaced.
    Index with_tensors(const std::function<NodeId(NodeId)>&) const;
    /// The values it takes when its variables run through `box`: an interval that contains them, exact for affine forms.
    Range range(const Box& box) const;
    /// Its value; `get` answers data-dependent atoms.
    std::int64_t evaluate(std::span<const std::int64_t> variables,
                          const std::function<std::int64_t(NodeId, std::span<const std::int64_t>)>& get) const;
    void hash(Hasher&) const;

private:
    friend class IndexSum;
    std::vector<Term> terms_;
    std::int64_t constant_ = 0;
};

/// A condition on indices: `index >= 0`, `index == 0` or `index != 0`.
struct Predicate {
    enum Kind : std::uint8_t { ge, eq, ne };
    Kind kind = ge;
    Index index;
    auto operator<=>(const Predicate&) const = default;
    bool operator==(const Predicate&) const = default;
};
/// Whether it holds everywhere in the box, nowhere, or neither is proved.
enum class Truth { always, never, unknown };
Truth decide(const Predicate&, const Box&);

}  // namespace dlc::ir
