// dlc test: the `test` blocks of files, each assertion evaluated in double by the interpreter, or compiled.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/interpreter.h"
#include "compiler/ir/row.h"

namespace dlc::driver {
namespace {

struct Options {
    std::vector<std::string> files;
    std::string filter, real = "f64";
    double tolerance = 0;
    bool compiled = false;
};

/// The graph with those results, and what library routines give (orthogonal matrices, say) as constants: parameters' first values
/// are not compiled.
ir::Graph compilable(const ir::Graph& graph, std::span<const ir::Result> results) {
    std::vector<ir::NodeId> drawn;
    for (std::uint32_t i = 0; i < graph.size(); ++i)
        if (graph.nodes()[i].library()) drawn.push_back({i});
    const std::vector<ir::Tensor> values = ir::interpret(graph, {}, drawn);
    ir::Builder b(ir::Builder::Sharing::off);
    std::vector<ir::NodeId> made;
    std::size_t next = 0;
    for (const ir::Node& node : graph.nodes())
        made.push_back(node.library() ? b.constant(node.type, node.shape, values[next++].values, node.origin)
                                      : b.copy(node, [&](ir::NodeId id) { return made[id.value]; }));
    for (ir::Result result : results) {
        result.node = made[result.node.value];
        b.result(result);
    }
    return std::move(b).finish();
}

/// The values of results of the test.
std::vector<ir::Tensor> values(const ir::Graph& graph, std::span<const ir::Result> results, const Options& options,
                               const Global& global) {
    std::vector<ir::Tensor> found;
    if (!options.compiled) {
        std::vector<ir::NodeId> wanted;
        for (const ir::Result& r : results) wanted.push_back(r.node);
        return ir::interpret(graph, {}, wanted);
    }
    Runnable runnable(compilable(graph, results), {global.threads, true, {}});
    const int failed = runnable.program().run();
    DLC_ASSERT(failed == 0, "a kernel failed: " + runnable.program().message());
    for (std::size_t i = 0; i < results.size(); ++i) found.push_back(to_tensor(runnable.result(i)));
    return found;
}

/// Where two tensors differ most, in units of max(1, |right|) as `close` measures, and what they hold there.
std::string worst_difference(const ir::Tensor& left, const ir::Tensor& right, ir::Type type) {
    std::size_t worst = 0;
    double most = -1;
    for (std::size_t i = 0; i < left.values.size(); ++i) {
        const double a = left.values[i], b = right.values[i];
        const double difference = a == b ? 0 : std::abs(a - b) / std::max(1.0, std::abs(b));
        const double measured = std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
        if (measured > most) {
            most = measured;
            worst = i;
        }
    }
    std::string place;
    std::size_t rest = worst;
    for (std::size_t d = left.shape.size(); d-- > 0; rest /= static_cast<std::size_t>(left.shape[d]))
        place = std::to_string(rest % static_cast<std::size_t>(left.shape[d])) + (place.empty() ? "" : ", ") + place;
    const auto number = [&](double v) {
        if (std::isnan(v)) return std::string("nan");
        return type == ir::Type::f32 ? fmt::format("{}", static_cast<float>(v)) : fmt::format("{}", v);
    };
    return fmt::format("{}the left side is {}, the right side {}, the difference {:.3g}",
                       place.empty() ? "" : "at [" + place + "] ", number(left.values[worst]), number(right.values[worst]),
                       std::abs(left.values[worst] - right.values[worst]));
}

/// The first assertion that does not hold.
std::optional<source::Diagnostic> failing(const elaborate::TestCase& test, const Options& options, const Global& global) {
    std::vector<ir::Result> checks;
    std::vector<std::vector<ir::Result>> sides;  // of the comparison that each check is of
    for (const ir::Result& result : test.graph.results()) {
        if (result.kind != ir::Result::check) {
            sides.back().push_back(result);
            continue;
        }
        checks.push_back(result);
        sides.emplace_back();
    }
    const std::vector<ir::Tensor> violations = values(test.graph, checks, options, global);
    for (std::size_t i = 0; i < checks.size(); ++i) {
        if (violations[i].values[0] == 0) continue;
        // The sides are computed for this message alone: an assertion that holds need not keep them.
        std::string difference;
        if (!sides[i].empty()) {
            const std::vector<ir::Tensor> found = values(test.graph, sides[i], options, global);
            difference = worst_difference(found[0], found[1], test.graph[sides[i][0].node].type);
        }
        return source::error(source::code("E0503"), fmt::format("test \"{}\": {}", test.title, checks[i].name))
            .at(checks[i].span, difference);
    }
    return {};
}

void run_tests(const Global& global, const Options& options, int& exit_code) {
    int passed = 0, failed = 0;
    nlohmann::json report{{"schema", "dlc.test/1"}, {"tests", nlohmann::json::array()}};
    for (const std::string& file : options.files) {
        Session session(global);
        const auto program = session.load(file);
        elaborate::Options how;
        how.real = *ir::type_named(options.real);
        how.tolerance = options.tolerance;
        const std::vector<elaborate::TestCase> tests = elaborate::tests(*program, how, session.diagnostics);
        session.settle();
        for (const elaborate::TestCase& test : tests) {
            if (test.title.find(options.filter) == std::string::npos) continue;
            std::optional<source::Diagnostic> problem;
            try {
                problem = failing(test, options, global);
            } catch (const source::UserError& e) { problem = e.diagnostic; }
            problem ? ++failed : ++passed;
            report["tests"].push_back({{"file", file}, {"title", test.title}, {"ok", !problem}});
            if (!global.json && (problem || !global.quiet))
                fmt::print("{:<6} {}: {}\n", problem ? "FAILED" : "ok", file, test.title);
            if (problem) session.show(*problem);
        }
    }
    if (passed + failed == 0 && !options.filter.empty()) usage_error(fmt::format("no test's title contains `{}`", options.filter));
    if (global.json) fmt::print("{}\n", report.dump(2));
    if (!global.json && !global.quiet) fmt::print("{} passed, {} failed\n", passed, failed);
    if (failed) exit_code = 1;
}

void declare(CLI::App& app, Global& global, int& exit_code) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->files, ".dlm files")->required();
    app.add_option("--filter", options->filter, "only tests whose title contains this")->type_name("TEXT");
    app.add_option("--tolerance", options->tolerance, "`close` compares no more strictly than this; f32 needs some 1e-5")
        ->check(CLI::NonNegativeNumber);
    app.add_flag("--compiled", options->compiled, "run machine code instead of the interpreter");
    app.add_option("--float", options->real, "what `f` means: f64 (default), f32 or bf16")
        ->check(CLI::IsMember({"f32", "f64", "bf16"}));
    app.callback([&global, &exit_code, options] { run_tests(global, *options, exit_code); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, test) = {"test", "run the `test` blocks of files", "dlc test dsl/std/reduce.dlm", declare};
}  // namespace rows
}  // namespace dlc::driver
