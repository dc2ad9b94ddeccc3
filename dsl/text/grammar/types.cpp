#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

const auto dim = build<Dim>(sign("..") >> maybe(name),
                            [](Where where, std::optional<Identifier> name) {
                                return Dim{true, std::move(name), {}, where};
                            }) |
                 build<Dim>(expression, [](Where where, ExprRef size) {
                     return Dim{false, {}, std::move(size), where};
                 });

const auto dims = quiet_sign("[") >> maybe_list_of(called("a size", dim)) >> sign("]");

const auto type_def =
    called("a type", build<Type>(name >> maybe(dims), [](Where where, Identifier element, std::optional<Many<Dim>> dims) {
               Type type{std::move(element), {}, where};
               if (dims) type.dims = std::move(dims->items);
               return type;
           }));

BOOST_SPIRIT_DEFINE(type)
BOOST_SPIRIT_INSTANTIATE(decltype(type), Iterator, Context)

}  // namespace dlc::text::grammar
