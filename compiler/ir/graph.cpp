#include "compiler/ir/graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "compiler/ir/check_node.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

constexpr std::array<std::string_view, 7> kReduceNames{"none", "sum", "prod", "max", "min", "argmax", "argmin"};
constexpr std::array<std::string_view, 11> kLeafNames{"input", "target", "parameter", "state", "slot",     "seed",
                                                      "step",  "rate",   "carry",     "slice", "cotangent"};
constexpr std::array<std::string_view, 6> kResultNames{"value", "output", "loss", "metric", "update", "check"};

void hash_shape(Hasher& hasher, const Shape& shape) {
    hasher.add(shape.size());
    for (const std::int64_t extent : shape) hasher.add(static_cast<std::uint64_t>(extent));
}

Digest digest_of(const Node& node) {
    Hasher hasher;
    hasher.add(static_cast<std::uint64_t>(node.type)).add(std::uint64_t{node.what.index()});
    hash_shape(hasher, node.shape);
    if (const Leaf* leaf = node.leaf()) {
        hasher.add(static_cast<std::uint64_t>(leaf->kind)).add(leaf->name);
    } else if (const Constant* constant = node.constant()) {
        for (const double value : constant->values) hasher.add_bits(value);
    } else if (const Equation* equation = node.equation()) {
        hash_shape(hasher, equation->reductions);
        hasher.add(static_cast<std::uint64_t>(equation->reduce)).add(equation->body->digest);
        hasher.add(equation->where.size());
        for (const Predicate& predicate : equation->where) {
            hasher.add(std::uint64_t{predicate.kind});
            predicate.index.hash(hasher);
        }
        hasher.add(std::uint64_t{equation->scatter}).add(std::uint64_t{equation->lossy});
        for (const Index& index : equation->map) index.hash(hasher);
    } else if (const Library* library = node.library()) {
        hasher.add(library->operation).add(library->inputs.size());
        for (const NodeId input : library->inputs) hasher.add(std::uint64_t{input.value});
        for (const double attribute : library->attributes) hasher.add_bits(attribute);
    } else if (const Scan* scan = node.scan()) {
        hasher.add(scan->body->digest()).add(std::uint64_t{scan->yield.value}).add(static_cast<std::uint64_t>(scan->steps));
        hasher.add(std::uint64_t{scan->backwards}).add(scan->inputs.size());
        hasher.add(std::uint64_t{scan->checkpointed}).add(std::uint64_t{scan->last});
        for (const NodeId input : scan->inputs) hasher.add(std::uint64_t{input.value});
    } else if (const Custom* custom = node.custom()) {
        hasher.add(custom->adjoint->digest()).add(std::uint64_t{custom->result}).add(custom->inputs.size());
        for (const NodeId input : custom->inputs) hasher.add(std::uint64_t{input.value});
    }
    if (node.again) hasher.add(std::uint64_t{node.again});
    return hasher.done();
}

void sort_once(std::vector<NodeId>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

std::string_view name(Reduce reduce) { return kReduceNames.at(static_cast<std::size_t>(reduce)); }
std::string_view name(LeafKind kind) { return kLeafNames.at(static_cast<std::size_t>(kind)); }
std::string_view name(Result::Kind kind) { return kResultNames.at(static_cast<std::size_t>(kind)); }
std::optional<Reduce> reduce_named(std::string_view text) {
    const auto found = std::find(kReduceNames.begin(), kReduceNames.end(), text);
    if (found == kReduceNames.end()) return std::nullopt;
    return static_cast<Reduce>(found - kReduceNames.begin());
}

namespace {

Range numbers_of(Type type) {
    switch (type) {
        case Type::boolean: return {0, 1};
        case Type::u8: return {0, 255};
        case Type::i8: return {-128, 127};
        case Type::i32: return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
        default: return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max() - 1023};
    }
}

}  // namespace

double identity(Reduce reduce, Type type) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    switch (reduce) {
        case Reduce::none:
        case Reduce::sum: return 0;
        case Reduce::prod: return 1;
        case Reduce::max: return is_real(type) ? -kInfinity : static_cast<double>(numbers_of(type).low);
        case Reduce::min: return is_real(type) ? kInfinity : static_cast<double>(numbers_of(type).high);
        case Reduce::argmax:
        case Reduce::argmin: break;
    }
    return -1;
}

Shape extents_of(const Node& node) {
    const Equation& equation = *node.equation();
    Shape extents = equation.scatter ? Shape{} : node.shape;
    extents.insert(extents.end(), equation.reductions.begin(), equation.reductions.end());
    return extents;
}
Box box_of(const Node& node) { return box_of(extents_of(node)); }

std::vector<NodeId> operands(const Node& node) {
    std::vector<NodeId> ids;
    if (const Library* library = node.library()) ids = library->inputs;
    if (const Scan* scan = node.scan()) ids = scan->inputs;
    if (const Custom* custom = node.custom()) ids = custom->inputs;
    if (const Equation* equation = node.equation()) {
        ids = tensors(equation->body);
        const auto add = [&](const Index& index) {
            const std::vector<NodeId> inside = index.tensors();
            ids.insert(ids.end(), inside.begin(), inside.end());
        };
        for (const Predicate& predicate : equation->where) add(predicate.index);
        std::for_each(equation->map.begin(), equation->map.end(), add);
    }
    sort_once(ids);
    return ids;
}

Node with_operands(Node node, const std::function<NodeId(NodeId)>& id_of) {
    if (Equation* equation = std::get_if<Equation>(&node.what)) {
        equation->body = with_tensors(equation->body, id_of);
        for (Predicate& predicate : equation->where) predicate.index = predicate.index.with_tensors(id_of);
        for (Index& index : equation->map) index = index.with_tensors(id_of);
    } else if (Library* library = std::get_if<Library>(&node.what)) {
        for (NodeId& input : library->inputs) input = id_of(input);
    } else if (Scan* scan = std::get_if<Scan>(&node.what)) {
        for (NodeId& input : scan->inputs) input = id_of(input);
    } else if (Custom* custom = std::get_if<Custom>(&node.what)) {
        for (NodeId& input : custom->inputs) input = id_of(input);
    }
    return node;
}

bool same_loop(const Node& left, const Node& right) {
    const Scan *a = left.scan(), *b = right.scan();
    return a && b && left.again == right.again && a->steps == b->steps && a->backwards == b->backwards &&
           a->checkpointed == b->checkpointed && a->inputs == b->inputs &&
           (a->body == b->body || a->body->digest() == b->body->digest());
}

bool same_call(const Node& left, const Node& right) {
    const Custom *a = left.custom(), *b = right.custom();
    return a && b && left.again == right.again && a->inputs == b->inputs &&
           (a->adjoint == b->adjoint || a->adjoint->digest() == b->adjoint->digest());
}

const Result* Graph::result(std::string_view name) const {
    const auto found = std::find_if(results_.begin(), results_.end(), [&](const Result& r) { return r.name == name; });
    return found == results_.end() ? nullptr : &*found;
}
NodeId Graph::leaf(std::string_view name) const {
    for (std::uint32_t id = 0; id < nodes_.size(); ++id)
        if (const Leaf* leaf = nodes_[id].leaf(); leaf && leaf->name == name) return {id};
    return {};
}
std::vector<NodeId> Graph::leaves(LeafKind kind) const {
    std::vector<NodeId> found;
    for (std::uint32_t id = 0; id < nodes_.size(); ++id)
        if (const Leaf* leaf = nodes_[id].leaf(); leaf && leaf->kind == kind) found.push_back({id});
    return found;
}
Digest Graph::digest() const {
    Hasher hasher;
    hasher.add(nodes_.size());
    for (const Node& node : nodes_) hasher.add(node.digest);
    for (const Result& result : results_)
        hasher.add(std::uint64_t{result.kind})
            .add(result.name)
            .add(std::uint64_t{result.node.value})
            .add(std::uint64_t{result.target.value});
    return hasher.done();
}

NodeId Builder::append(Node node) {
    if (!node.leaf() && !node.constant() && !node.again) node.again = again_;
    node.digest = digest_of(node);
    if (sharing_ == Sharing::on)
        if (const auto known = known_.find(node.digest); known != known_.end()) {
            Origin& origin = graph_.nodes_[known->second.value].origin;
            const auto merge = [&](const source::Span& span) {
                if (span && span != origin.span && std::find(origin.also.begin(), origin.also.end(), span) == origin.also.end())
                    origin.also.push_back(span);
            };
            merge(node.origin.span);
            for (const source::Span& span : node.origin.also) merge(span);
            if (origin.name.empty()) origin.name = std::move(node.origin.name);
            return known->second;
        }
    const std::vector<std::string> broken = broken_rules(node, graph_.nodes_, graph_.nodes_.size());
    DLC_ASSERT(broken.empty(), broken.front() + (node.origin.name.empty() ? "" : " (" + node.origin.name + ")"));
    const NodeId id{static_cast<std::uint32_t>(graph_.nodes_.size())};
    known_.emplace(node.digest, id);
    graph_.nodes_.push_back(std::move(node));
    return id;
}

NodeId Builder::leaf(LeafKind kind, std::string name, Type type, Shape shape, Origin origin) {
    if (const auto known = leaves_.find(name); known != leaves_.end()) {
        const Node& node = graph_.nodes_[known->second.value];
        DLC_ASSERT(node.leaf()->kind == kind && node.type == type && node.shape == shape,
                   "two different leaves are named `" + name + "`");
        return known->second;
    }
    const NodeId id = append({type, std::move(shape), Leaf{kind, name}, std::move(origin), {}});
    leaves_.emplace(std::move(name), id);
    return id;
}
NodeId Builder::constant(Type type, Shape shape, std::vector<double> values, Origin origin) {
    if (values.empty()) return fill(0, type, std::move(shape), std::move(origin));  // of no elements
    for (double& value : values)
        if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    return append({type, std::move(shape), Constant{std::move(values)}, std::move(origin), {}});
}
NodeId Builder::equation(Type type, Shape shape, Equation equation, Origin origin) {
    DLC_ASSERT(bool(equation.body), "an equation has a body");
    volume(shape);
    volume(equation.reductions);
    Node node{type, std::move(shape), std::move(equation), std::move(origin), {}};
    std::vector<Predicate>& where = std::get<Equation>(node.what).where;
    if (!where.empty()) {
        const Box box = box_of(node);
        std::erase_if(where, [&](const Predicate& predicate) {
            // A variable outside the box is a broken rule, which `append` reports.
            const std::vector<Var> used = predicate.index.variables();
            return (used.empty() || used.back() < box.size()) && decide(predicate, box) == Truth::always;
        });
        std::sort(where.begin(), where.end());
        where.erase(std::unique(where.begin(), where.end()), where.end());
    }
    return append(std::move(node));
}
NodeId Builder::library(Type type, Shape shape, Library library, Origin origin) {
    return append({type, std::move(shape), std::move(library), std::move(origin), {}});
}
NodeId Builder::scan(Scan scan, Origin origin) {
    DLC_ASSERT(scan.body && scan.yield.value < scan.body->size(), "a scan yields a node of its body");
    const Node& yield = (*scan.body)[scan.yield];
    Shape shape = yield.shape;
    if (!scan.last) shape.insert(shape.begin(), scan.steps);
    return append({yield.type, std::move(shape), std::move(scan), std::move(origin), {}});
}
NodeId Builder::custom(Custom custom, Origin origin) {
    const Node& value = (*this)[custom.inputs.at(custom.result)];
    return append({value.type, value.shape, std::move(custom), std::move(origin), {}});
}
NodeId Builder::pointwise(Type type, Shape shape, Expr body, Origin origin) {
    Equation equation;
    equation.body = std::move(body);
    return this->equation(type, std::move(shape), std::move(equation), std::move(origin));
}
NodeId Builder::fill(double value, Type type, Shape shape, Origin origin) {
    return pointwise(type, std::move(shape), Expr::constant(value, type), std::move(origin));
}

NodeId Builder::copy(const Node& node, const std::function<NodeId(NodeId)>& id_of) {
    if (const Leaf* leaf = node.leaf()) return this->leaf(leaf->kind, leaf->name, node.type, node.shape, node.origin);
    Node moved = with_operands(node, id_of);
    if (!moved.equation()) return append(std::move(moved));
    const std::uint32_t outer = std::exchange(again_, node.again ? node.again : again_);
    const NodeId made =
        equation(moved.type, std::move(moved.shape), std::get<Equation>(std::move(moved.what)), std::move(moved.origin));
    again_ = outer;
    return made;
}

Expr Builder::read_all(NodeId id) const {
    std::vector<Index> at;
    for (Var v = 0; v < (*this)[id].shape.size(); ++v) at.push_back(Index::variable(v));
    return read(id, std::move(at));
}
Expr Builder::read(NodeId id, std::vector<Index> at, Expr otherwise) const {
    return Expr::read(id, (*this)[id].type, std::move(at), std::move(otherwise));
}

void Builder::result(Result result) {
    DLC_ASSERT(result.node.value < graph_.nodes_.size(), "a result names a node of its graph");
    graph_.results_.push_back(std::move(result));
}
Graph Builder::finish() && { return std::move(graph_); }

Graph share(const Graph& graph) {
    std::vector<bool> needed(graph.size());
    for (const Result& result : graph.results()) {
        needed[result.node.value] = true;
        if (result.target) needed[result.target.value] = true;
    }
    for (std::size_t id = graph.size(); id-- > 0;)
        if (needed[id])
            for (const NodeId operand : operands(graph.nodes()[id])) needed[operand.value] = true;
    Builder builder(Builder::Sharing::on);
    std::vector<NodeId> moved(graph.size());
    for (std::size_t id = 0; id < graph.size(); ++id)
        if (needed[id]) moved[id] = builder.copy(graph.nodes()[id], [&](NodeId old) { return moved[old.value]; });
    for (Result result : graph.results()) {
        result.node = moved[result.node.value];
        if (result.target) result.target = moved[result.target.value];
        builder.result(std::move(result));
    }
    return std::move(builder).finish();
}

}  // namespace dlc::ir
