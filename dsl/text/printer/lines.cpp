// Lists of lines: comments, blank lines, aligned columns.
#include <algorithm>

#include "dsl/text/printer/printer.h"

namespace dlc::text {
namespace {

/// A line with what belongs to it.
struct Row {
    std::vector<std::string> above;  // comments and blank lines
    Line line;
    std::optional<Comment> beside;
    bool joined = false;    // directly below the row before, both without blocks: columns may be aligned
    bool one_line = false;  // in the source
    std::string prefix;
    std::vector<std::string> text;
};

/// Calls `act(first, last)` for every longest run of rows that are joined and for which `column` gives the same number but 0.
template <class Column, class Act>
void for_each_run(std::vector<Row>& rows, const Column& column, const Act& act) {
    for (std::size_t first = 0, last; first < rows.size(); first = last) {
        last = first + 1;
        if (!column(rows[first])) continue;
        while (last < rows.size() && rows[last].joined && column(rows[last]) == column(rows[first])) ++last;
        act(first, last);
    }
}

void pad(std::string& text, std::size_t to) {
    const std::size_t now = width(text);
    if (now < to) text.append(to - now, ' ');
}

/// Puts the parts of each row into its prefix, rank by rank, those of a run of rows in one column.
void align_parts(std::vector<Row>& rows) {
    for (const Line::Rank rank : {Line::keyword, Line::name, Line::type, Line::operation}) {
        const auto part = [&](const Row& row) {
            const auto& parts = row.line.parts;
            return std::find_if(parts.begin(), parts.end(), [&](const Line::Part& p) { return p.rank == rank; });
        };
        const auto column = [&](const Row& row) { return part(row) == row.line.parts.end() ? 0 : part(row)->column; };
        for_each_run(rows, column, [&](std::size_t first, std::size_t last) {
            std::size_t to = 0;
            for (std::size_t i = first; i < last; ++i) to = std::max(to, width(rows[i].prefix));
            for (std::size_t i = first; i < last; ++i) pad(rows[i].prefix, to);
        });
        for (Row& row : rows)
            if (part(row) != row.line.parts.end()) row.prefix += part(row)->text;
    }
}

/// Appends the comments beside the rows, two blanks off or in one column.
void place_comments(std::vector<Row>& rows, const Original& original) {
    const auto column = [&](const Row& row) {
        return row.beside && row.one_line && row.text.size() == 1 ? original.column(row.beside->begin) : 0;
    };
    std::vector<std::size_t> to(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = width(rows[i].text.back()) + 2;
    for_each_run(rows, column, [&](std::size_t first, std::size_t last) {
        const std::size_t most = *std::max_element(to.begin() + first, to.begin() + last);
        std::fill(to.begin() + first, to.begin() + last, most);
    });
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].beside) {
            pad(rows[i].text.back(), to[i]);
            rows[i].text.back() += rows[i].beside->text;
        }
}

}  // namespace

/// The entry on one line, blocks and all, if it was on one and fits, else with its blocks over several lines.
Line Printer::line(const Entry& entry, std::size_t indent, bool& has_block) {
    const bool outer = one_line_;
    const bool try_one_line = original_ && entry.where && !original_->newlines(entry.where.begin, entry.where.end) &&
                              !original_->has_comments(entry.where.begin, entry.where.end);
    Line line;
    if (try_one_line) {
        one_line_ = true, has_block_ = crowded_ = false;
        line = entry.line(indent);
        one_line_ = outer;
        std::size_t whole = indent + width(line.rest.flat());
        for (const Line::Part& part : line.parts) whole += width(part.text);
        has_block = has_block_;
        if (!has_block_ || (!crowded_ && whole <= kPageWidth)) return line;
    }
    has_block_ = false;
    line = entry.line(indent);
    has_block = has_block_;
    return line;
}

std::vector<std::string> Printer::list(const std::vector<Entry>& entries, std::size_t begin, std::size_t end, std::size_t indent) {
    const std::string margin(indent, ' ');
    std::vector<Row> rows;
    std::size_t cursor = begin;  // behind what is printed already
    bool at_start = true, previous_has_block = true;
    const auto blank = [&](std::vector<std::string>& above, std::size_t next) {
        if (!at_start && original_->newlines(cursor, next) > 1) above.emplace_back();
        at_start = false;
    };
    const auto comment = [&](std::vector<std::string>& above, const Comment& c) {
        blank(above, c.begin);
        above.push_back(margin + std::string(c.text));
        cursor = c.begin + c.text.size();
    };
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Entry& e = entries[i];
        Row row;
        bool has_block = false;
        if (original_) {
            const std::size_t next = i + 1 < entries.size() ? entries[i + 1].where.begin : end;
            row.joined = i > 0 && original_->newlines(entries[i - 1].where.end, e.where.begin) == 1;
            for (const Comment& c : original_->take(cursor, e.where.begin)) comment(row.above, c);
            blank(row.above, e.where.begin);
            row.line = line(e, indent, has_block);
            // Comments amid a statement move above it.  There `##` would make one the documentation of a declaration.
            for (const Comment& c : original_->take(e.where.begin, e.where.end)) {
                const std::size_t marks = std::min(c.text.find_first_not_of('#'), c.text.size());
                row.above.push_back(margin + "#" + std::string(c.text.substr(marks)));
            }
            row.beside = original_->take_beside(e.where.end, next);
            row.one_line = !original_->newlines(e.where.begin, e.where.end);
            cursor = row.beside ? row.beside->begin + row.beside->text.size() : e.where.end;
        } else {
            if (indent == 0 && i > 0 && !(e.kind && e.kind == entries[i - 1].kind)) row.above.emplace_back();
            for (std::size_t at = 0; at < e.doc.size() + !e.doc.empty();) {
                const std::size_t line_end = std::min(e.doc.find('\n', at), e.doc.size());
                row.above.push_back(margin + (line_end > at ? "## " : "##") + e.doc.substr(at, line_end - at));
                at = line_end + 1;
            }
            row.line = line(e, indent, has_block);
        }
        row.joined = row.joined && row.above.empty() && !has_block && !previous_has_block;
        previous_has_block = has_block;
        row.prefix = margin;
        rows.push_back(std::move(row));
    }
    align_parts(rows);
    for (Row& row : rows) row.text = row.line.rest.print(row.prefix, indent);
    if (original_) place_comments(rows, *original_);

    std::vector<std::string> out;
    for (const Row& row : rows) {
        out.insert(out.end(), row.above.begin(), row.above.end());
        out.insert(out.end(), row.text.begin(), row.text.end());
    }
    if (original_)
        for (const Comment& c : original_->take(cursor, end)) comment(out, c);
    return out;
}

void Printer::braces(Layout& out, const Where& where, const std::vector<Entry>& entries, std::size_t indent) {
    has_block_ = true;
    const bool commented = original_ && where && original_->has_comments(where.begin, where.end);
    if (entries.empty() && !commented) {
        out.text("{}");
    } else if (one_line_) {
        crowded_ = crowded_ || entries.size() > 1;
        out.text("{ ");
        for (const Entry& e : entries) {
            const Line line = e.line(indent);
            if (&e != &entries.front()) out.text(" ");
            for (const Line::Part& part : line.parts) out.text(part.text);
            out.text(line.rest.flat());
        }
        out.text(" }");
    } else {
        std::string opening = "{";
        std::size_t begin = 0, end = 0;
        if (original_) {
            begin = where.begin + 1, end = where.end - 1;
            if (const auto beside = original_->take_beside(begin, entries.empty() ? end : entries.front().where.begin)) {
                opening += "  " + std::string(beside->text);
                begin = beside->begin + beside->text.size();
            }
        }
        std::vector<std::string> lines = list(entries, begin, end, indent + 2);
        has_block_ = true;
        out.text(opening).lines(std::move(lines)).text("}");
    }
}

std::string Printer::file(const File& file) {
    std::vector<Entry> entries;
    for (const Declaration& d : file.declarations) {
        const auto* function = std::get_if<Function>(&d.node);
        const int kind = !d.doc.empty()                                      ? 0
                         : std::holds_alternative<Import>(d.node)            ? 1
                         : function && function->value && !function->adjoint ? 2
                                                                             : 0;
        entries.push_back({d.where, d.doc, kind, [this, &d](std::size_t) {
                               Line line;
                               std::visit([&](const auto& node) { print(line.rest, node, d.where); }, d.node);
                               return line;
                           }});
    }
    std::string out;
    for (const std::string& line : list(entries, 0, original_ ? original_->size() : 0, 0)) out += line + "\n";
    return out;
}

}  // namespace dlc::text
