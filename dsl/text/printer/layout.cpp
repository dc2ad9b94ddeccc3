#include "dsl/text/printer/layout.h"

#include <algorithm>

namespace dlc::text {

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

Layout& Layout::text(std::string_view words) {
    pieces_.push_back({.kind = Piece::text, .words = std::string(words), .block = {}});
    return *this;
}

Layout& Layout::line(bool forced, bool soft) {
    pieces_.push_back({.kind = Piece::line, .words = " ", .forced = forced, .soft = soft, .level = level_, .block = {}});
    return *this;
}

Layout& Layout::gap(bool forced) {
    pieces_.push_back({.kind = Piece::gap, .words = {}, .forced = forced, .level = level_, .block = {}});
    return *this;
}

Layout& Layout::open(Indent indent) {
    ++level_;
    pieces_.push_back({.kind = Piece::open, .words = {}, .indent = indent, .block = {}});
    return *this;
}

Layout& Layout::close() {
    --level_;
    pieces_.push_back({.kind = Piece::close, .words = {}, .block = {}});
    return *this;
}

Layout& Layout::lines(std::vector<std::string> block) {
    pieces_.push_back({.kind = Piece::lines, .words = {}, .block = std::move(block)});
    return *this;
}

/// The width from behind a break to the next one of its level or an outer one, or to where a line ends in any case.
std::size_t Layout::extent(std::size_t piece, std::size_t columns) const {
    std::size_t sum = 0;
    for (std::size_t i = piece + 1; i < pieces_.size() && sum <= columns; ++i) {
        const Piece& p = pieces_[i];
        if (p.kind == Piece::lines || p.forced) break;
        const bool breaks = p.kind == Piece::gap || (p.kind == Piece::line && p.soft);
        if (breaks && p.level <= pieces_[piece].level) break;
        sum += width(p.words);
    }
    return sum;
}

std::vector<std::string> Layout::print(std::string prefix, std::size_t indent, std::size_t columns) const {
    std::vector<std::string> out;
    std::string current = std::move(prefix);
    std::size_t line_indent = indent;
    std::vector<std::size_t> levels{indent + 4};
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const Piece& p = pieces_[i];
        const std::size_t column = width(current);
        switch (p.kind) {
            case Piece::text: current += p.words; break;
            case Piece::open: levels.push_back(p.indent == Indent::aligned ? column : indent + 4); break;
            case Piece::close: levels.pop_back(); break;
            case Piece::lines:
                out.push_back(std::move(current));
                out.insert(out.end(), p.block.begin(), p.block.end());
                current = std::string(indent, ' ');
                line_indent = indent;
                break;
            case Piece::line:
            case Piece::gap: {
                const std::size_t to = p.kind == Piece::gap ? line_indent + 4 : levels.back();
                const bool helps = to < column && column + width(p.words) + extent(i, columns) > columns;
                if (!p.forced && !(p.soft && helps)) {
                    current += p.words;
                    break;
                }
                if (p.kind == Piece::gap) levels.back() = to;
                out.push_back(std::move(current));
                current = std::string(to, ' ');
                line_indent = to;
            }
        }
    }
    out.push_back(std::move(current));
    return out;
}

std::string Layout::flat() const {
    std::string out;
    for (const Piece& p : pieces_) out += p.words;
    return out;
}

}  // namespace dlc::text
