#include "dsl/text/grammar/state.h"

#include <algorithm>

namespace dlc::text::grammar {

using source::code;

void ParseState::expected(Iterator at, std::string_view what, bool literal) {
    if (abandoned_ || at < furthest_) return;
    if (at > furthest_) wanted_.clear();
    furthest_ = at;
    const Wanted wanted{what, literal};
    if (std::find(wanted_.begin(), wanted_.end(), wanted) == wanted_.end()) wanted_.push_back(wanted);
}

void ParseState::summarise(Iterator at, std::size_t count, std::string_view what) {
    if (furthest_ > at) return;
    if (furthest_ == at) wanted_.resize(std::min(count, wanted_.size()));
    expected(at, what, false);
}

bool ParseState::wants(std::string_view what) const {
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const Wanted& w) { return w.what == what; });
}

std::string ParseState::wanted() const {
    std::string out;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        if (i) out += i + 1 == wanted_.size() ? " or " : ", ";
        out += wanted_[i].literal ? "`" + std::string(wanted_[i].what) + "`" : std::string(wanted_[i].what);
    }
    return out;
}

source::Span ParseState::span(Iterator first, Iterator last) const {
    const Token& end = last > first ? last[-1] : *first;
    return {file_, first->begin, end.begin + static_cast<std::uint32_t>(end.text.size())};
}

Iterator ParseState::report(Iterator begin) {
    if (furthest_ < begin) wanted_.clear();
    const Iterator at = std::max(furthest_, begin);
    if (at->suspect || abandoned_) {
        furthest_ = nullptr;
        wanted_.clear();
        return at;
    }
    diagnostics_.report(diagnose(at));
    furthest_ = nullptr;
    wanted_.clear();
    return at;
}

source::Diagnostic ParseState::diagnose(Iterator at) const {
    const std::string text(at->text);
    const Token* before = at > begin_ ? at - 1 : nullptr;
    const bool in_place_of_name =
        wants("a name") || (wants("a statement") && at[1].text == "=") || (wants("a parameter") && at[1].text == ":");
    if (at->kind == Token::reserved && in_place_of_name)
        return error(code("E0105"), "`" + text + "` is a reserved word and cannot be a name")
            .at(span(at, at + 1))
            .helped("choose another name, `" + text + "_` for example");

    const bool after_value = before && (before->kind == Token::name || before->text == "]" || before->text == ")");
    if ((text == "(" || text == "[") && after_value && wants("an operator") && !at->starts_line && !at->glued)
        return error(code("E0108"), "a blank stands before `" + text + "`")
            .at(span(at, at + 1))
            .helped("the `" + text + "` of a " + (text == "(" ? "call" : "read") + " follows " +
                    (before->kind == Token::name ? "`" + std::string(before->text) + "`" : "the bracket") + " directly");

    const std::string found = at->kind == Token::end      ? "the file ends"
                              : at->kind == Token::string ? "found a string"
                                                          : "found `" + text + "`";
    auto d = error(code("E0101"), "expected " + wanted() + ", " + found);
    if (at->kind == Token::end && before) {
        // At the end of the file there is nothing to point at but what stands last.
        const std::uint32_t end = before->begin + static_cast<std::uint32_t>(before->text.size());
        d.at({file_, end, end});
    } else {
        d.at(span(at, at + 1));
    }
    if (at->opener != Token::kNone) {
        const Iterator opener = token(at->opener);
        const std::string_view closer = opener->text == "(" ? ")" : opener->text == "[" ? "]" : "}";
        const auto line = [&](Iterator t) { return map_.position(file_, t->begin).line; };
        if (opener->text != "{" && wants(closer) && line(opener) != line(at))
            d.at(span(opener, opener + 1), "this `" + std::string(opener->text) + "` is open");
    }
    d.help = help(at);
    return d;
}

/// What was probably meant, where that is known.
std::string ParseState::help(Iterator at) const {
    static const std::vector<std::string> kDeclarations{"import", "fn",    "layer", "init", "optimizer",
                                                        "model",  "train", "study", "test"};
    static const std::vector<std::string> kStatements{"return", "yield", "if",     "for",    "assert", "input", "target",
                                                      "output", "loss",  "metric", "shared", "param",  "state"};
    if (at->text == "=" && wants("an operator")) return "`==` compares";
    if (at->text == "if" && wants("an operator")) return "a choice is written `if c then a else b`";
    if (at->text == ".") return "there are no members: a function is called as `f(x)` or `x |> f`";
    if (at->text == "elif") return "write `else if`";
    if (at->text == "while") return "loops are `for i in 0..n`, written out when the program is compiled, and `scan`";
    if (at->text == "*" && at > begin_ && at[-1].text == "*" && at->glued) return "`^` is the power";
    if (at->kind == Token::name && at[1].text == "+=")
        return "`+=` accumulates into elements, as in `y[i] += …`; a name is bound anew: `y = y + …`";
    const bool declaration = wants("a declaration");
    if (at->kind == Token::name && (declaration || wants("a statement"))) {
        const std::string_view meant = source::nearest(at->text, declaration ? kDeclarations : kStatements);
        const bool begins = at[1].kind == Token::name || at[1].kind == Token::string || (declaration && at[1].text == "{");
        if (!meant.empty() && begins) return "did you mean `" + std::string(meant) + "`?";
    }
    if (declaration) return "declarations are `import`, `fn`, `layer`, `init`, `optimizer`, `model`, `train`, `study` and `test`";
    return {};
}

void ParseState::abandon(Iterator at) {
    if (!abandoned_ && !at->suspect)
        diagnostics_.report(
            error(code("E0107"), "the program is nested too deeply here")
                .at(span(at, at + 1), depth > kMaxDepth
                                          ? "more than " + std::to_string(kMaxDepth) + " levels of brackets, blocks or prefixes"
                                          : "more than " + std::to_string(kMaxHeight) + " operations inside each other")
                .helped("name a part of it: `part = …`"));
    abandoned_ = true;
}

}  // namespace dlc::text::grammar
