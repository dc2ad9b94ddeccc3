// Times cases of bench/kernels when told to: dlc beside oneDNN and loops, in turns.
//
// usage: kernel_server
// Prints one JSON line of facts, then answers each line of standard input, a JSON object, with one of its own:
//   {"limits": THREADS}                            the multiply-add peak and the bandwidths that so many threads reach
//   {"case": CASE, "threads": N, "interpret": B}   whether the results of all sides agree, and with the interpreter's if B
//   … "seconds": S, "rounds": R                    and the times of R turns of S seconds of each side
//   … "choice": {NAME: VALUE}                      with parameters of kernel classes other than the defaults
// A case says what dlc compiles, and which peer computes the same:
//   {"file": FILE, "call": FN, "shapes": {NAME: SHAPE}, "set": {NAME: VALUE},
//    "results": [NAME], "peer": KIND, "settings": {…},
//    "within": [LOW, HIGH]}
// A file without "call" is a model, whose training step is taken.  A result "grad/NAME" makes the case one of derivatives, from
// inputs "cotangent/RESULT".  "within" says where real operands lie.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "bench/kernel_peers/peer.h"
#include "bench/peak.h"
#include "compiler/driver/dataset.h"
#include "compiler/driver/derivative.h"
#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "compiler/ir/interpreter.h"
#include "compiler/passes/pass.h"
#include "compiler/schedules/schedule.h"

namespace {

using namespace dlc;
using nlohmann::json;

constexpr std::int64_t kMainMemory = std::int64_t{1} << 28;   // bytes: many times a last cache
constexpr std::int64_t kSecondCache = std::int64_t{1} << 17;  // bytes a thread: less than any second-level cache

constexpr double kHopeless = 8;  // times the fastest side: one turn says so

json limits(int threads) {
    const bench::Bandwidth main = bench::bandwidth(threads, kMainMemory), cache = bench::bandwidth(threads, kSecondCache * threads);
    return {{"gflops", bench::multiply_add_peak(threads)},
            {"read_gbs", main.read},
            {"triad_gbs", main.triad},
            {"cache_gbs", std::max(cache.read, cache.triad)}};
}

elaborate::Elaborated elaborated(driver::Session& session, const json& c) {
    driver::ProgramOptions options;
    options.file = c.at("file");
    const json set = c.value("set", json::object());
    for (const auto& [name, value] : set.items()) options.sets.push_back(name + "=" + value.dump());
    const auto program = session.load(options.file);
    elaborate::Options how = session.options(options, true);
    if (!c.contains("call")) return driver::step(session, *program, driver::open_model(session, *program, how));
    driver::Callable callable{c.at("call"), {}};
    for (const auto& [name, shape] : c.at("shapes").items())
        callable.shapes.push_back(fmt::format("{}={}", name, fmt::join(shape.get<std::vector<std::int64_t>>(), ",")));
    const auto results = c.at("results").get<std::vector<std::string>>();
    how.differentiated = std::ranges::any_of(results, [](const std::string& r) { return r.starts_with("grad/"); });
    elaborate::Elaborated made = driver::callable(session, *program, callable, how);
    if (how.differentiated) made.graph = driver::with_vjp(made.graph);
    return made;
}

/// Reals between the two numbers, labels below 8: fewer classes than any case has.
void fill(const driver::TensorView& view, const std::vector<double>& within, std::mt19937& random) {
    const double low = within.at(0), step = (within.at(1) - low) / 4096;
    for (std::size_t i = 0; i < std::size_t(ir::volume(*view.shape)); ++i)
        driver::store(view, i, ir::is_real(view.type) ? low + step * double(random() % 4096) : double(random() % 8));
}

/// What of the choice the kernel's class has as a parameter.
schedules::Choice of_kernel(const schedules::Choice& choice, const kernels::Kernel& kernel) {
    schedules::Choice own;
    for (const schedules::Parameter& p : schedules::parameters(kernel, schedules::host()))
        if (const auto chosen = choice.find(p.name);
            chosen != choice.end() && std::ranges::find(p.choices, chosen->second) != p.choices.end())
            own.insert(*chosen);
    return own;
}

/// One case, compiled, its leaves filled, beside the ways of its peer.
class Case {
public:
    Case(const json& c, int threads, const schedules::Choice& choice) : threads_(threads) {
        driver::Global global;
        global.threads = threads;
        driver::Session session(global);
        const elaborate::Elaborated made = elaborated(session, c);
        wanted_ = c.at("results").get<std::vector<std::string>>();
        graph_ = driver::with_results(made.graph, wanted_);
        for (const std::string& name : wanted_)
            if (!graph_.result(name)) throw std::invalid_argument("the case has no result `" + name + "`");
        driver::CompileSettings settings{.threads = threads};
        settings.choose = [&](const kernels::Kernel& kernel) { return of_kernel(choice, kernel); };
        runnable_ = std::make_unique<driver::Runnable>(graph_, settings);
        std::mt19937 random(1);
        bench::Operands operands{{}, {}, c.value("settings", json::object()), threads};
        for (const ir::Node& node : graph_.nodes()) {
            const ir::Leaf* leaf = node.leaf();
            if (!leaf || !runnable_->has_leaf(leaf->name)) continue;
            const driver::TensorView view = runnable_->leaf(leaf->name);
            if (leaf->kind != ir::LeafKind::step) fill(view, c.value("within", std::vector<double>{-1, 1}), random);
            if (leaf->kind == ir::LeafKind::slot)  // what is kept of squares is positive
                for (std::size_t i = 0; i < std::size_t(ir::volume(node.shape)); ++i)
                    driver::store(view, i, std::abs(driver::load(view, i)));
            operands.given[leaf->name] = {node.shape, view.bytes.data()};
            bytes_ += std::int64_t(view.bytes.size());
        }
        for (const std::string& name : wanted_) {
            const driver::TensorView view = runnable_->result(name);
            operands.results[name] = *view.shape;
            bytes_ += ir::volume(*view.shape) * ir::bytes(view.type);
        }
        if (const auto seed = operands.given.find("cotangent/loss"); seed != operands.given.end()) *seed->second.floats() = 1;
        // Where threads hinder one another, a user of the peer would take one.
        for (const int used : threads == 1 ? std::vector{1} : std::vector{threads, 1}) {
            operands.threads = used;
            bench::set_dnnl_threads(used);
            for (bench::Way& way : bench::ways(c.at("peer"), operands)) {
                if (used != threads) way.name += ", 1 thread";
                way.run = [used, run = std::move(way.run)] {
                    bench::set_dnnl_threads(used);
                    run();
                };
                ways_.push_back(std::move(way));
            }
        }
    }

    /// Of each side the largest distance of a result from dlc's, in the norm of the result.
    json distances(bool interpret) {
        std::map<std::string, ir::Tensor> leaves;
        for (const ir::Node& node : graph_.nodes())
            if (node.leaf())
                leaves[node.leaf()->name] = runnable_->has_leaf(node.leaf()->name)
                                                ? driver::to_tensor(runnable_->leaf(node.leaf()->name))
                                                : ir::Tensor{node.shape, std::vector<double>(std::size_t(ir::volume(node.shape)))};
        for (const bench::Way& way : ways_) way.run();  // before dlc writes over what it updates
        runnable_->run();
        json found = json::object();
        for (const bench::Way& way : ways_) {
            const bench::Results theirs = way.results();
            double worst = 0;
            for (const std::string& name : wanted_) worst = std::max(worst, distance(name, theirs.at(name)));
            found[way.name] = worst;
        }
        if (interpret) {
            const auto meant = ir::interpret(graph_, leaves);
            double worst = 0;
            for (const std::string& name : wanted_) worst = std::max(worst, distance(name, meant.at(name).values));
            found["interpreter"] = worst;
        }
        return found;
    }

    json times(double seconds, int rounds);

    json facts() const {
        const kernels::Plan plan = kernels::plan(passes::run(graph_));
        const schedules::Target target = schedules::host();
        const std::vector<std::int64_t> times = kernels::times(plan);
        json classes = json::array(), parameters = json::object();
        for (const kernels::Kernel& kernel : plan.kernels)
            for (const schedules::Parameter& p : schedules::parameters(kernel, target)) parameters[p.name] = p.choices;
        for (std::size_t i = 0; i < plan.calls.size(); ++i)
            classes.push_back(schedules::describe(plan.kernels[std::size_t(plan.calls[i].kernel)], target) +
                              (times[i] > 1 ? fmt::format(" x{}", times[i]) : ""));
        return {{"bytes", bytes_}, {"classes", classes}, {"parameters", parameters}};
    }

private:
    template <class Number>
    double distance(const std::string& name, const std::vector<Number>& theirs) {
        const driver::TensorView view = runnable_->result(name);
        if (theirs.size() != std::size_t(ir::volume(*view.shape))) return INFINITY;
        double squares = 0, differences = 0;
        for (std::size_t i = 0; i < theirs.size(); ++i) {
            const double ours = driver::load(view, i), difference = ours - double(theirs[i]);
            differences += difference * difference;
            squares += double(theirs[i]) * double(theirs[i]);
        }
        const double found = std::sqrt(differences / std::max(squares, 1e-30));
        return std::isfinite(found) ? found : 1e30;  // JSON has no infinity
    }

    int threads_;
    std::vector<std::string> wanted_;
    ir::Graph graph_;
    std::unique_ptr<driver::Runnable> runnable_;
    std::vector<bench::Way> ways_;
    std::int64_t bytes_ = 0;
};

/// The samples of one side: each is the mean of a few runs that take long enough for the clock.
class Stopwatch {
public:
    Stopwatch(std::function<void()> run, int threads) : run_(std::move(run)), threads_(threads) {
        run_();
        for (int i = 0; i < 3; ++i) least_ = std::min(least_, timed(1));
        batch_ = std::max(1, int(5e-5 / least_));
    }
    /// Seconds of a run, as far as is known.
    double least() const { return least_; }
    void turn(double seconds) {
        const auto stop = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        if (least_ < seconds) run_();  // its data come back into the caches
        do {
            const double sample = timed(batch_);
            if (sample > 0) samples_.push_back(sample);  // the processor's clock of a thread may stand still for a while
        } while (samples_.empty() || std::chrono::steady_clock::now() < stop);
    }
    json summary() {
        std::ranges::sort(samples_);
        return {
            {"us_min", samples_.front() * 1e6}, {"us_median", samples_[samples_.size() / 2] * 1e6}, {"samples", samples_.size()}};
    }

private:
    /// One thread: processor time, which neighbours do not stretch.
    double now() const {
        timespec t = {};
        clock_gettime(threads_ == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
        return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
    }
    double timed(int runs) const {
        const double start = now();
        for (int i = 0; i < runs; ++i) run_();
        return (now() - start) / runs;
    }

    std::function<void()> run_;
    int threads_, batch_ = 1;
    double least_ = 1e9;
    std::vector<double> samples_;
};

json Case::times(double seconds, int rounds) {
    std::vector<std::pair<std::string, Stopwatch>> sides;
    sides.emplace_back("dlc", Stopwatch([this] { runnable_->program().run(); }, threads_));
    for (const bench::Way& way : ways_) sides.emplace_back(way.name, Stopwatch(way.run, threads_));
    double fastest = 1e9;
    for (const auto& [name, watch] : sides) fastest = std::min(fastest, watch.least());
    for (int round = 0; round < rounds; ++round)
        for (auto& [name, watch] : sides) {
            if (round > 0 && watch.least() > kHopeless * fastest) continue;
            if (threads_ > 1)
                std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the other side's waiting threads fall asleep
            watch.turn(seconds);
        }
    json found = json::object();
    for (auto& [name, watch] : sides) found[name] = watch.summary();
    return found;
}

json answer(const json& asked) {
    if (asked.contains("limits")) return limits(asked.at("limits"));
    Case c(asked.at("case"), asked.at("threads"), asked.value("choice", schedules::Choice{}));
    json found = c.facts();
    found["distances"] = c.distances(asked.value("interpret", false));
    if (asked.contains("rounds")) found["times"] = c.times(asked.at("seconds"), asked.at("rounds"));
    return found;
}

}  // namespace

int main(int argc, char**) {
    if (argc != 1) {
        fmt::print(stderr, "usage: kernel_server\n");
        return 2;
    }
    try {
        std::cout << json{{"dnnl", bench::dnnl_version()}, {"target", schedules::host().halide}}.dump() << std::endl;
        for (std::string line; std::getline(std::cin, line);) std::cout << answer(json::parse(line)).dump() << std::endl;
    } catch (const driver::Exit& e) { return e.code; } catch (const std::exception& e) {
        fmt::print(stderr, "kernel_server: {}\n", e.what());
        return 1;
    }
}
