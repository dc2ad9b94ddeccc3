// dlc test: the `test` blocks of files, each assertion evaluated in double by the interpreter, or compiled.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
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

/// The graph with what library routines give (orthogonal matrices, say) as constants: parameters' first values are not compiled.
ir::Graph with_drawn_values(const ir::Graph& graph) {
    std::vector<ir::NodeId> drawn;
    for (std::uint32_t i = 0; i < graph.size(); ++i)
        if (graph.nodes()[i].library()) drawn.push_back({i});
    if (drawn.empty()) return graph;
    const std::vector<ir::Tensor> values = ir::interpret(graph, {}, drawn);
    ir::Builder b(ir::Builder::Sharing::off);
    std::vector<ir::NodeId> made;
    std::size_t next = 0;
    for (const ir::Node& node : graph.nodes())
        made.push_back(node.library() ? b.constant(node.type, node.shape, values[next++].values, node.origin)
                                      : b.copy(node, [&](ir::NodeId id) { return made[id.value]; }));
    for (ir::Result result : graph.results()) {
        result.node = made[result.node.value];
        b.result(result);
    }
    return std::move(b).finish();
}

/// The name of the first assertion that does not hold, or empty.
std::optional<ir::Result> failing(const elaborate::TestCase& test, const Options& options, const Global& global) {
    if (options.compiled) {
        Runnable runnable(with_drawn_values(test.graph), {global.threads, true, {}});
        const int failed = runnable.program().run();
        DLC_ASSERT(failed == 0, "a kernel failed: " + runnable.program().message());
        const auto& results = runnable.graph().results();
        for (std::size_t i = 0; i < results.size(); ++i)
            if (results[i].kind == ir::Result::check && load(runnable.result(i), 0) != 0) return results[i];
        return {};
    }
    std::vector<ir::NodeId> wanted;
    for (const ir::Result& r : test.graph.results()) wanted.push_back(r.node);
    const std::vector<ir::Tensor> values = ir::interpret(test.graph, {}, wanted);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const ir::Result& result = test.graph.results()[i];
        if (result.kind != ir::Result::check) continue;
        for (double v : values[i].values)
            if (v != 0) return result;
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
                if (auto check = failing(test, options, global))
                    problem = source::error(source::code("E0503"), fmt::format("test \"{}\": {}", test.title, check->name))
                                  .at(check->span);
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
