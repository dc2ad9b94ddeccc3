#include "tests/passes/adjoints.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/autodiff/gradient.h"
#include "compiler/ir/text.h"
#include "compiler/passes/pass.h"

namespace dlc::passes {

extern const Pass* const kPassRows[];

namespace testing {

using autodiff::testing::difference;
using autodiff::testing::Values;
using ir::Builder;
using ir::Graph;
using ir::Index;
using ir::NodeId;

namespace {

bool divides_by(const Index& index, const std::function<bool(ir::Var)>& variable) {
    for (const Index::Term& term : index.terms()) {
        if (!term.atom.parts) continue;
        for (const Index& part : *term.atom.parts) {
            if (divides_by(part, variable)) return true;
            const std::vector<ir::Var> used = part.variables();
            if (term.atom.kind == ir::Atom::mod && std::any_of(used.begin(), used.end(), variable)) return true;
        }
    }
    return false;
}

}  // namespace

Graph gatherize(const Graph& graph) {
    for (const Pass* const* row = kPassRows; *row; ++row)
        if ((*row)->name == "gatherize") return (*row)->run(graph);
    ADD_FAILURE() << "there is no pass gatherize";
    return graph;
}

/// The graph, and the gradient with respect to `inputs` of `cotangent` . result as results "PREFIX NAME".
Graph with_gradient(const Graph& graph, const std::string& result, const std::string& cotangent,
                    const std::vector<std::string>& inputs, const std::string& prefix, const Values& values) {
    Builder b(Builder::Sharing::off);
    std::vector<NodeId> moved;
    for (const ir::Node& node : graph.nodes()) moved.push_back(b.copy(node, [&](NodeId old) { return moved[old.value]; }));
    const NodeId out = moved[graph.result(result)->node.value];
    const autodiff::Seed seed{out, b.leaf(ir::LeafKind::input, cotangent, b[out].type, ir::Shape(b[out].shape))};
    std::vector<NodeId> wrt;
    for (const std::string& p : inputs) {  // a pass drops a leaf that nothing reads
        const NodeId leaf = graph.leaf(p);
        wrt.push_back(leaf ? moved[leaf.value] : b.leaf(ir::LeafKind::parameter, p, ir::Type::f64, values.at(p).shape));
    }
    const std::vector<NodeId> adjoints = autodiff::vjp(b, {&seed, 1}, wrt);
    for (std::size_t k = 0; k < wrt.size(); ++k) b.result({ir::Result::value, prefix + inputs[k], adjoints[k], {}, {}});
    return std::move(b).finish();
}

Remains remains(const Graph& graph) {
    Remains r;
    for (const ir::Node& node : graph.nodes()) {
        if (!node.equation()) continue;
        const ir::Equation& e = *node.equation();
        if (e.scatter) {
            const bool data = std::any_of(e.map.begin(), e.map.end(), [](const Index& i) { return i.has_get(); });
            ++(data ? r.data_dependent_scatters : r.scatters);
            continue;
        }
        for (const ir::Predicate& p : e.where)
            if (p.kind == ir::Predicate::eq && !p.index.has_get() &&
                divides_by(p.index, [&](ir::Var v) { return v >= node.shape.size(); }))
                ++r.inner_congruences;
    }
    return r;
}

void expect_equal(const Graph& before, const Graph& after, const Values& values) {
    const auto want = ir::interpret(before, values), got = ir::interpret(after, values);
    for (const auto& [name, tensor] : want) EXPECT_LE(difference(got.at(name), tensor), 1e-9) << name << "\n" << ir::print(after);
}

}  // namespace testing
}  // namespace dlc::passes
