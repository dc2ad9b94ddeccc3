// What derivatives of a model's loss by all its parameters cost: the loss, its gradient, and a product of the Hessian with a
// direction.
//
// usage: derivatives MODEL.dlm [THREADS]
// Prints the least and median milliseconds of interleaved runs, and the ratio of the least to the gradient's.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "compiler/driver/dataset.h"
#include "compiler/driver/derivative.h"
#include "compiler/driver/initialize.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/ir/cost.h"
#include "compiler/passes/pass.h"

namespace {

using namespace dlc;

/// Every input, target and direction holds numbers that are no pattern.
void fill(train::Program& program) {
    for (const train::Role role : {train::Role::input, train::Role::target})
        for (const train::Tensor* t : program.all(role)) {
            std::vector<std::byte> packed(std::size_t(train::bytes(*t)));
            for (std::int64_t i = 0; i < std::ssize(packed) / data::size_of(t->type); ++i)
                data::store(t->type, packed.data(), i, data::is_real(t->type) ? std::sin(double(i)) : double(i % 7));
            train::write(*t, packed.data());
        }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) {
        fmt::print(stderr, "usage: derivatives MODEL.dlm [THREADS]\n");
        return 2;
    }
    try {
        driver::Global global;
        global.threads = argc == 3 ? std::atoi(argv[2]) : 0;
        driver::Session session(global);
        const auto file = session.load(argv[1]);
        elaborate::Options options;
        options.differentiated = true;
        const driver::Model model = driver::open_model(session, *file, options);
        const elaborate::Elaborated forward = driver::forward(session, *file, model, true);
        std::string loss;
        for (const ir::Result& r : forward.graph.results())
            if (r.kind == ir::Result::loss) loss = r.name;
        std::vector<std::string> parameters, gradients, products;
        for (const ir::NodeId leaf : forward.graph.leaves(ir::LeafKind::parameter)) {
            parameters.push_back(forward.graph[leaf].leaf()->name);
            gradients.push_back("grad/" + parameters.back());
            products.push_back("hvp/" + parameters.back());
        }
        struct Row {
            const char* name;
            ir::Graph graph;
            driver::Runnable runnable;
            std::vector<double> ms = {};
        };
        const driver::CompileSettings settings{global.threads, true, {}};
        std::vector<Row> rows;
        const auto add = [&](const char* name, const ir::Graph& graph) { rows.push_back({name, graph, {graph, settings}}); };
        add("loss", driver::with_results(forward.graph, {loss}));
        add("gradient", driver::with_results(driver::with_gradient(forward.graph, loss, parameters), gradients));
        add("Hessian times a direction", driver::with_results(driver::with_hvp(forward.graph, loss, parameters), products));
        for (Row& row : rows) {
            driver::initialize(row.runnable.program(), forward.init, 1, global.threads);
            driver::set_seed(row.runnable.program(), 1);
            fill(row.runnable.program());
        }
        for (int round = 0; round < 200; ++round)
            for (Row& row : rows) {
                const auto start = std::chrono::steady_clock::now();
                if (row.runnable.program().run() != 0) throw std::runtime_error(row.runnable.program().message());
                row.ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
            }
        for (Row& row : rows) std::ranges::sort(row.ms);
        fmt::print("{:<26} {:>9} {:>9} {:>7}  {:>15}\n", "", "least", "median", "ratio", "multiply-adds");
        for (const Row& row : rows)
            fmt::print("{:<26} {:>6.3f} ms {:>6.3f} ms {:>7.2f}  {:>15}\n", row.name, row.ms.front(), row.ms[row.ms.size() / 2],
                       row.ms.front() / rows[1].ms.front(), ir::multiply_adds(passes::run(row.graph).nodes()));
    } catch (const driver::Exit& e) { return e.code; } catch (const std::exception& e) {
        fmt::print(stderr, "derivatives: {}\n", e.what());
        return 1;
    }
}
