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
    const std::string text(at->text);
    const Token* before = at > begin_ ? at - 1 : nullptr;
    source::Diagnostic d;
    if (at->kind == Token::reserved && (wants("a name") || (wants("a statement") && at[1].text == "="))) {
        d = error(code("E0105"), "`" + text + "` is a reserved word and cannot be a name").at(span(at, at + 1));
        d.help = "choose another name, `" + text + "_` for example";
    } else if (before && !at->starts_line && !at->glued && (text == "(" || text == "[") &&
               (before->kind == Token::name || before->text == "]" || before->text == ")")) {
        const bool call = text == "(";
        d = error(code("E0108"), "a blank stands before `" + text + "`").at(span(at, at + 1));
        d.help = std::string("the `") + text + "` of a " + (call ? "call" : "read") + " follows " +
                 (before->kind == Token::name ? "`" + std::string(before->text) + "`" : "the bracket") + " directly";
    } else {
        const std::string found = at->kind == Token::end      ? "the file ends"
                                  : at->kind == Token::string ? "found a string"
                                                              : "found `" + text + "`";
        d = error(code("E0101"), wanted_.empty() ? "unexpected `" + text + "`" : "expected " + wanted() + ", " + found);
        // At the end of the file there is nothing to point at but what stands last.
        if (at->kind == Token::end && before) {
            const std::uint32_t end = before->begin + static_cast<std::uint32_t>(before->text.size());
            d.at({file_, end, end});
        } else {
            d.at(span(at, at + 1));
        }
        if (text == "=" && wants("an operator")) d.help = "`==` compares";
        if (text == "*" && before && before->text == "*" && at->glued) d.help = "`^` is the power";
        if (at->opener != Token::kNone && !wanted_.empty()) {
            const Iterator opener = token(at->opener);
            const std::string_view closer = opener->text == "(" ? ")" : opener->text == "[" ? "]" : "}";
            const auto line = [&](Iterator t) { return map_.position(file_, t->begin).line; };
            if (opener->text != "{" && wants(closer) && line(opener) != line(at))
                d.at(span(opener, opener + 1), "this `" + std::string(opener->text) + "` is open");
        }
    }
    diagnostics_.report(std::move(d));
    furthest_ = nullptr;
    wanted_.clear();
    return at;
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
