#include "compiler/driver/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>

namespace dlc::driver {
namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// Bytes of UTF-8 that continue a character take no column.
std::size_t columns(std::string_view text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

bool is_number(std::string_view text) {
    return text == "-" || (!text.empty() && text.find_first_not_of("0123456789 .-+e%x") == std::string_view::npos);
}

}  // namespace

bool colored(const Global& global, int file_descriptor) {
    if (global.color != Global::Color::automatic) return global.color == Global::Color::always;
    if (!variable("NO_COLOR").empty()) return false;
    if (std::string_view force = variable("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
    return variable("TERM") != "dumb" && isatty(file_descriptor);
}

bool interactive() { return isatty(STDERR_FILENO) && variable("TERM") != "dumb" && variable("CI").empty(); }

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> width;
    std::vector<bool> numeric;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        width.resize(std::max(width.size(), rows[r].size()), 0);
        numeric.resize(width.size(), true);
        for (std::size_t c = 0; c < rows[r].size(); ++c) {
            width[c] = std::max(width[c], columns(rows[r][c]));
            if (r > 0 && !is_number(rows[r][c])) numeric[c] = false;
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string blanks(width[c] - columns(row[c]), ' ');
            line += "  ";
            line += numeric[c] ? blanks + row[c] : row[c] + blanks;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
    const std::string margin(indent, ' ');
    std::string out, current;
    const auto finish = [&] {
        if (!current.empty()) out += margin + current + "\n";
        current.clear();
    };
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("    ")) {
            finish();
            out += margin + line + "\n";
            continue;
        }
        const bool own = !line.empty() && std::string_view(" -|").find(line[0]) != std::string_view::npos;
        if (line.empty() || own) finish();
        if (line.empty()) out += "\n";
        if (own) current = line.substr(0, line.find_first_not_of(' '));
        std::istringstream words(line);
        for (std::string word; words >> word;) {
            if (!current.empty() && indent + columns(current) + 1 + columns(word) > width) finish();
            if (!current.empty() && !current.ends_with(' ')) current += ' ';
            current += word;
        }
    }
    finish();
    return out;
}

std::string human_bytes(std::int64_t bytes) {
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = double(bytes);
    int unit = 0;
    for (; value >= 1024 && unit < 4; ++unit) value /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.2f} {}", value, units[unit]);
}

std::string human_count(std::int64_t count) {
    std::string digits = std::to_string(count);
    for (std::ptrdiff_t at = std::ptrdiff_t(digits.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
        digits.insert(std::size_t(at), 1, ' ');
    return digits;
}

std::string human_seconds(double seconds) {
    if (seconds < 0.0995) return fmt::format("{:.1f} ms", seconds * 1e3);
    if (seconds < 99.5) return fmt::format("{:.1f} s", seconds);
    const auto whole = std::int64_t(seconds + 0.5);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string show_shape(const std::vector<std::int64_t>& shape) {
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
    return out + "]";
}

namespace {
ProgressLine* on_screen = nullptr;
}

void ProgressLine::clear_any() {
    if (on_screen) on_screen->clear();
}

ProgressLine::ProgressLine(const Global& global) : enabled_(!global.quiet && !global.json && interactive()) {}
ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (!enabled_ || (shown_ && now - last_ < std::chrono::milliseconds(100))) return;
    std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
    std::fflush(stderr);
    shown_ = true;
    on_screen = this;
    last_ = now;
}

void ProgressLine::clear() {
    if (shown_) std::fprintf(stderr, "\r\x1b[K");
    shown_ = false;
    if (on_screen == this) on_screen = nullptr;
}

}  // namespace dlc::driver
