// Expressions, with the parentheses that precedence asks for.
#include <charconv>
#include <cmath>

#include "dsl/text/printer/printer.h"

namespace dlc::text {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

std::string spell(const Number& number) {
    if (!number.spelling.empty()) return number.spelling;
    if (std::isinf(number.value)) return number.value < 0 ? "-inf" : "inf";
    char buffer[64];
    const char* end = number.integer ? std::to_chars(buffer, buffer + sizeof buffer, number.value, std::chars_format::fixed, 0).ptr
                                     : std::to_chars(buffer, buffer + sizeof buffer, number.value).ptr;
    std::string out(static_cast<const char*>(buffer), end);
    if (!number.integer && out.find_first_of(".e") == out.npos) out += ".0";
    return out;
}

const char* spell(Binary::Op op) {
    switch (op) {
        case Binary::add: return "+";
        case Binary::subtract: return "-";
        case Binary::multiply: return "*";
        case Binary::divide: return "/";
        case Binary::floor_divide: return "//";
        case Binary::modulo: return "%";
        case Binary::power: return "^";
        case Binary::logical_and: return "and";
        case Binary::logical_or: return "or";
    }
    return "";
}
const char* spell(Compare::Op op) {
    switch (op) {
        case Compare::equal: return "==";
        case Compare::not_equal: return "!=";
        case Compare::less_equal: return "<=";
        case Compare::greater_equal: return ">=";
        case Compare::less: return "<";
        case Compare::greater: return ">";
    }
    return "";
}
Level level_of(Binary::Op op) {
    switch (op) {
        case Binary::logical_or: return Level::disjunction;
        case Binary::logical_and: return Level::conjunction;
        case Binary::add:
        case Binary::subtract: return Level::sum;
        case Binary::power: return Level::power;
        default: return Level::product;
    }
}

}  // namespace

Level level_of(const Expr& e) {
    return std::visit(Overloaded{[](const Number& n) { return spell(n)[0] == '-' ? Level::unary : Level::postfix; },
                                 [](const Unary& u) { return u.op == Unary::negate ? Level::unary : Level::negation; },
                                 [](const Binary& b) { return level_of(b.op); }, [](const Compare&) { return Level::comparison; },
                                 [](const If&) { return Level::choice; }, [](const Scan&) { return Level::choice; },
                                 [](const Pipe&) { return Level::pipe; }, [](const auto&) { return Level::postfix; }},
                      e.node);
}

std::string quote(const std::string& value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else
            out += c;
    }
    return out + "\"";
}

void Printer::expr(Layout& out, const Expr& e, Level at_least, std::size_t indent, bool top) {
    const bool parentheses = level_of(e) < at_least;
    if (parentheses) out.text("(");
    std::visit([&](const auto& node) { print(out, node, indent, top && !parentheses); }, e.node);
    if (parentheses) out.text(")");
}

void Printer::print(Layout& out, const Number& n, std::size_t, bool) { out.text(spell(n)); }
void Printer::print(Layout& out, const String& s, std::size_t, bool) { out.text(quote(s.value)); }
void Printer::print(Layout& out, const Bool& b, std::size_t, bool) { out.text(b.value ? "true" : "false"); }
void Printer::print(Layout& out, const Name& n, std::size_t, bool) { out.text(n.text); }
void Printer::print(Layout& out, const Unary& u, std::size_t indent, bool) {
    out.text(u.op == Unary::negate ? "-" : "not ");
    expr(out, *u.operand, u.op == Unary::negate ? Level::unary : Level::negation, indent);
}

void Printer::print(Layout& out, const Binary& b, std::size_t indent, bool top) {
    if (b.op == Binary::power) {
        expr(out, *b.left, Level::postfix, indent);
        out.text("^");
        return expr(out, *b.right, Level::unary, indent);
    }
    // A chain `a + b - c` is one level of breaks.
    const Level level = level_of(b.op);
    std::vector<const Binary*> chain{&b};
    while (const auto* left = std::get_if<Binary>(&chain.back()->left->node)) {
        if (level_of(left->op) != level) break;
        chain.push_back(left);
    }
    out.open(top ? Layout::Indent::hanging : Layout::Indent::aligned);
    expr(out, *chain.back()->left, level, indent);
    for (auto link = chain.rbegin(); link != chain.rend(); ++link) {
        out.line(broken((*link)->left, (*link)->right)).text(spell((*link)->op)).text(" ");
        expr(out, *(*link)->right, static_cast<Level>(static_cast<int>(level) + 1), indent);
    }
    out.close();
}

void Printer::print(Layout& out, const Compare& c, std::size_t indent, bool top) {
    out.open(top ? Layout::Indent::hanging : Layout::Indent::aligned);
    for (std::size_t i = 0; i < c.operands.size(); ++i) {
        if (i) out.line(broken(c.operands[i - 1], c.operands[i])).text(spell(c.operators[i - 1])).text(" ");
        expr(out, *c.operands[i], Level::sum, indent);
    }
    out.close();
}

void Printer::print(Layout& out, const If& first, std::size_t indent, bool) {
    out.open(Layout::Indent::aligned);
    for (const If* branch = &first; branch;) {
        out.text("if ");
        expr(out, *branch->condition, Level::pipe, indent);
        out.text(" then ");
        expr(out, *branch->then, Level::pipe, indent);
        out.line(broken(branch->then, branch->otherwise)).text("else ");
        const If* next = std::get_if<If>(&branch->otherwise->node);
        if (!next) expr(out, *branch->otherwise, Level::choice, indent);
        branch = next;
    }
    out.close();
}

void Printer::print(Layout& out, const Pipe& last, std::size_t indent, bool) {
    std::vector<const Pipe*> links{&last};
    while (const auto* before = std::get_if<Pipe>(&links.back()->operand->node)) links.push_back(before);
    expr(out, *links.back()->operand, Level::disjunction, indent);
    for (auto link = links.rbegin(); link != links.rend(); ++link) {
        const bool first = link == links.rbegin();
        const bool here = broken((*link)->operand->where, (*link)->callee.where);
        // The links stand below the first one, which stays beside what it is given.
        if (first)
            out.line(here, false).open(Layout::Indent::aligned);
        else
            out.line(here);
        out.text("|> ").text((*link)->callee.text);
        if ((*link)->arguments) arguments(out, (*link)->callee.where, *(*link)->arguments, indent);
    }
    out.close();
}

void Printer::print(Layout& out, const List& l, std::size_t indent, bool) {
    out.text("[").open(Layout::Indent::aligned);
    for (std::size_t i = 0; i < l.items.size(); ++i) {
        if (i) out.text(",").line(broken(l.items[i - 1], l.items[i]));
        expr(out, *l.items[i], Level::pipe, indent);
    }
    out.close().text("]");
}

void Printer::print(Layout& out, const Call& c, std::size_t indent, bool) {
    out.text(c.callee.text);
    arguments(out, c.callee.where, c.arguments, indent);
}

void Printer::arguments(Layout& out, const Where& callee, const std::vector<Argument>& arguments, std::size_t indent) {
    out.text("(").open(Layout::Indent::aligned);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Argument& a = arguments[i];
        const Where& begin = a.name ? a.name->where : a.value->where;
        if (i == 0)
            out.gap(broken(callee, begin));
        else
            out.text(",").line(broken(arguments[i - 1].value->where, begin));
        if (a.name) out.text(a.name->text).text(" = ");
        expr(out, *a.value, Level::pipe, indent);
    }
    out.close().text(")");
}

void Printer::bind(Layout& out, const Bind& b, std::size_t indent) {
    if (b.pack) out.text("..");
    if (b.name) out.text(b.name->text);
    if (b.bound) expr(out.text(" < "), *b.bound, Level::sum, indent);
}

void Printer::print(Layout& out, const Reduce& r, std::size_t indent, bool) {
    out.text(r.callee.text).text("[").open(Layout::Indent::aligned);
    for (std::size_t i = 0; i < r.binds.size(); ++i) {
        if (i) out.text(",").line(broken(r.binds[i - 1].where, r.binds[i].where));
        bind(out, r.binds[i], indent);
    }
    Where before = r.binds.empty() ? r.callee.where : r.binds.back().where;
    for (std::size_t i = 0; i < r.conditions.size(); ++i) {
        const Condition& c = r.conditions[i];
        out.text(i ? "," : " |").line(broken(before, c.value->where));
        if (c.pack) out.text("..");
        if (c.pack && level_of(*c.value) < Level::postfix) {
            expr(out.text("("), *c.value, Level::pipe, indent);
            out.text(")");
        } else {
            expr(out, *c.value, Level::pipe, indent);
        }
        before = c.value->where;
    }
    out.close().text("](").open(Layout::Indent::aligned).gap(broken(before, r.body->where));
    expr(out, *r.body, Level::pipe, indent);
    const ExprRef* last = &r.body;
    for (const Argument& a : r.arguments) {
        out.text(",").line(broken((*last)->where, a.name ? a.name->where : a.value->where));
        if (a.name) out.text(a.name->text).text(" = ");
        expr(out, *a.value, Level::pipe, indent);
        last = &a.value;
    }
    out.close().text(")");
}

void Printer::print(Layout& out, const Read& r, std::size_t indent, bool) {
    expr(out, *r.base, Level::postfix, indent);
    out.text("[").open(Layout::Indent::aligned);
    for (std::size_t i = 0; i < r.items.size(); ++i) {
        const Item& item = r.items[i];
        if (i) out.text(",").line(broken(r.items[i - 1].where, item.where));
        if (item.kind == Item::pack) {
            out.text("..");
            if (item.value) expr(out, *item.value, Level::postfix, indent);
        } else if (item.kind == Item::index) {
            expr(out, *item.value, Level::pipe, indent);
        } else {
            if (item.low) expr(out, *item.low, Level::pipe, indent);
            out.text(":");
            if (item.high) expr(out, *item.high, Level::pipe, indent);
            if (item.step) expr(out.text(":"), *item.step, Level::pipe, indent);
        }
    }
    if (r.otherwise) {
        const Where before = r.items.empty() ? r.base->where : r.items.back().where;
        if (r.items.empty())
            out.text("else ");
        else
            out.line(broken(before, r.otherwise->where)).text("else ");
        expr(out, *r.otherwise, Level::pipe, indent);
    }
    out.close().text("]");
}

void Printer::print(Layout& out, const Scan& s, std::size_t indent, bool) {
    out.text("scan ").open(Layout::Indent::aligned);
    Where before;
    for (const ScanSource& source : s.sources) {
        if (&source != &s.sources.front()) out.text(",").line(broken(before, source.name.where));
        expr(out.text(source.name.text).text(" in "), *source.low, Level::sum, indent);
        if (source.high) expr(out.text(".."), *source.high, Level::sum, indent);
        before = source.high ? source.high->where : source.low->where;
    }
    out.close();
    out.line(!s.carries.empty() && broken(before, s.carries.front().name.where)).text("with ").open(Layout::Indent::aligned);
    for (const ScanCarry& carry : s.carries) {
        if (&carry != &s.carries.front()) out.text(",").line(broken(before, carry.name.where));
        expr(out.text(carry.name.text).text(" = "), *carry.initial, Level::pipe, indent);
        before = carry.initial->where;
    }
    out.close().text(" ");
    block(out, s.body, indent);
}

/// An expression on the left of an equation, in parentheses where it would read as an index.
std::string Printer::position(const Expr& e) {
    const std::string text = flat([&](Layout& out) { expr(out, e, Level::pipe, 0); });
    const bool name = std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '_';
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    const bool bound = end != text.npos && text.compare(end, 3, " < ") == 0;
    return name && (std::holds_alternative<Name>(e.node) || bound) ? "(" + text + ")" : text;
}

std::string Printer::expression(const Expr& e) {
    Layout layout;
    expr(layout, e, Level::pipe, 0, true);
    std::string out;
    for (const std::string& line : layout.print("", 0)) out += (out.empty() ? "" : "\n") + line;
    return out;
}

std::string Printer::type(const Type& t) {
    return flat([&](Layout& out) {
        out.text(t.element.text);
        if (!t.dims) return;
        out.text("[");
        for (std::size_t i = 0; i < t.dims->size(); ++i) {
            const Dim& dim = (*t.dims)[i];
            if (i) out.text(", ");
            if (dim.pack)
                out.text(".." + (dim.name ? dim.name->text : ""));
            else
                expr(out, *dim.size, Level::pipe, 0);
        }
        out.text("]");
    });
}

}  // namespace dlc::text
