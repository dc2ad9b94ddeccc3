#include "compiler/ir/expr.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "compiler/ir/arith.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

Digest digest_of(const ExprNode& node) {
    Hasher hasher;
    hasher.add(std::uint64_t{node.kind}).add(static_cast<std::uint64_t>(node.type));
    switch (node.kind) {
        case ExprNode::constant: hasher.add_bits(node.value); break;
        case ExprNode::index: node.position.hash(hasher); break;
        case ExprNode::read:
            hasher.add(std::uint64_t{node.tensor.value}).add(node.at.size());
            for (const Index& index : node.at) index.hash(hasher);
            if (node.otherwise) hasher.add(node.otherwise->digest);
            break;
        case ExprNode::call:
            hasher.add(node.scalar->name).add(node.args.size());
            for (const Expr& arg : node.args) hasher.add(arg->digest);
            break;
    }
    return hasher.done();
}

Type common_type(std::span<const Expr> args) {
    Type type = args.front()->type;
    for (const Expr& arg : args.subspan(1)) type = common(type, arg->type);
    return args.size() == 1 ? common(type, type) : type;
}
bool one_type(std::span<const Expr> args) {
    return std::all_of(args.begin(), args.end(), [&](const Expr& arg) { return arg->type == args.front()->type; });
}
void convert_all(std::span<Expr> args, Type type) {
    for (Expr& arg : args) arg = convert(arg, type);
}

}  // namespace

std::strong_ordering Expr::operator<=>(const Expr& o) const {
    if (!node_ || !o.node_) return (node_ != nullptr) <=> (o.node_ != nullptr);
    return node_->digest <=> o.node_->digest;
}

Expr Expr::made(ExprNode node) {
    node.digest = digest_of(node);
    return Expr(std::make_shared<const ExprNode>(std::move(node)));
}

Expr Expr::constant(double value, Type type) {
    DLC_ASSERT(is_real(type) || value == std::trunc(value), "an integer constant is whole");
    DLC_ASSERT(type != Type::boolean || value == 0 || value == 1, "a bool constant is 0 or 1");
    ExprNode node{.kind = ExprNode::constant, .type = type};
    // One NaN, so that equal programs have equal digests; and integers have one zero.
    node.value = std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : is_real(type) ? value : value + 0.0;
    return made(std::move(node));
}

Expr Expr::index(Index position) {
    ExprNode node{.kind = ExprNode::index, .type = Type::i64};
    node.position = std::move(position);
    return made(std::move(node));
}

Expr Expr::read(NodeId tensor, Type type, std::vector<Index> at, Expr otherwise) {
    DLC_ASSERT(bool(tensor), "a read names a tensor");
    ExprNode node{.kind = ExprNode::read, .type = type};
    node.tensor = tensor;
    node.at = std::move(at);
    if (otherwise) node.otherwise = convert(otherwise, type);
    return made(std::move(node));
}

Expr Expr::call(const Scalar& scalar, std::vector<Expr> args, std::optional<Type> given) {
    DLC_ASSERT(static_cast<int>(args.size()) == scalar.arity, "`" + std::string(scalar.name) + "` takes " +
                                                                  std::to_string(scalar.arity) + " arguments, not " +
                                                                  std::to_string(args.size()));
    for (const Expr& arg : args) DLC_ASSERT(bool(arg), "no expression is empty");
    ExprNode node{.kind = ExprNode::call, .type = Type::boolean};
    switch (scalar.result) {
        case Scalar::same:
            node.type = common_type(args);
            convert_all(args, node.type);
            break;
        case Scalar::boolean:
            if (!one_type(args)) convert_all(args, common_type(args));
            break;
        case Scalar::real:
            node.type = common_type(args);
            if (!is_real(node.type)) {
                DLC_ASSERT(given && is_real(*given), "`" + std::string(scalar.name) + "` of integers needs a real type");
                node.type = *given;
            }
            convert_all(args, node.type);
            break;
        case Scalar::second: {
            const std::span<Expr> branches = std::span(args).subspan(1);
            if (!one_type(branches)) convert_all(branches, common_type(branches));
            node.type = branches.front()->type;
            break;
        }
        case Scalar::given:
            DLC_ASSERT(given.has_value(), "`" + std::string(scalar.name) + "` needs its result type");
            node.type = *given;
            break;
    }
    node.scalar = &scalar;
    node.args = std::move(args);
    return made(std::move(node));
}

Expr Expr::call(std::string_view name, std::vector<Expr> args, std::optional<Type> given) {
    const Scalar* scalar = find_scalar(name);
    DLC_ASSERT(scalar != nullptr, "there is no scalar primitive `" + std::string(name) + "`");
    return call(*scalar, std::move(args), given);
}

std::vector<Expr> children(const Expr& e) {
    if (e->kind == ExprNode::call) return e->args;
    if (e->kind == ExprNode::read && e->otherwise) return {e->otherwise};
    return {};
}

namespace {

class Rewriter {
public:
    explicit Rewriter(const std::function<Expr(const Expr&)>& change) : change_(change) {}
    Expr operator()(const Expr& e) {
        if (const auto known = done_.find(e->digest); known != done_.end()) return known->second;
        Expr result = change_(rebuilt(e));
        DLC_ASSERT(bool(result), "a rewrite gives an expression");
        done_.emplace(e->digest, result);
        return result;
    }

private:
    Expr rebuilt(const Expr& e) {
        if (e->kind == ExprNode::read && e->otherwise) {
            const Expr otherwise = (*this)(e->otherwise);
            return otherwise == e->otherwise ? e : Expr::read(e->tensor, e->type, e->at, otherwise);
        }
        if (e->kind != ExprNode::call) return e;
        std::vector<Expr> args;
        args.reserve(e->args.size());
        for (const Expr& arg : e->args) args.push_back((*this)(arg));
        return args == e->args ? e : Expr::call(*e->scalar, std::move(args), e->type);
    }
    const std::function<Expr(const Expr&)>& change_;
    std::unordered_map<Digest, Expr> done_;
};

void visit(const Expr& e, const std::function<void(const Expr&)>& see, std::unordered_set<Digest>& seen) {
    if (!seen.insert(e->digest).second) return;
    if (e->otherwise) visit(e->otherwise, see, seen);
    for (const Expr& arg : e->args) visit(arg, see, seen);
    see(e);
}

void collect_reads(const Expr& e, std::vector<Expr>& found, std::unordered_set<Digest>& seen) {
    if (!seen.insert(e->digest).second) return;
    if (e->kind == ExprNode::read) found.push_back(e);
    if (e->otherwise) collect_reads(e->otherwise, found, seen);
    for (const Expr& arg : e->args) collect_reads(arg, found, seen);
}

}  // namespace

Expr rewrite(const Expr& e, const std::function<Expr(const Expr&)>& change) { return Rewriter(change)(e); }

void visit(const Expr& e, const std::function<void(const Expr&)>& see) {
    std::unordered_set<Digest> seen;
    visit(e, see, seen);
}

Expr map_indices(const Expr& e, const std::function<Index(const Index&)>& map) {
    return rewrite(e, [&](const Expr& x) {
        if (x->kind == ExprNode::index) return Expr::index(map(x->position));
        if (x->kind != ExprNode::read) return x;
        std::vector<Index> at;
        at.reserve(x->at.size());
        for (const Index& index : x->at) at.push_back(map(index));
        return Expr::read(x->tensor, x->type, std::move(at), x->otherwise);
    });
}

Expr substitute(const Expr& e, std::span<const Index> by, const Box& box) {
    return map_indices(e, [&](const Index& index) { return index.substitute(by, box); });
}

std::vector<Expr> reads(const Expr& e) {
    std::vector<Expr> found;
    std::unordered_set<Digest> seen;
    collect_reads(e, found, seen);
    return found;
}

std::vector<NodeId> tensors(const Expr& e) {
    std::vector<NodeId> found;
    const auto add = [&](const Index& index) {
        const std::vector<NodeId> inside = index.tensors();
        found.insert(found.end(), inside.begin(), inside.end());
    };
    visit(e, [&](const Expr& x) {
        if (x->kind == ExprNode::read) {
            found.push_back(x->tensor);
            std::for_each(x->at.begin(), x->at.end(), add);
        } else if (x->kind == ExprNode::index) {
            add(x->position);
        }
    });
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

bool uses(const Expr& e, Var v) {
    bool found = false;
    visit(e, [&](const Expr& x) {
        found = found || x->position.uses(v) ||
                std::any_of(x->at.begin(), x->at.end(), [v](const Index& index) { return index.uses(v); });
    });
    return found;
}

Expr replace_reads(const Expr& e, const std::function<Expr(const ExprNode&)>& by) {
    return rewrite(e, [&](const Expr& x) {
        if (x->kind != ExprNode::read) return x;
        Expr replacement = by(*x);
        return replacement ? replacement : x;
    });
}

Expr with_tensors(const Expr& e, const std::function<NodeId(NodeId)>& id_of) {
    return rewrite(e, [&](const Expr& x) {
        if (x->kind == ExprNode::index) return x->position.has_get() ? Expr::index(x->position.with_tensors(id_of)) : x;
        if (x->kind != ExprNode::read) return x;
        std::vector<Index> at;
        at.reserve(x->at.size());
        for (const Index& index : x->at) at.push_back(index.with_tensors(id_of));
        return Expr::read(id_of(x->tensor), x->type, std::move(at), x->otherwise);
    });
}

Expr holds(const Predicate& predicate) {
    static constexpr std::string_view kNames[] = {"ge", "eq", "ne"};
    return Expr::call(kNames[predicate.kind], {Expr::index(predicate.index), Expr::constant(0, Type::i64)});
}
Expr holds(std::span<const Predicate> predicates) {
    Expr all = Expr::constant(1, Type::boolean);
    for (const Predicate& predicate : predicates) all = both(all, holds(predicate));
    return all;
}

}  // namespace dlc::ir
