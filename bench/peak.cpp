#include "bench/peak.h"

#include <algorithm>
#include <chrono>
#include <memory>
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

// Eight sums hide the latency of the additions.  Loads of 32 bytes reach every cache's rate but that of the first of the widest
// cores.
__attribute__((target("avx2"))) float sum(const Vector8* v, std::size_t count) {
    Vector8 sums[8] = {};
    for (std::size_t i = 0; i + 8 <= count; i += 8) {
#pragma GCC unroll 8
        for (std::size_t k = 0; k < 8; ++k) sums[k] += v[i + k];
    }
    float total = 0;
    for (const Vector8& s : sums) total += s[0];
    return total;
}

__attribute__((target("avx2,fma"), optimize("fp-contract=fast"))) void triad(Vector8* a, const Vector8* b, const Vector8* c,
                                                                             std::size_t count) {
    const Vector8 scale = Vector8{} + 0.5F;
    for (std::size_t i = 0; i < count; ++i) a[i] = b[i] + scale * c[i];
}

/// The least seconds of several runs of `work(t)` on all threads t at once.
template <class Work>
double least_seconds(int threads, int repeats, const Work& work) {
    double least = 1e9;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        std::vector<std::thread> pool;
        for (int t = 0; t < threads; ++t) pool.emplace_back([&work, t] { work(t); });
        for (std::thread& thread : pool) thread.join();
        least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return least;
}

__attribute__((target("avx2,fma"), optimize("fp-contract=fast"))) float chains8() { DLC_CHAINS(Vector8); }
__attribute__((target("avx512f,fma"), optimize("fp-contract=fast"))) float chains16() { DLC_CHAINS(Vector16); }

}  // namespace

double multiply_add_peak(int threads) {
    const bool wide = __builtin_cpu_supports("avx512f");
    const double flops = 2.0 * kChains * kRounds * (wide ? 16 : 8) * threads;
    std::vector<float> sums(std::size_t(threads) * 16);
    return 1e-9 * flops / least_seconds(threads, 7, [&](int t) { sums[std::size_t(t) * 16] = wide ? chains16() : chains8(); });
}

Bandwidth bandwidth(int threads, std::int64_t bytes) {
    const std::size_t third = std::max<std::size_t>(8, std::size_t(bytes) / sizeof(Vector8) / 3 / std::size_t(threads) / 8 * 8);
    const double pass = double(sizeof(Vector8)) * 3 * double(third) * threads;
    const int passes = std::max(1, int(268435456 / pass));
    std::vector<std::unique_ptr<Vector8[]>> parts(static_cast<std::size_t>(threads));
    std::vector<float> sums(std::size_t(threads) * 16);
    // Each thread touches its part first, so that it lies near it.
    least_seconds(threads, 1, [&](int t) { parts[std::size_t(t)] = std::make_unique<Vector8[]>(3 * third); });
    Bandwidth best;
    best.read = 1e-9 * pass * passes / least_seconds(threads, 4, [&](int t) {
                    for (int p = 0; p < passes; ++p) sums[std::size_t(t) * 16] += sum(parts[std::size_t(t)].get(), 3 * third);
                });
    best.triad = 1e-9 * pass * passes / least_seconds(threads, 4, [&](int t) {
                     Vector8* a = parts[std::size_t(t)].get();
                     for (int p = 0; p < passes; ++p) triad(a, a + third, a + 2 * third, third);
                 });
    return best;
}

}  // namespace dlc::bench
