#include "dsl/text/printer/printer.h"

namespace dlc::text {
namespace {

const char* spell(Equation::Op op) {
    switch (op) {
        case Equation::define: return "=";
        case Equation::add: return "+=";
        case Equation::maximum: return "max=";
        case Equation::minimum: return "min=";
    }
    return "";
}
const char* spell(Definition::Kind kind) {
    switch (kind) {
        case Definition::output: return "output";
        case Definition::loss: return "loss";
        case Definition::metric: return "metric";
        case Definition::shared: return "shared";
    }
    return "";
}

}  // namespace

void Printer::block(Layout& out, const Block& b, std::size_t indent) {
    std::vector<Entry> entries;
    for (const Ref<Stmt>& s : b.statements)
        entries.push_back({s->where, {}, 0, [this, &s](std::size_t indent) {
                               Line line;
                               std::visit([&](const auto& node) { print(line, node, indent); }, s->node);
                               return line;
                           }});
    braces(out, b.where, entries, indent);
}

/// `OP value`, the last part of a line.
void Printer::value(Line& line, const char* op, const Where& left, const ExprRef& value, std::size_t indent) {
    const std::size_t column = original_ && value->where ? original_->column(original_->operator_before(value->where.begin)) : 0;
    line.parts.push_back({Line::operation, column, {}});
    // Brackets, pipes and blocks have breaks of their own; before them a line ends only where the author ended it.
    const auto& node = value->node;
    const bool breaks_inside = std::holds_alternative<Call>(node) || std::holds_alternative<List>(node) ||
                               std::holds_alternative<Pipe>(node) || std::holds_alternative<Scan>(node);
    line.rest.text(op).line(broken(left, value->where), !breaks_inside);
    expr(line.rest, *value, Level::pipe, indent, true);
}

void Printer::values(Line& line, const char* keyword, const std::vector<ExprRef>& values, std::size_t indent) {
    line.rest.text(keyword).text(" ").open(Layout::Indent::aligned);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i) line.rest.text(",").line(broken(values[i - 1], values[i]));
        expr(line.rest, *values[i], Level::pipe, indent, values.size() == 1);
    }
    line.rest.close();
}
void Printer::print(Line& line, const Return& r, std::size_t indent) { values(line, "return", r.values, indent); }
void Printer::print(Line& line, const Yield& y, std::size_t indent) { values(line, "yield", y.values, indent); }

void Printer::print(Line& line, const IfStmt& first, std::size_t indent) {
    for (const IfStmt* branch = &first; branch;) {
        line.rest.text("if ");
        expr(line.rest, *branch->condition, Level::pipe, indent);
        line.rest.text(" ");
        block(line.rest, branch->then, indent);
        if (!branch->otherwise) break;
        line.rest.text(" else ");
        // `else if` is a block of one statement without braces of its own: both begin at the same place.
        const auto& inner = branch->otherwise->statements;
        const IfStmt* next = inner.size() == 1 ? std::get_if<IfStmt>(&inner[0]->node) : nullptr;
        if (next && original_ && branch->otherwise->where && !(branch->otherwise->where.begin == inner[0]->where.begin))
            next = nullptr;
        if (!next) block(line.rest, *branch->otherwise, indent);
        branch = next;
    }
}
void Printer::print(Line& line, const For& f, std::size_t indent) {
    line.rest.text("for ").text(f.name.text).text(" in ");
    expr(line.rest, *f.low, Level::pipe, indent);
    if (f.high) expr(line.rest.text(".."), *f.high, Level::pipe, indent);
    line.rest.text(" ");
    block(line.rest, f.body, indent);
}
void Printer::print(Line& line, const Assert& a, std::size_t indent) {
    line.rest.text("assert ");
    expr(line.rest, *a.condition, Level::pipe, indent, true);
    if (a.message) line.rest.text(", ").text(quote(*a.message));
}

void Printer::head(Line& line, const char* word, const Identifier& name, bool typed) {
    line.parts.push_back({Line::keyword, 0, std::string(word) + " "});
    line.parts.push_back({Line::name, column(name.where), name.text + (typed ? ": " : " ")});
}
void Printer::print(Line& line, const Input& i, std::size_t) {
    head(line, i.target ? "target" : "input", i.name, true);
    line.parts.push_back({Line::type, column(i.type.where), {}});
    line.rest.text(type(i.type));
}
void Printer::print(Line& line, const Definition& d, std::size_t indent) {
    head(line, spell(d.kind), d.name, false);
    value(line, "=", d.name.where, d.value, indent);
}
void Printer::print(Line& line, const Param& p, std::size_t indent) {
    head(line, "param", p.name, true);
    line.parts.push_back({Line::type, column(p.type.where), p.initializer ? type(p.type) + " " : ""});
    if (p.initializer)
        value(line, "~", p.type.where, p.initializer, indent);
    else
        line.rest.text(type(p.type));
}
void Printer::print(Line& line, const State& s, std::size_t indent) {
    head(line, "state", s.name, s.type.has_value());
    if (s.type) line.parts.push_back({Line::type, column(s.type->where), type(*s.type) + " "});
    value(line, "=", s.type ? s.type->where : s.name.where, s.initial, indent);
}
void Printer::print(Line& line, const Update& u, std::size_t indent) {
    line.parts.push_back({Line::name, column(u.name.where), u.name.text + " "});
    value(line, "<-", u.name.where, u.value, indent);
}
void Printer::print(Line& line, const Assign& a, std::size_t indent) {
    std::string names;
    for (const Identifier& name : a.names) names += (names.empty() ? "" : ", ") + name.text;
    line.parts.push_back({Line::name, column(a.names.front().where), names + " "});
    value(line, "=", a.names.back().where, a.value, indent);
}
void Printer::print(Line& line, const Equation& e, std::size_t indent) {
    Where last = e.name.where;
    const std::string left = flat([&](Layout& out) {
        out.text(e.name.text).text("[");
        for (std::size_t i = 0; i < e.left.size(); ++i) {
            if (i) out.text(", ");
            if (e.left[i].bind)
                bind(out, *e.left[i].bind, indent);
            else
                out.text(position(*e.left[i].value));
            last = e.left[i].bind ? e.left[i].bind->where : e.left[i].value->where;
        }
        for (std::size_t i = 0; i < e.bounds.size(); ++i) {
            bind(out.text(i ? ", " : " | "), e.bounds[i], indent);
            last = e.bounds[i].where;
        }
        out.text("] ");
    });
    line.parts.push_back({Line::name, column(e.name.where), left});
    value(line, spell(e.op), last, e.value, indent);
}
}  // namespace dlc::text
