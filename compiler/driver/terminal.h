// What appears on the user's screen: colours, tables, one rewritten progress line.  Answers go to standard output, narration and
// errors to standard error.
#pragma once
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "compiler/driver/command.h"

namespace dlc::driver {

/// Whether ANSI colours are wanted on a stream: --color, then NO_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether it is a terminal.
bool colored(const Global&, int file_descriptor);
/// Whether standard error is a terminal that can rewrite its last line.
bool interactive();

/// Columns separated by two blanks; the first row is the head.  Numbers (and `-`) are set flush right.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// Paragraphs filled up to `columns`, every line indented; lines that begin with a blank, `-` or `|` stay lines, those that begin
/// with four blanks, which are code, as they are.  Ends with a newline unless there is no text.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t columns);

std::string human_bytes(std::int64_t bytes);  // "1.61 MiB"
std::string human_count(std::int64_t count);  // "421 642"
std::string human_seconds(double seconds);    // "4.1 s", "2 min 3 s"
std::string show_shape(const std::vector<std::int64_t>& shape);

/// A line on standard error that rewrites itself at most ten times a second; nothing at all where `interactive()` does not hold or
/// under --quiet.
class ProgressLine {
public:
    explicit ProgressLine(const Global&);
    ~ProgressLine();
    void show(const std::string& text);
    void clear();
    /// Clears the line that is on the screen, if any: before anything else is written to standard error.
    static void clear_any();

private:
    bool enabled_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point last_{};
};

/// Formats to standard error, in the place of a progress line.  That nobody reads it, or that it is closed, stops no work.
template <class... Values>
void narrate(fmt::format_string<Values...> format, Values&&... values) {
    const std::string text = fmt::format(format, std::forward<Values>(values)...);
    ProgressLine::clear_any();
    std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace dlc::driver
