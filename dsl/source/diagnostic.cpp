#include "dsl/source/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace dlc::source {

Diagnostic error(Code code, std::string message) {
    Diagnostic d;
    d.severity = Severity::error;
    d.code = code;
    d.message = std::move(message);
    return d;
}

Diagnostic warning(Code code, std::string message) {
    Diagnostic d = error(code, std::move(message));
    d.severity = Severity::warning;
    return d;
}

void Diagnostics::report(Diagnostic d) {
    // What goes wrong at one place in several ways below it is one fault.
    const auto place = [](const Diagnostic& x) { return x.labels.empty() ? Span() : x.labels.front().span; };
    const bool known = std::any_of(all_.begin(), all_.end(), [&](const Diagnostic& other) {
        return other.severity == d.severity && other.code == d.code && other.message == d.message && place(other) == place(d);
    });
    if (known) return;
    if (d.severity == Severity::error) ++errors_;
    all_.push_back(std::move(d));
}

void fail_assertion(const char* condition, const char* file, int line, const std::string& why) {
    throw InternalError(fmt::format("{}:{}: {} ({})", file, line, why, condition));
}

std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates) {
    // Edit distance in which two neighbouring letters exchanged count as one edit, so that `reul` finds `relu`.
    const auto distance = [&](std::string_view other) {
        const std::size_t n = word.size(), m = other.size();
        std::vector<std::vector<std::size_t>> d(n + 1, std::vector<std::size_t>(m + 1));
        for (std::size_t i = 0; i <= n; ++i) d[i][0] = i;
        for (std::size_t j = 0; j <= m; ++j) d[0][j] = j;
        for (std::size_t i = 1; i <= n; ++i)
            for (std::size_t j = 1; j <= m; ++j) {
                d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (word[i - 1] != other[j - 1])});
                if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
                    d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
            }
        return d[n][m];
    };
    const std::size_t most = std::max<std::size_t>(1, word.size() / 3);
    std::string_view best;
    std::size_t best_distance = most + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t longer = std::max(word.size(), candidate.size()), shorter = std::min(word.size(), candidate.size());
        if (candidate == word || longer - shorter > most) continue;
        const std::size_t edits = distance(candidate);
        if (edits < best_distance && edits < longer) best = candidate, best_distance = edits;
    }
    return best;
}

namespace {

constexpr const char* kSeverity[] = {"error", "warning", "note"};

/// Lines longer than this are shown through a window around the label.
constexpr std::size_t kWidth = 140;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

/// `count` characters from character `from` on, control characters shown as blanks.
std::string excerpt(std::string_view text, std::size_t from, std::size_t count) {
    std::string out;
    std::size_t at = 0;
    bool inside = false;
    for (const unsigned char c : text) {
        if ((c & 0xC0) != 0x80) inside = at >= from && at < from + count, ++at;
        if (inside) out += c < 0x20 || c == 0x7F ? ' ' : static_cast<char>(c);
    }
    return out;
}

class Renderer {
public:
    Renderer(const SourceMap& map, bool color) : map_(map), color_(color) {}

    std::string operator()(const Diagnostic& d) {
        const char* heat = d.severity == Severity::error ? "1;31" : d.severity == Severity::warning ? "1;33" : "1;36";
        std::string head = kSeverity[static_cast<int>(d.severity)];
        if (!d.code.text.empty()) head += fmt::format("[{}]", d.code.text);
        out_ = paint(heat, head) + paint("1", ": " + d.message) + "\n";
        place(d);
        bool first = true;
        for (const auto& [file, lines] : files_) {
            show_file(file, lines, heat, first);
            first = false;
        }
        for (const std::string& note : d.notes) footer("note", note);
        if (!d.help.empty()) footer("help", d.help);
        return out_;
    }

private:
    struct Mark {
        std::size_t column = 1, length = 1;  // in characters
        bool primary = false;
        const std::string* text = nullptr;
    };
    struct Line {
        std::uint32_t offset = 0;
        std::vector<Mark> marks;
    };
    using Lines = std::map<std::uint32_t, Line>;

    std::string paint(const char* style, const std::string& text) const {
        return color_ && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : text;
    }

    /// Sorts the labels by file, the primary label's first, and by line.
    void place(const Diagnostic& d) {
        for (std::size_t i = 0; i < d.labels.size(); ++i) {
            const Label& label = d.labels[i];
            if (!label.span) continue;
            auto file = std::find_if(files_.begin(), files_.end(), [&](const auto& f) { return f.first == label.span.file; });
            if (file == files_.end()) file = files_.insert(files_.end(), {label.span.file, {}});
            const Position at = map_.position(label.span.file, label.span.begin);
            const std::string_view line = map_.line(label.span.file, label.span.begin);
            const std::size_t room = characters(line) + 1 > at.column ? characters(line) + 1 - at.column : 1;
            const std::size_t length = characters(map_.text(label.span));
            Line& entry = file->second[at.line];
            entry.offset = label.span.begin;
            entry.marks.push_back({at.column, std::clamp<std::size_t>(length, 1, room), i == 0, &label.text});
            margin_ = std::max(margin_, std::to_string(at.line).size());
            if (i == 0) primary_ = map_.location(label.span);
        }
    }

    void gutter(const std::string& number, const std::string& rest) {
        out_ += paint("1;34", fmt::format("{:>{}} |", number, margin_)) + (rest.empty() ? "" : " ") + rest + "\n";
    }

    void show_file(std::uint32_t file, const Lines& lines, const char* heat, bool first) {
        const Line& top = lines.begin()->second;
        std::string where = map_.location({file, top.offset, top.offset});
        if (first && !primary_.empty()) where = primary_;
        out_ += std::string(margin_, ' ') + paint("1;34", first ? "--> " : "::: ") + where + "\n";
        gutter("", "");
        std::uint32_t previous = 0;
        for (const auto& [number, line] : lines) {
            if (previous && number > previous + 1) out_ += paint("1;34", "...") + "\n";
            previous = number;
            show_line(number, map_.line(file, line.offset), line.marks, heat);
        }
    }

    void show_line(std::uint32_t number, std::string_view text, std::vector<Mark> marks, const char* heat) {
        std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.primary > b.primary; });
        const std::size_t all = characters(text);
        std::size_t from = 0;
        if (all > kWidth) from = std::min(all - kWidth, marks[0].column > kWidth / 2 ? marks[0].column - kWidth / 2 : 0);
        const std::string left = from ? "… " : "", right = from + kWidth < all ? " …" : "";
        gutter(std::to_string(number), left + excerpt(text, from, kWidth) + right);
        for (const Mark& mark : marks) {
            const std::size_t begin = std::clamp(mark.column - 1, from, from + kWidth);
            const std::size_t end = std::clamp(mark.column - 1 + mark.length, begin + 1, std::max(begin + 1, from + kWidth));
            const std::string line(end - begin, mark.primary ? '^' : '-');
            gutter("", std::string(begin - from + (from ? 2 : 0), ' ') +
                           paint(mark.primary ? heat : "1;34", line + (mark.text->empty() ? "" : " " + *mark.text)));
        }
    }

    void footer(const char* kind, const std::string& text) {
        out_ += std::string(margin_ + 1, ' ') + paint("1;34", "= ") + paint("1", kind) + ": " + text + "\n";
    }

    const SourceMap& map_;
    bool color_;
    std::string out_, primary_;
    std::vector<std::pair<std::uint32_t, Lines>> files_;
    std::size_t margin_ = 1;
};

}  // namespace

std::string render(const SourceMap& map, const Diagnostic& d, bool color) { return Renderer(map, color)(d); }

std::string render_json(const SourceMap& map, const Diagnostic& d) {
    nlohmann::ordered_json out{
        {"code", d.code.text}, {"severity", kSeverity[static_cast<int>(d.severity)]}, {"message", d.message}};
    out["labels"] = nlohmann::ordered_json::array();
    for (const Label& label : d.labels) {
        nlohmann::ordered_json entry;
        if (label.span) {
            const Position at = map.position(label.span.file, label.span.begin);
            entry = {{"path", map.file(label.span.file).path},
                     {"line", at.line},
                     {"column", at.column},
                     {"begin", label.span.begin},
                     {"end", label.span.end}};
        }
        entry["text"] = label.text;
        out["labels"].push_back(std::move(entry));
    }
    if (!d.notes.empty()) out["notes"] = d.notes;
    if (!d.help.empty()) out["help"] = d.help;
    return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace dlc::source
