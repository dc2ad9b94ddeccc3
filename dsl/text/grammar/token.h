// The words of a `.dlm` text.
//
// The grammar runs over tokens, not characters: blanks and comments are gone, a bracket knows its partner, and "no blank before" is
// a flag, so the grammar's rules say only what the language reference says.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source/diagnostic.h"

namespace dlc::text {

struct Token {
    enum Kind : std::uint8_t { name, reserved, number, string, sign, end };
    static constexpr std::uint32_t kNone = UINT32_MAX;

    Kind kind = end;
    bool glued = false;             // no blank between the token before and this one
    bool starts_line = false;       // only blanks before it on its line
    bool suspect = false;           // near an error already reported: a syntax error here is not reported again
    std::string_view text;          // into the SourceMap
    std::uint32_t begin = 0;        // byte offset of text
    std::uint32_t partner = kNone;  // of a bracket: the index of the one that matches
    std::uint32_t opener = kNone;   // index of the innermost bracket around the token
};

/// A comment, from its `#` to before the end of the line.
struct Comment {
    std::uint32_t begin = 0;
    std::string_view text;
    bool starts_line = false;
};

struct Tokens {
    std::vector<Token> tokens;  // the last is of kind `end`
    std::vector<Comment> comments;
};

/// Splits the text.  Reports unterminated strings (E0102), malformed numbers (E0103), characters of no token (E0106) and wrong
/// escapes (E0109), and leaves a stand-in where the grammar can go on.
Tokens tokenize(const source::SourceMap&, std::uint32_t file, source::Diagnostics&);

/// Fills in `partner` and `opener`.  Reports brackets that do not match (E0104); a declaration at the start of a line closes
/// whatever is open, and its tokens become `suspect` when one of its brackets was reported.
void match_brackets(std::vector<Token>&, std::uint32_t file, source::Diagnostics&);

/// Whether a declaration, or a statement, can begin here: what error recovery looks for.
bool starts_declaration(const Token*);
bool starts_statement(const Token*);

/// The value of a string token, escapes replaced.
std::string unquote(std::string_view literal);

}  // namespace dlc::text
