// What `checkpoint` around a recurrence costs and spares: the gradient of a long gated recurrence, everything kept and with a
// checkpoint.
//
// usage: checkpoints [THREADS]
// Prints, for each length, the least and median milliseconds of interleaved runs and the memory beside inputs and parameters.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "compiler/driver/derivative.h"
#include "compiler/driver/initialize.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"

namespace {

using namespace dlc;

struct Run {
    std::string name;
    driver::Runnable runnable;
    std::vector<double> ms = {};
};

Run gradient_of(driver::Session& session, const elaborate::Program& file, const std::string& name, std::int64_t steps,
                int threads) {
    elaborate::Options options;
    options.dims["Time"] = steps;
    options.differentiated = true;
    const driver::Model model = driver::open_model(session, file, options, name);
    const elaborate::Elaborated forward = driver::forward(session, file, model, true);
    std::vector<std::string> parameters, gradients;
    for (const ir::NodeId leaf : forward.graph.leaves(ir::LeafKind::parameter)) {
        parameters.push_back(forward.graph[leaf].leaf()->name);
        gradients.push_back("grad/" + parameters.back());
    }
    Run run{name, {driver::with_results(driver::with_gradient(forward.graph, "l", parameters), gradients), {threads, true, {}}}};
    driver::initialize(run.runnable.program(), forward.init, 1, threads);
    const driver::TensorView xs = run.runnable.leaf("xs");
    for (std::size_t i = 0; i < static_cast<std::size_t>(ir::volume(*xs.shape)); ++i)
        driver::store(xs, i, std::sin(static_cast<double>(i)));
    return run;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 2) {
        fmt::print(stderr, "usage: checkpoints [THREADS]\n");
        return 2;
    }
    try {
        driver::Global global;
        global.threads = argc == 2 ? std::atoi(argv[1]) : 0;
        driver::Session session(global);
        const auto file = session.load("bench/models/recurrence.dlm");
        fmt::print("{:>6}  {:<14} {:>10} {:>10} {:>12}\n", "steps", "", "least", "median", "workspace");
        for (const std::int64_t steps : {64, 256, 1024, 4096}) {
            std::vector<Run> runs;
            for (const char* name : {"Kept", "Checkpointed"})
                runs.push_back(gradient_of(session, *file, name, steps, global.threads));
            for (int round = 0; round < 30; ++round)
                for (Run& run : runs) {
                    const auto start = std::chrono::steady_clock::now();
                    run.runnable.run();
                    run.ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
                }
            for (Run& run : runs) {
                std::ranges::sort(run.ms);
                const auto workspace = run.runnable.layout().region_bytes[static_cast<std::size_t>(kernels::Region::workspace)];
                fmt::print("{:>6}  {:<14} {:>7.2f} ms {:>7.2f} ms {:>9.2f} MB\n", steps, run.name, run.ms.front(),
                           run.ms[run.ms.size() / 2], static_cast<double>(workspace) / 1e6);
            }
        }
    } catch (const driver::Exit& e) { return e.code; } catch (const std::exception& e) {
        fmt::print(stderr, "checkpoints: {}\n", e.what());
        return 1;
    }
}
