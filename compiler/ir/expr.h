// The body of an index equation: an immutable scalar expression over reads, index values, constants and scalar primitives.
//
// Expressions are shared pointers to immutable nodes; each carries its digest, so comparing two is comparing 128 bits.  Walk them
// with a memo by digest (`rewrite`, `visit`): they are DAGs and shared parts would otherwise be visited many times.
#pragma once
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/ir/index.h"
#include "compiler/ir/scalar.h"
#include "compiler/ir/type.h"

namespace dlc::ir {

struct ExprNode;

class Expr {
public:
    Expr() = default;  // empty: "no expression", never inside another
    explicit operator bool() const { return node_ != nullptr; }
    const ExprNode& operator*() const { return *node_; }
    const ExprNode* operator->() const { return node_.get(); }
    bool operator==(const Expr& o) const;
    std::strong_ordering operator<=>(const Expr& o) const;  // by digest: an arbitrary, stable order

    /// A number of the given type.  Integers must be exact in a double.
    static Expr constant(double value, Type);
    /// The value of an index expression, an i64 (the code may compute it in 32 bits).
    static Expr index(Index);
    /// The element of `tensor` (of element type `type`) at `at`.  With `otherwise`, its value stands for every position outside
    /// the tensor; without, the position must be inside wherever the read is evaluated.
    static Expr read(NodeId tensor, Type type, std::vector<Index> at, Expr otherwise = {});
    /// A primitive applied.  Arguments are brought to the types its `Scalar::result` rule asks for: one common type for `same`,
    /// `boolean` and `real` (bools compare as bools), the branches' for `second`.  `given` is the result type where the rule needs
    /// one.
    static Expr call(const Scalar&, std::vector<Expr> args, std::optional<Type> given = {});
    static Expr call(std::string_view name, std::vector<Expr> args, std::optional<Type> given = {});

private:
    explicit Expr(std::shared_ptr<const ExprNode> node) : node_(std::move(node)) {}
    static Expr made(ExprNode);
    std::shared_ptr<const ExprNode> node_;
};

struct ExprNode {
    enum Kind : std::uint8_t { constant, index, read, call };
    Kind kind;
    Type type;
    double value = 0;                // constant
    Index position = {};             // index
    NodeId tensor = {};              // read
    std::vector<Index> at = {};      // read
    Expr otherwise = {};             // read, may be empty
    const Scalar* scalar = nullptr;  // call
    std::vector<Expr> args = {};     // call
    Digest digest = {};

    bool is(std::string_view scalar_name) const { return kind == call && scalar->name == scalar_name; }
};
inline bool Expr::operator==(const Expr& o) const {
    return node_ == o.node_ || (node_ && o.node_ && node_->digest == o.node_->digest);
}

/// The sub-expressions, `otherwise` included.
std::vector<Expr> children(const Expr&);
/// Rebuilds bottom-up, each distinct node once: `change` gets a node whose children are already rebuilt and returns what stands
/// for it (itself for "as it is").
Expr rewrite(const Expr&, const std::function<Expr(const Expr&)>& change);
/// Calls `see` once for each distinct node, children first.
void visit(const Expr&, const std::function<void(const Expr&)>& see);
/// Every index expression replaced, in reads and index values.
Expr map_indices(const Expr&, const std::function<Index(const Index&)>&);
/// Every variable v replaced by `by[v]`; the result lives in `box`.
Expr substitute(const Expr&, std::span<const Index> by, const Box& box);
/// The distinct reads, in order of first use; reads inside `otherwise` included.
std::vector<Expr> reads(const Expr&);
/// Every tensor read, also through gets, each once, sorted.
std::vector<NodeId> tensors(const Expr&);
bool uses(const Expr&, Var v);
/// Reads replaced by what `by` returns for them; an empty answer keeps the read.
Expr replace_reads(const Expr&, const std::function<Expr(const ExprNode& read)>& by);
/// Every tensor replaced, of reads and of gets.
Expr with_tensors(const Expr&, const std::function<NodeId(NodeId)>& id_of);

/// The predicate as a bool expression, and conjunctions of them (`true` for none).
Expr holds(const Predicate&);
Expr holds(std::span<const Predicate>);

}  // namespace dlc::ir
