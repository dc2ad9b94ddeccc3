// The entry points: a file is read declaration by declaration, so that an error costs one of them at most.
#include "dsl/text/parse.h"

#include <algorithm>

#include "dsl/text/grammar/rules.h"

namespace dlc::text {
namespace {

using namespace grammar;

/// A comment without its marker of `marks` characters and the blank behind it.
std::string_view unmarked(std::string_view comment, std::size_t marks) {
    comment.remove_prefix(marks);
    if (comment.starts_with(' ')) comment.remove_prefix(1);
    return comment;
}

/// The `##` lines that stand directly above the offset `begin`, without their markers.
std::string doc_above(std::string_view text, const std::vector<Comment>& comments, std::uint32_t begin) {
    std::string doc;
    auto comment =
        std::lower_bound(comments.begin(), comments.end(), begin, [](const Comment& c, std::uint32_t at) { return c.begin < at; });
    while (comment != comments.begin()) {
        --comment;
        const std::string_view between = text.substr(comment->begin, begin - comment->begin).substr(comment->text.size());
        if (!comment->starts_line || std::count(between.begin(), between.end(), '\n') != 1 ||
            between.find_first_not_of(" \t\r\n") != between.npos)
            break;
        begin = comment->begin;
        if (!comment->text.starts_with("##")) continue;
        doc = std::string(unmarked(comment->text, 2)) + (doc.empty() ? "" : "\n" + doc);
    }
    return doc;
}

/// Hands on what was found, in the order of the text.
void report_in_order(const source::Diagnostics& found, source::Diagnostics& diagnostics) {
    std::vector<source::Diagnostic> sorted = found.all();
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.labels[0].span.begin < b.labels[0].span.begin; });
    for (source::Diagnostic& d : sorted) diagnostics.report(std::move(d));
}

}  // namespace

File parse(const source::SourceMap& map, std::uint32_t file, source::Diagnostics& diagnostics) {
    source::Diagnostics found;
    const Tokens tokens = tokenize(map, file, found);
    ParseState state(map, file, found, tokens);
    const Context context = x3::make_context<ParseStateTag>(state);
    Iterator first = tokens.tokens.data();
    const Iterator last = &tokens.tokens.back();
    File out;
    while (first != last) {
        const Iterator begin = first;
        Declaration read;
        if (declaration.parse(first, last, context, x3::unused, read)) {
            read.doc = doc_above(map.file(file).text, tokens.comments, begin->begin);
            out.declarations.push_back(std::move(read));
            continue;
        }
        first = std::max(state.abandoned() ? begin : state.report(begin), begin + 1);
        while (first != last && !(first->opener == Token::kNone && starts_declaration(first))) ++first;
        state.resume();
    }
    report_in_order(found, diagnostics);
    return out;
}

std::string opening_comment(const source::SourceMap& map, std::uint32_t file) {
    source::Diagnostics ignored;
    const std::string_view text = map.file(file).text;
    std::string out;
    std::size_t cursor = 0;
    for (const Comment& c : tokenize(map, file, ignored).comments) {
        const std::string_view between = text.substr(cursor, c.begin - cursor);
        const bool follows = cursor == 0 || std::count(between.begin(), between.end(), '\n') == 1;
        if (!follows || between.find_first_not_of(" \t\r\n") != between.npos || c.text.starts_with("##")) break;
        out += (cursor == 0 ? "" : "\n") + std::string(unmarked(c.text, 1));
        cursor = c.begin + c.text.size();
    }
    return out;
}

ExprRef parse_expression(const source::SourceMap& map, std::uint32_t file, source::Diagnostics& diagnostics) {
    source::Diagnostics found;
    const Tokens tokens = tokenize(map, file, found);
    ParseState state(map, file, found, tokens);
    const Context context = x3::make_context<ParseStateTag>(state);
    Iterator first = tokens.tokens.data();
    const Iterator begin = first, last = &tokens.tokens.back();
    ExprRef out;
    if (!expression.parse(first, last, context, x3::unused, out) || first != last) {
        if (!state.abandoned()) {
            state.expected(first, "the end of the expression", false);
            state.report(begin);
        }
    }
    report_in_order(found, diagnostics);
    return found.ok() ? out : ExprRef();
}

}  // namespace dlc::text
