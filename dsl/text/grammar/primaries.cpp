// Literals, names, brackets, calls, reductions and reads.
#include <charconv>

#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

// ------------------------------------------------------------------ literals

const auto number = build<ExprRef>(Terminal(Token::number, "a number"), [](Where where, Iterator token) {
    Number number{0, token->text.find_first_of(".eE") == std::string_view::npos, std::string(token->text)};
    // The lexer has let only what fits pass; a number too small for a double is zero.
    std::from_chars(token->text.data(), token->text.data() + token->text.size(), number.value);
    return Expr{std::move(number), where};
});
const auto string = build<ExprRef>(Terminal(Token::string, "a string"), [](Where where, Iterator token) {
    return Expr{String{unquote(token->text)}, where};
});
const auto truth = build<ExprRef>(word("true"),
                                  [](Where where) {
                                      return Expr{Bool{true}, where};
                                  }) |
                   build<ExprRef>(word("false"), [](Where where) {
                       return Expr{Bool{false}, where};
                   });
const auto list = build<ExprRef>(sign("[") >> maybe_list_of(expression) >> sign("]"), [](Where where, Many<ExprRef> items) {
    return Expr{List{std::move(items.items)}, where};
});
const auto group = sign("(") >> expression >> sign(")");

// ------------------------------------------------------------------ calls

const auto named = when([](Iterator t, const ParseState&) {
    return t->kind != Token::end && t->kind != Token::string && t[1].kind == Token::sign && t[1].text == "=";
});
const auto argument = build<Argument>(named >> name >> sign("=") >> expression,
                                      [](Where, Identifier name, ExprRef value) {
                                          return Argument{std::move(name), std::move(value)};
                                      }) |
                      build<Argument>(expression, [](Where, ExprRef value) {
                          return Argument{{}, std::move(value)};
                      });
const auto arguments_def = glued_sign("(") >> maybe_list_of(argument) >> sign(")");

// A line that can only be a statement or a declaration ends the expression before it, so that `y =` is wrong where its value is
// missing.
const auto continues = when([](Iterator t, const ParseState&) {
    if (t->kind != Token::name || !t->starts_line || t[1].starts_line) return true;
    if (starts_declaration(t) && (t[1].kind == Token::name || t[1].kind == Token::string)) return false;
    return !(starts_statement(t) && (t[1].kind == Token::name || t[1].text == "="));
});
const auto call =
    build<ExprRef>(continues >> name >> maybe(arguments), [](Where where, Identifier callee, std::optional<Many<Argument>> given) {
        if (!given) return Expr{Name{std::move(callee.text)}, where};
        return Expr{Call{std::move(callee), std::move(given->items)}, where};
    });

// ------------------------------------------------------------------ reductions

// `name[…](` is a reduction and `name[…]` a read; the bracket's partner tells them apart without reading what is between.
const auto reduces = when([](Iterator t, const ParseState& state) {
    if (t[0].kind != Token::name || t[1].text != "[" || !t[1].glued || t[1].partner == Token::kNone) return false;
    const Iterator closer = state.token(t[1].partner);
    return closer->text == "]" && closer[1].text == "(" && closer[1].glued;
});
const auto index = build<Bind>(given(quiet_sign("..")) >> bind, [](Where where, bool pack, Bind bind) {
    bind.pack = pack;
    bind.where = where;
    return bind;
});
const auto condition = build<Condition>(given(quiet_sign("..")) >> expression, [](Where, bool pack, ExprRef value) {
    return Condition{pack, std::move(value)};
});
const auto reduction = build<ExprRef>(
    reduces >> name >> glued_sign("[") >> list_of(called("an index", index)) >> maybe(sign("|") >> list_of(condition)) >>
        sign("]") >> glued_sign("(") >> expression >> maybe(quiet_sign(",") >> maybe_list_of(argument)) >> sign(")"),
    [](Where where, Identifier callee, Many<Bind> binds, std::optional<Many<Condition>> conditions, ExprRef body,
       std::optional<Many<Argument>> arguments) {
        Reduce reduce{std::move(callee), std::move(binds.items), {}, std::move(body), {}};
        if (conditions) reduce.conditions = std::move(conditions->items);
        if (arguments) reduce.arguments = std::move(arguments->items);
        return Expr{std::move(reduce), where};
    });

// ------------------------------------------------------------------ reads

struct Slice {
    ExprRef high, step;
};
const auto slice = build<Slice>(quiet_sign(":") >> maybe(expression) >> maybe(quiet_sign(":") >> expression),
                                [](Where, std::optional<ExprRef> high, std::optional<ExprRef> step) {
                                    return Slice{or_empty(std::move(high)), or_empty(std::move(step))};
                                });
const auto item =
    build<Item>(
        quiet_sign("..") >> maybe(postfix),
        [](Where where, std::optional<ExprRef> value) { return Item{Item::pack, or_empty(std::move(value)), {}, {}, {}, where}; }) |
    build<Item>(slice, [](Where where,
                          Slice slice) { return Item{Item::slice, {}, {}, std::move(slice.high), std::move(slice.step), where}; }) |
    build<Item>(expression >> maybe(slice), [](Where where, ExprRef value, std::optional<Slice> slice) {
        if (!slice) return Item{Item::index, std::move(value), {}, {}, {}, where};
        return Item{Item::slice, {}, std::move(value), std::move(slice->high), std::move(slice->step), where};
    });

struct Subscript {
    std::vector<Item> items;
    ExprRef otherwise;
    Where where;
};
const auto subscript =
    build<Subscript>(glued_sign("[") >> maybe_list_of(called("an index", item)) >> maybe(word("else") >> expression) >> sign("]"),
                     [](Where where, Many<Item> items, std::optional<ExprRef> otherwise) {
                         return Subscript{std::move(items.items), or_empty(std::move(otherwise)), where};
                     });

const auto primary = called("an expression", number | string | truth | group | list | reduction | call);

const auto postfix_def = build<ExprRef>(primary >> chain(subscript), [](Where where, ExprRef base, Many<Subscript> subscripts) {
    for (Subscript& s : subscripts.items) {
        where.end = s.where.end;
        base = Expr{Read{std::move(base), std::move(s.items), std::move(s.otherwise)}, where};
    }
    return base;
});

BOOST_SPIRIT_DEFINE(postfix, arguments)
BOOST_SPIRIT_INSTANTIATE(decltype(postfix), Iterator, Context)
BOOST_SPIRIT_INSTANTIATE(decltype(arguments), Iterator, Context)

}  // namespace dlc::text::grammar
