// The table of algebraic rules.  Each is held against its law on random and on special values by tests/passes/algebra_test.cpp.
#include <cmath>
#include <limits>

#include "compiler/passes/rules.h"

namespace dlc::passes {
namespace {

const Pattern a = Pattern::wildcard('a'), b = Pattern::wildcard('b'), c = Pattern::wildcard('c'), d = Pattern::wildcard('d'),
              s = Pattern::wildcard('s'), x = Pattern::wildcard('x'), y = Pattern::wildcard('y');
const Pattern k = Pattern::literal('k'), l = Pattern::literal('l');
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Pattern max(Pattern p, Pattern q) { return {"max", {std::move(p), std::move(q)}}; }
Pattern min(Pattern p, Pattern q) { return {"min", {std::move(p), std::move(q)}}; }
Pattern abs(Pattern p) { return {"abs", {std::move(p)}}; }
Pattern exp(Pattern p) { return {"exp", {std::move(p)}}; }
Pattern log(Pattern p) { return {"log", {std::move(p)}}; }
Pattern log1p(Pattern p) { return {"log1p", {std::move(p)}}; }
Pattern expm1(Pattern p) { return {"expm1", {std::move(p)}}; }
Pattern sqrt(Pattern p) { return {"sqrt", {std::move(p)}}; }
Pattern rsqrt(Pattern p) { return {"rsqrt", {std::move(p)}}; }
Pattern pow(Pattern p, Pattern q) { return {"pow", {std::move(p), std::move(q)}}; }
Pattern sigmoid(Pattern p) { return {"sigmoid", {std::move(p)}}; }
Pattern select(Pattern p, Pattern q, Pattern r) { return {"select", {std::move(p), std::move(q), std::move(r)}}; }
Pattern both(Pattern p, Pattern q) { return {"and", {std::move(p), std::move(q)}}; }
Pattern either(Pattern p, Pattern q) { return {"or", {std::move(p), std::move(q)}}; }
Pattern negate(Pattern p) { return {"not", {std::move(p)}}; }
Pattern less(Pattern p, Pattern q) { return {"lt", {std::move(p), std::move(q)}}; }
Pattern greater(Pattern p, Pattern q) { return {"gt", {std::move(p), std::move(q)}}; }
Pattern at_least(Pattern p, Pattern q) { return {"ge", {std::move(p), std::move(q)}}; }
Pattern equal(Pattern p, Pattern q) { return {"eq", {std::move(p), std::move(q)}}; }
Pattern stop_gradient(Pattern p) { return {"stop_gradient", {std::move(p)}}; }

const Rule kRules[] = {
    // Differentiation is over when these rules run.
    {"stop-gradient", stop_gradient(x), x},

    // Neutral and absorbing constants.  A factor that is the constant 0 stands for "no contribution" and wins over what it
    // multiplies.
    {"add-zero", x + 0, x},
    {"sub-zero", x - 0, x},
    {"zero-sub", 0 - x, -x},
    {"mul-one", x * 1, x},
    {"mul-minus-one", x * -1, -x},
    {"mul-zero", x * 0, 0, Law::finite},
    {"div-one", x / 1, x},
    {"div-minus-one", x / -1, -x},
    {"max-nothing", max(x, -kInfinity), x, Law::exact, Rule::reals},
    {"nothing-max", max(-kInfinity, x), x, Law::exact, Rule::reals},
    {"min-nothing", min(x, kInfinity), x, Law::exact, Rule::reals},
    {"nothing-min", min(kInfinity, x), x, Law::exact, Rule::reals},
    {"pow-one", pow(x, 1), x},
    {"pow-two", pow(x, 2), x* x},
    {"pow-three", pow(x, 3), x* x* x, Law::rounded},
    {"pow-minus-one", pow(x, -1), 1 / x, Law::exact, Rule::reals},

    // Signs move outwards, where they meet and vanish.
    {"neg-neg", -(-x), x},
    {"add-neg", x + -y, x - y},
    {"sub-neg", x - -y, x + y},
    {"neg-sub", -(x - y), y - x},
    {"mul-neg", x * -y, -(x* y)},
    {"div-neg-left", -x / y, -(x / y)},
    {"div-neg-right", x / -y, -(x / y)},
    {"neg-mul-constant", -(x* k), x * -k},
    {"neg-div-constant", -(k / x), -k / x},
    {"abs-neg", abs(-x), abs(x)},
    {"abs-abs", abs(abs(x)), abs(x)},
    {"neg-select-zero", -select(c, x, 0), select(c, -x, 0)},

    // Constants gather.
    {"add-constants", (x + k) + l, x + (k + l), Law::rounded},
    {"mul-constants", (x * k) * l, x*(k* l), Law::rounded},
    {"mul-constant-out", (x * k) * y, (x * y) * k, Law::rounded},
    {"div-by-constant-scaled", (x * k) / l, x*(k / l), Law::rounded, Rule::reals},
    {"scaled-quotient", (x / l) * k, x*(k / l), Law::rounded, Rule::reals},
    {"quotient-of-quotient", (x / k) / l, x / (k * l), Law::rounded, Rule::reals},
    {"add-same", x + x, x * 2},

    // Choices.
    {"select-same", select(c, x, x), x},
    {"select-true", select(1, x, y), x},
    {"select-false", select(0, x, y), y},
    {"select-not", select(negate(c), x, y), select(c, y, x)},
    {"select-then-again", select(c, select(c, x, y), b), select(c, x, b)},
    {"select-else-again", select(c, x, select(c, y, b)), select(c, x, b)},
    {"select-nested", select(c, select(d, x, y), y), select(both(c, d), x, y)},
    {"select-mul", select(c, x, 0) * y, select(c, x* y, 0), Law::finite, Rule::all, true},
    {"select-add", select(c, x, 0) + select(c, y, 0), select(c, x + y, 0)},
    {"select-sub", select(c, x, 0) - select(c, y, 0), select(c, x - y, 0)},
    {"select-div", select(c, x, 0) / k, select(c, x / k, 0), Law::finite, Rule::reals},
    {"max-same", max(x, x), x},
    {"min-same", min(x, x), x},
    {"max-again", max(max(x, y), y), max(x, y)},
    {"min-again", min(min(x, y), y), min(x, y)},

    // Conditions.
    {"and-true", both(x, 1), x},
    {"and-false", both(x, 0), 0},
    {"and-same", both(x, x), x},
    {"and-absorbs", both(x, both(x, y)), both(x, y)},
    {"or-true", either(x, 1), 1},
    {"or-false", either(x, 0), x},
    {"or-same", either(x, x), x},
    {"not-not", negate(negate(x)), x},
    {"less-self", less(x, x), 0},
    {"greater-self", greater(x, x), 0},
    {"equal-self", equal(x, x), 1, Law::exact, Rule::integers},
    {"positive-of-relu", greater(max(x, 0), 0), greater(x, 0)},

    // Stable and cheaper forms.
    {"log-exp", log(exp(x)), x, Law::rounded},
    {"log-softmax", log(exp(x) / s), x - log(s), Law::rounded},
    {"log-one-plus", log(x + 1), log1p(x), Law::rounded},
    {"exp-minus-one", exp(x) - 1, expm1(x), Law::rounded},
    {"logistic", 1 / (exp(-x) + 1), sigmoid(x), Law::rounded},
    {"two-sided-logistic", select(at_least(x, 0), sigmoid(abs(x)), exp(-abs(x)) / (exp(-abs(x)) + 1)), sigmoid(x), Law::rounded},
    {"reciprocal-root", 1 / sqrt(x), rsqrt(x), Law::rounded},
    {"divided-by-root", x / sqrt(y), x* rsqrt(y), Law::rounded},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

}  // namespace dlc::passes
