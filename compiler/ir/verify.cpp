#include "compiler/ir/verify.h"

#include <set>
#include <unordered_set>

#include "compiler/ir/check_node.h"
#include "compiler/ir/library.h"
#include "compiler/ir/text.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

constexpr std::int64_t kLargestExtent = (std::int64_t{1} << 31) - 1;

std::string text_of(const Shape& shape) {
    std::string text = "[";
    for (const std::int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
    return text + "]";
}

class Checker {
public:
    Checker(const Node& node, std::span<const Node> nodes, std::size_t id) : node_(node), nodes_(nodes), id_(id) {}

    std::vector<std::string> run() {
        extents(node_.shape, "its shape");
        if (broken_.empty() && !fits(node_.shape)) say("it has more than 2^62 elements");
        if (const Leaf* leaf = node_.leaf()) check(!leaf->name.empty(), "a leaf has a name");
        if (const Constant* constant = node_.constant()) check_constant(*constant);
        if (const Library* library = node_.library()) check_library(*library);
        if (const Scan* scan = node_.scan()) check_scan(*scan);
        if (const Custom* custom = node_.custom()) check_custom(*custom);
        if (const Equation* equation = node_.equation()) check_equation(*equation);
        return std::move(broken_);
    }

private:
    void say(std::string what) { broken_.push_back("%" + std::to_string(id_) + ": " + std::move(what)); }
    bool check(bool condition, const char* rule) {
        if (!condition) say(rule);
        return condition;
    }
    static bool fits(const Shape& shape) {
        try {
            volume(shape);
        } catch (const std::overflow_error&) { return false; }
        return true;
    }
    void extents(const Shape& shape, const char* what) {
        for (const std::int64_t extent : shape)
            if (extent < 0 || extent > kLargestExtent)
                say(std::string("an extent of ") + what + " " + text_of(shape) + " does not fit 31 bits");
    }

    void check_constant(const Constant& constant) {
        if (fits(node_.shape) && static_cast<std::int64_t>(constant.values.size()) != volume(node_.shape))
            say("a constant of shape " + text_of(node_.shape) + " has " + std::to_string(constant.values.size()) + " values");
    }
    void check_library(const Library& library) {
        if (!find_library(library.operation)) say("there is no library operation `" + library.operation + "`");
        for (const NodeId input : library.inputs) precedes(input);
    }
    void check_scan(const Scan& scan) {
        check(scan.steps >= 0, "a scan has no negative number of steps");
        for (const NodeId input : scan.inputs) precedes(input);
        if (!broken_.empty()) return;
        std::size_t count = 0;
        std::set<NodeId> carries;
        for (std::uint32_t id = 0; id < scan.body->size(); ++id) {
            const Node& inner = (*scan.body)[NodeId{id}];
            const Leaf* leaf = inner.leaf();
            if (!leaf) continue;
            if (count == scan.inputs.size()) return say("a scan has an input for each leaf of its body");
            const Node& outer = nodes_[scan.inputs[count++].value];
            Shape given = inner.shape;
            if (leaf->kind == LeafKind::slice) given.insert(given.begin(), scan.steps);
            if (leaf->kind == LeafKind::carry) carries.insert(NodeId{id});
            if (leaf->kind != LeafKind::slice && leaf->kind != LeafKind::carry && leaf->kind != LeafKind::input)
                say("the body of a scan has a leaf of kind " + std::string(name(leaf->kind)));
            if (given != outer.shape || inner.type != outer.type)
                say(std::string(name(leaf->kind)) + " `" + leaf->name + "` wants " + std::string(name(inner.type)) +
                    text_of(given) + " and gets " + std::string(name(outer.type)) + text_of(outer.shape));
        }
        check(count == scan.inputs.size(), "a scan has a leaf of its body for each input");
        for (const Result& result : scan.body->results())
            if (result.kind != Result::update || carries.erase(result.target) == 0)
                say("the results of a scan's body are one update for each carry");
        check(carries.empty(), "each carry of a scan's body has an update");
        Shape stacked = (*scan.body)[scan.yield].shape;
        if (!scan.last) stacked.insert(stacked.begin(), scan.steps);
        check(!scan.last || scan.steps > 0, "a scan without steps has no last one");
        check(stacked == node_.shape && (*scan.body)[scan.yield].type == node_.type,
              "a scan has the type and shape of its yield, stacked or the last of them");
    }
    void check_custom(const Custom& custom) {
        for (const NodeId input : custom.inputs) precedes(input);
        if (!broken_.empty()) return;
        const Graph& adjoint = *custom.adjoint;
        const auto fit = [&](const std::vector<NodeId>& leaves) {
            for (std::size_t k = 0; k < leaves.size(); ++k) {
                const Node &leaf = adjoint[leaves[k]], &outer = nodes_[custom.inputs[k].value];
                if (leaf.type != outer.type || leaf.shape != outer.shape)
                    say("a leaf of a given adjoint is not what it stands for");
            }
        };
        const std::vector<NodeId> inputs = adjoint.leaves(LeafKind::input), cotangents = adjoint.leaves(LeafKind::cotangent);
        if (!check(inputs.size() == custom.inputs.size(), "a given adjoint has a leaf for each input") ||
            !check(cotangents.size() <= inputs.size() && custom.result < cotangents.size(),
                   "a given adjoint has its results first"))
            return;
        fit(inputs);
        fit(cotangents);
        for (const Result& result : adjoint.results())
            check(result.target && adjoint[result.node].shape == adjoint[result.target].shape &&
                      adjoint[result.node].type == adjoint[result.target].type,
                  "a given adjoint is of the shape and type of its input");
    }
    bool precedes(NodeId operand) {
        if (operand && operand.value < id_) return true;
        say("operand %" + std::to_string(operand.value) + " does not precede its user");
        return false;
    }

    void check_equation(const Equation& equation) {
        extents(equation.reductions, "the reductions");
        if (!broken_.empty()) return;
        box_ = box_of(node_);
        for (const Range& r : box_) empty_ |= r.empty();
        const bool position = equation.reduce == Reduce::argmax || equation.reduce == Reduce::argmin;
        if (equation.scatter) {
            check(equation.reduce == Reduce::sum || equation.reduce == Reduce::max || equation.reduce == Reduce::min,
                  "a scatter accumulates by sum, max or min");
            if (equation.map.size() != node_.shape.size())
                say("the map of a scatter into rank " + std::to_string(node_.shape.size()) + " has " +
                    std::to_string(equation.map.size()) + " indices");
            for (const Index& index : equation.map) check_index(index);
        } else {
            check(equation.map.empty() && !equation.lossy, "only a scatter has a map");
            check(equation.reduce != Reduce::none || equation.reductions.empty(),
                  "an equation without reduction has no reduction variables");
        }
        if (position)
            check(node_.type == Type::i32, "argmax and argmin give i32");
        else if (equation.body->type != node_.type)
            say("a body of type " + std::string(name(equation.body->type)) + " defines a node of type " +
                std::string(name(node_.type)));
        check(std::is_sorted(equation.where.begin(), equation.where.end()) &&
                  std::adjacent_find(equation.where.begin(), equation.where.end()) == equation.where.end(),
              "predicates are sorted and distinct");
        for (const Predicate& predicate : equation.where) check_index(predicate.index);
        if (broken_.empty()) check_expr(equation.body, equation.where.empty() && !empty_);
    }

    void check_index(const Index& index) {
        for (const Var v : index.variables())
            if (v >= box_.size()) say("i" + std::to_string(v) + " is none of its " + std::to_string(box_.size()) + " variables");
        check_gets(index);
    }
    void check_gets(const Index& index) {
        for (const auto& term : index.terms()) {
            const Atom& atom = term.atom;
            if (!atom.parts) continue;
            for (const Index& part : *atom.parts) check_gets(part);
            if (atom.kind != Atom::get || !precedes(atom.tensor)) continue;
            const Node& tensor = nodes_[atom.tensor.value];
            if (is_real(tensor.type))
                say("an index reads %" + std::to_string(atom.tensor.value) + " of type " + std::string(name(tensor.type)));
            check_rank(atom.tensor, atom.at().size());
        }
    }
    bool check_rank(NodeId tensor, std::size_t indices) {
        const Shape& shape = nodes_[tensor.value].shape;
        if (shape.size() == indices) return true;
        say("a read of %" + std::to_string(tensor.value) + " of shape " + text_of(shape) + " has " + std::to_string(indices) +
            " indices");
        return false;
    }

    // `always`: evaluated at every point of the box, so that a range that leaves the tensor is an error and no possibility.
    void check_expr(const Expr& e, bool always) {
        if (!(always ? seen_always_ : seen_).insert(e->digest).second) return;
        if (!always && seen_always_.contains(e->digest)) return;
        switch (e->kind) {
            case ExprNode::constant: return;
            case ExprNode::index: check_index(e->position); return;
            case ExprNode::read: check_read(*e, always); return;
            case ExprNode::call: break;
        }
        if (e->is("select") && e->args[0]->type != Type::boolean) say("the condition of a select is a bool");
        for (std::size_t a = 0; a < e->args.size(); ++a) check_expr(e->args[a], always && !(e->is("select") && a > 0));
    }
    void check_read(const ExprNode& read, bool always) {
        const std::size_t before = broken_.size();
        for (const Index& index : read.at) check_index(index);
        if (!precedes(read.tensor)) return;
        const Node& tensor = nodes_[read.tensor.value];
        if (tensor.type != read.type)
            say("a read of %" + std::to_string(read.tensor.value) + " of type " + std::string(name(tensor.type)) + " claims " +
                std::string(name(read.type)));
        if (!check_rank(read.tensor, read.at.size()) || broken_.size() > before) return;
        if (read.otherwise) {
            if (read.otherwise->type != read.type) say("the `else` of a read has its type");
            check_expr(read.otherwise, false);
            return;
        }
        for (std::size_t d = 0; always && d < read.at.size(); ++d) {
            if (!read.at[d].is_affine()) continue;  // the interval may be wider than the values
            const Range range = read.at[d].range(box_);
            if (!range.within({0, tensor.shape[d] - 1}))
                say("dimension " + std::to_string(d) + " of a read of %" + std::to_string(read.tensor.value) + " runs over [" +
                    std::to_string(range.low) + ", " + std::to_string(range.high) + "], outside [0, " +
                    std::to_string(tensor.shape[d]) + ")");
        }
    }

    const Node& node_;
    std::span<const Node> nodes_;
    std::size_t id_;
    Box box_;
    bool empty_ = false;
    std::unordered_set<Digest> seen_, seen_always_;
    std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> broken_rules(const Node& node, std::span<const Node> nodes, std::size_t id) {
    return Checker(node, nodes, id).run();
}

std::vector<std::string> verify(const Graph& graph) {
    std::vector<std::string> broken;
    std::set<std::string_view> leaves;
    const Scan* last = nullptr;
    for (std::size_t id = 0; id < graph.size(); ++id) {
        const Node& node = graph.nodes()[id];
        if (const Scan* scan = node.scan(); scan && !(last && last->body == scan->body)) {
            for (const std::string& inside : verify(*scan->body))
                broken.push_back("%" + std::to_string(id) + ": in its body, " + inside);
            last = scan;
        }
        const std::vector<std::string> of_node = broken_rules(node, graph.nodes(), id);
        broken.insert(broken.end(), of_node.begin(), of_node.end());
        if (const Leaf* leaf = node.leaf(); leaf && !leaves.insert(leaf->name).second)
            broken.push_back("%" + std::to_string(id) + ": another leaf is named `" + leaf->name + "`");
    }
    for (const Result& result : graph.results()) {
        const std::string what = "result " + std::string(name(result.kind)) + " `" + result.name + "`";
        if (result.node.value >= graph.size()) {
            broken.push_back(what + " names no node");
            continue;
        }
        const Node& node = graph[result.node];
        if (result.kind == Result::update) {
            const Node* target = result.target.value < graph.size() ? &graph[result.target] : nullptr;
            if (!target || !target->leaf())
                broken.push_back(what + " has no leaf as its target");
            else if (target->shape != node.shape || target->type != node.type)
                broken.push_back(what + " differs from its target in shape or type");
        } else if (result.target) {
            broken.push_back(what + " has a target but is no update");
        }
        if (result.kind == Result::check && (!node.shape.empty() || is_real(node.type)))
            broken.push_back(what + " is no single bool or count");
    }
    return broken;
}

void verify_or_die(const Graph& graph, std::string_view after) {
    const std::vector<std::string> broken = verify(graph);
    if (broken.empty()) return;
    std::string why = "after " + std::string(after) + ": " + broken.front();
    if (broken.front().starts_with('%')) {
        const std::uint32_t id = static_cast<std::uint32_t>(std::stoul(broken.front().substr(1)));
        why += "\n" + print(graph, NodeId{id});
    }
    source::fail_assertion("verify(graph)", __FILE__, __LINE__, why);
}

}  // namespace dlc::ir
