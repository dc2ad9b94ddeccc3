// The derivatives of a scan are those of the program in which its steps are written out.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compiler/autodiff/gradient.h"
#include "compiler/ir/arith.h"
#include "compiler/ir/interpreter.h"
#include "compiler/ir/text.h"
#include "compiler/ir/verify.h"
#include "compiler/passes/pass.h"

namespace dlc {
namespace {

using ir::Builder;
using ir::Graph;
using ir::Index;
using ir::LeafKind;
using ir::Node;
using ir::NodeId;

/// The graph with every scan written out, step after step.
class Unrolled {
public:
    explicit Unrolled(Builder& b) : b_(b) {}
    /// Nodes of `graph`, whose leaves are given.
    std::vector<NodeId> copy(const Graph& graph, const std::map<NodeId, NodeId>& given) {
        std::vector<NodeId> moved(graph.size());
        for (std::uint32_t k = 0; k < graph.size(); ++k) {
            const Node& node = graph[NodeId{k}];
            if (const auto leaf = given.find(NodeId{k}); leaf != given.end())
                moved[k] = leaf->second;
            else if (const ir::Scan* scan = node.scan())
                moved[k] = stack(*scan, node, moved);
            else
                moved[k] = b_.copy(node, [&](NodeId id) { return moved[id.value]; });
        }
        return moved;
    }

private:
    NodeId stack(const ir::Scan& scan, const Node& node, const std::vector<NodeId>& outer) {
        const Graph& body = *scan.body;
        std::map<NodeId, NodeId> state;
        std::vector<NodeId> leaves, yields(static_cast<std::size_t>(scan.steps));
        for (std::uint32_t k = 0; k < body.size(); ++k)
            if (body[NodeId{k}].leaf()) leaves.push_back(NodeId{k});
        for (std::int64_t step = 0; step < scan.steps; ++step) {
            const std::int64_t t = scan.backwards ? scan.steps - 1 - step : step;
            std::map<NodeId, NodeId> given = state;
            for (std::size_t k = 0; k < leaves.size(); ++k) {
                const Node& leaf = body[leaves[k]];
                const NodeId input = outer[scan.inputs[k].value];
                if (leaf.leaf()->kind == LeafKind::slice) {
                    std::vector<Index> at{Index(t)};
                    for (ir::Var v = 0; v < leaf.shape.size(); ++v) at.push_back(Index::variable(v));
                    given[leaves[k]] = b_.pointwise(leaf.type, leaf.shape, b_.read(input, at));
                } else if (step == 0 || leaf.leaf()->kind == LeafKind::input) {
                    given[leaves[k]] = input;
                }
            }
            const std::vector<NodeId> inside = copy(body, given);
            yields[static_cast<std::size_t>(t)] = inside[scan.yield.value];
            for (const ir::Result& next : body.results()) state[next.target] = inside[next.node.value];
        }
        std::vector<Index> at;
        for (ir::Var v = 1; v < node.shape.size(); ++v) at.push_back(Index::variable(v));
        ir::Expr value = b_.read(yields.back(), at);
        for (std::size_t t = yields.size() - 1; t-- > 0;)
            value = ir::Expr::call(
                "select", {ir::holds(ir::Predicate{ir::Predicate::eq, Index::variable(0) - Index(static_cast<std::int64_t>(t))}),
                           b_.read(yields[t], at), value});
        return b_.pointwise(node.type, node.shape, value);
    }
    Builder& b_;
};

/// loss, gradients of it by every parameter and the gradients' derivatives along a direction, of the program as it is or written
/// out.
Graph derivatives(const std::string& text, bool unrolled) {
    const Graph graph = ir::read(text);
    Builder b(Builder::Sharing::off);
    std::vector<NodeId> moved(graph.size());
    if (unrolled)
        moved = Unrolled(b).copy(graph, {});
    else
        for (std::uint32_t k = 0; k < graph.size(); ++k)
            moved[k] = b.copy(graph[NodeId{k}], [&](NodeId id) { return moved[id.value]; });
    const NodeId loss = moved[graph.result("loss")->node.value];
    std::vector<NodeId> wrt, outputs{loss};
    std::vector<std::string> names{"loss"};
    for (const NodeId leaf : graph.leaves(LeafKind::parameter)) wrt.push_back(moved[leaf.value]);
    const std::vector<NodeId> gradients = autodiff::gradient(b, loss, wrt);
    std::vector<autodiff::Tangent> along;
    for (std::size_t k = 0; k < wrt.size(); ++k) {
        const std::string name = b[wrt[k]].leaf()->name;
        along.push_back({wrt[k], b.leaf(LeafKind::input, "direction " + name, b[wrt[k]].type, b[wrt[k]].shape)});
        outputs.push_back(gradients[k]);
        names.push_back("gradient " + name);
    }
    const std::vector<NodeId> second = autodiff::jvp(b, along, outputs);
    const std::size_t count = outputs.size();
    for (std::size_t k = 0; k < count; ++k) {
        outputs.push_back(second[k]);
        names.push_back("change of " + names[k]);
    }
    for (std::size_t k = 0; k < outputs.size(); ++k) b.result({ir::Result::value, names[k], outputs[k], {}, {}});
    Graph made = std::move(b).finish();
    EXPECT_TRUE(ir::verify(made).empty()) << ir::verify(made).front();
    return made;
}

std::map<std::string, ir::Tensor> values_for(const Graph& graph, unsigned seed) {
    std::mt19937 random(seed);
    std::map<std::string, ir::Tensor> values;
    for (const Node& node : graph.nodes())
        if (node.leaf()) {
            ir::Tensor t{node.shape, std::vector<double>(static_cast<std::size_t>(ir::volume(node.shape)))};
            for (double& x : t.values) x = std::uniform_real_distribution(-0.8, 0.8)(random);
            values[node.leaf()->name] = t;
        }
    return values;
}

void expect_equal(const Graph& a, const Graph& b, const std::map<std::string, ir::Tensor>& leaves, const std::string& what) {
    const auto x = ir::interpret(a, leaves), y = ir::interpret(b, leaves);
    for (const auto& [name, tensor] : x)
        for (std::size_t k = 0; k < tensor.values.size(); ++k) {
            const double u = tensor.values[k], v = y.at(name).values[k];
            ASSERT_LE(std::abs(u - v), 1e-12 * std::max(1.0, std::abs(u))) << what << ": " << name << " at " << k;
        }
}

void expect_derivatives(const std::string& text) {
    const Graph loop = derivatives(text, false), plain = derivatives(text, true);
    const auto leaves = values_for(plain, 7);
    expect_equal(plain, loop, leaves, "as differentiated");
    const Graph better = passes::run(loop);
    EXPECT_TRUE(ir::verify(better).empty()) << ir::verify(better).front();
    expect_equal(plain, better, leaves, "after all passes");
}

std::string recurrence(int steps, const std::string& more = "") {
    const std::string t = std::to_string(steps);
    return R"(
body @0
  %0 = f64[2, 3] carry "h"
  %1 = f64[2, 4] slice "x"
  %2 = f64[3, 3] input "u"
  %3 = f64[3, 4] input "w"
  %4 = f64[2, 3] sum[3](%0[i0, i2] * %2[i1, i2])
  %5 = f64[2, 3] sum[4](%1[i0, i2] * %3[i1, i2])
  %6 = f64[2, 3] tanh(%4[i0, i1] + %5[i0, i1])
  %7 = f64[2] sum[3](%6[i0, i1] * %6[i0, i1])
  update "h" = %6 to %0
end
%0 = f64[2, 3] parameter "h0"
%1 = f64[)" +
           t + R"(, 2, 4] parameter "xs"
%2 = f64[3, 3] parameter "u"
%3 = f64[3, 4] parameter "w"
%4 = f64[)" +
           t + R"(, 2, 3] scan @0 %6)" + more + R"( (%0, %1, %2, %3)
%5 = f64[)" +
           t + R"(, 2] scan @0 %7)" + more + R"( (%0, %1, %2, %3)
%6 = f64[] sum[)" +
           t + R"(, 2, 3](%4[i0, i1, i2] * %4[i0, i1, i2] * %4[i0, i1, i2])
%7 = f64[] sum[)" +
           t + R"(, 2](exp(%5[i0, i1]))
%8 = f64[] %6[] + %7[]
value "loss" = %8
)";
}

TEST(ScanDerivative, IsThatOfTheStepsWrittenOut) {
    for (int steps : {1, 2, 5, 16}) expect_derivatives(recurrence(steps));
}
TEST(ScanDerivative, OfALoopThatRunsBackwards) { expect_derivatives(recurrence(4, " backwards")); }

// Two carries that trade places, one that stays, one that only delays the sequence.
TEST(ScanDerivative, OfCarriesThatSwapStayAndDelay) {
    expect_derivatives(R"(
body @0
  %0 = f64[2] carry "a"
  %1 = f64[2] carry "b"
  %2 = f64[2] carry "constant"
  %3 = f64[2] carry "delayed"
  %4 = f64[2] slice "x"
  %5 = f64[2] %0[i0] * %2[i0] + %3[i0] * %4[i0]
  update "a" = %1 to %0
  update "b" = %5 to %1
  update "constant" = %2 to %2
  update "delayed" = %4 to %3
end
%0 = f64[2] parameter "a"
%1 = f64[2] parameter "b"
%2 = f64[2] parameter "c"
%3 = f64[2] parameter "d"
%4 = f64[6, 2] parameter "xs"
%5 = f64[6, 2] scan @0 %5 (%0, %1, %2, %3, %4)
%6 = f64[6, 2] scan @0 %0 (%0, %1, %2, %3, %4)
%7 = f64[] sum[6, 2](sin(%5[i0, i1]) * %6[i0, i1])
value "loss" = %7
)");
}

TEST(ScanDerivative, OfALoopInALoop) {
    expect_derivatives(R"(
body @0
  %0 = f64[] carry "s"
  %1 = f64[] slice "x"
  %2 = f64[] input "w"
  %3 = f64[] sin(%0[] * %2[]) + %1[]
  update "s" = %3 to %0
end
body @1
  %0 = f64[] carry "total"
  %1 = f64[4] slice "row"
  %2 = f64[] input "w"
  %3 = f64[4] scan @0 %3 (%0, %1, %2)
  %4 = f64[] %3[3]
  update "total" = %4 to %0
end
%0 = f64[] parameter "start"
%1 = f64[3, 4] parameter "x"
%2 = f64[] parameter "w"
%3 = f64[3, 4] scan @1 %3 (%0, %1, %2)
%4 = f64[] sum[3, 4](%3[i0, i1] * %3[i0, i1])
value "loss" = %4
)");
}

}  // namespace
}  // namespace dlc
