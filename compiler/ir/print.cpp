// The printer of the text form; text.h describes it, read.cpp reads it back.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "compiler/ir/operator_symbols.h"
#include "compiler/ir/text.h"

namespace dlc::ir {

namespace {

std::string text_of(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    // The shortest text that reads back as the same double.
    std::array<char, 40> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return std::string(buffer.data(), end);
}

std::string text_of(NodeId id) { return "%" + std::to_string(id.value); }

template <class Range, class Each>
std::string joined(const Range& range, const Each& each) {
    std::string text;
    for (const auto& item : range) text += (text.empty() ? "" : ", ") + each(item);
    return text;
}
std::string text_of(const Shape& shape) {
    return "[" + joined(shape, [](std::int64_t extent) { return std::to_string(extent); }) + "]";
}
std::string indices(const std::vector<Index>& at) {
    return joined(at, [](const Index& index) { return print(index); });
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string text_of(const Atom& atom) {
    if (atom.kind == Atom::variable) return "i" + std::to_string(atom.var);
    if (atom.kind == Atom::get) return text_of(atom.tensor) + "[" + indices(atom.at()) + "]";
    const Index& e = atom.dividend();
    const bool bare = e.constant() == 0 && e.terms().size() == 1 && e.terms()[0].coefficient == 1 &&
                      (e.terms()[0].atom.kind == Atom::variable || e.terms()[0].atom.kind == Atom::get);
    return (bare ? print(e) : "(" + print(e) + ")") + (atom.kind == Atom::div ? " div " : " mod ") + std::to_string(atom.modulus);
}

const OperatorSymbol* symbol_of(const ExprNode& node) {
    if (node.kind != ExprNode::call) return nullptr;
    for (const OperatorSymbol& row : kOperatorSymbols)
        if (row.scalar == node.scalar->name) return &row;
    return nullptr;
}

/// Prints one expression.  Types of constants follow the rule the reader applies: see `natural_type`.
class ExprPrinter {
public:
    std::string whole(const Expr& e, std::optional<Type> expected) {
        count(e);
        const std::string body = print(e, 0, expected);
        std::string lets;
        for (std::size_t t = 0; t < definitions_.size(); ++t)
            lets += (t ? ", t" : "let t") + std::to_string(t) + " = " + definitions_[t];
        return lets.empty() ? body : lets + " in " + body;
    }

private:
    // What is printed once and short is clearer in place; a name is for what would be repeated at length.
    static constexpr std::size_t kLongEnough = 28;

    void count(const Expr& e) {
        if (++uses_[e->digest] > 1) return;
        for (const Expr& child : children(e)) count(child);
    }

    // The type an expression has whatever its place asks for; none for constants and what is made of them alone.
    std::optional<Type> natural_type(const Expr& e) {
        if (e->kind == ExprNode::constant) return std::nullopt;
        if (e->kind != ExprNode::call || e->scalar->result == Scalar::boolean || e->scalar->result == Scalar::given) return e->type;
        if (const auto known = natural_.find(e->digest); known != natural_.end()) return known->second;
        const std::optional<Type> operand = operand_type(e, std::nullopt);
        return natural_.emplace(e->digest, operand ? std::optional(e->type) : std::nullopt).first->second;
    }
    // What the constants among the operands that share a type are expected to be: the first neighbour's type, else the place's.
    std::optional<Type> operand_type(const Expr& e, std::optional<Type> expected) {
        for (std::size_t a = e->scalar->result == Scalar::second ? 1 : 0; a < e->args.size(); ++a)
            if (const auto type = natural_type(e->args[a])) return type;
        return e->scalar->result == Scalar::boolean ? std::nullopt : expected;
    }

    std::string print(const Expr& e, int least_precedence, std::optional<Type> expected) {
        if (const auto named = names_.find(e->digest); named != names_.end()) return named->second;
        const auto [text, precedence] = plain(e, expected);
        const bool composed = e->kind == ExprNode::call || e->otherwise;
        if (composed && uses_[e->digest] > 1 && text.size() >= kLongEnough && natural_type(e)) {
            const std::string name = "t" + std::to_string(definitions_.size());
            definitions_.push_back(text);
            names_.emplace(e->digest, name);
            return name;
        }
        return precedence < least_precedence ? "(" + text + ")" : text;
    }

    struct Text {
        std::string text;
        int precedence;
    };
    Text plain(const Expr& e, std::optional<Type> expected) {
        switch (e->kind) {
            case ExprNode::constant: {
                const std::string suffix = e->type == expected ? "" : ":" + std::string(name(e->type));
                return {text_of(e->value) + suffix, std::signbit(e->value) ? kUnaryPrecedence : kAtomPrecedence};
            }
            case ExprNode::index: {
                const auto variable = e->position.as_variable();
                return {variable ? "i" + std::to_string(*variable) : "[" + ir::print(e->position) + "]", kAtomPrecedence};
            }
            case ExprNode::read: {
                std::string text = text_of(e->tensor) + "[" + indices(e->at);
                if (e->otherwise) text += (e->at.empty() ? "else " : " else ") + print(e->otherwise, 0, e->type);
                return {text + "]", kAtomPrecedence};
            }
            case ExprNode::call: break;
        }
        const std::optional<Type> operands = operand_type(e, expected);
        const auto operand = [&](std::size_t a, int least) { return print(e->args[a], least, operands); };
        if (e->is("select"))
            return {"if " + print(e->args[0], 1, Type::boolean) + " then " + operand(1, 1) + " else " + operand(2, 0), 0};
        if (e->is("cast")) return {std::string(name(e->type)) + "(" + print(e->args[0], 0, std::nullopt) + ")", kAtomPrecedence};
        if (e->is("neg") && e->args[0]->kind != ExprNode::constant) return {"-" + operand(0, kUnaryPrecedence), kUnaryPrecedence};
        if (const OperatorSymbol* row = symbol_of(*e); row && !says_type(e))
            return {operand(0, row->precedence) + " " + std::string(row->symbol) + " " + operand(1, row->precedence + 1),
                    row->precedence};
        std::string text = std::string(e->scalar->name) + (says_type(e) ? ":" + std::string(name(e->type)) : "") + "(";
        for (std::size_t a = 0; a < e->args.size(); ++a)
            text += (a ? ", " : "") + print(e->args[a], 0, says_type(e) ? std::nullopt : operands);
        return {text + ")", kAtomPrecedence};
    }
    // Whether the result type is said, and so the operands' types are their own affair.
    static bool says_type(const Expr& e) { return e->scalar->result == Scalar::given; }

    std::unordered_map<Digest, int> uses_;
    std::unordered_map<Digest, std::string> names_;
    std::unordered_map<Digest, std::optional<Type>> natural_;
    std::vector<std::string> definitions_;
};

std::string text_of(const Equation& equation, Type type) {
    const bool position = equation.reduce == Reduce::argmax || equation.reduce == Reduce::argmin;
    const std::string body = ExprPrinter().whole(equation.body, position ? std::nullopt : std::optional(type));
    std::string text = equation.scatter ? "scatter " : "";
    text += equation.reduce == Reduce::none ? body
                                            : std::string(name(equation.reduce)) + text_of(equation.reductions) + "(" + body + ")";
    if (equation.scatter) text += " to [" + indices(equation.map) + "]" + (equation.lossy ? " lossy" : "");
    for (std::size_t p = 0; p < equation.where.size(); ++p) text += (p ? " and " : " where ") + print(equation.where[p]);
    return text;
}

}  // namespace

std::string print(const Index& index) {
    std::string text;
    const bool alone = index.terms().size() == 1 && index.constant() == 0;
    for (const auto& term : index.terms()) {
        const std::int64_t k = term.coefficient;
        const bool composed = term.atom.kind == Atom::div || term.atom.kind == Atom::mod;
        std::string atom = text_of(term.atom);
        if (composed && !(alone && k == 1)) atom = "(" + atom + ")";
        const std::string sign = k < 0 ? (text.empty() ? "-" : " - ") : (text.empty() ? "" : " + ");
        const std::string magnitude = std::to_string(k).substr(k < 0 ? 1 : 0);
        text += sign + (magnitude == "1" ? "" : magnitude + "*") + atom;
    }
    const std::int64_t c = index.constant();
    if (text.empty()) return std::to_string(c);
    if (c != 0) text += (c < 0 ? " - " : " + ") + std::to_string(c).substr(c < 0 ? 1 : 0);
    return text;
}

std::string print(const Predicate& predicate) {
    static constexpr std::string_view kSymbols[] = {" >= 0", " == 0", " != 0"};
    return print(predicate.index) + std::string(kSymbols[predicate.kind]);
}

std::string print(const Expr& e) { return ExprPrinter().whole(e, e->type); }

namespace {

/// The bodies of a graph's scans, each once, those it uses itself before it.
class Bodies {
public:
    std::string take(const Graph& graph) {
        std::string text;
        for (const Node& node : graph.nodes())
            if (const Scan* scan = node.scan(); scan && !find(*scan->body)) {
                text += take(*scan->body);
                known_.push_back(scan->body->digest());
                text += "body @" + std::to_string(known_.size() - 1) + "\n" + print(*scan->body, "  ") + "end\n";
            }
        return text;
    }
    std::optional<std::size_t> find(const Graph& body) const {
        const auto found = std::ranges::find(known_, body.digest());
        return found == known_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - known_.begin()));
    }
    std::string print(const Graph& graph, NodeId id) const;
    std::string print(const Graph& graph, const std::string& indent) const {
        std::string text;
        for (std::uint32_t id = 0; id < graph.size(); ++id) text += indent + print(graph, NodeId{id}) + "\n";
        for (const Result& result : graph.results()) {
            text += indent + std::string(name(result.kind)) + " " + quoted(result.name) + " = " + text_of(result.node);
            if (result.target) text += " to " + text_of(result.target);
            text += "\n";
        }
        return text;
    }

private:
    std::vector<Digest> known_;
};

std::string Bodies::print(const Graph& graph, NodeId id) const {
    const Node& node = graph[id];
    std::string text = text_of(id) + " = " + std::string(name(node.type)) + text_of(node.shape) + " ";
    if (const Leaf* leaf = node.leaf()) text += std::string(name(leaf->kind)) + " " + quoted(leaf->name);
    if (const Constant* constant = node.constant())
        text += "constant {" + joined(constant->values, [](double v) { return text_of(v); }) + "}";
    if (const Equation* equation = node.equation()) text += text_of(*equation, node.type);
    if (const Library* library = node.library()) {
        text += "library " + library->operation + "(" + joined(library->inputs, [](NodeId input) { return text_of(input); }) + ")";
        if (!library->attributes.empty()) text += " {" + joined(library->attributes, [](double v) { return text_of(v); }) + "}";
    }
    if (const Scan* scan = node.scan())
        text += "scan @" + std::to_string(find(*scan->body).value_or(0)) + " " + text_of(scan->yield) +
                (scan->last ? " last of " + std::to_string(scan->steps) : "") + (scan->backwards ? " backwards" : "") +
                (scan->checkpointed ? " checkpointed" : "") + " (" +
                joined(scan->inputs, [](NodeId input) { return text_of(input); }) + ")";
    if (const Custom* custom = node.custom())
        text += "custom " + std::to_string(custom->result) + " (" +
                joined(custom->inputs, [](NodeId input) { return text_of(input); }) + ")";
    if (node.again) text += " again " + std::to_string(node.again);
    if (!node.origin.name.empty() && node.origin.name.find('\n') == std::string::npos) text += "  # " + node.origin.name;
    return text;
}

}  // namespace

std::string print(const Graph& graph, NodeId id) {
    Bodies bodies;
    bodies.take(graph);
    return bodies.print(graph, id);
}

std::string print(const Graph& graph) {
    Bodies bodies;
    const std::string loops = bodies.take(graph);
    return loops + bodies.print(graph, "");
}

}  // namespace dlc::ir
