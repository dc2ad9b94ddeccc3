// What appears on the user's screen: colours, tables, one rewritten progress line.  Answers go to standard output, narration and
// errors to standard error.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/driver/command.h"

namespace dlc::driver {

/// Whether ANSI colours are wanted on a stream: --color, then NO_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether it is a terminal.
bool colored(const Global&, int file_descriptor);
/// Whether standard error is a terminal that can rewrite its last line.
bool interactive();

/// Columns separated by two blanks; the first row is the head.  Numbers (and `-`) are set flush right.
std::string table(const std::vector<std::vector<std::string>>& rows);

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

private:
    bool enabled_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace dlc::driver
