// The tree as text: with the author's comments, blank lines and line breaks where there is a source (`format`), and without
// (`print`).
//
// Three ideas carry it.  Parentheses come from precedence, so the tree needs none.  Breaks inside a statement are Layout's.  A
// column
// (`=` under `=`) is kept where the author made one: neighbouring lines whose parts begin in the same column of the source begin in
// the same column of the result.
#pragma once
#include <functional>
#include <utility>

#include "dsl/text/ast.h"
#include "dsl/text/printer/layout.h"
#include "dsl/text/printer/original.h"

namespace dlc::text {

/// How tightly an expression binds; the levels of the grammar.
enum class Level { pipe, choice, disjunction, conjunction, negation, comparison, sum, product, unary, power, postfix };
Level level_of(const Expr&);

std::string quote(const std::string& value);

/// One line of a list: parts that may be aligned with those of its neighbours, the last of which, `rest`, may run over several
/// lines.
struct Line {
    enum Rank { keyword, name, type, operation };
    struct Part {
        Rank rank;
        std::size_t column = 0;  // where it begins in the source, from 1; 0 where it is not to be aligned
        std::string text;        // with the blank behind it; empty for the part that is `rest`
    };
    std::vector<Part> parts;
    Layout rest;
};

/// An entry of a list of lines: a statement, a declaration or a setting.
struct Entry {
    Where where;
    std::string doc;
    int kind = 0;  // without a source, entries of the same kind other than 0 stand without a blank line between them
    std::function<Line(std::size_t indent)> line;
};

class Printer {
public:
    /// `original` is what the tree was parsed from, or null.
    explicit Printer(Original* original) : original_(original) {}

    std::string file(const File&);
    std::string expression(const Expr&);
    std::string type(const Type&);
    std::string head(const Declaration&, std::size_t columns);

private:
    // expressions.cpp.  `top`: the value of a statement, whose continuation lines hang below it instead of standing aligned.
    void expr(Layout&, const Expr&, Level at_least, std::size_t indent, bool top = false);
    void print(Layout&, const Number&, std::size_t indent, bool top);
    void print(Layout&, const String&, std::size_t indent, bool top);
    void print(Layout&, const Bool&, std::size_t indent, bool top);
    void print(Layout&, const Name&, std::size_t indent, bool top);
    void print(Layout&, const List&, std::size_t indent, bool top);
    void print(Layout&, const Unary&, std::size_t indent, bool top);
    void print(Layout&, const Binary&, std::size_t indent, bool top);
    void print(Layout&, const Compare&, std::size_t indent, bool top);
    void print(Layout&, const If&, std::size_t indent, bool top);
    void print(Layout&, const Call&, std::size_t indent, bool top);
    void print(Layout&, const Reduce&, std::size_t indent, bool top);
    void print(Layout&, const Read&, std::size_t indent, bool top);
    void print(Layout&, const Pipe&, std::size_t indent, bool top);
    void print(Layout&, const Scan&, std::size_t indent, bool top);
    void arguments(Layout&, const Where& callee, const std::vector<Argument>&, std::size_t indent);
    void bind(Layout&, const Bind&, std::size_t indent);
    std::string position(const Expr&);

    // statements.cpp
    void print(Line&, const Return&, std::size_t indent);
    void print(Line&, const Yield&, std::size_t indent);
    void print(Line&, const IfStmt&, std::size_t indent);
    void print(Line&, const For&, std::size_t indent);
    void print(Line&, const Assert&, std::size_t indent);
    void print(Line&, const Input&, std::size_t indent);
    void print(Line&, const Definition&, std::size_t indent);
    void print(Line&, const Param&, std::size_t indent);
    void print(Line&, const State&, std::size_t indent);
    void print(Line&, const Update&, std::size_t indent);
    void print(Line&, const Assign&, std::size_t indent);
    void print(Line&, const Equation&, std::size_t indent);
    void block(Layout&, const Block&, std::size_t indent);
    void values(Line&, const char* keyword, const std::vector<ExprRef>&, std::size_t indent);
    void head(Line&, const char* keyword, const Identifier&, bool typed);
    void value(Line&, const char* op, const Where& left, const ExprRef&, std::size_t indent);

    // declarations.cpp
    void print(Layout&, const Import&, const Where&);
    void print(Layout&, const Function&, const Where&);
    void print(Layout&, const Initializer&, const Where&);
    void print(Layout&, const Optimizer&, const Where&);
    void print(Layout&, const Model&, const Where&);
    void print(Layout&, const Train&, const Where&);
    void print(Layout&, const Study&, const Where&);
    void print(Layout&, const Test&, const Where&);
    void head(Layout&, const char* keyword, const Identifier&, const std::vector<Parameter>*);
    void head(Layout&, const Import&);
    void head(Layout&, const Function&);
    void head(Layout&, const Initializer&);
    void head(Layout&, const Optimizer&);
    void head(Layout&, const Model&);
    void head(Layout&, const Train&);
    void head(Layout&, const Study&);
    void head(Layout&, const Test&);
    void definition(Layout&, const Where& before, const ExprRef& value);
    Entry entry(const Setting&);
    Entry entry(const std::vector<Vary>&);
    Where braces_of(const Where& declaration, std::size_t from) const;

    // lines.cpp
    /// The lines of a list that stands in [begin, end) of the source.
    std::vector<std::string> list(const std::vector<Entry>&, std::size_t begin, std::size_t end, std::size_t indent);
    /// `{ … }` over several lines, or on one where the author wrote at most one entry on one line and it fits.
    void braces(Layout&, const Where&, const std::vector<Entry>&, std::size_t indent);
    Line line(const Entry&, std::size_t indent, bool& has_block);
    /// What `act` prints, on one line whatever it holds: types, and the left sides of equations.
    template <class Act>
    std::string flat(const Act& act) {
        const bool outer = std::exchange(one_line_, true);
        Layout out;
        act(out);
        one_line_ = outer;
        return out.flat();
    }

    bool broken(const Where& before, const Where& after) const {
        return original_ && before && after && original_->newlines(before.end, after.begin);
    }
    bool broken(const ExprRef& before, const ExprRef& after) const { return broken(before->where, after->where); }
    std::size_t column(const Where& where) const { return original_ && where ? original_->column(where.begin) : 0; }

    Original* original_;
    bool one_line_ = false;   // blocks are printed on one line
    bool has_block_ = false;  // a block has been printed
    bool crowded_ = false;    // one of them had too many entries for one line
};

}  // namespace dlc::text
