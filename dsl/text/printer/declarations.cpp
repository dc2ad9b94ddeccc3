#include "dsl/text/printer/printer.h"

namespace dlc::text {
namespace {

/// Declarations stand at the margin.
constexpr std::size_t kMargin = 0;

}  // namespace

void Printer::head(Layout& out, const char* keyword, const Identifier& name, const std::vector<Parameter>* parameters) {
    out.text(keyword).text(" ").text(name.text);
    if (!parameters) return;
    out.text("(").open(Layout::Indent::aligned);
    for (std::size_t i = 0; i < parameters->size(); ++i) {
        const Parameter& p = (*parameters)[i];
        if (i == 0)
            out.gap(broken(name.where, p.where));
        else
            out.text(",").line(broken((*parameters)[i - 1].where, p.where));
        out.text(p.name.text).text(": ").text(type(p.type));
        if (p.fallback) expr(out.text(" = "), *p.fallback, Level::pipe, kMargin);
    }
    out.close().text(")");
}

void Printer::head(Layout& out, const Import& i) { out.text("import ").text(quote(i.path)); }
void Printer::head(Layout& out, const Function& f) {
    head(out, f.layer ? "layer" : "fn", f.name, &f.parameters);
    for (std::size_t i = 0; i < f.results.size(); ++i) {
        out.text(i ? ", " : " -> ").text(f.results[i].name.text);
        if (f.results[i].type) out.text(": ").text(type(*f.results[i].type));
    }
}
void Printer::head(Layout& out, const Initializer& i) { head(out, "init", i.name, &i.parameters); }
void Printer::head(Layout& out, const Optimizer& o) { head(out, "optimizer", o.name, &o.parameters); }
void Printer::head(Layout& out, const Model& m) { head(out, "model", m.name, m.parameters.empty() ? nullptr : &m.parameters); }
void Printer::head(Layout& out, const Study& s) { head(out, "study", s.name, nullptr); }
void Printer::head(Layout& out, const Test& t) { out.text("test ").text(quote(t.title)); }
void Printer::head(Layout& out, const Train&) { out.text("train"); }

std::string Printer::head(const Declaration& d, std::size_t columns) {
    Layout out;
    std::visit([&](const auto& node) { head(out, node); }, d.node);
    std::string text;
    for (const std::string& line : out.print({}, kMargin, columns)) text += (text.empty() ? "" : "\n") + line;
    return text;
}

void Printer::print(Layout& out, const Import& i, const Where&) { head(out, i); }

void Printer::print(Layout& out, const Function& f, const Where&) {
    head(out, f);
    if (f.body) {
        out.text(" ");
        block(out, *f.body, kMargin);
    } else {
        Where before = f.parameters.empty() ? f.name.where : f.parameters.back().where;
        if (!f.results.empty()) before = f.results.back().type ? f.results.back().type->where : f.results.back().name.where;
        definition(out, before, f.value);
    }
    if (f.adjoint) block(out.text(" with adjoint "), *f.adjoint, kMargin);
}
void Printer::definition(Layout& out, const Where& before, const ExprRef& value) {
    out.text(" =").line(broken(before, value->where), !std::holds_alternative<Scan>(value->node));
    expr(out, *value, Level::pipe, kMargin, true);
}
void Printer::print(Layout& out, const Initializer& i, const Where&) {
    head(out, i);
    definition(out, i.parameters.empty() ? i.name.where : i.parameters.back().where, i.value);
}
void Printer::print(Layout& out, const Optimizer& o, const Where&) {
    head(out, o);
    block(out.text(" "), o.body, kMargin);
}
void Printer::print(Layout& out, const Model& m, const Where&) {
    head(out, m);
    block(out.text(" "), m.body, kMargin);
}
Entry Printer::entry(const Setting& s) {
    return {join(s.name.where, s.value->where), {}, 0, [this, &s](std::size_t indent) {
                Line line;
                line.parts.push_back({Line::name, column(s.name.where), s.name.text + " "});
                value(line, "=", s.name.where, s.value, indent);
                return line;
            }};
}
Entry Printer::entry(const std::vector<Vary>& list) {
    // The span begins at the keyword, which stands before the first path.
    Where where = join(list.front().path.front().where, list.back().values->where);
    if (original_ && where) where.begin = static_cast<std::uint32_t>(original_->operator_before(where.begin));
    return {where, {}, 0, [this, &list](std::size_t indent) {
                Line line;
                line.parts.push_back({Line::name, 0, "vary "});
                line.parts.push_back({Line::operation, column(list.front().path.front().where), {}});
                line.rest.open(Layout::Indent::aligned);
                for (std::size_t i = 0; i < list.size(); ++i) {
                    if (i) line.rest.text(",").line(broken(list[i - 1].values->where, list[i].path.front().where));
                    for (std::size_t k = 0; k < list[i].path.size(); ++k) line.rest.text(k ? "." : "").text(list[i].path[k].text);
                    expr(line.rest.text(" in "), *list[i].values, Level::pipe, indent);
                }
                line.rest.close();
                return line;
            }};
}

/// Where the braces of a declaration that ends with them stand: from the first `{` at or after `from` on.
Where Printer::braces_of(const Where& declaration, std::size_t from) const {
    if (!original_ || !declaration) return {};
    Where braces = declaration;
    braces.begin = static_cast<std::uint32_t>(original_->brace_after(from));
    return braces;
}

void Printer::print(Layout& out, const Train& t, const Where& where) {
    std::vector<Entry> entries;
    for (const Setting& s : t.settings) entries.push_back(entry(s));
    head(out, t);
    braces(out.text(" "), braces_of(where, where.begin), entries, kMargin);
}
void Printer::print(Layout& out, const Study& s, const Where& where) {
    std::vector<Entry> entries;
    for (const auto& e : s.entries) entries.push_back(std::visit([&](const auto& node) { return entry(node); }, e));
    head(out, s);
    braces(out.text(" "), braces_of(where, s.name.where.end), entries, kMargin);
}
void Printer::print(Layout& out, const Test& t, const Where&) {
    head(out, t);
    block(out.text(" "), t.body, kMargin);
}

}  // namespace dlc::text
