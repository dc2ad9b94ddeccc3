// The gradients everyone knows, as text and kernel class: canonical.golden one equation at a time right after `gatherize`,
// composed.golden whole functions after the whole pipeline.  DLC_UPDATE_GOLDEN=1 rewrites what follows each `->`.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "compiler/ir/text.h"
#include "compiler/passes/pass.h"
#include "compiler/schedules/schedule.h"
#include "tests/passes/adjoints.h"

namespace dlc::passes {
namespace {

using autodiff::testing::Random;
using autodiff::testing::Values;
using ir::Graph;
using ir::NodeId;
using testing::expect_equal;
using testing::gatherize;
using testing::remains;
using testing::with_gradient;

struct Section {
    std::string title, program, expected;
};
std::vector<Section> sections(const std::string& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    std::vector<Section> result;
    std::string* into = nullptr;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) {
            result.push_back({line.substr(3), {}, {}});
            into = &result.back().program;
        } else if (line == "->") {
            into = &result.back().expected;
        } else if (into && !line.empty()) {
            *into += line + "\n";
        }
    }
    return result;
}
void write(const std::string& path, const std::vector<Section>& all) {
    std::ofstream file(path);
    for (const Section& s : all)
        file << (&s == &all.front() ? "" : "\n") << "## " << s.title << "\n" << s.program << "->\n" << s.expected;
}

/// One line for each equation: its class, its name, its text.  Leaves go by their names, other nodes by t0, t1, … or a result's
/// name.
std::string describe(const Graph& graph, const std::string& indent) {
    std::map<std::string, std::string> names;
    int count = 0;
    for (std::uint32_t id = 0; id < graph.size(); ++id) {
        const ir::Node& node = graph[NodeId{id}];
        names[std::to_string(id)] = node.leaf() ? node.leaf()->name : "t" + std::to_string(count++);
    }
    for (const ir::Result& r : graph.results())
        if (!graph[r.node].leaf()) names[std::to_string(r.node.value)] = r.name;
    std::string result;
    for (std::uint32_t id = 0; id < graph.size(); ++id) {
        if (!graph[NodeId{id}].equation()) continue;
        std::string line = ir::print(graph, NodeId{id});
        line = line.substr(0, line.find("  #"));
        while (!line.empty() && line.back() == '\n') line.pop_back();
        std::string named;
        for (std::size_t k = 0; k < line.size();) {
            if (line[k] != '%') {
                named += line[k++];
                continue;
            }
            std::string number;
            for (++k; k < line.size() && std::isdigit(static_cast<unsigned char>(line[k])); ++k) number += line[k];
            named += names.at(number);
        }
        std::string name = schedules::describe(graph, NodeId{id}, schedules::Target{});
        name.resize(std::max<std::size_t>(name.size(), 24), ' ');
        result += indent + name + " " + named + "\n";
    }
    return result;
}

Values random_values(const Graph& graph, Random& random) {
    Values values;
    for (const ir::Node& node : graph.nodes()) {
        if (!node.leaf()) continue;
        ir::Tensor t = random.tensor(node.shape);
        if (is_integer(node.type))
            for (double& x : t.values) x = static_cast<double>(random.integer(0, 4));
        values[node.leaf()->name] = std::move(t);
    }
    return values;
}
std::vector<std::string> parameters(const Graph& graph) {
    std::vector<std::string> result;
    for (const NodeId id : graph.leaves(ir::LeafKind::parameter)) result.push_back(graph[id].leaf()->name);
    return result;
}
/// Only the gradients are results.
Graph gradients_alone(const Graph& graph) {
    ir::Builder b(ir::Builder::Sharing::off);
    std::vector<NodeId> moved;
    for (const ir::Node& node : graph.nodes()) moved.push_back(b.copy(node, [&](NodeId old) { return moved[old.value]; }));
    for (ir::Result r : graph.results()) {
        if (!r.name.starts_with("d")) continue;
        r.node = moved[r.node.value];
        b.result(std::move(r));
    }
    return std::move(b).finish();
}

void check_golden(const std::string& file, const std::function<std::string(const Section&)>& describe_section) {
    const std::string path = std::string(DLC_SOURCE_DIR) + "/tests/passes/" + file;
    std::vector<Section> all = sections(path);
    for (Section& s : all) {
        SCOPED_TRACE(s.title);
        const std::string got = describe_section(s);
        if (std::getenv("DLC_UPDATE_GOLDEN"))
            s.expected = got;
        else
            EXPECT_EQ(got, s.expected);
    }
    if (std::getenv("DLC_UPDATE_GOLDEN")) write(path, all);
}

/// First and second order against the scatters, and nothing left that should not be.
void check_values(const Graph& forward, Random& random) {
    Values values = random_values(forward, random);
    const std::string out = forward.results().front().name;
    values["S"] = random.normal(forward[forward.results().front().node].shape);
    const Graph scattered = with_gradient(forward, out, "S", parameters(forward), "d", values);
    const Graph gathered = gatherize(scattered);
    expect_equal(scattered, gathered, values);
    EXPECT_EQ(remains(gathered).scatters, 0);
    EXPECT_EQ(remains(gathered).inner_congruences, 0);

    const std::string first = parameters(forward).front();
    values["second"] = random.normal(values.at(first).shape);
    std::vector<std::string> inputs = parameters(forward);
    inputs.push_back("S");
    const Graph twice = with_gradient(scattered, "d" + first, "second", inputs, "dd", values);
    const Graph lowered = gatherize(twice);
    expect_equal(twice, lowered, values);
    EXPECT_EQ(remains(lowered).scatters, 0);
    EXPECT_EQ(remains(lowered).inner_congruences, 0);
}

TEST(GatherizeGolden, CanonicalGradients) {
    Random random(5);
    check_golden("canonical.golden", [&](const Section& s) {
        const Graph forward = ir::read(s.program);
        check_values(forward, random);
        std::string text;
        for (const std::string& p : parameters(forward)) {
            const Values values = random_values(forward, random);
            text += describe(
                gatherize(gradients_alone(with_gradient(forward, forward.results().front().name, "S", {p}, "d", values))), "  ");
        }
        return text;
    });
}

TEST(GatherizeGolden, ComposedGradients) {
    Random random(6);
    check_golden("composed.golden", [&](const Section& s) {
        const Graph forward = ir::read(s.program);
        check_values(forward, random);
        Values values = random_values(forward, random);
        const std::string out = forward.results().front().name;
        values["S"] = random.normal(forward[forward.results().front().node].shape);
        const Graph scattered = gradients_alone(with_gradient(forward, out, "S", parameters(forward), "d", values));
        const Graph whole = run(scattered);
        expect_equal(scattered, whole, values);
        return describe(whole, "  ");
    });
}

}  // namespace
}  // namespace dlc::passes
