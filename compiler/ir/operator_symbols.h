// How the text form writes the primitives that mathematics writes infix: one table for the printer and the reader.
#pragma once
#include <string_view>

namespace dlc::ir {

struct OperatorSymbol {
    std::string_view scalar;
    std::string_view symbol;
    int precedence;  // higher binds tighter; all associate to the left
};
inline constexpr OperatorSymbol kOperatorSymbols[] = {
    {"or", "or", 1}, {"and", "and", 2}, {"lt", "<", 3},  {"le", "<=", 3}, {"gt", ">", 3},  {"ge", ">=", 3},
    {"eq", "==", 3}, {"ne", "!=", 3},   {"add", "+", 4}, {"sub", "-", 4}, {"mul", "*", 5}, {"div", "/", 5},
};
inline constexpr int kUnaryPrecedence = 6;  // of `-x`
inline constexpr int kAtomPrecedence = 7;

}  // namespace dlc::ir
