// The reader of the text form; text.h describes it, print.cpp writes it.
//
// Recursive descent over one line at a time.  A body is first read into a tree of untyped terms, because the type of a constant is
// that of a neighbour which may come later.
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <unordered_map>

#include "compiler/ir/operator_symbols.h"
#include "compiler/ir/text.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

struct Term {
    enum Kind { number, position, read, call, name } kind = number;
    double value = 0;
    std::optional<Type> type;  // said: of a number, of a call
    Index index;
    NodeId tensor;
    std::vector<Index> at;
    const Scalar* scalar = nullptr;
    std::vector<Term> operands;  // of a call; the `else` of a read
    Expr named;
};

using Bodies = std::vector<std::shared_ptr<const Graph>>;  // of scans, in the order of their blocks

class Line {
public:
    Line(std::string_view text, int number, Builder& builder, const Bodies& bodies)
        : text_(text), number_(number), builder_(builder), bodies_(bodies) {}

    void statement() {
        skip();
        if (at_end()) return;
        if (peek() == '%')
            node();
        else
            result();
        if (!at_end()) fail("the end of the line");
    }

private:
    [[noreturn]] void fail(const std::string& expected) const {
        const std::string seen =
            position_ < text_.size() ? "`" + std::string(text_.substr(position_, 20)) + "`" : "the end of the line";
        throw std::invalid_argument("line " + std::to_string(number_) + ": expected " + expected + ", found " + seen);
    }

    // ---------------------------------------------------------------- words
    void skip() {
        while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t' || text_[position_] == '\r'))
            ++position_;
    }
    bool at_end() const { return position_ >= text_.size() || text_[position_] == '#'; }
    char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    bool accept(std::string_view symbol) {
        if (text_.substr(position_, symbol.size()) != symbol) return false;
        const char next = position_ + symbol.size() < text_.size() ? text_[position_ + symbol.size()] : '\0';
        if (is_letter(symbol.back()) && (is_letter(next) || is_digit(next))) return false;
        if ((symbol == "<" || symbol == ">") && next == '=') return false;
        position_ += symbol.size();
        skip();
        return true;
    }
    void expect(std::string_view symbol) {
        if (!accept(symbol)) fail("`" + std::string(symbol) + "`");
    }
    std::string_view peek_word() const {
        std::size_t end = position_;
        if (end < text_.size() && is_letter(text_[end]))
            while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
        return text_.substr(position_, end - position_);
    }
    std::string_view word(const char* what) {
        const std::string_view found = peek_word();
        if (found.empty()) fail(what);
        position_ += found.size();
        skip();
        return found;
    }
    template <class Number>
    Number parsed(const char* what) {
        Number value{};
        const auto [end, error] = std::from_chars(text_.data() + position_, text_.data() + text_.size(), value);
        if (error != std::errc()) fail(what);
        position_ = static_cast<std::size_t>(end - text_.data());
        skip();
        return value;
    }
    std::int64_t integer() { return parsed<std::int64_t>("an integer"); }
    double number() {
        const bool negative = accept("-");
        double value = 0;
        if (accept("inf"))
            value = std::numeric_limits<double>::infinity();
        else if (accept("nan"))
            value = std::numeric_limits<double>::quiet_NaN();
        else if (is_digit(peek()))
            value = parsed<double>("a number");
        else
            fail("a number");
        return negative ? -value : value;
    }
    std::string string() {
        if (peek() != '"') fail("a name in quotes");
        std::string out;
        for (++position_; peek() != '"'; ++position_) {
            if (position_ >= text_.size()) fail("a closing quote");
            if (peek() == '\\') {
                ++position_;
                out += peek() == 'n' ? '\n' : peek();
            } else {
                out += peek();
            }
        }
        ++position_;
        skip();
        return out;
    }
    NodeId id() {
        if (peek() != '%') fail("a node");
        ++position_;
        return {parsed<std::uint32_t>("a node's number")};
    }
    NodeId known_id() {
        const std::size_t start = position_;
        const NodeId found = id();
        if (found.value >= builder_.size()) {
            position_ = start;
            fail("a node of a line before");
        }
        return found;
    }
    Type type() {
        const std::size_t start = position_;
        const auto found = type_named(word("a type"));
        if (!found) {
            position_ = start;
            fail("a type");
        }
        return *found;
    }
    template <class Each>
    void list(std::string_view close, const Each& each) {
        if (accept(close)) return;
        do each();
        while (accept(","));
        expect(close);
    }
    Shape shape() {
        Shape extents;
        expect("[");
        list("]", [&] { extents.push_back(integer()); });
        return extents;
    }
    std::vector<double> numbers() {
        std::vector<double> values;
        expect("{");
        list("}", [&] { values.push_back(number()); });
        return values;
    }

    // ---------------------------------------------------------------- lines
    void node() {
        const NodeId defined = id();
        if (defined.value != builder_.size()) fail("node %" + std::to_string(builder_.size()));
        expect("=");
        const Type element = type();
        const Shape extents = shape();
        const std::size_t start = position_;
        const std::string_view first = peek_word();
        NodeId made;
        if (const auto kind = leaf_kind(first); kind && text_[start + first.size()] == ' ') {
            word("a kind of leaf");
            std::string leaf_name = string();
            made = builder_.leaf(*kind, std::move(leaf_name), element, extents, origin());
        } else if (accept("constant")) {
            std::vector<double> values = numbers();
            made = builder_.constant(element, extents, std::move(values), origin());
        } else if (accept("library")) {
            Library library;
            library.operation = word("the name of an operation");
            expect("(");
            list(")", [&] { library.inputs.push_back(known_id()); });
            if (peek() == '{') library.attributes = numbers();
            made = builder_.library(element, extents, std::move(library), origin());
        } else if (accept("scan")) {
            Scan scan;
            expect("@");
            const auto number = static_cast<std::size_t>(integer());
            if (number >= bodies_.size()) fail("a body of a block before");
            scan.body = bodies_[number];
            scan.yield = id();
            if (scan.yield.value >= scan.body->size()) fail("a node of the body before");
            scan.last = accept("last");
            if (scan.last) expect("of");
            if (!scan.last && extents.empty()) fail("the number of steps as the first extent");
            scan.steps = scan.last ? integer() : extents.front();
            scan.backwards = accept("backwards");
            scan.checkpointed = accept("checkpointed");
            expect("(");
            list(")", [&] { scan.inputs.push_back(known_id()); });
            made = builder_.scan(std::move(scan), origin());
        } else {
            Equation equation = this->equation(element);
            made = builder_.equation(element, extents, std::move(equation), origin());
        }
        if (made != defined) fail("another name, two leaves have this one");
    }
    // What ends a line: the checkpoint that is computed again, and after `#` the name of the origin.
    Origin origin() {
        builder_.compute_again(accept("again") ? static_cast<std::uint32_t>(integer()) : 0);
        Origin origin;
        if (peek() != '#') return origin;
        std::string_view text = text_.substr(position_ + 1);
        while (text.starts_with(' ')) text.remove_prefix(1);
        origin.name = text;
        return origin;
    }
    static std::optional<LeafKind> leaf_kind(std::string_view text) {
        for (int kind = 0; kind <= static_cast<int>(LeafKind::slice); ++kind)
            if (name(static_cast<LeafKind>(kind)) == text) return static_cast<LeafKind>(kind);
        return std::nullopt;
    }
    void result() {
        Result result;
        const std::string_view kind = word("a node or a result");
        bool found = false;
        for (int k = 0; k <= Result::check && !found; ++k)
            if (name(static_cast<Result::Kind>(k)) == kind) result.kind = static_cast<Result::Kind>(k), found = true;
        if (!found) fail("a kind of result before");
        result.name = string();
        expect("=");
        result.node = known_id();
        if (accept("to")) result.target = known_id();
        builder_.result(std::move(result));
    }

    Equation equation(Type element) {
        Equation equation;
        equation.scatter = accept("scatter");
        const std::string_view first = peek_word();
        const auto reduce = reduce_named(first);
        if (reduce && text_.substr(position_ + first.size()).starts_with("[")) {
            word("a reduction");
            equation.reduce = *reduce;
            equation.reductions = shape();
            expect("(");
            const bool position = *reduce == Reduce::argmax || *reduce == Reduce::argmin;
            equation.body = body(position ? std::nullopt : std::optional(element));
            expect(")");
        } else {
            equation.body = body(element);
        }
        if (equation.scatter) {
            expect("to");
            expect("[");
            list("]", [&] { equation.map.push_back(index()); });
            equation.lossy = accept("lossy");
        }
        if (accept("where")) do
                equation.where.push_back(predicate());
            while (accept("and"));
        return equation;
    }
    Predicate predicate() {
        Predicate predicate;
        predicate.index = index();
        if (accept(">="))
            predicate.kind = Predicate::ge;
        else if (accept("=="))
            predicate.kind = Predicate::eq;
        else if (accept("!="))
            predicate.kind = Predicate::ne;
        else
            fail("`>= 0`, `== 0` or `!= 0`");
        expect("0");
        return predicate;
    }

    // ---------------------------------------------------------------- indices
    Index index() {
        Index sum = accept("-") ? -index_term() : index_term();
        while (true) {
            if (accept("+"))
                sum = sum + index_term();
            else if (accept("-"))
                sum = sum - index_term();
            else
                return sum;
        }
    }
    Index index_term() {
        if (!is_digit(peek())) return index_atom();
        const std::int64_t value = integer();
        return accept("*") ? index_atom() * value : Index(value);
    }
    Index index_atom() {
        Index atom;
        if (accept("(")) {
            atom = index();
            expect(")");
        } else if (peek() == '%') {
            const NodeId tensor = known_id();
            std::vector<Index> at;
            expect("[");
            list("]", [&] { at.push_back(index()); });
            atom = Index::get(tensor, std::move(at));
        } else {
            const std::size_t start = position_;
            const auto v = variable(word("an index"));
            if (!v) {
                position_ = start;
                fail("an index");
            }
            atom = Index::variable(*v);
        }
        Atom divided;
        if (accept("div"))
            divided.kind = Atom::div;
        else if (accept("mod"))
            divided.kind = Atom::mod;
        else
            return atom;
        divided.modulus = integer();
        if (divided.modulus < 2) fail("a modulus above 1 before");
        divided.parts = std::make_shared<const std::vector<Index>>(1, std::move(atom));
        return Index::of(std::move(divided));
    }
    static std::optional<Var> variable(std::string_view text) {
        Var v = 0;
        if (text.size() < 2 || text[0] != 'i') return std::nullopt;
        const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), v);
        if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
        return v;
    }

    // ---------------------------------------------------------------- expressions
    Expr body(std::optional<Type> expected) {
        if (accept("let")) {
            do {
                const std::string_view defined = word("a name");
                expect("=");
                names_[defined] = typed(expression(0), std::nullopt);
            } while (accept(","));
            expect("in");
        }
        return typed(expression(0), expected);
    }
    Term expression(int least) {
        if (accept("if")) {
            Term choice = call("select");
            choice.operands.push_back(expression(1));
            expect("then");
            choice.operands.push_back(expression(1));
            expect("else");
            choice.operands.push_back(expression(0));
            return choice;
        }
        Term left = unary();
        while (const OperatorSymbol* row = operator_here(least)) {
            Term apply = call(row->scalar);
            apply.operands.push_back(std::move(left));
            apply.operands.push_back(expression(row->precedence + 1));
            left = std::move(apply);
        }
        return left;
    }
    const OperatorSymbol* operator_here(int least) {
        for (const OperatorSymbol& row : kOperatorSymbols)
            if (row.precedence >= least && accept(row.symbol)) return &row;
        return nullptr;
    }
    Term unary() {
        if (peek() != '-') return primary();
        accept("-");
        if (is_digit(peek()) || peek_word() == "inf" || peek_word() == "nan") {
            Term constant = primary();
            constant.value = -constant.value;
            return constant;
        }
        Term negated = call("neg");
        negated.operands.push_back(unary());
        return negated;
    }
    Term primary() {
        Term term;
        if (accept("(")) {
            term = expression(0);
            expect(")");
            return term;
        }
        if (accept("[")) {
            term.kind = Term::position;
            term.index = index();
            expect("]");
            return term;
        }
        if (peek() == '%') return read();
        const std::string_view text = peek_word();
        if (text.empty() || text == "inf" || text == "nan") {
            term.value = number();
            if (accept(":")) term.type = type();
            return term;
        }
        if (const auto known = names_.find(text); known != names_.end()) {
            word("a name");
            term.kind = Term::name;
            term.named = known->second;
            return term;
        }
        const std::size_t start = position_;
        word("an expression");
        if (peek() != '(' && peek() != ':') {
            const auto v = variable(text);
            if (!v) {
                position_ = start;
                fail("an expression");
            }
            term.kind = Term::position;
            term.index = Index::variable(*v);
            return term;
        }
        std::optional<Type> said;
        if (accept(":")) said = type();
        if (const auto target = type_named(text)) {
            term = call("cast");
            said = target;
        } else if (find_scalar(text)) {
            term = call(text);
        } else {
            position_ = start;
            fail("a scalar primitive");
        }
        term.type = said;
        expect("(");
        list(")", [&] { term.operands.push_back(expression(0)); });
        return term;
    }
    Term read() {
        Term term;
        term.kind = Term::read;
        term.tensor = known_id();
        expect("[");
        while (peek() != ']' && !accept("else")) {
            term.at.push_back(index());
            if (accept("else")) break;
            if (peek() != ']') expect(",");
        }
        if (peek() != ']') term.operands.push_back(expression(0));
        expect("]");
        return term;
    }
    static Term call(std::string_view scalar) {
        Term term;
        term.kind = Term::call;
        term.scalar = find_scalar(scalar);
        DLC_ASSERT(term.scalar != nullptr, "there is no scalar primitive `" + std::string(scalar) + "`");
        return term;
    }

    // ---------------------------------------------------------------- types of constants
    std::optional<Type> natural_type(const Term& term) const {
        switch (term.kind) {
            case Term::number: return std::nullopt;
            case Term::position: return Type::i64;
            case Term::read: return builder_[term.tensor].type;
            case Term::name: return term.named->type;
            case Term::call: break;
        }
        if (term.scalar->result == Scalar::boolean) return Type::boolean;
        if (term.scalar->result == Scalar::given) return term.type;
        return operand_type(term, std::nullopt);
    }
    std::optional<Type> operand_type(const Term& term, std::optional<Type> expected) const {
        for (std::size_t a = term.scalar->result == Scalar::second ? 1 : 0; a < term.operands.size(); ++a)
            if (const auto type = natural_type(term.operands[a])) return type;
        return term.scalar->result == Scalar::boolean ? std::nullopt : expected;
    }
    Expr typed(const Term& term, std::optional<Type> expected) const {
        switch (term.kind) {
            case Term::number: {
                const auto type = term.type ? term.type : expected;
                if (!type) fail("a constant with its type, as in `1:f32`, before");
                return Expr::constant(term.value, *type);
            }
            case Term::position: return Expr::index(term.index);
            case Term::read: {
                const Type type = builder_[term.tensor].type;
                return Expr::read(term.tensor, type, term.at, term.operands.empty() ? Expr() : typed(term.operands[0], type));
            }
            case Term::name: return term.named;
            case Term::call: break;
        }
        const bool select = term.scalar->result == Scalar::second;
        const auto shared = term.scalar->result == Scalar::given ? std::nullopt : operand_type(term, expected);
        std::vector<Expr> args;
        for (std::size_t a = 0; a < term.operands.size(); ++a)
            args.push_back(typed(term.operands[a], select && a == 0 ? Type::boolean : shared));
        return Expr::call(*term.scalar, std::move(args), term.type ? term.type : expected);
    }

    std::string_view text_;
    std::size_t position_ = 0;
    int number_;
    Builder& builder_;
    const Bodies& bodies_;
    std::unordered_map<std::string_view, Expr> names_;
};

}  // namespace

Graph read(std::string_view text) {
    Builder graph(Builder::Sharing::off);
    std::optional<Builder> body;  // of the block that is open
    Bodies bodies;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        try {
            if (line == "body @" + std::to_string(bodies.size())) {
                body.emplace(Builder::Sharing::off);
            } else if (line == "end" && body) {
                bodies.push_back(std::make_shared<const Graph>(std::move(*body).finish()));
                body.reset();
            } else {
                Line(line, number, body ? *body : graph, bodies).statement();
            }
        } catch (const source::InternalError& error) {
            // What the text says is no well-formed graph: the writer's fault, not ours.
            throw std::invalid_argument("line " + std::to_string(number) + ": " + error.what());
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (body) throw std::invalid_argument("body @" + std::to_string(bodies.size()) + " has no `end`");
    return std::move(graph).finish();
}

}  // namespace dlc::ir
