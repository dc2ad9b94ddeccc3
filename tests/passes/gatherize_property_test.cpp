// `gatherize` on random equations: adjoints of first and second order and scatters of the user's, before and after, by the
// interpreter.
#include <gtest/gtest.h>

#include <cstdlib>

#include "compiler/autodiff/gradient.h"
#include "compiler/ir/text.h"
#include "compiler/passes/pass.h"
#include "tests/autodiff/random_equation.h"

namespace dlc::passes {

extern const Pass* const kPassRows[];

namespace {

using autodiff::testing::difference;
using autodiff::testing::Random;
using autodiff::testing::RandomEquation;
using autodiff::testing::Values;
using ir::Builder;
using ir::Graph;
using ir::Index;
using ir::NodeId;
using ir::Tensor;

constexpr std::uint64_t kSeed = 77;

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

struct Remains {
    int scatters = 0, data_dependent_scatters = 0, inner_congruences = 0;
};
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

struct Counts {
    int equations = 0, second = 0, scatters = 0, data_dependent = 0, inner_second = 0;
};

void check_equation(Random& random, int number, Counts& counts) {
    const RandomEquation e = autodiff::testing::random_equation(random);
    Values values = e.values;
    const Graph scattered = with_gradient(e.graph, "O", "dO", e.parameters, "d ", values);
    values["dO"] = random.normal(e.graph[e.graph.result("O")->node].shape);
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", equation " + std::to_string(number) + "\n" + ir::print(ir::share(scattered)));
    const Graph gathered = gatherize(scattered);
    expect_equal(scattered, gathered, values);
    const Remains left = remains(gathered);
    EXPECT_EQ(left.scatters, 0) << ir::print(gathered);
    EXPECT_EQ(left.inner_congruences, 0) << ir::print(gathered);
    if (!e.data_dependent) EXPECT_EQ(left.data_dependent_scatters, 0);
    ++counts.equations;
    counts.scatters += e.graph[e.graph.result("O")->node].equation()->scatter;
    counts.data_dependent += left.data_dependent_scatters > 0;

    if (number % 2) return;
    std::vector<std::string> inputs = e.parameters;
    inputs.push_back("dO");
    values["V"] = random.normal(values.at(e.parameters.front()).shape);
    const std::string first = "d " + e.parameters.front();
    // Differentiated twice in defining form and lowered once; then from the lowered gathers.
    const Graph twice = with_gradient(scattered, first, "V", inputs, "dd ", values);
    const Graph lowered = gatherize(twice);
    expect_equal(twice, lowered, values);
    const Graph again = with_gradient(gathered, first, "V", inputs, "dd ", values);
    const Graph lowered_again = gatherize(again);
    expect_equal(twice, lowered_again, values);
    EXPECT_EQ(remains(lowered).scatters, 0);
    EXPECT_EQ(remains(lowered_again).scatters, 0);
    counts.inner_second += remains(lowered).inner_congruences + remains(lowered_again).inner_congruences;
    ++counts.second;
}

void check_equations(int count) {
    Random random(kSeed);
    Counts counts;
    for (int number = 0; number < count && !::testing::Test::HasFailure(); ++number) check_equation(random, number, counts);
    std::cout << counts.equations << " equations, " << counts.second << " of second order, " << counts.scatters
              << " scatters of the user's, " << counts.data_dependent << " stay scatters in a data-dependent index, "
              << counts.inner_second << " congruences inside a reduction of second order\n";
}

TEST(PropertyGatherize, KeepsTheValuesOfRandomAdjoints) { check_equations(500); }

TEST(SlowGatherize, KeepsTheValuesOfRandomAdjoints) {
    if (!std::getenv("DLC_SLOW")) GTEST_SKIP() << "10,000 equations run with DLC_SLOW=1";
    check_equations(10000);
}

}  // namespace
}  // namespace dlc::passes
