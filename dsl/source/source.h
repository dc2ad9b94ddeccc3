// Source text and places in it.
//
// Every later stage speaks of the program by `Span`s, so that one rendering routine (diagnostic.h) can point at any of them.  A
// `SourceMap` owns the texts of one compilation: the model's file, what it imports and the standard library.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dlc::source {

/// A half-open range of bytes [begin, end) of one file.  A default-made span points nowhere.
struct Span {
    static constexpr std::uint32_t kNowhere = UINT32_MAX;
    std::uint32_t file = kNowhere;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    explicit operator bool() const { return file != kNowhere; }
    bool operator==(const Span&) const = default;
};

/// The smallest span that covers both; either may be empty.  Spans of two files give the first.
Span join(Span first, Span second);

/// A line and a column, counted from 1; a tab counts as one column, a UTF-8 sequence as one.
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

/// One file's text.  `path` is what the user reads in a diagnostic.
struct File {
    std::string path;
    std::string text;
};

/// The files of one compilation.  Texts never move once added, so views into them stay valid as long as the map.
class SourceMap {
public:
    /// Adds a text and returns its number, the `file` of the spans in it.
    std::uint32_t add(std::string path, std::string text);
    const File& file(std::uint32_t number) const { return files_.at(number).file; }
    std::size_t size() const { return files_.size(); }
    std::string_view text(Span) const;
    Position position(std::uint32_t file, std::uint32_t offset) const;
    /// The line that holds `offset`, without its newline.
    std::string_view line(std::uint32_t file, std::uint32_t offset) const;
    /// `path:line:column` of the span's start; empty for a span that points nowhere.
    std::string location(Span) const;

private:
    struct Entry {
        File file;
        std::vector<std::uint32_t> line_starts;
    };
    std::deque<Entry> files_;
};

}  // namespace dlc::source
