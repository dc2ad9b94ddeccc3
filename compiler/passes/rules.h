// Algebra as data: a rule is a pattern and what stands for it, over scalar expressions.
//
// Patterns are written as they read: `X x; {"mul-one", x * 1, x}`.  A wildcard stands for any expression, the same everywhere in
// its rule; a `Number` for a constant alone.  Arguments of commutative primitives match in both orders.
#pragma once
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/ir/expr.h"

namespace dlc::passes {

struct Pattern {
    enum Kind : std::uint8_t { any, number, constant, call };
    Kind kind = constant;
    char letter = 0;          // any, number
    double value = 0;         // constant
    std::string_view scalar;  // call
    std::vector<Pattern> args = {};

    Pattern(double v) : value(v) {}
    Pattern(std::string_view name, std::vector<Pattern> arguments) : kind(call), scalar(name), args(std::move(arguments)) {}
    static Pattern wildcard(char letter) { return {any, letter}; }
    static Pattern literal(char letter) { return {number, letter}; }

private:
    Pattern(Kind k, char l) : kind(k), letter(l) {}
};
inline Pattern operator+(Pattern a, Pattern b) { return {"add", {std::move(a), std::move(b)}}; }
inline Pattern operator-(Pattern a, Pattern b) { return {"sub", {std::move(a), std::move(b)}}; }
inline Pattern operator*(Pattern a, Pattern b) { return {"mul", {std::move(a), std::move(b)}}; }
inline Pattern operator/(Pattern a, Pattern b) { return {"div", {std::move(a), std::move(b)}}; }
inline Pattern operator-(Pattern a) { return {"neg", {std::move(a)}}; }

/// How far the two sides agree.
enum class Law : std::uint8_t {
    exact,    // the same value for every argument, infinities and NaN included (a zero's sign aside)
    rounded,  // the same real number wherever both sides are finite; the right side is the better or the cheaper one
    finite,   // the same value where all arguments are finite; where they are not the right side may be a number
};

struct Rule {
    std::string_view name;
    Pattern pattern, replacement;
    Law law = Law::exact;
    /// The element types it holds for: by default any.
    enum Types : std::uint8_t { all, reals, integers } types = all;
    /// Only where nothing is summed: inside a reduction the rule would hide the factors of a product.
    bool pointwise = false;
};

/// The replacement with what the wildcards matched, constants folded, of the expression's type; nothing if the pattern does not
/// match.
std::optional<ir::Expr> apply(const Rule&, const ir::Expr&);
/// The table (algebra.cpp).
std::span<const Rule> rules();
/// Applies the table and folds constants until nothing changes.  `pointwise`: nothing is reduced around the expression.
ir::Expr simplified(const ir::Expr&, bool pointwise);
/// A call of constants alone is its value, unless an integer would not be exact.
ir::Expr folded(const ir::Expr&);

}  // namespace dlc::passes
