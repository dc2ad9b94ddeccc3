// Characters to tokens.  A wrong number or string becomes one token all the same, so that the grammar does not stumble over its
// pieces.
#include <boost/spirit/home/x3.hpp>
#include <charconv>
#include <cmath>

#include "dsl/text/grammar/token.h"

namespace dlc::text {
namespace {

namespace x3 = boost::spirit::x3;
using source::code;

// Only ASCII: a letter of another script is reported, not guessed at.  char_'s sets know no locale.
const auto letter = x3::char_("a-zA-Z_");
const auto digit = x3::char_("0-9");
const auto exponent = x3::char_("eE") >> -x3::char_("+-") >> +digit;

const auto blank = x3::omit[x3::char_(" \t\r\n\f\v")] | "\xEF\xBB\xBF";
const auto comment = x3::raw['#' >> *(x3::char_ - x3::lit('\n'))];
const auto name = x3::raw[letter >> *(letter | digit)];
// A digit must follow the point, so that `0..n` is a range.
const auto number = x3::raw[+digit >> -('.' >> +digit) >> -exponent];
const auto pointed = x3::raw['.' >> +digit];  // `.5`, which is no number
const auto number_tail = x3::raw[+(letter | digit | ('.' >> !x3::lit('.')))];
const auto string = x3::raw['"' >> *(('\\' >> (x3::char_ - '\n')) | (x3::char_ - (x3::lit('"') | '\n' | '\\'))) >> '"'];
const auto string_rest = x3::raw['"' >> *(x3::char_ - '\n')];
const auto character = x3::raw[x3::char_ >> *x3::char_('\x80', '\xBF')];

struct Signs : x3::symbols<x3::unused_type> {
    Signs() {
        for (const char* sign : {"(",  ")", "[",  "]", "{",  "}", ",", ":",  "~", "=", "==", "!=", "<", "<=", ">",
                                 ">=", "+", "+=", "-", "->", "*", "/", "//", "%", "^", "|",  "|>", ".", ".."})
            add(sign);
    }
};
const Signs signs;
const auto sign = x3::raw[signs];

bool reserved(std::string_view word) {
    for (const char* other :
         {"if", "then", "else", "for", "in", "and", "or", "not", "return", "yield", "scan", "with", "true", "false", "assert"})
        if (word == other) return true;
    return false;
}

/// Signs of other languages and what stands for them here.
std::string stand_in(std::string_view text) {
    if (text == "&") return "write `and`";
    if (text == "!") return "write `not`";
    if (text == ";") return "statements need no separator";
    if (text == "'") return "strings stand in double quotes";
    if (text == "@") return "a matrix product is `matmul(a, b)` or an index equation";
    return {};
}

class Lexer {
public:
    Lexer(const source::SourceMap& map, std::uint32_t file, source::Diagnostics& diagnostics)
        : file_(file), text_(map.file(file).text), diagnostics_(diagnostics), at_(text_.data()), end_(at_ + text_.size()) {}

    Tokens run() {
        while (at_ != end_) step();
        out_.tokens.push_back(
            {.kind = Token::end, .starts_line = true, .suspect = wrong_line_, .text = {at_, 0}, .begin = offset(at_)});
        return std::move(out_);
    }

private:
    void step() {
        std::string_view got;
        if (const char* before = at_; x3::parse(at_, end_, blank)) {
            glued_ = false;
            if (*before == '\n') starts_line_ = true, wrong_line_ = false;
        } else if (take(comment, got)) {
            while (got.ends_with('\r') || got.ends_with(' ') || got.ends_with('\t')) got.remove_suffix(1);
            out_.comments.push_back({offset(got.data()), got, starts_line_});
            glued_ = false;
        } else if (take(name, got)) {
            push(reserved(got) ? Token::reserved : Token::name, got);
        } else if (take(number, got)) {
            push_number(got);
        } else if (take(pointed, got)) {
            report(error(code("E0103"), "`" + std::string(got) + "` is not a number")
                       .at(span(got))
                       .helped("a digit stands before the point: `0" + std::string(got) + "`"));
            push(Token::number, got);
        } else if (take(string, got)) {
            check_escapes(got);
            push(Token::string, got);
        } else if (take(string_rest, got)) {
            while (got.ends_with('\r') || got.ends_with(' ')) got.remove_suffix(1);
            report(error(code("E0102"), "this string has no end").at(span(got), "no closing `\"` on this line"));
            push(Token::string, got);
        } else if (take(sign, got)) {
            push(Token::sign, got);
        } else {
            take(character, got);
            if (got.empty()) got = {at_++, 1};
            if (const auto byte = static_cast<unsigned char>(got[0]); got.size() == 1 && (byte < 0x20 || byte > 0x7e)) {
                report(error(code("E0106"), "this file is no text: it holds the byte " + quoted(got)).at(span(got)));
                at_ = end_;  // nor is what follows
                return;
            }
            auto d = error(code("E0106"), "unexpected character " + quoted(got)).at(span(got));
            d.help = stand_in(got);
            if (!wrong_line_) report(std::move(d));  // where one is wrong, several often are
            glued_ = false;
        }
    }

    template <class Parser>
    bool take(const Parser& parser, std::string_view& got) {
        const char* before = at_;
        if (!x3::parse(at_, end_, parser)) return false;
        got = {before, static_cast<std::size_t>(at_ - before)};
        return true;
    }

    void push_number(std::string_view got) {
        std::string_view tail;
        if (take(number_tail, tail)) {
            got = {got.data(), got.size() + tail.size()};
            auto d = error(code("E0103"), "`" + std::string(got) + "` is not a number").at(span(got));
            if (got.ends_with('.')) d.help = "a digit follows the point: `" + std::string(got) + "0`";
            report(std::move(d));
            got = {};
        } else {
            double value = 0;
            const auto result = std::from_chars(got.data(), got.data() + got.size(), value);
            // A number too small for a float is zero, as in every other language.
            const bool overflow = result.ec != std::errc() && magnitude(got) > 0;
            const bool integer = got.find_first_of(".eE") == got.npos;
            if (overflow) {
                report(error(code("E0103"), "the number is outside the range of a 64-bit float")
                           .at(span(got), "at most 1.7976931348623157e308"));
                got = {};
            } else if (integer && !exact(got)) {
                report(error(code("E0103"), "the integer is too large").at(span(got), "integers reach to 9007199254740992, 2^53"));
                got = {};
            }
        }
        push(Token::number, got.empty() ? "0" : got, got.empty());
    }

    /// Whether an integer is one a double holds exactly, together with all below it.
    static bool exact(std::string_view digits) {
        std::uint64_t value = 0;
        return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc() && value <= 1ULL << 53;
    }

    /// The power of ten of the first digit that is not 0; of a number outside the range of doubles.
    static long magnitude(std::string_view number) {
        const std::size_t e = std::min(number.find_first_of("eE"), number.size());
        const std::size_t point = std::min(number.find('.'), e), first = number.find_first_of("123456789");
        const std::string_view exponent = number.substr(std::min(e + 1, number.size()));
        long power = 0;
        for (const char c : exponent)
            if (c >= '0' && c <= '9') power = std::min(power * 10 + (c - '0'), 1000000L);
        if (exponent.starts_with('-')) power = -power;
        return power + static_cast<long>(point) - static_cast<long>(first);
    }

    void check_escapes(std::string_view literal) {
        for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
            if (literal[i] != '\\') continue;
            const std::string_view escape = literal.substr(i++, 2);
            if (std::string_view("\"\\nt").find(escape[1]) == std::string_view::npos)
                report(error(code("E0109"), "`" + std::string(escape) + "` is not an escape")
                           .at(span(escape))
                           .helped("the escapes are `\\\"`, `\\\\`, `\\n` and `\\t`; a backslash itself is `\\\\`"));
        }
    }

    static std::string quoted(std::string_view c) {
        static constexpr char kHex[] = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c[0]);
        if (c.size() > 1 || (byte >= 0x20 && byte < 0x7F)) return "`" + std::string(c) + "`";
        return std::string("0x") + kHex[byte >> 4] + kHex[byte & 15];
    }

    /// `stand_in`: the text is not in the source; the token still stands at the place just read.
    void push(Token::Kind kind, std::string_view text, bool stand_in = false) {
        const std::uint32_t begin = stand_in ? offset(at_) - 1 : offset(text.data());
        out_.tokens.push_back(
            {.kind = kind, .glued = glued_, .starts_line = starts_line_, .suspect = wrong_line_, .text = text, .begin = begin});
        glued_ = true;
        starts_line_ = false;
    }

    void report(source::Diagnostic d) {
        wrong_line_ = true;
        diagnostics_.report(std::move(d));
    }

    std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - text_.data()); }
    source::Span span(std::string_view got) const {
        return {file_, offset(got.data()), offset(got.data()) + static_cast<std::uint32_t>(got.size())};
    }

    std::uint32_t file_;
    std::string_view text_;
    source::Diagnostics& diagnostics_;
    const char *at_, *end_;
    bool glued_ = false, starts_line_ = true, wrong_line_ = false;
    Tokens out_;
};

}  // namespace

Tokens tokenize(const source::SourceMap& map, std::uint32_t file, source::Diagnostics& diagnostics) {
    Tokens out = Lexer(map, file, diagnostics).run();
    match_brackets(out.tokens, file, diagnostics);
    return out;
}

std::string unquote(std::string_view literal) {
    std::string out;
    if (literal.starts_with('"')) literal.remove_prefix(1);
    if (literal.ends_with('"')) literal.remove_suffix(1);
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] != '\\' || i + 1 == literal.size()) {
            out += literal[i];
            continue;
        }
        const char escape = literal[++i];
        out += escape == 'n' ? '\n' : escape == 't' ? '\t' : escape;
    }
    return out;
}

}  // namespace dlc::text
