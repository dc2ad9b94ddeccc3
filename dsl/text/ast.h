// The abstract syntax tree of a `.dlm` file: what the grammar of docs/language.md makes, node for node, and nothing more.
//
// Nodes are plain values; sub-expressions are held by `Ref`, an immutable shared pointer that compares by content.  Every node
// carries its `Span`; equality ignores spans, so `parse(print(ast)) == ast` can be asked.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dsl/source/source.h"

namespace dlc::text {

/// A span that takes no part in comparisons.
struct Where : source::Span {
    Where() = default;
    Where(source::Span s) : Span(s) {}
    bool operator==(const Where&) const { return true; }
};

/// An immutable shared value, compared by content; empty only where the grammar says "optional".
template <class T>
class Ref {
public:
    Ref() = default;
    Ref(T value) : value_(std::make_shared<const T>(std::move(value))) {}
    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_.get(); }
    explicit operator bool() const { return value_ != nullptr; }
    friend bool operator==(const Ref& a, const Ref& b) {
        return a.value_ == b.value_ || (a.value_ && b.value_ && *a.value_ == *b.value_);
    }

private:
    std::shared_ptr<const T> value_;
};

struct Expr;
struct Stmt;
using ExprRef = Ref<Expr>;

struct Identifier {
    std::string text;
    Where where;
    bool operator==(const Identifier&) const = default;
};
struct Block {
    std::vector<Ref<Stmt>> statements;
    Where where;
    bool operator==(const Block&) const = default;
};

// ------------------------------------------------------------------ types

/// One entry of a type's shape: a size (`N`, `G * C`, `28`), a named pack (`..S`) or an anonymous pack (`..`).
struct Dim {
    bool pack = false;
    std::optional<Identifier> name;  // of a pack
    ExprRef size;                    // otherwise
    Where where;
    bool operator==(const Dim&) const = default;
};
/// `f[Batch, 28, 28]`, `int[..]`, `f`; `dims` is absent for a single number.
struct Type {
    Identifier element;
    std::optional<std::vector<Dim>> dims;
    Where where;
    bool operator==(const Type&) const = default;
};

// ------------------------------------------------------------------ expressions

struct Argument {
    std::optional<Identifier> name;
    ExprRef value;
    bool operator==(const Argument&) const = default;
};
/// `k`, `k < 3`, `..k`, `..k < kernel`: an index, or a pack of them, and its bound.
struct Bind {
    bool pack = false;
    std::optional<Identifier> name;  // absent only for the anonymous pack `..`
    ExprRef bound;                   // optional
    Where where;
    bool operator==(const Bind&) const = default;
};
/// `cond` or `..cond` after the bar of a reduction.
struct Condition {
    bool pack = false;
    ExprRef value;
    bool operator==(const Condition&) const = default;
};
/// One entry between the brackets of a read.
struct Item {
    enum Kind { index, pack, slice } kind = index;
    ExprRef value;            // index; pack (optional: `..` alone)
    ExprRef low, high, step;  // slice, each optional
    Where where;
    bool operator==(const Item&) const = default;
};

struct Number {
    double value = 0;
    bool integer = false;
    std::string spelling;  // as written: `1e-3` stays `1e-3`
    bool operator==(const Number& o) const { return value == o.value && integer == o.integer; }
};
struct String {
    std::string value;
    bool operator==(const String&) const = default;
};
struct Bool {
    bool value = false;
    bool operator==(const Bool&) const = default;
};
struct Name {
    std::string text;
    bool operator==(const Name&) const = default;
};
struct List {
    std::vector<ExprRef> items;
    bool operator==(const List&) const = default;
};
struct Unary {
    enum Op { negate, logical_not } op = negate;
    ExprRef operand;
    bool operator==(const Unary&) const = default;
};
struct Binary {
    enum Op { add, subtract, multiply, divide, floor_divide, modulo, power, logical_and, logical_or } op = add;
    ExprRef left, right;
    bool operator==(const Binary&) const = default;
};
/// A chain `a < b <= c`: `operands.size() == operators.size() + 1`.
struct Compare {
    enum Op { equal, not_equal, less_equal, greater_equal, less, greater };
    std::vector<Op> operators;
    std::vector<ExprRef> operands;
    bool operator==(const Compare&) const = default;
};
struct If {
    ExprRef condition, then, otherwise;
    bool operator==(const If&) const = default;
};
/// `f(a, b = c)`.
struct Call {
    Identifier callee;
    std::vector<Argument> arguments;
    bool operator==(const Call&) const = default;
};
/// `sum[k, r < 3 | k <= j](body)`: a reduction, or a function of a vector applied along indices, whose other arguments follow.
struct Reduce {
    Identifier callee;
    std::vector<Bind> binds;
    std::vector<Condition> conditions;
    ExprRef body;
    std::vector<Argument> arguments;
    bool operator==(const Reduce&) const = default;
};
/// `x[n, i - 1 else 0]`.
struct Read {
    ExprRef base;
    std::vector<Item> items;
    ExprRef otherwise;  // optional
    bool operator==(const Read&) const = default;
};
/// `x |> f(a)`; `x |> f` has no argument list.
struct Pipe {
    ExprRef operand;
    Identifier callee;
    std::optional<std::vector<Argument>> arguments;
    bool operator==(const Pipe&) const = default;
};
struct ScanSource {
    Identifier name;
    ExprRef low, high;
    bool operator==(const ScanSource&) const = default;
};  // `x in xs`, `t in 0..T`
struct ScanCarry {
    Identifier name;
    ExprRef initial;
    bool operator==(const ScanCarry&) const = default;
};
struct Scan {
    std::vector<ScanSource> sources;
    std::vector<ScanCarry> carries;
    Block body;
    bool operator==(const Scan&) const = default;
};

struct Expr {
    std::variant<Number, String, Bool, Name, List, Unary, Binary, Compare, If, Call, Reduce, Read, Pipe, Scan> node;
    Where where;
    bool operator==(const Expr&) const = default;
};

// ------------------------------------------------------------------ statements

struct Return {
    std::vector<ExprRef> values;
    bool operator==(const Return&) const = default;
};
struct Yield {
    std::vector<ExprRef> values;
    bool operator==(const Yield&) const = default;
};
struct IfStmt {
    ExprRef condition;
    Block then;
    std::optional<Block> otherwise;  // `else if` is a block of one IfStmt
    bool operator==(const IfStmt&) const = default;
};
/// `for i in low..high`, or over a list when `high` is empty.
struct For {
    Identifier name;
    ExprRef low, high;
    Block body;
    bool operator==(const For&) const = default;
};
struct Assert {
    ExprRef condition;
    std::optional<std::string> message;
    bool operator==(const Assert&) const = default;
};
struct Input {
    bool target = false;
    Identifier name;
    Type type;
    bool operator==(const Input&) const = default;
};
/// `output logits = …`, `loss`, `metric`, `shared`.
struct Definition {
    enum Kind { output, loss, metric, shared } kind = output;
    Identifier name;
    ExprRef value;
    bool operator==(const Definition&) const = default;
};
struct Param {
    Identifier name;
    Type type;
    ExprRef initializer;
    bool operator==(const Param&) const = default;
};
struct State {
    Identifier name;
    std::optional<Type> type;
    ExprRef initial;
    bool operator==(const State&) const = default;
};
struct Update {
    Identifier name;
    ExprRef value;
    bool operator==(const Update&) const = default;
};  // `s <- e`
struct Assign {
    std::vector<Identifier> names;
    ExprRef value;
    bool operator==(const Assign&) const = default;
};
/// One position on the left of an index equation: `i`, `i < N`, `..i < N`, or an expression (`h * D + d`, `0`, `idx[e]`).
struct Left {
    std::optional<Bind> bind;
    ExprRef value;
    bool operator==(const Left&) const = default;
};
struct Equation {
    enum Op { define, add, maximum, minimum } op = define;  // `=`, `+=`, `max=`, `min=`
    Identifier name;
    std::vector<Left> left;
    std::vector<Bind> bounds;  // after the bar
    ExprRef value;
    bool operator==(const Equation&) const = default;
};

struct Stmt {
    std::variant<Return, Yield, IfStmt, For, Assert, Input, Definition, Param, State, Update, Assign, Equation> node;
    Where where;
    bool operator==(const Stmt&) const = default;
};

// ------------------------------------------------------------------ declarations

struct Parameter {
    Identifier name;
    Type type;
    ExprRef fallback;
    Where where;
    bool operator==(const Parameter&) const = default;
};
struct ResultName {
    Identifier name;
    std::optional<Type> type;
    bool operator==(const ResultName&) const = default;
};

struct Import {
    std::string path;
    bool operator==(const Import&) const = default;
};
/// `fn` and `layer`; exactly one of `value` (after `=`) and `body` is present.
struct Function {
    bool layer = false;
    Identifier name;
    std::vector<Parameter> parameters;
    std::vector<ResultName> results;
    ExprRef value;
    std::optional<Block> body;
    std::optional<Block> adjoint;
    bool operator==(const Function&) const = default;
};
struct Initializer {
    Identifier name;
    std::vector<Parameter> parameters;
    ExprRef value;
    bool operator==(const Initializer&) const = default;
};
struct Optimizer {
    Identifier name;
    std::vector<Parameter> parameters;
    Block body;
    bool operator==(const Optimizer&) const = default;
};
struct Model {
    Identifier name;
    std::vector<Parameter> parameters;
    Block body;
    bool operator==(const Model&) const = default;
};
struct Setting {
    Identifier name;
    ExprRef value;
    bool operator==(const Setting&) const = default;
};
struct Train {
    std::vector<Setting> settings;
    bool operator==(const Train&) const = default;
};
struct Vary {
    std::vector<Identifier> path;
    ExprRef values;
    bool operator==(const Vary&) const = default;
};
struct Study {
    Identifier name;
    std::vector<std::variant<std::vector<Vary>, Setting>> entries;
    bool operator==(const Study&) const = default;
};
struct Test {
    std::string title;
    Block body;
    bool operator==(const Test&) const = default;
};

struct Declaration {
    std::variant<Import, Function, Initializer, Optimizer, Model, Train, Study, Test> node;
    std::string doc;  // the `##` lines above, without their markers
    Where where;
    bool operator==(const Declaration&) const = default;
};
struct File {
    std::vector<Declaration> declarations;
    bool operator==(const File&) const = default;
};

}  // namespace dlc::text
