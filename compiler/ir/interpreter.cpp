#include "compiler/ir/interpreter.h"

#include <algorithm>
#include <new>

#include "compiler/ir/block_program.h"
#include "compiler/ir/library.h"
#include "compiler/ir/memory.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

namespace {

std::string text_of(const Shape& shape) {
    std::string text = "[";
    for (const std::int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
    return text + "]";
}

/// One evaluation of a graph: values appear when asked for and go when nothing will ask for them again.
class Evaluation {
public:
    Evaluation(const Graph& graph, const std::map<std::string, Tensor>& leaves, std::span<const NodeId> wanted)
        : graph_(graph), leaves_(leaves), values_(graph.size()), pending_(graph.size()) {
        std::vector<bool> needed(graph.size());
        for (const NodeId id : wanted) {
            needed[id.value] = true;
            ++pending_[id.value];
        }
        for (std::size_t id = graph.size(); id-- > 0;)
            if (needed[id])
                for (const NodeId operand : operands(graph.nodes()[id])) {
                    needed[operand.value] = true;
                    ++pending_[operand.value];
                }
    }

    /// One of the wanted nodes; each is asked for as often as it is wanted.
    Tensor take(NodeId id) {
        evaluate(id);
        if (pending_[id.value] > 1 || graph_[id].leaf()) {
            const Tensor copy = value(id);
            release(id);
            return copy;
        }
        --pending_[id.value];
        return std::move(values_[id.value].own);
    }

private:
    struct Value {
        bool known = false;
        const Tensor* given = nullptr;  // of a leaf
        Tensor own;
    };

    const Tensor& value(NodeId id) const {
        const Value& value = values_[id.value];
        return value.given ? *value.given : value.own;
    }
    void release(NodeId id) {
        if (--pending_[id.value] == 0) values_[id.value].own = {};
    }
    void evaluate(NodeId wanted) {
        std::vector<NodeId> stack{wanted};
        while (!stack.empty()) {
            const NodeId id = stack.back();
            if (values_[id.value].known) {
                stack.pop_back();
                continue;
            }
            const std::vector<NodeId> uses = operands(graph_[id]);
            const std::size_t before = stack.size();
            for (const NodeId operand : uses)
                if (!values_[operand.value].known) stack.push_back(operand);
            if (stack.size() > before) continue;
            require_memory(graph_[id]);
            try {
                compute(id);
            } catch (const std::bad_alloc&) { throw no_memory(graph_[id]); }
            for (const NodeId operand : uses) release(operand);
            stack.pop_back();
        }
    }
    void compute(NodeId id) {
        const Node& node = graph_[id];
        Value& value = values_[id.value];
        value.known = true;
        if (const Leaf* leaf = node.leaf()) {
            const Tensor& given = leaf_value(*leaf, node);
            if (is_half(node.type)) {
                value.own = given;
                round(value.own, node.type);
            } else {
                value.given = &given;
            }
            return;
        }
        value.own.shape = node.shape;
        if (const Constant* constant = node.constant()) value.own.values = constant->values;
        if (node.equation()) {
            BlockProgram program(node, [this](NodeId operand) -> const Tensor& { return this->value(operand); });
            value.own.values = program.run();
        }
        if (const Library* library = node.library()) {
            const LibraryOperation* operation = find_library(library->operation);
            DLC_ASSERT(operation != nullptr, "there is no library operation `" + library->operation + "`");
            std::vector<const Tensor*> inputs;
            for (const NodeId input : library->inputs) inputs.push_back(&this->value(input));
            value.own.values.resize(static_cast<std::size_t>(volume(node.shape)));
            operation->meaning(inputs, library->attributes, value.own);
        }
        if (node.scan()) run_loop(id);
        round(value.own, node.type);
    }
    static void round(Tensor& tensor, Type type) {
        if (!is_half(type)) return;
        for (double& x : tensor.values) x = rounded(x, type);
    }
    /// All values of the loop that `first` belongs to and that something needs.
    void run_loop(NodeId first) {
        const Scan& scan = *graph_[first].scan();
        const Graph& body = *scan.body;
        std::vector<NodeId> members{first};
        for (std::uint32_t other = 0; other < graph_.size(); ++other)
            if (pending_[other] > 0 && !values_[other].known && same_loop(graph_[first], graph_[NodeId{other}]))
                members.push_back(NodeId{other});
        std::vector<NodeId> wanted;
        for (const Result& next : body.results()) wanted.push_back(next.node);
        for (const NodeId member : members) {
            require_memory(graph_[member]);
            Value& stack = values_[member.value];
            stack.own.shape = graph_[member].shape;
            stack.own.values.resize(static_cast<std::size_t>(volume(stack.own.shape)));
            wanted.push_back(graph_[member].scan()->yield);
        }
        std::map<std::string, Tensor> leaves;
        std::vector<std::pair<std::string, const Tensor*>> slices;
        for (std::size_t id = 0, input = 0; id < body.size(); ++id) {
            const Node& node = body.nodes()[id];
            if (!node.leaf()) continue;
            const Tensor& given = value(scan.inputs[input++]);
            if (node.leaf()->kind == LeafKind::slice)
                slices.emplace_back(node.leaf()->name, &given);
            else
                leaves[node.leaf()->name] = given;
            if (node.leaf()->kind == LeafKind::slice) leaves[node.leaf()->name].shape = node.shape;
        }
        for (std::int64_t step = 0; step < scan.steps; ++step) {
            const std::int64_t t = scan.backwards ? scan.steps - 1 - step : step;
            for (const auto& [name, sequence] : slices) {
                const auto size = static_cast<std::ptrdiff_t>(sequence->values.size()) / scan.steps;
                leaves[name].values.assign(sequence->values.begin() + t * size, sequence->values.begin() + (t + 1) * size);
            }
            std::vector<Tensor> values = interpret(body, leaves, wanted);
            for (std::size_t m = 0; m < members.size(); ++m) {
                const Tensor& element = values[body.results().size() + m];
                const std::int64_t row = graph_[members[m]].scan()->last ? 0 : t;
                std::ranges::copy(element.values, values_[members[m].value].own.values.begin() +
                                                      row * static_cast<std::ptrdiff_t>(element.values.size()));
            }
            for (std::size_t r = 0; r < body.results().size(); ++r)
                leaves[body[body.results()[r].target].leaf()->name] = std::move(values[r]);
        }
        for (const NodeId member : members)
            if (member != first) {
                values_[member.value].known = true;
                for (const NodeId operand : operands(graph_[member])) release(operand);
            }
    }
    const Tensor& leaf_value(const Leaf& leaf, const Node& node) const {
        const auto given = leaves_.find(leaf.name);
        const std::string what = std::string(name(leaf.kind)) + " `" + leaf.name + "`";
        if (given == leaves_.end()) fail(node, what + " has no value");
        const Tensor& tensor = given->second;
        if (tensor.shape != node.shape)
            fail(node, what + " has shape " + text_of(node.shape) + ", its value " + text_of(tensor.shape));
        DLC_ASSERT(static_cast<std::int64_t>(tensor.values.size()) == volume(tensor.shape),
                   "a tensor holds the values its shape says");
        return tensor;
    }
    [[noreturn]] static void fail(const Node& node, std::string message) {
        source::Diagnostic diagnostic = source::error(source::code("E0454"), std::move(message));
        if (node.origin.span) diagnostic.at(node.origin.span);
        throw source::UserError(std::move(diagnostic));
    }

    const Graph& graph_;
    const std::map<std::string, Tensor>& leaves_;
    std::vector<Value> values_;
    std::vector<int> pending_;  // uses to come
};

}  // namespace

std::map<std::string, Tensor> interpret(const Graph& graph, const std::map<std::string, Tensor>& leaves) {
    std::vector<NodeId> wanted;
    for (const Result& result : graph.results()) wanted.push_back(result.node);
    Evaluation evaluation(graph, leaves, wanted);
    std::map<std::string, Tensor> values;
    // Checks first: they say in the program's words what a read would otherwise stumble over.
    for (const bool checks : {true, false})
        for (const Result& result : graph.results()) {
            if ((result.kind == Result::check) != checks) continue;
            Tensor value = evaluation.take(result.node);
            if (checks && value.values.at(0) != 0) {
                source::Diagnostic diagnostic = source::error(source::code("E0502"), result.name);
                if (result.span) diagnostic.at(result.span);
                if (result.inside) diagnostic.at(result.inside);
                throw source::UserError(std::move(diagnostic));
            }
            values.insert_or_assign(result.name, std::move(value));
        }
    return values;
}

std::vector<Tensor> interpret(const Graph& graph, const std::map<std::string, Tensor>& leaves, std::span<const NodeId> wanted) {
    Evaluation evaluation(graph, leaves, wanted);
    std::vector<Tensor> values;
    for (const NodeId id : wanted) values.push_back(evaluation.take(id));
    return values;
}

}  // namespace dlc::ir
