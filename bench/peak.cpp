#include "bench/peak.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace dlc::bench {
namespace {

// Twelve chains hide the latency of a fused multiply-add (4 cycles, two a cycle) on every x86 core so far, and fit 16 registers.
constexpr int kChains = 12;
constexpr long kRounds = 400000;

#define DLC_CHAINS(VECTOR)                                        \
    VECTOR a[kChains];                                            \
    for (int i = 0; i < kChains; ++i) a[i] = VECTOR{} + float(i); \
    VECTOR m = VECTOR{} + 0.999F, s = VECTOR{} + 0.001F;          \
    for (long r = 0; r < kRounds; ++r) {                          \
        for (int i = 0; i < kChains; ++i) a[i] = a[i] * m + s;    \
        asm volatile("" : "+m"(*rounds));                         \
    }                                                             \
    VECTOR sum{};                                                 \
    for (int i = 0; i < kChains; ++i) sum += a[i];                \
    return sum[0]

using Vector8 = float __attribute__((vector_size(32)));
using Vector16 = float __attribute__((vector_size(64)));

__attribute__((target("avx2,fma"), optimize("O3", "fp-contract=fast"))) float chains8(volatile long* rounds) {
    DLC_CHAINS(Vector8);
}
__attribute__((target("avx512f,fma"), optimize("O3", "fp-contract=fast"))) float chains16(volatile long* rounds) {
    DLC_CHAINS(Vector16);
}

}  // namespace

double multiply_add_peak(int threads) {
    const bool wide = __builtin_cpu_supports("avx512f");
    const double flops = 2.0 * kChains * kRounds * (wide ? 16 : 8) * threads;
    double best = 0;
    for (int repeat = 0; repeat < 7; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        std::vector<std::thread> pool;
        std::vector<float> sums(std::size_t(threads) * 16);
        for (int t = 0; t < threads; ++t)
            pool.emplace_back([&, t] {
                volatile long rounds = 0;
                sums[std::size_t(t) * 16] = wide ? chains16(&rounds) : chains8(&rounds);
            });
        for (std::thread& thread : pool) thread.join();
        best = std::max(best, flops / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() * 1e-9);
    }
    return best;
}

}  // namespace dlc::bench
