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

// The chains are separate variables: an array of vectors would live in memory.
#define DLC_CHAINS(VECTOR)                                                                        \
    VECTOR m = VECTOR{} + 0.999F, s = VECTOR{} + 0.001F;                                          \
    VECTOR a = s, b = s, c = s, d = s, e = s, f = s, g = s, h = s, i = s, j = s, k = s, l = s;    \
    for (long r = 0; r < kRounds; ++r) {                                                          \
        a = a * m + s, b = b * m + s, c = c * m + s, d = d * m + s, e = e * m + s, f = f * m + s; \
        g = g * m + s, h = h * m + s, i = i * m + s, j = j * m + s, k = k * m + s, l = l * m + s; \
        asm volatile("" : "+x"(a), "+x"(b), "+x"(c), "+x"(d), "+x"(e), "+x"(f));                  \
        asm volatile("" : "+x"(g), "+x"(h), "+x"(i), "+x"(j), "+x"(k), "+x"(l));                  \
    }                                                                                             \
    return (a + b + c + d + e + f + g + h + i + j + k + l)[0]

using Vector8 = float __attribute__((vector_size(32)));
using Vector16 = float __attribute__((vector_size(64)));

__attribute__((target("avx2,fma"), optimize("fp-contract=fast"))) float chains8() { DLC_CHAINS(Vector8); }
__attribute__((target("avx512f,fma"), optimize("fp-contract=fast"))) float chains16() { DLC_CHAINS(Vector16); }

}  // namespace

double multiply_add_peak(int threads) {
    const bool wide = __builtin_cpu_supports("avx512f");
    const double flops = 2.0 * kChains * kRounds * (wide ? 16 : 8) * threads;
    double best = 0;
    for (int repeat = 0; repeat < 7; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        std::vector<std::thread> pool;
        std::vector<float> sums(std::size_t(threads) * 16);
        for (int t = 0; t < threads; ++t) pool.emplace_back([&, t] { sums[std::size_t(t) * 16] = wide ? chains16() : chains8(); });
        for (std::thread& thread : pool) thread.join();
        best = std::max(best, flops / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() * 1e-9);
    }
    return best;
}

}  // namespace dlc::bench
