#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

const auto name_def = build<Identifier>(Terminal(Token::name, "a name"), [](Where where, Iterator token) {
    return Identifier{std::string(token->text), where};
});

const auto bind_def =
    build<Bind>(name >> maybe(quiet_sign("<") >> sum), [](Where where, Identifier name, std::optional<ExprRef> bound) {
        return Bind{false, std::move(name), or_empty(std::move(bound)), where};
    });

BOOST_SPIRIT_DEFINE(name, bind)
BOOST_SPIRIT_INSTANTIATE(decltype(name), Iterator, Context)
BOOST_SPIRIT_INSTANTIATE(decltype(bind), Iterator, Context)

}  // namespace dlc::text::grammar
