// The rules that one part of the grammar uses from another.  Each is defined in the file named after its section and instantiated
// there, so a part is compiled alone.
#pragma once
#include "dsl/text/grammar/parser.h"

namespace dlc::text::grammar {

template <class Id, class Attribute>
using Rule = x3::rule<Id, Attribute>;

// expressions.cpp
inline const Rule<struct ExpressionId, ExprRef> expression = "expression";
inline const Rule<struct ChoiceId, ExprRef> choice = "choice";
BOOST_SPIRIT_DECLARE(decltype(expression), decltype(choice))

// operators.cpp
inline const Rule<struct DisjunctionId, ExprRef> disjunction = "disjunction";  // down from `or`
inline const Rule<struct NegationId, ExprRef> negation = "negation";           // `not`, comparisons
inline const Rule<struct SumId, ExprRef> sum = "sum";                          // down from `+`
inline const Rule<struct UnaryId, ExprRef> unary = "unary";                    // `-`, `^`
BOOST_SPIRIT_DECLARE(decltype(disjunction), decltype(negation), decltype(sum), decltype(unary))

// primaries.cpp
inline const Rule<struct PostfixId, ExprRef> postfix = "postfix";  // names, literals, brackets, calls, reductions, reads
inline const Rule<struct ArgumentsId, Many<Argument>> arguments = "arguments";
BOOST_SPIRIT_DECLARE(decltype(postfix), decltype(arguments))

// names.cpp
inline const Rule<struct NameId, Identifier> name = "name";
inline const Rule<struct BindId, Bind> bind = "bind";  // `k`, `k < 3`
BOOST_SPIRIT_DECLARE(decltype(name), decltype(bind))

// types.cpp
inline const Rule<struct TypeId, Type> type = "type";
BOOST_SPIRIT_DECLARE(decltype(type))

// equations.cpp
inline const Rule<struct EquationId, Ref<Stmt>> equation = "equation";
BOOST_SPIRIT_DECLARE(decltype(equation))

// statements.cpp
inline const Rule<struct StatementId, Ref<Stmt>> statement = "statement";
inline const Rule<struct BlockId, Block> block = "block";
BOOST_SPIRIT_DECLARE(decltype(statement), decltype(block))

// declarations.cpp
inline const Rule<struct DeclarationId, Declaration> declaration = "declaration";
BOOST_SPIRIT_DECLARE(decltype(declaration))

}  // namespace dlc::text::grammar
