// Runs training steps of one model when told to, for bench/step.
//
// usage: step_server MODEL.dlm THREADS
// With DLC_BENCH_NO_PEAK in the environment the machine's peak is not measured (it takes a second).
// Prints one JSON line about the compiled step, then for each line `N` on standard input runs N steps and prints their times in
// milliseconds, separated by blanks.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "bench/peak.h"
#include "compiler/driver/dataset.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"

namespace {

using namespace dlc;

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// Multiply-adds of the step's contractions: the points of every sum whose body is a product of two or more reads.
double multiply_adds(const ir::Graph& graph) {
    double total = 0;
    for (const ir::Node& node : graph.nodes()) {
        const ir::Equation* equation = node.equation();
        if (!equation || equation->reduce != ir::Reduce::sum || !equation->body->is("mul") || ir::reads(equation->body).size() < 2)
            continue;
        double points = 1;
        for (std::int64_t extent : ir::extents_of(node)) points *= double(extent);
        total += points;
    }
    return total;
}

void fill_inputs(train::Program& program) {
    std::mt19937 random(0);
    for (train::Role role : {train::Role::input, train::Role::target}) {
        for (const train::Tensor* tensor : program.all(role)) {
            std::vector<std::byte> packed(std::size_t(train::bytes(*tensor)));
            const std::int64_t count = std::ssize(packed) / data::size_of(tensor->type);
            for (std::int64_t i = 0; i < count; ++i)
                data::store(tensor->type, packed.data(), i,
                            data::is_real(tensor->type) ? double(random() % 1000) / 1000 : double(random() % 10));
            train::write(*tensor, packed.data());
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        fmt::print(stderr, "usage: step_server MODEL.dlm THREADS\n");
        return 2;
    }
    try {
        driver::Global global;
        global.threads = std::atoi(argv[2]);
        driver::Session session(global);
        auto start = std::chrono::steady_clock::now();
        const auto program = session.load(argv[1]);
        const driver::Model model = driver::open_model(session, *program, {});
        const elaborate::Elaborated step = driver::step(session, *program, model);
        driver::Runnable runnable(step.graph, {global.threads, true, {}});
        driver::initialize(runnable.program(), step.init, 1);
        const double compile_ms = milliseconds_since(start);
        driver::set_seed(runnable.program(), 1);
        fill_inputs(runnable.program());
        std::cout << nlohmann::json{{"kernels", runnable.plan().calls.size()},
                                    {"from_cache", runnable.times().from_cache},
                                    {"compile_ms", compile_ms},
                                    {"multiply_adds", multiply_adds(runnable.graph())},
                                    {"memory_bytes", runnable.memory_bytes()},
                                    {"peak_gflops",
                                     std::getenv("DLC_BENCH_NO_PEAK") ? 0.0 : bench::multiply_add_peak(global.threads)}}
                         .dump()
                  << std::endl;
        for (int steps; std::cin >> steps;) {
            std::string line;
            for (int i = 0; i < steps; ++i) {
                start = std::chrono::steady_clock::now();
                if (runnable.program().run() != 0) throw std::runtime_error(runnable.program().message());
                line += fmt::format("{:.4f} ", milliseconds_since(start));
            }
            std::cout << line << std::endl;
        }
    } catch (const driver::Exit& e) { return e.code; } catch (const std::exception& e) {
        fmt::print(stderr, "step_server: {}\n", e.what());
        return 1;
    }
}
