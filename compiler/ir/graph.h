// The intermediate representation: a program is a list of index equations.
//
// A `Graph` is an immutable, append-only SSA list of nodes: ids are handles and are in topological order by construction.  A node
// is an equation, a leaf, a constant, a scan, a library call or, while derivatives are taken, a value with a given adjoint.  There
// is no tensor-level matmul, convolution, softmax or dropout: those are equations, and kernel classes recognise the shapes of
// equations that deserve a special schedule.  Broadcasting is explicit in the reads.
//
// An equation in *defining (gather) form* has no `map`: its variables are first those of the output (one per dimension of `shape`),
// then the reduction variables, and
//
//     out[i] = reduce over r, where all predicates hold, of body(i, r)
//
// In *scatter form* `map` gives the output position of each point of the domain; all variables are domain variables, their extents
// are in `reductions`, `reduce` is the accumulator (sum, max or min), and elements hit by nothing hold the accumulator's identity:
//
//     out = identity;   for all r where all predicates hold:  out[map(r)] = reduce(out[map(r)], body(r))
//
// A position of `map` outside `shape` is dropped in an equation the compiler made (`lossy`), an error in the user's.  Empty
// reductions give 0, 1, -inf, inf (in an integer type its least and greatest number) and, for argmax, -1.  argmax and argmin give
// the row-major position among the reduction variables of the first extremum, an i32.  NaN wins in max, min, argmax, argmin.  A
// term whose predicates fail does not exist: nothing in it is evaluated.
//
// A *scan* runs a graph, its body, once for each step, and hands values from one step to the next.  It is the only loop of a
// program: what of a recurrence does not depend on the values handed on is an equation outside.
//
// The meaning of all this is interpreter.h, in double.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>

#include "compiler/ir/expr.h"
#include "dsl/source/source.h"

namespace dlc::ir {

enum class Reduce : std::uint8_t { none, sum, prod, max, min, argmax, argmin };
std::string_view name(Reduce);
std::optional<Reduce> reduce_named(std::string_view);
/// The value of an empty reduction of this type; of an argmax or argmin, the position -1.  Where a type has no infinity, its
/// greatest and least number stand for it (of i64 the greatest that a double holds).
double identity(Reduce, Type);

struct Equation {
    Shape reductions;  // extents of the reduction (scatter form: of all) variables
    Reduce reduce = Reduce::none;
    Expr body;
    std::vector<Predicate> where;  // sorted, without duplicates
    std::vector<Index> map;        // scatter form only: one index per output dimension
    bool scatter = false;          // with rank 0 the map is empty, so the form is said
    bool lossy = false;            // scatter form: positions outside are dropped
};

enum class LeafKind : std::uint8_t {
    input,
    target,     // data of the step
    parameter,  // learned; named by its path
    state,      // outlives the step; `state/PATH`
    slot,       // an optimizer's state; `optimizer/SLOT/PATH`
    seed,       // i64 scalar: the run's seed
    step,       // i64 scalar: steps taken before this one
    rate,       // real scalar: a learning rate or another number the loop sets each step, by name
    carry,      // of a scan's body: a value handed from step to step
    slice,      // of a scan's body: one step's element of a sequence
    cotangent,  // of a given adjoint: that of a result
};
std::string_view name(LeafKind);

struct Leaf {
    LeafKind kind = LeafKind::input;
    std::string name;
};
/// Dense values, row-major, exact in double.  A constant that holds one value everywhere is a pointwise equation instead.
struct Constant {
    std::vector<double> values;
};
/// An operation that no equation says well; `operation` is a row of the library table (library.h).
struct Library {
    std::string operation;
    std::vector<NodeId> inputs;
    std::vector<double> attributes;
};

class Graph;
/// A value of a recurrence: `body` is run `steps` times, and this node stacks what its node `yield` holds, element t from step t;
/// its shape is [steps, …shape of yield], without `steps` where it is the `last` alone.  The body's leaves, in the order of their
/// ids, stand for `inputs`:
///
///     carry   inputs[i] in the first step, later what the step before computed for it: the body's `update` of the leaf
///     slice   inputs[i][t], where inputs[i] has a leading axis of `steps`
///     input   inputs[i], the same in every step
///
/// The body has no other leaves and no other results than one update for each carry.  Nodes that differ in `yield` and `last` alone
/// are one loop.  Backwards, t runs from steps - 1 down to 0.
struct Scan {
    std::shared_ptr<const Graph> body;
    NodeId yield;  // a node of the body
    std::int64_t steps = 0;
    bool backwards = false;
    std::vector<NodeId> inputs;
    bool checkpointed = false;  // nothing is to be stored for all steps but what the nodes yield: no work moves out of the loop
    bool last = false;          // the node holds what the step that is run last yields, alone: of the yield's shape
};

/// A value whose derivative the program says: inputs[result] itself, and the graph `adjoint` that computes the adjoints of inputs.
/// Leaves of kind input stand, in the order of their ids, for `inputs`; leaves of kind cotangent, of which there are as many as the
/// function has results, for the adjoints of the first of them.  A result of the graph is the adjoint of its `target`, an input;
/// inputs that are no target have none.  Nodes that differ in `result` alone are of one call.  Only derivatives see it: no program
/// that is compiled or run has one.
struct Custom {
    std::shared_ptr<const Graph> adjoint;
    std::uint32_t result = 0;
    std::vector<NodeId> inputs;
};

/// Where a node came from: for diagnostics, reports and derivatives, never part of its identity.
struct Origin {
    source::Span span;
    std::string name;                     // of the value it defines, with the path of its instance: `conv_1/y`
    std::vector<source::Span> also = {};  // spans of nodes merged into it
    std::uint32_t checkpoint = 0;         // the `checkpoint(…)` it was made in: its derivative computes it again
    std::string layer = {};  // the path of the instance whose equation it is; empty for the model's and for derivatives
};

struct Node {
    Type type = Type::f32;
    Shape shape;
    std::variant<Leaf, Constant, Equation, Library, Scan, Custom> what;
    Origin origin;
    Digest digest = {};       // of everything but the origin
    std::uint32_t again = 0;  // the checkpoint whose value it computes once more, so that nothing merges it with the first time

    const Equation* equation() const { return std::get_if<Equation>(&what); }
    const Leaf* leaf() const { return std::get_if<Leaf>(&what); }
    const Constant* constant() const { return std::get_if<Constant>(&what); }
    const Library* library() const { return std::get_if<Library>(&what); }
    const Scan* scan() const { return std::get_if<Scan>(&what); }
    const Custom* custom() const { return std::get_if<Custom>(&what); }
};

/// The box of an equation's variables: outputs then reductions, or the domain in scatter form.
Box box_of(const Node& equation);
/// The extents of the same.
Shape extents_of(const Node& equation);
/// Every node a node reads, each once, sorted.
std::vector<NodeId> operands(const Node&);
/// The node with its operands translated.
Node with_operands(Node, const std::function<NodeId(NodeId)>& id_of);
/// Whether both are scans and values of one loop.
bool same_loop(const Node&, const Node&);
/// Whether both are results of one call with a given adjoint.
bool same_call(const Node&, const Node&);

/// What a graph computes.
struct Result {
    enum Kind : std::uint8_t {
        value,  // of a function
        output,
        loss,
        metric,
        update,  // the new value of leaf `target`
        check,   // a bool or count that must be 0: a run-time check; `name` says what went wrong, `span` where
    };
    Kind kind = value;
    std::string name;
    NodeId node;
    NodeId target;
    source::Span span;
    source::Span inside = {};  // of a check in the library: its line, where `span` is the user's call
};
std::string_view name(Result::Kind);

class Graph {
public:
    Graph() = default;
    std::span<const Node> nodes() const { return nodes_; }
    const Node& operator[](NodeId id) const { return nodes_.at(id.value); }
    std::size_t size() const { return nodes_.size(); }
    const std::vector<Result>& results() const { return results_; }
    /// The result of that name, or null.
    const Result* result(std::string_view name) const;
    /// The leaf of that name, or an empty id.
    NodeId leaf(std::string_view name) const;
    std::vector<NodeId> leaves(LeafKind) const;
    /// Of the whole graph: nodes and results, without origins.
    Digest digest() const;

private:
    friend class Builder;
    std::vector<Node> nodes_;
    std::vector<Result> results_;
};

/// Appends nodes.  With `Sharing::on` an equal node is made once, so common subexpressions cost nothing.  The front end builds with
/// `Sharing::off`: `grad(f, x)` speaks of the value named x, and a value that happens to equal x must not be taken for it.
class Builder {
public:
    enum class Sharing { on, off };
    explicit Builder(Sharing sharing = Sharing::on) : sharing_(sharing) {}

    NodeId leaf(LeafKind, std::string name, Type, Shape, Origin = {});  // one node per name
    NodeId constant(Type, Shape, std::vector<double>, Origin = {});
    /// An equation whose result has `type` and `shape`.  Canonicalises: predicates sorted, those that always hold dropped.  Fails
    /// an assertion when the equation is malformed (see verify.h), with std::overflow_error beyond 2^62 elements.
    NodeId equation(Type, Shape, Equation, Origin = {});
    NodeId library(Type, Shape, Library, Origin = {});
    /// Type and shape follow from the body.
    NodeId scan(Scan, Origin = {});
    NodeId custom(Custom, Origin = {});
    /// A pointwise equation over `shape`; `body` speaks of the output variables.
    NodeId pointwise(Type, Shape, Expr body, Origin = {});
    NodeId fill(double value, Type, Shape, Origin = {});
    /// Until the next call nodes are made to compute that checkpoint's values once more; 0: they are not.
    void compute_again(std::uint32_t checkpoint) { again_ = checkpoint; }
    /// A node of another graph, its operands translated by `id_of`.
    NodeId copy(const Node&, const std::function<NodeId(NodeId)>& id_of);
    /// As it stands in the graph so far.
    const Node& operator[](NodeId id) const { return graph_.nodes_.at(id.value); }
    std::size_t size() const { return graph_.nodes_.size(); }
    /// `tensor[v0, v1, …]` for a tensor of the rank of an output.
    Expr read_all(NodeId) const;
    Expr read(NodeId, std::vector<Index> at, Expr otherwise = {}) const;

    void result(Result);
    Graph finish() &&;
    const Graph& graph() const { return graph_; }

private:
    NodeId append(Node);
    Sharing sharing_;
    std::uint32_t again_ = 0;
    Graph graph_;
    std::unordered_map<Digest, NodeId> known_;
    std::map<std::string, NodeId, std::less<>> leaves_;
};

/// The graph with only what its results need, ids renumbered, equal nodes merged.
Graph share(const Graph&);

}  // namespace dlc::ir
