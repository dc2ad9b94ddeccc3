#include "dsl/text/printer/original.h"

#include <algorithm>

namespace dlc::text {

Original::Original(const source::SourceMap& map, std::uint32_t file) : map_(map), file_(file), text_(map.file(file).text) {
    source::Diagnostics reported_when_parsed;
    Tokens tokens = tokenize(map, file, reported_when_parsed);
    tokens_ = std::move(tokens.tokens);
    comments_ = std::move(tokens.comments);
}

std::size_t Original::newlines(std::size_t begin, std::size_t end) const {
    if (begin >= end) return 0;
    const std::string_view between = text_.substr(begin, end - begin);
    return static_cast<std::size_t>(std::count(between.begin(), between.end(), '\n'));
}

std::size_t Original::column(std::size_t offset) const { return map_.position(file_, static_cast<std::uint32_t>(offset)).column; }

std::size_t Original::operator_before(std::size_t offset) const {
    auto t = std::lower_bound(tokens_.begin(), tokens_.end(), offset, [](const Token& t, std::size_t at) { return t.begin < at; });
    while (t != tokens_.begin() && (t - 1)->text == "(") --t;
    if (t != tokens_.begin()) --t;
    if (t != tokens_.begin() && t->glued) {
        const std::string_view before = (t - 1)->text;
        if ((t->text == "-" && before == "<") || (t->text == "=" && (before == "max" || before == "min"))) --t;
    }
    return t->begin;
}

std::size_t Original::brace_after(std::size_t offset) const {
    auto t = std::lower_bound(tokens_.begin(), tokens_.end(), offset, [](const Token& t, std::size_t at) { return t.begin < at; });
    while (t->kind != Token::end && t->text != "{") ++t;
    return t->begin;
}

namespace {
auto within(std::size_t begin, std::size_t end) {
    return [begin, end](const Comment& c) { return c.begin >= begin && c.begin < end; };
}
}  // namespace

bool Original::has_comments(std::size_t begin, std::size_t end) const {
    return std::any_of(comments_.begin(), comments_.end(), within(begin, end));
}

std::vector<Comment> Original::take(std::size_t begin, std::size_t end) {
    const auto first = std::find_if(comments_.begin(), comments_.end(), within(begin, end));
    const auto last = std::find_if_not(first, comments_.end(), within(begin, end));
    std::vector<Comment> taken(first, last);
    comments_.erase(first, last);
    return taken;
}

std::optional<Comment> Original::take_beside(std::size_t offset, std::size_t end) {
    const auto found = std::find_if(comments_.begin(), comments_.end(), within(offset, end));
    if (found == comments_.end() || newlines(offset, found->begin)) return {};
    const Comment comment = *found;
    comments_.erase(found);
    return comment;
}

}  // namespace dlc::text
