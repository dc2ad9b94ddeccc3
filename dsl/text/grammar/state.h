// What the rules share while one file is parsed: the furthest failure, from which the message is made, and the limits of nesting.
//
// A rule that fails says so only by returning false; that some alternative failed is no error.  The error is what no alternative
// could read, so every primitive notes what it wanted and where, and only the notes of the furthest place are kept.
#pragma once
#include <string_view>
#include <vector>

#include "dsl/source/diagnostic.h"
#include "dsl/text/grammar/token.h"

namespace dlc::text::grammar {

/// Tokens are read through plain pointers; the last one, of kind `end`, may be looked at but is never consumed.
using Iterator = const Token*;

/// How deep brackets, blocks and prefix operators may nest, and how high the tree of an expression may grow (a chain of n operators
/// is n high). Both keep every later recursion over the tree within the stack.
inline constexpr int kMaxDepth = 128;
inline constexpr int kMaxHeight = 512;

class ParseState {
public:
    ParseState(const source::SourceMap& map, std::uint32_t file, source::Diagnostics& diagnostics, const Tokens& tokens)
        : map_(map), file_(file), diagnostics_(diagnostics), begin_(tokens.tokens.data()) {}

    /// Notes that `what` was wanted at a place.  `literal`: `what` is the text of a token, else a description such as "an
    /// expression".
    void expected(Iterator at, std::string_view what, bool literal);
    /// What was noted at `at` since `count` notes were there becomes the one note `what`.
    void summarise(Iterator at, std::size_t count, std::string_view what);
    /// How many notes there are for `at`.
    std::size_t notes(Iterator at) const { return furthest_ == at ? wanted_.size() : 0; }

    /// Reports the furthest failure of a rule that began at `begin`; returns where.
    Iterator report(Iterator begin);
    /// Reports that nesting is too deep; every rule fails from here to `resume`.
    void abandon(Iterator at);
    bool abandoned() const { return abandoned_; }
    void resume() { abandoned_ = false, depth = height = 0, furthest_ = nullptr, wanted_.clear(); }

    Iterator token(std::uint32_t index) const { return begin_ + index; }
    source::Span span(Iterator first, Iterator last) const;  // of [first, last), at least one token
    const source::SourceMap& map() const { return map_; }

    int depth = 0;   // of the recursion
    int height = 0;  // of the highest tree made since the innermost node in the making began

private:
    struct Wanted {
        std::string_view what;
        bool literal;
        bool operator==(const Wanted&) const = default;
    };
    bool wants(std::string_view what) const;
    std::string wanted() const;
    source::Diagnostic diagnose(Iterator at) const;
    std::string help(Iterator at) const;

    const source::SourceMap& map_;
    std::uint32_t file_;
    source::Diagnostics& diagnostics_;
    Iterator begin_;
    Iterator furthest_ = nullptr;
    std::vector<Wanted> wanted_;
    bool abandoned_ = false;
};

}  // namespace dlc::text::grammar
