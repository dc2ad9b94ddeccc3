// What stands in blocks.  The first words tell the statements apart, so an error is always about the statement that was begun.
#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

/// Makes a statement of node N from the parts in order.
template <class N>
const auto node = [](Where where, auto... parts) {
    return Ref<Stmt>(Stmt{N{std::move(parts)...}, where});
};

/// `output`, `param`, … are keywords only where a name follows.
constexpr auto before_name(std::string_view keyword) {
    return when([keyword](Iterator t, const ParseState&) {
        return t->kind == Token::name && t->text == keyword && (t[1].kind == Token::name || t[1].kind == Token::reserved);
    });
}

// ------------------------------------------------------------------ control

const auto return_ = build<Ref<Stmt>>(word("return") >> list_of(expression), [](Where where, Many<ExprRef> values) {
    return Stmt{Return{std::move(values.items)}, where};
});
const auto yield = build<Ref<Stmt>>(word("yield") >> list_of(expression), [](Where where, Many<ExprRef> values) {
    return Stmt{Yield{std::move(values.items)}, where};
});

const Rule<struct ConditionalId, Ref<Stmt>> conditional = "conditional";
const auto nested_conditional = build<Block>(
    when([](Iterator t, const ParseState&) { return t->text == "if"; }) >> deeper(conditional), [](Where where, Ref<Stmt> inner) {
        return Block{{std::move(inner)}, where};
    });
const auto conditional_def =
    build<Ref<Stmt>>(word("if") >> expression >> block >> maybe(word("else") >> (nested_conditional | block)), node<IfStmt>);
BOOST_SPIRIT_DEFINE(conditional)

const auto for_ =
    build<Ref<Stmt>>(word("for") >> name >> word("in") >> expression >> maybe(sign("..") >> expression) >> block,
                     [](Where where, Identifier name, ExprRef low, std::optional<ExprRef> high, Block body) {
                         return Stmt{For{std::move(name), std::move(low), or_empty(std::move(high)), std::move(body)}, where};
                     });

const auto message =
    build<std::string>(Terminal(Token::string, "a message in quotes"), [](Where, Iterator token) { return unquote(token->text); });
const auto assert_ = build<Ref<Stmt>>(word("assert") >> expression >> maybe(sign(",") >> message), node<Assert>);

// ------------------------------------------------------------------ definitions

template <bool target>
const auto input = build<Ref<Stmt>>(before_name(target ? "target" : "input") >> keyword(target ? "target" : "input") >> name >>
                                        sign(":") >> type,
                                    [](Where where, Identifier name, Type type) {
                                        return Stmt{Input{target, std::move(name), std::move(type)}, where};
                                    });

template <Definition::Kind kind>
auto definition(std::string_view word) {
    return build<Ref<Stmt>>(before_name(word) >> keyword(word) >> name >> sign("=") >> expression,
                            [](Where where, Identifier name, ExprRef value) {
                                return Stmt{Definition{kind, std::move(name), std::move(value)}, where};
                            });
}
const auto definitions = definition<Definition::output>("output") | definition<Definition::loss>("loss") |
                         definition<Definition::metric>("metric") | definition<Definition::shared>("shared");

const auto param =
    build<Ref<Stmt>>(before_name("param") >> keyword("param") >> name >> sign(":") >> type >> maybe(sign("~") >> expression),
                     [](Where where, Identifier name, Type type, std::optional<ExprRef> initializer) {
                         return Stmt{Param{std::move(name), std::move(type), or_empty(std::move(initializer))}, where};
                     });
const auto state_ = build<Ref<Stmt>>(
    before_name("state") >> keyword("state") >> name >> maybe(sign(":") >> type) >> sign("=") >> expression, node<text::State>);

// ------------------------------------------------------------------ values of names

const auto is_update =
    when([](Iterator t, const ParseState&) { return t->kind != Token::end && t[1].text == "<" && t[2].text == "-" && t[2].glued; });
const auto update = build<Ref<Stmt>>(is_update >> name >> sign("<") >> sign("-") >> expression, node<Update>);

const auto is_equation =
    when([](Iterator t, const ParseState&) { return t->kind != Token::end && t[1].text == "[" && t[1].glued; });

const auto is_assignment =
    when([](Iterator t, const ParseState&) { return t->kind == Token::name && (t[1].text == "=" || t[1].text == ","); });
const auto assign = build<Ref<Stmt>>(is_assignment >> list_of(name) >> sign("=") >> expression,
                                     [](Where where, Many<Identifier> names, ExprRef value) {
                                         return Stmt{Assign{std::move(names.items), std::move(value)}, where};
                                     });

const auto statement_def = called("a statement", return_ | yield | conditional | for_ | assert_ | input<false> | input<true> |
                                                     definitions | param | state_ | update | is_equation >> equation | assign);

const auto block_def = deeper(build<Block>(braced(statement, starts_statement), [](Where where, Many<Ref<Stmt>> statements) {
    return Block{std::move(statements.items), where};
}));

BOOST_SPIRIT_DEFINE(statement, block)
BOOST_SPIRIT_INSTANTIATE(decltype(statement), Iterator, Context)
BOOST_SPIRIT_INSTANTIATE(decltype(block), Iterator, Context)

}  // namespace dlc::text::grammar
