// What a parallel region costs: loops whose tasks do nothing, and from which length of a loop sharing it out is faster.
//
// usage: regions [THREADS]
// Prints the least and median time of a loop of as many tasks as threads, right behind one another and after work of the calling
// thread alone, in which the others wait; then for loops of some length the time on one thread and shared out.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "runtime/thread_pool.h"

namespace {

using namespace dlc;
using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

/// Work that no compiler leaves out: about a nanosecond a turn.
void turn(std::int64_t times) {
    volatile int sink = 0;
    for (std::int64_t i = 0; i < times; ++i) sink = static_cast<int>(i);
    static_cast<void>(sink);
}
double turns_a_microsecond() {
    double best = 0;
    for (int round = 0; round < 20; ++round) {
        const Clock::time_point start = Clock::now();
        turn(100000);
        best = std::max(best, 100000 / microseconds_since(start));
    }
    return best;
}

struct Times {
    double least, median;
};
/// Of `body`, without what `before` takes.
template <class Before, class Body>
Times measured(const Before& before, const Body& body) {
    std::vector<double> all;
    for (int round = 0; round < 20000; ++round) {
        before();
        const Clock::time_point start = Clock::now();
        body();
        all.push_back(microseconds_since(start));
    }
    std::ranges::sort(all);
    return {all.front(), all[all.size() / 2]};
}

}  // namespace

int main(int argc, char** argv) {
    const int threads = argc == 2 ? std::atoi(argv[1]) : static_cast<int>(std::thread::hardware_concurrency());
    if (argc > 2 || threads < 1) {
        fmt::print(stderr, "usage: regions [THREADS]\n");
        return 2;
    }
    runtime::ThreadPool pool(threads);
    const runtime::ThreadPool::Busy busy(pool);
    const double rate = turns_a_microsecond();
    const auto work = [](void* turns, int, void*) {
        turn(*static_cast<std::int64_t*>(turns));
        return 0;
    };
    const auto share = [&](std::int64_t turns, int tasks) { pool.parallel_for(work, &turns, 0, tasks, nullptr); };
    const Times clock = measured([] {}, [] {});  // two looks at the clock
    fmt::print("{} threads; an empty loop of {} tasks\n", threads, threads);
    for (const int alone : {0, 1, 10, 100}) {
        const auto turns = static_cast<std::int64_t>(alone * rate);
        const Times t = measured([&] { turn(turns); }, [&] { share(0, threads); });
        fmt::print("  after {:>3} us of one thread alone {:>7.2f} us ({:.2f})\n", alone, t.least - clock.least,
                   t.median - clock.least);
    }
    fmt::print("a loop of some length      one thread        shared out\n");
    for (const double length : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0}) {
        const auto turns = static_cast<std::int64_t>(length * rate);
        const Times one = measured([&] { turn(500); }, [&] { turn(turns); });
        const Times shared = measured([&] { turn(500); }, [&] { share(turns / threads, threads); });
        fmt::print("  {:>3.0f} us               {:>7.2f} us ({:.2f}) {:>7.2f} us ({:.2f})\n", length, one.least, one.median,
                   shared.least, shared.median);
    }
}
