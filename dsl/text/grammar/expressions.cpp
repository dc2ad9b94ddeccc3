// Pipes, `if … then … else`, `scan`.
#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

struct Piped {
    Identifier callee;
    std::optional<std::vector<Argument>> arguments;
    Where where;
};
const auto pipe = one_of<char>({{"|>", '|'}});
const auto piped =
    build<Piped>(pipe >> name >> maybe(arguments), [](Where where, char, Identifier callee, std::optional<Many<Argument>> given) {
        Piped piped{std::move(callee), {}, where};
        if (given) piped.arguments = std::move(given->items);
        return piped;
    });

const auto expression_def =
    deeper(called("an expression", build<ExprRef>(choice >> chain(piped), [](Where where, ExprRef operand, Many<Piped> links) {
                      for (Piped& link : links.items) {
                          where.end = link.where.end;
                          operand = Expr{Pipe{std::move(operand), std::move(link.callee), std::move(link.arguments)}, where};
                      }
                      return operand;
                  })));

const auto conditional = build<ExprRef>(word("if") >> expression >> word("then") >> expression >> word("else") >> deeper(choice),
                                        [](Where where, ExprRef condition, ExprRef then, ExprRef otherwise) {
                                            return Expr{If{std::move(condition), std::move(then), std::move(otherwise)}, where};
                                        });

const auto source = build<ScanSource>(name >> word("in") >> sum >> maybe(sign("..") >> sum),
                                      [](Where, Identifier name, ExprRef low, std::optional<ExprRef> high) {
                                          return ScanSource{std::move(name), std::move(low), or_empty(std::move(high))};
                                      });
const auto carry = build<ScanCarry>(name >> sign("=") >> expression, [](Where, Identifier name, ExprRef initial) {
    return ScanCarry{std::move(name), std::move(initial)};
});
const auto scan = build<ExprRef>(word("scan") >> list_of(source) >> word("with") >> list_of(carry) >> block,
                                 [](Where where, Many<ScanSource> sources, Many<ScanCarry> carries, Block body) {
                                     return Expr{Scan{std::move(sources.items), std::move(carries.items), std::move(body)}, where};
                                 });

const auto choice_def = called("an expression", conditional | scan | disjunction);

BOOST_SPIRIT_DEFINE(expression, choice)
BOOST_SPIRIT_INSTANTIATE(decltype(expression), Iterator, Context)
BOOST_SPIRIT_INSTANTIATE(decltype(choice), Iterator, Context)

}  // namespace dlc::text::grammar
