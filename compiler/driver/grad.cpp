// dlc grad: the gradient as a readable program; --check holds it against central differences in f64.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "compiler/driver/derivative.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/elaborate/readable.h"
#include "compiler/ir/row.h"
#include "compiler/passes/pass.h"
#include "dsl/text/parse.h"

namespace dlc::driver {
namespace {

struct Options {
    ProgramOptions program;
    Callable callable;
    std::vector<std::string> by;
    int order = 1;
    bool hvp = false, check = false;
    double tolerance = 1e-6;
    int samples = 12;
    std::uint64_t seed = 1;
};

struct Target {
    std::string loss;
    std::vector<std::string> leaves;
};

/// What is differentiated by what: the loss of a model, or the only real number a function gives; parameters, or else all real
/// leaves.
Target choose(Session& session, const Options& options, const elaborate::Elaborated& program) {
    Target target;
    for (const ir::Result& r : program.graph.results()) {
        const ir::Node& node = program.graph[r.node];
        const bool scalar = ir::is_real(node.type) && ir::volume(node.shape) == 1;
        if (r.kind == ir::Result::loss || (r.kind == ir::Result::value && scalar && target.loss.empty())) target.loss = r.name;
    }
    if (target.loss.empty()) {
        session.diagnostics.report(source::error(
            source::code("E0402"), "there is no loss and no result that is one number, so there is nothing to differentiate"));
        session.fail();
    }
    std::vector<std::string> all, parameters;
    for (ir::NodeId leaf : differentiable_leaves(program.graph)) {
        const ir::Leaf& what = *program.graph[leaf].leaf();
        all.push_back(what.name);
        if (what.kind == ir::LeafKind::parameter) parameters.push_back(what.name);
    }
    target.leaves = parameters.empty() ? all : parameters;
    if (!options.by.empty()) {
        for (const std::string& name : options.by) {
            if (std::find(all.begin(), all.end(), name) != all.end()) continue;
            const std::string near(source::nearest(name, all));
            usage_error(fmt::format("--wrt: nothing real is called `{}`", name),
                        near.empty() ? "" : fmt::format("did you mean `{}`?", near));
        }
        target.leaves = options.by;
    }
    return target;
}

std::vector<std::string> result_names(const Target& target, const std::string& prefix) {
    std::vector<std::string> names;
    for (const std::string& leaf : target.leaves) names.push_back(prefix + "/" + leaf);
    return names;
}

void print_program(const Global& global, const Options& options, const elaborate::Elaborated& program, const Target& target) {
    const ir::Graph derived = options.hvp ? with_hvp(program.graph, target.loss, target.leaves)
                                          : with_gradient(program.graph, target.loss, target.leaves, options.order);
    const ir::Graph simple = passes::run(with_results(derived, result_names(target, options.hvp ? "hvp" : "grad")));
    const std::string text = text::print(elaborate::readable(simple, options.hvp ? "hessian_vector_product" : "gradient"));
    if (!global.json) fmt::print("{}", text);
    if (global.json)
        fmt::print("{}\n",
                   nlohmann::json{{"schema", "dlc.grad/1"}, {"of", target.loss}, {"by", target.leaves}, {"program", text}}.dump(2));
}

// Reals from a standard normal, moved off integers where kinks lie; integers are 0, which indexes any tensor that has elements.
void fill(Runnable& runnable, const ir::Graph& graph, const std::map<std::string, ir::Tensor>& initial, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    for (const ir::Node& node : graph.nodes()) {
        if (!node.leaf() || !runnable.has_leaf(node.leaf()->name)) continue;
        const TensorView view = runnable.leaf(node.leaf()->name);
        if (auto known = initial.find(node.leaf()->name); known != initial.end()) {
            assign(view, known->second);
        } else if (ir::is_real(node.type)) {
            for (std::size_t i = 0; i < std::size_t(ir::volume(node.shape)); ++i) store(view, i, normal(random));
        }
    }
}

struct Comparison {
    std::string leaf;
    double worst = 0, analytic = 0, numeric = 0;
    std::size_t element = 0, compared = 0;
};

// Central differences of the compiled loss.  The step balances truncation (h²) and rounding (ε/h): h = ε^(1/3) · max(1, |x|).
Comparison compare(Runnable& runnable, const std::string& loss, const std::string& leaf, int samples, std::mt19937_64& random) {
    Comparison result{leaf};
    const TensorView value = runnable.leaf(leaf);
    const TensorView gradient = runnable.result("grad/" + leaf);
    const std::size_t count = std::size_t(ir::volume(*gradient.shape));
    runnable.run();
    std::vector<double> analytic(count);
    double scale = 0;
    for (std::size_t i = 0; i < count; ++i) {
        analytic[i] = load(gradient, i);
        scale = std::max(scale, std::abs(analytic[i]));
    }
    std::vector<std::size_t> elements(count);
    for (std::size_t i = 0; i < count; ++i) elements[i] = i;
    std::shuffle(elements.begin(), elements.end(), random);
    elements.resize(std::min(count, std::size_t(samples)));
    for (std::size_t e : elements) {
        double numeric = 0;
        if (!value.bytes.empty()) {
            const double x = load(value, e), h = std::cbrt(2.2e-16) * std::max(1.0, std::abs(x));
            store(value, e, x + h);
            runnable.run();
            const double above = load(runnable.result(loss), 0);
            store(value, e, x - h);
            runnable.run();
            numeric = (above - load(runnable.result(loss), 0)) / (2 * h);
            store(value, e, x);
        }
        const double error = std::abs(numeric - analytic[e]) / std::max({scale, std::abs(numeric), 1e-3});
        if (!(error <= result.worst))
            result.worst = error, result.element = e, result.analytic = analytic[e], result.numeric = numeric;
        ++result.compared;
    }
    return result;
}

void check_gradient(const Global& global, Session& session, const Options& options, const elaborate::Elaborated& program,
                    const Target& target, int& exit_code) {
    const ir::Graph graph = with_gradient(program.graph, target.loss, target.leaves);
    std::vector<std::string> wanted = result_names(target, "grad");
    wanted.push_back(target.loss);
    Runnable runnable(with_results(graph, wanted), {global.threads, true, {}});
    std::map<std::string, ir::Tensor> initial;
    if (!program.init.results().empty()) {
        std::map<std::string, ir::Tensor> seed;
        for (ir::NodeId leaf : program.init.leaves(ir::LeafKind::seed))
            seed[program.init[leaf].leaf()->name] = {{}, {double(options.seed)}};
        for (ir::NodeId leaf : program.init.leaves(ir::LeafKind::step)) seed[program.init[leaf].leaf()->name] = {{}, {0}};
        initial = ir::interpret(program.init, seed);
    }
    fill(runnable, program.graph, initial, options.seed);
    std::mt19937_64 random(options.seed);
    nlohmann::json report{{"schema", "dlc.grad.check/1"}, {"tolerance", options.tolerance}, {"leaves", nlohmann::json::array()}};
    std::vector<std::vector<std::string>> rows{{"by", "elements", "worst relative error", "at", "gradient", "difference", ""}};
    session.guard([&] {
        for (const std::string& leaf : target.leaves) {
            const Comparison c = compare(runnable, target.loss, leaf, options.samples, random);
            const bool good = c.worst <= options.tolerance;
            if (!good) exit_code = 1;
            rows.push_back({leaf, std::to_string(c.compared), fmt::format("{:.2e}", c.worst), std::to_string(c.element),
                            fmt::format("{:.9g}", c.analytic), fmt::format("{:.9g}", c.numeric), good ? "ok" : "WRONG"});
            report["leaves"].push_back({{"name", leaf},
                                        {"compared", c.compared},
                                        {"worst", c.worst},
                                        {"element", c.element},
                                        {"analytic", c.analytic},
                                        {"numeric", c.numeric},
                                        {"ok", good}});
        }
    });
    if (global.json) fmt::print("{}\n", report.dump(2));
    if (!global.json) fmt::print("d {} by central differences in f64, seed {}\n{}", target.loss, options.seed, table(rows));
}

void gradient(const Global& global, Options options, int& exit_code) {
    Session session(global);
    const auto program = session.load(options.program.file);
    if (options.check) options.program.real = "f64";
    elaborate::Options how = session.options(options.program, true);
    how.differentiated = true;
    const elaborate::Elaborated elaborated = callable(session, *program, options.callable, how);
    const Target target = choose(session, options, elaborated);
    if (options.check) {
        check_gradient(global, session, options, elaborated, target, exit_code);
    } else {
        print_program(global, options, elaborated, target);
    }
}

void declare(CLI::App& app, Global& global, int& exit_code) {
    auto options = std::make_shared<Options>();
    options->program.declare(app);
    options->callable.declare(app);
    app.add_option("--wrt", options->by, "differentiate by these (default: the parameters)")->type_name("NAME");
    app.add_option("--order", options->order, "differentiate that often")->check(CLI::Range(1, 4));
    app.add_flag("--hvp", options->hvp, "the product of the Hessian with a direction");
    app.add_flag("--check", options->check, "compare with central differences in f64");
    app.add_option("--tolerance", options->tolerance, "largest relative error --check accepts (default 1e-6)");
    app.add_option("--samples", options->samples, "elements compared of each tensor (default 12)")->check(CLI::Range(1, 1000000));
    app.add_option("--seed", options->seed, "of the random values --check takes")->check(seeds());
    app.callback([&global, &exit_code, options] { gradient(global, *options, exit_code); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, grad) = {"grad", "the gradient as readable .dlm; --check compares with central differences",
                          "dlc grad --check models/xor/model.dlm", declare};
}  // namespace rows
}  // namespace dlc::driver
