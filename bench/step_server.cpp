// Runs training steps of one model when told to, for bench/step.
//
// usage: step_server MODEL.dlm THREADS f32|f64 [--profile]
// With --profile it prints the least time of each kernel call instead, and ends.
// Prints one JSON line about the compiled step, then for each line `N` on standard input runs N steps and prints their times in
// milliseconds, separated by blanks; for a line `peak` it prints the machine's multiply-add peak.
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
#include "compiler/driver/terminal.h"
#include "compiler/ir/cost.h"
#include "compiler/schedules/schedule.h"

namespace {

using namespace dlc;

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
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

// The least time of each call over `rounds` steps, with how often it runs, its class and what it writes.
void print_profile(driver::Runnable& runnable, int rounds) {
    const kernels::Plan& plan = runnable.plan();
    const schedules::Target target = schedules::host();
    std::vector<double> least(plan.calls.size(), 1e9);
    std::vector<std::int64_t> times = kernels::times(plan);
    for (const kernels::Loop& loop : plan.loops)  // one of a single call runs as a whole
        if (loop.last - loop.first == 1) times[std::size_t(loop.first)] /= loop.steps;
    for (int r = 0; r < rounds; ++r)
        for (int c = 0; c < int(least.size()); ++c) {
            const auto start = std::chrono::steady_clock::now();
            if (runnable.program().run(c, c + 1) != 0) throw std::runtime_error(runnable.program().message());
            least[std::size_t(c)] = std::min(least[std::size_t(c)], milliseconds_since(start));
        }
    double total = 0;
    for (std::size_t c = 0; c < least.size(); ++c) {
        const kernels::Call& call = plan.calls[c];
        const kernels::Buffer& out = plan.buffers[std::size_t(call.outputs[0])];
        fmt::print("{:8.3f} ms {:>5}  {:<22} {}{}\n", least[c] * double(times[c]), times[c] > 1 ? fmt::format("x{}", times[c]) : "",
                   schedules::describe(plan.kernels[std::size_t(call.kernel)], target), out.name, driver::show_shape(out.shape));
        total += least[c] * double(times[c]);
    }
    fmt::print("{:8.3f} ms\n", total);
}

}  // namespace

int main(int argc, char** argv) {
    const bool profile = argc == 5 && std::string_view(argv[4]) == "--profile";
    const std::optional<ir::Type> real = argc > 3 ? ir::type_named(argv[3]) : std::nullopt;
    if (argc != (profile ? 5 : 4) || !real || !ir::is_real(*real)) {
        fmt::print(stderr, "usage: step_server MODEL.dlm THREADS f32|f64 [--profile]\n");
        return 2;
    }
    try {
        driver::Global global;
        global.threads = std::atoi(argv[2]);
        driver::Session session(global);
        auto start = std::chrono::steady_clock::now();
        const auto program = session.load(argv[1]);
        const driver::Model model = driver::open_model(session, *program, {.real = *real});
        const elaborate::Elaborated step = driver::step(session, *program, model);
        driver::Runnable runnable(step.graph, {global.threads, true, {}});
        driver::initialize(runnable.program(), step.init, 1);
        const double compile_ms = milliseconds_since(start);
        driver::set_seed(runnable.program(), 1);
        fill_inputs(runnable.program());
        if (profile) {
            print_profile(runnable, 50);
            return 0;
        }
        std::cout << nlohmann::json{{"kernels", runnable.plan().calls.size()},
                                    {"from_cache", runnable.times().from_cache},
                                    {"compile_ms", compile_ms},
                                    {"multiply_adds", ir::multiply_adds(runnable.graph().nodes())},
                                    {"memory_bytes", runnable.memory_bytes()}}
                         .dump()
                  << std::endl;
        for (std::string word; std::cin >> word;) {
            if (word == "peak") {
                std::cout << bench::multiply_add_peak(global.threads) << std::endl;
                continue;
            }
            std::string line;
            for (int i = 0, steps = std::stoi(word); i < steps; ++i) {
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
