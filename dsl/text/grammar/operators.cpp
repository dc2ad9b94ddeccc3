// The operators by rising precedence: `or`, `and`, `not`, comparisons, `+ -`, `* / // %`, prefix `-`, `^`.
#include "dsl/text/grammar/rules.h"

namespace dlc::text::grammar {

/// An operator and what stands to its right.
template <class Op>
struct Link {
    Op op;
    ExprRef operand;
    Where where;
};
template <class Op, class Parser>
auto link(const Parser& parser) {
    return build<Link<Op>>(parser, [](Where where, Op op, ExprRef operand) { return Link<Op>{op, std::move(operand), where}; });
}

const auto leftwards = [](Where where, ExprRef left, Many<Link<Binary::Op>> links) {
    for (Link<Binary::Op>& link : links.items) {
        where.end = link.where.end;
        left = Expr{Binary{link.op, std::move(left), std::move(link.operand)}, where};
    }
    return left;
};

const auto or_op = one_of<Binary::Op>({{"or", Binary::logical_or}});
const auto and_op = one_of<Binary::Op>({{"and", Binary::logical_and}});
const auto conjunction = build<ExprRef>(negation >> chain(link<Binary::Op>(and_op >> negation)), leftwards);
const auto disjunction_def = build<ExprRef>(conjunction >> chain(link<Binary::Op>(or_op >> conjunction)), leftwards);

const auto compare_op = one_of<Compare::Op>({{"==", Compare::equal},
                                             {"!=", Compare::not_equal},
                                             {"<=", Compare::less_equal},
                                             {">=", Compare::greater_equal},
                                             {"<", Compare::less},
                                             {">", Compare::greater}});
const auto comparison = build<ExprRef>(sum >> chain(link<Compare::Op>(compare_op >> sum)),
                                       [](Where where, ExprRef first, Many<Link<Compare::Op>> links) -> ExprRef {
                                           if (links.items.empty()) return first;
                                           Compare compare{{}, {std::move(first)}};
                                           for (Link<Compare::Op>& link : links.items) {
                                               compare.operators.push_back(link.op);
                                               compare.operands.push_back(std::move(link.operand));
                                           }
                                           return Expr{std::move(compare), where};
                                       });
const auto negation_def = called("an expression", build<ExprRef>(word("not") >> deeper(negation), [](Where where, ExprRef operand) {
                                                      return Expr{Unary{Unary::logical_not, std::move(operand)}, where};
                                                  }) | comparison);

const auto multiply_op =
    one_of<Binary::Op>({{"*", Binary::multiply}, {"//", Binary::floor_divide}, {"/", Binary::divide}, {"%", Binary::modulo}});
const auto add_op = one_of<Binary::Op>({{"+", Binary::add}, {"-", Binary::subtract}});
const auto product = build<ExprRef>(unary >> chain(link<Binary::Op>(multiply_op >> unary)), leftwards);
const auto sum_def = called("an expression", build<ExprRef>(product >> chain(link<Binary::Op>(add_op >> product)), leftwards));

const auto power_op = one_of<Binary::Op>({{"^", Binary::power}});
const auto power = build<ExprRef>(postfix >> maybe(link<Binary::Op>(power_op >> deeper(unary))),
                                  [](Where where, ExprRef base, std::optional<Link<Binary::Op>> link) -> ExprRef {
                                      if (!link) return base;
                                      return Expr{Binary{link->op, std::move(base), std::move(link->operand)}, where};
                                  });
const auto unary_def = called("an expression", build<ExprRef>(sign("-") >> deeper(unary), [](Where where, ExprRef operand) {
                                                   return Expr{Unary{Unary::negate, std::move(operand)}, where};
                                               }) | power);

BOOST_SPIRIT_DEFINE(disjunction, negation, sum, unary)
BOOST_SPIRIT_INSTANTIATE(decltype(disjunction), Iterator, Context)
BOOST_SPIRIT_INSTANTIATE(decltype(negation), Iterator, Context)
BOOST_SPIRIT_INSTANTIATE(decltype(sum), Iterator, Context)
BOOST_SPIRIT_INSTANTIATE(decltype(unary), Iterator, Context)

}  // namespace dlc::text::grammar
