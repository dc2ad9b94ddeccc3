#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

const auto literal =
    build<std::string>(Terminal(Token::string, "a string"), [](Where, Iterator token) { return unquote(token->text); });

const auto parameter =
    build<Parameter>(name >> sign(":") >> type >> maybe(sign("=") >> expression),
                     [](Where where, Identifier name, Type type, std::optional<ExprRef> fallback) {
                         return Parameter{std::move(name), std::move(type), or_empty(std::move(fallback)), where};
                     });
const auto parameters = sign("(") >> maybe_list_of(called("a parameter", parameter)) >> sign(")");

/// Makes a declaration of node N from the parts in order.
template <class N>
const auto node = [](Where where, auto... parts) {
    return Declaration{N{std::move(parts)...}, {}, where};
};

/// A declaration `WORD NAME(parameters)` is told by its first word.
constexpr auto before(std::string_view word) {
    return when([word](Iterator t, const ParseState&) { return t->kind == Token::name && t->text == word; });
}
auto opening(std::string_view word) { return before(word) >> keyword(word); }

const auto import = build<Declaration>(opening("import") >> literal, node<Import>);

// ------------------------------------------------------------------ functions

const auto result = build<ResultName>(name >> maybe(sign(":") >> type), [](Where, Identifier name, std::optional<Type> type) {
    return ResultName{std::move(name), std::move(type)};
});
const auto results = sign("->") >> list_of(result);
const auto adjoint = word("with") >> keyword("adjoint") >> block;

struct Body {
    ExprRef value;
    std::optional<Block> block;
};
const auto body = build<Body>(sign("=") >> expression,
                              [](Where, ExprRef value) {
                                  return Body{std::move(value), {}};
                              }) |
                  build<Body>(block, [](Where, Block block) {
                      return Body{{}, std::move(block)};
                  });

template <bool layer>
const auto function = build<Declaration>(opening(layer ? "layer" : "fn") >> name >> parameters >> maybe(results) >> body >>
                                             maybe(adjoint),
                                         [](Where where, Identifier name, Many<Parameter> parameters,
                                            std::optional<Many<ResultName>> results, Body body, std::optional<Block> adjoint) {
                                             Function function{layer,
                                                               std::move(name),
                                                               std::move(parameters.items),
                                                               {},
                                                               std::move(body.value),
                                                               std::move(body.block),
                                                               std::move(adjoint)};
                                             if (results) function.results = std::move(results->items);
                                             return Declaration{std::move(function), {}, where};
                                         });

const auto initializer = build<Declaration>(
    opening("init") >> name >> parameters >> sign("=") >> expression,
    [](Where where, Identifier name, Many<Parameter> parameters, ExprRef value) {
        return Declaration{Initializer{std::move(name), std::move(parameters.items), std::move(value)}, {}, where};
    });
const auto optimizer = build<Declaration>(
    opening("optimizer") >> name >> parameters >> block, [](Where where, Identifier name, Many<Parameter> parameters, Block body) {
        return Declaration{Optimizer{std::move(name), std::move(parameters.items), std::move(body)}, {}, where};
    });

// ------------------------------------------------------------------ models and recipes

const auto model = build<Declaration>(opening("model") >> name >> maybe(parameters) >> block,
                                      [](Where where, Identifier name, std::optional<Many<Parameter>> parameters, Block body) {
                                          Model model{std::move(name), {}, std::move(body)};
                                          if (parameters) model.parameters = std::move(parameters->items);
                                          return Declaration{std::move(model), {}, where};
                                      });

const auto setting = build<Setting>(name >> sign("=") >> expression, [](Where, Identifier name, ExprRef value) {
    return Setting{std::move(name), std::move(value)};
});
const auto train = build<Declaration>(opening("train") >> braced(called("a setting", setting), starts_statement),
                                      [](Where where, Many<Setting> settings) {
                                          return Declaration{Train{std::move(settings.items)}, {}, where};
                                      });

struct Path {
    std::vector<Identifier> names;
};
struct Step {
    Identifier name;
};
const auto step = build<Step>(quiet_sign(".") >> name, [](Where, Identifier name) { return Step{std::move(name)}; });
const auto path = build<Path>(name >> chain(step), [](Where, Identifier first, Many<Step> steps) {
    Path path{{std::move(first)}};
    for (Step& s : steps.items) path.names.push_back(std::move(s.name));
    return path;
});
const auto variation = build<Vary>(path >> word("in") >> expression, [](Where, Path path, ExprRef values) {
    return Vary{std::move(path.names), std::move(values)};
});

using Entry = std::variant<std::vector<Vary>, Setting>;
bool starts_entry(Iterator t) { return starts_statement(t) || (t->text == "vary" && t[1].kind == Token::name); }
const auto varies =
    when([](Iterator t, const ParseState&) { return t->text == "vary" && t->kind == Token::name && t[1].text != "="; });
const auto entry = build<Entry>(varies >> keyword("vary") >> list_of(variation),
                                [](Where, Many<Vary> list) { return Entry(std::move(list.items)); }) |
                   build<Entry>(setting, [](Where, Setting setting) { return Entry(std::move(setting)); });
const auto study = build<Declaration>(opening("study") >> name >> braced(called("`vary` or a setting", entry), starts_entry),
                                      [](Where where, Identifier name, Many<Entry> entries) {
                                          return Declaration{Study{std::move(name), std::move(entries.items)}, {}, where};
                                      });

const auto test = build<Declaration>(opening("test") >> literal >> block, node<Test>);

const auto declaration_def =
    called("a declaration", import | function<false> | function<true> | initializer | optimizer | model | train | study | test);

BOOST_SPIRIT_DEFINE(declaration)
BOOST_SPIRIT_INSTANTIATE(decltype(declaration), Iterator, Context)

}  // namespace dlc::text::grammar
