// Runs training steps of one model when told to, for bench/step.
//
// usage: step_server MODEL.dlm THREADS f32|f64 [--data FILE.safetensors] [--profile]
// Inputs and targets are the arrays of FILE, or else random.  With --profile it prints the least time of each kernel call, and
// ends. Prints one JSON line about the compiled step, then answers each line of standard input with one of its own:
//   N                 runs N steps: their times in milliseconds
//   losses N          runs N steps: the loss of each
//   save FILE         writes parameters, states and what the optimizer keeps, as a checkpoint
//   forget            the most bytes resident are those from here on
//   multiply_adds     of a step
//   memory            the most bytes resident, beyond those before the model was read
//   peak              the machine's multiply-add peak in GFLOP/s
//   bandwidth BYTES   GB/s of reading and of the triad over so many bytes
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "bench/peak.h"
#include "compiler/driver/dataset.h"
#include "compiler/driver/initialize.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/driver/terminal.h"
#include "compiler/ir/cost.h"
#include "compiler/kernels/traffic.h"
#include "compiler/passes/pass.h"
#include "compiler/schedules/schedule.h"
#include "runtime/train/checkpoint.h"

namespace {

using namespace dlc;

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Bytes that the system says of this process: `VmRSS:`, or `VmHWM:`, the most since `forget_peak`.
std::int64_t resident(std::string_view key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key)) return 1024 * std::stoll(line.substr(key.size() + 1));
    return 0;
}

void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

/// The arrays of the file, each into the input or target of its name.
void read_inputs(train::Program& program, const std::string& file) {
    const data::NamedArrays arrays = train::read_checkpoint(file).arrays;
    for (train::Role role : {train::Role::input, train::Role::target})
        for (const train::Tensor* tensor : program.all(role)) {
            const auto found = arrays.find(tensor->name);
            if (found == arrays.end() || found->second.shape != tensor->shape)
                throw std::runtime_error(
                    fmt::format("{} has no `{}` of {}", file, tensor->name, data::describe(tensor->type, tensor->shape)));
            train::write(*tensor, data::converted(found->second, tensor->type).bytes.data());
        }
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
void print_profile(const ir::Graph& graph, driver::Runnable& runnable, int rounds) {
    const kernels::Plan plan = kernels::plan(passes::run(graph));
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

/// Steps of a compiled model, counted, so that what depends on their number sees the next one each time.
class Steps {
public:
    explicit Steps(driver::Runnable& runnable)
        : runnable_(runnable),
          numbers_(runnable.program().all(train::Role::step)),
          losses_(runnable.program().all(train::Role::loss)) {}

    /// Milliseconds.
    double timed() {
        number();
        const auto start = std::chrono::steady_clock::now();
        if (runnable_.program().run() != 0) throw std::runtime_error(runnable_.program().message());
        return milliseconds_since(start);
    }
    double loss() {
        number();
        runnable_.run();
        return train::scalar(*losses_.at(0));
    }

private:
    void number() {
        for (const train::Tensor* tensor : numbers_) train::set_scalar(*tensor, done_);
        ++done_;
    }

    driver::Runnable& runnable_;
    std::vector<const train::Tensor*> numbers_, losses_;
    std::int64_t done_ = 0;
};

nlohmann::json facts(const driver::Runnable& runnable, double start_ms) {
    const driver::CompileTimes& times = runnable.times();
    return {{"calls", runnable.layout().calls.size()}, {"kernels", times.kernels},
            {"from_cache", times.from_cache},          {"start_ms", start_ms},
            {"passes_ms", 1e3 * times.passes},         {"plan_ms", 1e3 * times.plan},
            {"codegen_ms", 1e3 * times.codegen},       {"bytes_moved", kernels::bytes_moved(runnable.layout())},
            {"memory_bytes", runnable.memory_bytes()}};
}

void serve(const ir::Graph& graph, driver::Runnable& runnable, int threads, std::int64_t resident_before) {
    Steps steps(runnable);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string command, file, answer;
        std::int64_t count = 0;
        words >> command;
        if (command == "losses" && words >> count) {
            for (std::int64_t i = 0; i < count; ++i) answer += fmt::format("{:.17g} ", steps.loss());
        } else if (command == "save" && words >> file) {
            train::write_checkpoint(file, {train::persistent(runnable.program()), {}});
        } else if (command == "multiply_adds") {
            answer = fmt::format("{}", ir::multiply_adds(passes::run(graph).nodes()));
        } else if (command == "forget") {
            forget_peak();
        } else if (command == "memory") {
            answer = fmt::format("{}", resident("VmHWM:") - resident_before);
        } else if (command == "peak") {
            answer = fmt::format("{}", bench::multiply_add_peak(threads));
        } else if (command == "bandwidth" && words >> count) {
            const bench::Bandwidth found = bench::bandwidth(threads, count);
            answer = fmt::format("{} {}", found.read, found.triad);
        } else if (std::istringstream(command) >> count) {
            for (std::int64_t i = 0; i < count; ++i) answer += fmt::format("{:.4f} ", steps.timed());
        } else {
            throw std::runtime_error(fmt::format("nothing is called `{}`", line));
        }
        std::cout << answer << std::endl;
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    const bool profile = std::erase(words, "--profile") > 0;
    std::string data;
    if (words.size() == 5 && words[3] == "--data") {
        data = words[4];
        words.resize(3);
    }
    const std::optional<ir::Type> real = words.size() == 3 ? ir::type_named(words[2]) : std::nullopt;
    if (!real || !ir::is_real(*real)) {
        fmt::print(stderr, "usage: step_server MODEL.dlm THREADS f32|f64 [--data FILE.safetensors] [--profile]\n");
        return 2;
    }
    try {
        const std::int64_t resident_before = resident("VmRSS:");
        driver::Global global;
        global.threads = std::stoi(words[1]);
        driver::Session session(global);
        const auto start = std::chrono::steady_clock::now();
        const auto program = session.load(words[0]);
        const driver::Model model = driver::open_model(session, *program, {.real = *real});
        const elaborate::Elaborated step = driver::step(session, *program, model);
        driver::Runnable runnable(step.graph, {global.threads, true, {}});
        driver::initialize(runnable.program(), step.init, 1, global.threads);
        const double start_ms = milliseconds_since(start);
        driver::set_seed(runnable.program(), 1);
        if (data.empty())
            fill_inputs(runnable.program());
        else
            read_inputs(runnable.program(), data);
        if (profile) {
            print_profile(step.graph, runnable, 50);
            return 0;
        }
        std::cout << facts(runnable, start_ms).dump() << std::endl;
        serve(step.graph, runnable, global.threads, resident_before);
    } catch (const driver::Exit& e) { return e.code; } catch (const std::exception& e) {
        fmt::print(stderr, "step_server: {}\n", e.what());
        return 1;
    }
}
