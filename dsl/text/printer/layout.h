// Line breaking for one statement: text with places where a line may end.
//
// A break is taken where the author took one, or where the text up to the next break of its own or an outer level does not fit.
// Each decision depends only on the column and on text that a taken break does not change, so formatting formatted text changes
// nothing.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace dlc::text {

/// The width of the page in characters.
inline constexpr std::size_t kPageWidth = 120;

/// Characters of UTF-8 text.
std::size_t width(std::string_view text);

class Layout {
public:
    enum class Indent {
        aligned,  // with the column where the level begins
        hanging,  // four to the right of the statement
    };

    Layout& text(std::string_view);
    /// A blank, or the end of a line: always when `forced`, where needed when `soft`.
    Layout& line(bool forced, bool soft = true);
    /// Nothing, or the end of a line, behind an opening bracket; what follows on its level is then indented four more than the
    /// bracket's line.
    Layout& gap(bool forced);
    /// The breaks up to the matching `close` are one level further in.
    Layout& open(Indent);
    Layout& close();
    /// Lines that are laid out already; what follows begins a line of its own.
    Layout& lines(std::vector<std::string>);

    /// The lines of the statement, of at most `columns` characters where its breaks allow.  `prefix` is what stands before it on
    /// its first line, indentation included; `indent` is the statement's.
    std::vector<std::string> print(std::string prefix, std::size_t indent, std::size_t columns = kPageWidth) const;
    /// All on one line of any width.  Not for a layout that holds lines.
    std::string flat() const;

private:
    struct Piece {
        enum Kind { text, line, gap, open, close, lines } kind;
        std::string words;
        bool forced = false, soft = true;
        Indent indent = Indent::aligned;
        std::size_t level = 0;
        std::vector<std::string> block;
    };
    std::size_t extent(std::size_t piece, std::size_t columns) const;

    std::vector<Piece> pieces_;
    std::size_t level_ = 0;
};

}  // namespace dlc::text
