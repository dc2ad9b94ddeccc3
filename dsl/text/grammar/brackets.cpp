// Brackets are matched before the grammar runs: what is wrong with them is said at the bracket, not where the grammar gives up, and
// the grammar can look past a bracket in constant time.
#include "dsl/text/grammar/token.h"

namespace dlc::text {
namespace {

char closer_of(char opener) { return opener == '(' ? ')' : opener == '[' ? ']' : '}'; }
bool opens(const Token& t) { return t.kind == Token::sign && (t.text == "(" || t.text == "[" || t.text == "{"); }
bool closes(const Token& t) { return t.kind == Token::sign && (t.text == ")" || t.text == "]" || t.text == "}"); }

std::string quoted(char c) { return std::string("`") + c + "`"; }

}  // namespace

bool starts_declaration(const Token* t) {
    if (t->kind != Token::name || !t->starts_line) return false;
    for (const char* word : {"fn", "layer", "init", "optimizer", "model", "study"})
        if (t->text == word) return t[1].kind == Token::name || t[1].kind == Token::reserved;
    if (t->text == "import" || t->text == "test") return t[1].kind == Token::string;
    return t->text == "train" && t[1].text == "{";
}

bool starts_statement(const Token* t) {
    if (t->kind == Token::reserved)
        return t->text == "return" || t->text == "yield" || t->text == "if" || t->text == "for" || t->text == "assert";
    if (t->kind != Token::name) return false;
    for (const char* word : {"input", "target", "output", "loss", "metric", "shared", "param", "state"})
        if (t->text == word && t[1].kind == Token::name) return true;
    if (t[1].kind != Token::sign) return false;
    return t[1].text == "=" || t[1].text == "," || (t[1].text == "[" && t[1].glued) ||
           (t[1].text == "<" && t[2].text == "-" && t[2].glued);
}

void match_brackets(std::vector<Token>& tokens, std::uint32_t file, source::Diagnostics& diagnostics) {
    const auto span = [&](const Token& t) {
        return source::Span{file, t.begin, t.begin + static_cast<std::uint32_t>(t.text.size())};
    };
    std::vector<std::uint32_t> open;
    std::size_t declaration = 0;  // where the current one begins
    bool wrong = false;
    const auto unclosed = [&](std::uint32_t opener) {
        const char c = tokens[opener].text[0];
        diagnostics.report(error(source::code("E0104"), quoted(c) + " is never closed")
                               .at(span(tokens[opener]), "no " + quoted(closer_of(c)) + " for it"));
        wrong = true;
    };
    const auto finish_declaration = [&](std::size_t next) {
        if (!open.empty()) {
            // The outermost one of those left open explains the others.
            unclosed(open.front());
            for (const std::uint32_t i : open) tokens[i].partner = static_cast<std::uint32_t>(next);
            open.clear();
        }
        if (wrong)
            for (std::size_t i = declaration; i < next; ++i) tokens[i].suspect = true;
        declaration = next;
        wrong = false;
    };
    for (std::uint32_t i = 0; i < tokens.size(); ++i) {
        Token& t = tokens[i];
        // Inside a bracket only a declaration without indentation is one; `test "…"` may be anything further in.
        const bool declares = starts_declaration(&t) && (open.empty() || t.begin == 0 || t.text.data()[-1] == '\n');
        if (t.kind == Token::end || declares) finish_declaration(i);
        if (closes(t)) {
            // A closer that fits an opener further out leaves those in between unclosed; one that fits none is superfluous.
            std::size_t depth = open.size();
            while (depth > 0 && closer_of(tokens[open[depth - 1]].text[0]) != t.text[0]) --depth;
            if (depth == 0) {
                auto d = error(source::code("E0104"), "`" + std::string(t.text) + "` closes nothing").at(span(t));
                if (!open.empty()) d.at(span(tokens[open.back()]), "open here is " + quoted(tokens[open.back()].text[0]));
                diagnostics.report(std::move(d));
                wrong = true;
            } else {
                if (depth < open.size()) {
                    const Token& inner = tokens[open[depth]];
                    const char c = inner.text[0];
                    diagnostics.report(
                        error(source::code("E0104"), quoted(c) + " is not closed before `" + std::string(t.text) + "`")
                            .at(span(inner), "no " + quoted(closer_of(c)) + " for it")
                            .at(span(t), "this closes " + quoted(tokens[open[depth - 1]].text[0])));
                    wrong = true;
                    for (std::size_t k = depth; k < open.size(); ++k) tokens[open[k]].partner = i;
                }
                tokens[open[depth - 1]].partner = i;
                t.partner = open[depth - 1];
                open.resize(depth - 1);
            }
        }
        t.opener = open.empty() ? Token::kNone : open.back();
        if (opens(t)) open.push_back(i);
    }
}

}  // namespace dlc::text
