// Brackets are matched before the grammar runs: what is wrong with them is said at the bracket, not where the grammar gives up, and
// the grammar can look past a bracket in constant time.
#include <algorithm>
#include <set>

#include "dsl/text/grammar/token.h"

namespace dlc::text {
namespace {

char opener_of(char closer) { return closer == ')' ? '(' : closer == ']' ? '[' : '{'; }
char closer_of(char opener) { return opener == '(' ? ')' : opener == '[' ? ']' : '}'; }
bool opens(const Token& t) { return t.kind == Token::sign && (t.text == "(" || t.text == "[" || t.text == "{"); }
bool closes(const Token& t) { return t.kind == Token::sign && (t.text == ")" || t.text == "]" || t.text == "}"); }

std::string quoted(char c) { return std::string("`") + c + "`"; }

}  // namespace

bool starts_declaration(const Token* t) {
    if (t->kind != Token::name || !t->starts_line || t[1].starts_line) return false;
    for (const char* word : {"fn", "layer", "init", "optimizer", "model", "study"})
        if (t->text == word) return t[1].kind == Token::name || t[1].kind == Token::reserved;
    if (t->text == "import" || t->text == "test") return t[1].kind == Token::string;
    return t->text == "train" && t[1].text == "{";
}

bool starts_statement(const Token* t) {
    const auto assigns = [&] { return t[1].kind == Token::sign && (t[1].text == "=" || t[1].text == ","); };
    if (t->kind == Token::reserved) {
        for (const char* word : {"return", "yield", "if", "for", "assert"})
            if (t->text == word) return true;
        return assigns() && t[1].text == "=";  // a reserved word in the place of a name
    }
    if (t->kind != Token::name) return false;
    for (const char* word : {"input", "target", "output", "loss", "metric", "shared", "param", "state"})
        if (t->text == word && (t[1].kind == Token::name || t[1].kind == Token::reserved)) return true;
    return assigns() || (t[1].text == "[" && t[1].glued) || (t[1].text == "<" && t[2].text == "-" && t[2].glued);
}

namespace {

/// Where the token's line begins.
std::uint32_t line_start(const Token& t) {
    std::uint32_t left = 0;
    while (left < t.begin && t.text.data()[-1 - static_cast<int>(left)] != '\n') ++left;
    return t.begin - left;
}

/// The blanks before the first word of the token's line.
std::uint32_t indentation(const Token& t) {
    const char* at = t.text.data() - (t.begin - line_start(t));
    std::uint32_t blanks = 0;
    while (at[blanks] == ' ' || at[blanks] == '\t') ++blanks;
    return blanks;
}

/// Runs over the tokens once.  `guess` names the declarations, by their first token, in which indentation has a say.
/// Whether it is a string that its line ended, which is reported.
bool torn(const Token& t) {
    if (t.kind != Token::string) return false;
    if (t.text.size() < 2 || t.text.back() != '"') return true;
    const std::size_t last = t.text.find_last_not_of('\\', t.text.size() - 2);
    return (t.text.size() - 2 - last) % 2 == 1;
}

class Matcher {
public:
    Matcher(std::vector<Token>& tokens, std::uint32_t file, source::Diagnostics& diagnostics, std::set<std::uint32_t> guess)
        : tokens_(tokens), file_(file), diagnostics_(diagnostics), guess_(std::move(guess)) {}

    /// Returns the declarations in which brackets do not match.
    std::set<std::uint32_t> run() {
        for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
            Token& t = tokens_[i];
            // Inside a bracket only what stands without indentation and can be nothing else is taken for a declaration.
            const bool declares =
                starts_declaration(&t) &&
                (open_.empty() || (indentation(t) == 0 && t.text != "train" && tokens_[i + 1].kind != Token::reserved));
            if (t.kind == Token::end || declares) {
                // The outermost one of those left open explains the others, and that the file ends too soon.
                if (!open_.empty()) unclosed(open_.front(), i, i);
                if (t.kind == Token::end)
                    t.suspect = !open_.empty() || std::any_of(tokens_.begin() + declaration_, tokens_.end(), torn);
                open_.clear();
                if (wrong_) wrong_declarations_.insert(declaration_);
                declaration_ = i;
                wrong_ = false;
            }
            if (closes(t)) close(i);
            t.opener = open_.empty() ? Token::kNone : open_.back();
            if (opens(t)) open_.push_back(i);
        }
        return std::move(wrong_declarations_);
    }

private:
    void close(std::uint32_t closer) {
        Token& t = tokens_[closer];
        const std::size_t depth = fitting(t);
        if (depth == 0) {
            if (!wrong_) {
                auto d = error(source::code("E0104"), "`" + std::string(t.text) + "` closes nothing").at(span(t));
                if (!open_.empty()) d.at(span(tokens_[open_.back()]), "open here is " + quoted(tokens_[open_.back()].text[0]));
                diagnostics_.report(std::move(d));
            }
            wrong_ = t.suspect = true;
            return;
        }
        const std::uint32_t opener = open_[depth - 1];
        if (depth < open_.size()) unclosed(open_[depth], closer, closer + 1);
        for (std::size_t k = depth; k < open_.size(); ++k) tokens_[open_[k]].partner = closer;
        tokens_[opener].partner = closer;
        t.partner = opener;
        open_.resize(depth - 1);
    }

    /// How many openers are left open around the partner of a closer, the partner included; 0 when it has none.  A closer that fits
    /// an opener further out leaves those in between unclosed.  Where something is wrong, a `}` fits the block whose line is
    /// indented as its own.
    std::size_t fitting(const Token& t) const {
        std::size_t depth = open_.size();
        while (depth > 0 && closer_of(tokens_[open_[depth - 1]].text[0]) != t.text[0]) --depth;
        if (t.text != "}" || !t.starts_line || depth == 0 || !guess_.contains(declaration_)) return depth;
        const std::uint32_t own = indentation(t);
        for (std::size_t outer = depth; outer > 0 && indentation(tokens_[open_[outer - 1]]) >= own; --outer)
            if (tokens_[open_[outer - 1]].text == "{" && indentation(tokens_[open_[outer - 1]]) == own) return outer;
        return depth;
    }

    /// Reports that nothing closes `opener` up to the token `seen`, once a line.
    void unclosed(std::uint32_t opener, std::uint32_t seen, std::uint32_t suspects_end) {
        const Token& t = tokens_[opener];
        const char c = t.text[0];
        const std::uint32_t line = line_start(t);
        // What a string without an end swallowed may have closed it.
        const bool swallowed = std::any_of(tokens_.begin() + opener, tokens_.begin() + seen, torn);
        if (line != reported_line_ && !swallowed) {
            if (closes(tokens_[seen]))
                diagnostics_.report(
                    error(source::code("E0104"), quoted(c) + " is not closed before `" + std::string(tokens_[seen].text) + "`")
                        .at(span(t), "no " + quoted(closer_of(c)) + " for it")
                        .at(span(tokens_[seen]), "this closes " + quoted(opener_of(tokens_[seen].text[0]))));
            else
                diagnostics_.report(error(source::code("E0104"), quoted(c) + " is never closed")
                                        .at(span(t), "no " + quoted(closer_of(c)) + " for it"));
        }
        reported_line_ = line;
        for (const std::uint32_t i : open_)
            if (i >= opener) tokens_[i].partner = seen;
        for (std::uint32_t i = opener; i < suspects_end; ++i) tokens_[i].suspect = true;
        wrong_ = true;
    }

    source::Span span(const Token& t) const { return {file_, t.begin, t.begin + static_cast<std::uint32_t>(t.text.size())}; }

    std::vector<Token>& tokens_;
    std::uint32_t file_;
    source::Diagnostics& diagnostics_;
    std::set<std::uint32_t> guess_, wrong_declarations_;
    std::uint32_t declaration_ = 0;  // the first token of the one at hand
    std::vector<std::uint32_t> open_;
    std::uint32_t reported_line_ = Token::kNone;  // where the line with the last unclosed bracket begins
    bool wrong_ = false;                          // a bracket of this declaration has been reported
};

}  // namespace

void match_brackets(std::vector<Token>& tokens, std::uint32_t file, source::Diagnostics& diagnostics) {
    const std::vector<Token> before = tokens;
    source::Diagnostics without_guessing;
    const std::set<std::uint32_t> wrong = Matcher(tokens, file, without_guessing, {}).run();
    if (wrong.empty()) return;
    tokens = before;
    Matcher(tokens, file, diagnostics, wrong).run();
}

}  // namespace dlc::text
