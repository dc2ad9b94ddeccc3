// Index equations: `y[n, h * D + d, ..i < N | d < 3] += …`.
#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

// A name alone, or with a bound, is an index; before anything else it begins an expression (`h * D + d`).
const auto names_index = when([](Iterator t, const ParseState&) {
    return t->kind != Token::end && (t[1].text == "," || t[1].text == "]" || t[1].text == "|" || t[1].text == "<");
});
const auto left = build<Left>(sign("..") >> maybe(bind),
                              [](Where where, std::optional<Bind> given) {
                                  Bind bind = given ? std::move(*given) : Bind{};
                                  bind.pack = true;
                                  bind.where = where;
                                  return Left{std::move(bind), {}};
                              }) |
                  build<Left>(names_index >> bind,
                              [](Where, Bind bind) {
                                  return Left{std::move(bind), {}};
                              }) |
                  build<Left>(expression, [](Where, ExprRef value) {
                      return Left{{}, std::move(value)};
                  });

const auto bound =
    build<Bind>(given(quiet_sign("..")) >> name >> sign("<") >> sum, [](Where where, bool pack, Identifier name, ExprRef bound) {
        return Bind{pack, std::move(name), std::move(bound), where};
    });

/// `=`, `+=`, `max=`, `min=`.
struct Assignment : x3::parser<Assignment> {
    using attribute_type = Equation::Op;
    static constexpr bool has_attribute = true;

    template <class Ctx, class Attribute>
    bool parse(Iterator& first, const Iterator&, const Ctx& context, x3::unused_type, Attribute& attribute) const {
        ParseState& state = x3::get<ParseStateTag>(context);
        const auto take = [&](int tokens, Equation::Op op) {
            first += tokens;
            attribute = op;
            return true;
        };
        if (!state.abandoned()) {
            if (first->text == "=") return take(1, Equation::define);
            if (first->text == "+=") return take(1, Equation::add);
            const bool extremum = first->kind == Token::name && first[1].text == "=" && first[1].glued;
            if (extremum && first->text == "max") return take(2, Equation::maximum);
            if (extremum && first->text == "min") return take(2, Equation::minimum);
        }
        for (const char* wanted : {"=", "+=", "max=", "min="}) state.expected(first, wanted, true);
        return false;
    }
};

const auto equation_def = build<Ref<Stmt>>(
    name >> glued_sign("[") >> maybe_list_of(called("an index", left)) >> maybe(sign("|") >> list_of(called("a bound", bound))) >>
        sign("]") >> Assignment{} >> expression,
    [](Where where, Identifier name, Many<Left> left, std::optional<Many<Bind>> bounds, Equation::Op op, ExprRef value) {
        Equation equation{op, std::move(name), std::move(left.items), {}, std::move(value)};
        if (bounds) equation.bounds = std::move(bounds->items);
        return Stmt{std::move(equation), where};
    });

BOOST_SPIRIT_DEFINE(equation)
BOOST_SPIRIT_INSTANTIATE(decltype(equation), Iterator, Context)

}  // namespace dlc::text::grammar
