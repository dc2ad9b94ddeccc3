#include "compiler/passes/rules.h"

#include <array>
#include <cmath>
#include <unordered_map>

#include "compiler/ir/arith.h"

namespace dlc::passes {
namespace {

using ir::Expr;
using ir::ExprNode;

using Match = std::array<Expr, 26>;
Expr& slot(Match& match, char letter) { return match[static_cast<std::size_t>(letter - 'a')]; }

bool matches(const Pattern& p, const Expr& e, Match& match);

bool matches_all(const Pattern& p, const std::vector<Expr>& args, std::initializer_list<std::size_t> order, Match& match) {
    Match attempt = match;
    std::size_t i = 0;
    for (std::size_t at : order)
        if (!matches(p.args[i++], args[at], attempt)) return false;
    match = std::move(attempt);
    return true;
}

bool matches(const Pattern& p, const Expr& e, Match& match) {
    switch (p.kind) {
        case Pattern::constant: return ir::is_constant(e, p.value);
        case Pattern::number:
            if (e->kind != ExprNode::constant) return false;
            [[fallthrough]];
        case Pattern::any: {
            Expr& known = slot(match, p.letter);
            if (known) return known == e;
            known = e;
            return true;
        }
        case Pattern::call:
            if (!e->is(p.scalar) || e->args.size() != p.args.size()) return false;
            switch (p.args.size()) {
                case 1: return matches_all(p, e->args, {0}, match);
                case 2:
                    return matches_all(p, e->args, {0, 1}, match) ||
                           (e->scalar->commutative && matches_all(p, e->args, {1, 0}, match));
                case 3: return matches_all(p, e->args, {0, 1, 2}, match);
                default: return false;
            }
    }
    return false;
}

/// Bare constants take the type `like`.
Expr instantiate(const Pattern& p, Match& match, ir::Type like) {
    switch (p.kind) {
        case Pattern::constant: return Expr::constant(p.value, like);
        case Pattern::number:
        case Pattern::any: return slot(match, p.letter);
        case Pattern::call: break;
    }
    // A constant has the type of the argument beside it, so that no conversion creeps in.
    const bool choice = p.scalar == "select";
    ir::Type beside = like;
    for (std::size_t i = choice ? 1 : 0; i < p.args.size(); ++i)
        if (p.args[i].kind != Pattern::constant) {
            beside = instantiate(p.args[i], match, like)->type;
            break;
        }
    std::vector<Expr> args;
    for (std::size_t i = 0; i < p.args.size(); ++i)
        args.push_back(instantiate(p.args[i], match, choice && i == 0 ? ir::Type::boolean : beside));
    return folded(Expr::call(p.scalar, std::move(args), like));
}

}  // namespace

Expr folded(const Expr& e) {
    if (e->kind != ExprNode::call || !e->scalar->meaning) return e;
    std::vector<double> values;
    for (const Expr& arg : e->args) {
        if (arg->kind != ExprNode::constant) return e;
        values.push_back(arg->value);
    }
    const double value = e->scalar->meaning(values, e->type);
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (!ir::is_real(e->type) && !(std::abs(value) <= kExact)) return e;
    return Expr::constant(value, e->type);
}

std::optional<Expr> apply(const Rule& rule, const Expr& e) {
    if (rule.types != Rule::all) {
        const ir::Type operand = e->args.empty() ? e->type : e->args.back()->type;
        if (ir::is_real(operand) != (rule.types == Rule::reals)) return std::nullopt;
    }
    Match match;
    if (!matches(rule.pattern, e, match)) return std::nullopt;
    return ir::convert(instantiate(rule.replacement, match, e->type), e->type);
}

Expr simplified(const Expr& e, bool pointwise) {
    // By the scalar at the root, so a node meets only rules that may match it.
    static const auto by_scalar = [] {
        std::unordered_map<std::string_view, std::vector<const Rule*>> map;
        for (const Rule& rule : rules()) map[rule.pattern.scalar].push_back(&rule);
        return map;
    }();
    const auto once = [pointwise](const Expr& x) {
        const Expr value = folded(x);
        if (value->kind != ExprNode::call) return value;
        const auto found = by_scalar.find(value->scalar->name);
        if (found != by_scalar.end())
            for (const Rule* rule : found->second)
                if (pointwise || !rule->pointwise)
                    if (const auto better = apply(*rule, value)) return *better;
        return value;
    };
    Expr current = e;
    for (int round = 0; round < 16; ++round) {
        Expr next = ir::rewrite(current, once);
        if (next == current) break;
        current = std::move(next);
    }
    return current;
}

}  // namespace dlc::passes
