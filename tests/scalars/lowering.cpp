// Every primitive's code, compiled in memory as kernels are (vectors, fast floating-point), against its meaning in double.
#include <Halide.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>

#include "compiler/scalars/half.h"
#include "compiler/scalars/lowering.h"
#include "tests/scalars/expressions.h"

namespace dlc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// An instruction set that kernels are made for, and the bytes of its vectors.
struct Flavour {
    const char* name;
    Halide::Target target;
    int bytes;
};
/// Those this machine can run, the least first.
std::vector<Flavour> flavours() {
    const Halide::Target host = Halide::get_host_target();
    if (host.arch != Halide::Target::X86) return {{"host", host.with_feature(Halide::Target::JIT), 16}};
    std::vector<Flavour> all{{"SSE41", Halide::Target("x86-64-linux-sse41-jit"), 16}};
    if (host.has_feature(Halide::Target::AVX2) && host.has_feature(Halide::Target::FMA))
        all.push_back({"AVX2", Halide::Target("x86-64-linux-sse41-avx-avx2-fma-f16c-jit"), 32});
    if (host.has_feature(Halide::Target::AVX512_Skylake))
        all.push_back({"AVX512", Halide::Target("x86-64-linux-sse41-avx-avx2-fma-f16c-avx512-avx512_skylake-jit"), 64});
    return all;
}

template <class Real>
struct Format;
template <>
struct Format<float> {
    using Bits = std::uint32_t;
    static constexpr ir::Type type = ir::Type::f32;
    static constexpr double ulps = 2;
};
template <>
struct Format<double> {
    using Bits = std::uint64_t;
    static constexpr ir::Type type = ir::Type::f64;
    static constexpr double ulps = 4;
};

/// The distance of `got` from `expected` in units of the last place of a Real of expected's size.  0 where both are NaN, both
/// infinite, beyond the format with the same sign, or too small for a normal number.
template <class Real>
double distance(Real got, double expected) {
    const double most = std::numeric_limits<Real>::max(), least = std::numeric_limits<Real>::min();
    if (std::isnan(got) || std::isnan(expected)) return std::isnan(got) && std::isnan(expected) ? 0 : kInfinity;
    if (std::abs(expected) < least && std::abs(got) <= least) return 0;
    const double half_ulp_beyond = most + std::ldexp(most, -std::numeric_limits<Real>::digits - 1);
    if (std::isinf(got) || std::isinf(expected)) {
        if (static_cast<double>(got) == expected) return 0;
        const bool beyond = std::isinf(got) && std::signbit(got) == std::signbit(expected) && std::abs(expected) >= half_ulp_beyond;
        return beyond ? 0 : kInfinity;
    }
    int exponent;
    std::frexp(std::max(std::abs(expected), least), &exponent);
    return std::abs(got - expected) / std::ldexp(1.0, exponent - std::numeric_limits<Real>::digits);
}

template <class Real>
Real of_bits(std::uint64_t bits) {
    return std::bit_cast<Real>(static_cast<typename Format<Real>::Bits>(bits));
}

template <class Real>
std::vector<Real> special_values() {
    using L = std::numeric_limits<Real>;
    std::vector<Real> values = {0, L::denorm_min(), L::min() / 2, L::min(), L::epsilon(), L::max(), L::infinity(), L::quiet_NaN()};
    for (double x : {0.25, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0, 88.0, 104.0, 710.0, 1e4, 1e5, 8388607.5,
                     8388609.0, 1e10, 1e30,
                     // Where e^x leaves the normal numbers of f32 and f64.
                     88.7228355, 87.3365448, 103.972084, 709.7827128933841, 708.3964185322641, 745.1332191019412}) {
        const Real v = static_cast<Real>(x);
        values.insert(values.end(), {std::nextafter(v, Real{0}), v, std::nextafter(v, L::infinity())});
    }
    for (std::size_t k = 0, n = values.size(); k < n; ++k) values.push_back(-values[k]);
    return values;
}

/// Arguments: all pairs of special values, and numbers of which every third is any bit pattern, every third in the domain, every
/// third of moderate size.  One argument: bit patterns at equal distances, so that every sign and exponent is met equally often.
template <class Real>
std::vector<std::vector<Real>> samples(const ir::Scalar& s, std::size_t count, std::mt19937_64& random) {
    std::vector<std::vector<Real>> args(s.arity);
    const auto special = special_values<Real>();
    if (s.arity <= 2) {
        for (Real a : special) {
            for (Real b : special) {
                args[0].push_back(a);
                if (s.arity == 2) args[1].push_back(b);
                if (s.arity == 1) break;
            }
        }
    }
    const std::uint64_t patterns = s.arity == 1 && sizeof(Real) == 4 ? std::uint64_t{1} << 32 : 0;
    for (std::size_t k = 0; k < count; ++k) {
        for (int i = 0; i < s.arity; ++i) {
            const auto [low, high] = domain_of(s, i);
            double x;
            if (patterns && k % 2 == 0) {
                x = of_bits<Real>(patterns / count * k + random() % (patterns / count));
            } else if (k % 3 == 0) {
                x = of_bits<Real>(random());
            } else if (k % 3 == 1) {
                x = std::uniform_real_distribution(low, high)(random);
            } else {
                x = std::uniform_real_distribution(-100.0, 100.0)(random);
            }
            args[i].push_back(static_cast<Real>(x));
        }
    }
    // The order of a polygamma is a constant; the condition of a choice is one.
    for (int i = 0; i < s.arity; ++i) {
        const auto [low, high] = domain_of(s, i);
        if (low == high) args[i].assign(args[i].size(), static_cast<Real>(low));
    }
    return args;
}

/// The code of s over the arguments `read`, as a Real.
template <class Real>
Halide::Expr code(const ir::Scalar& s, std::vector<Halide::Expr> reads) {
    for (int i = 0; i < s.arity; ++i) {
        const auto [low, high] = domain_of(s, i);
        if (low == high) reads[i] = Halide::cast<Real>(Halide::Expr(low));
        if (s.result == ir::Scalar::second && i == 0) reads[i] = scalars::truth(reads[i]);
    }
    return Halide::cast<Real>(s.lower(reads, s.result == ir::Scalar::boolean ? ir::Type::boolean : Format<Real>::type));
}

/// The same, compiled and run on `args`.
template <class Real>
std::vector<Real> run(const ir::Scalar& s, const std::vector<std::vector<Real>>& args, const Flavour& on) {
    const int n = static_cast<int>(args[0].size());
    Halide::Var x("x");
    std::vector<Halide::Expr> reads;
    for (const auto& a : args) reads.push_back(Halide::Buffer<Real>(const_cast<Real*>(a.data()), n)(x));
    Halide::Func f(std::string(s.name) + "_kernel");
    f(x) = code<Real>(s, reads);
    f.vectorize(x, on.bytes / static_cast<int>(sizeof(Real)), Halide::TailStrategy::GuardWithIf);
    std::vector<Real> result(n);
    Halide::Buffer<Real> out(result.data(), n);
    f.realize(out, on.target);
    return result;
}

/// Against a meaning that sums the same series in another order: ulps of 1 where the value is below 1 (digamma has a zero at 1.46).
struct Tolerance {
    double ulps;
    bool absolute = false;
};
template <class Real>
Tolerance tolerance_of(const ir::Scalar& s) {
    if (sizeof(Real) == 8 && s.name == "digamma") return {64, true};
    if (sizeof(Real) == 8 && s.name == "polygamma") return {16};
    // The documentation of a primitive states its bound in f32.
    const auto stated = s.doc.find("f32 to ");
    if (sizeof(Real) == 4 && stated != std::string_view::npos)
        return {std::min(Format<Real>::ulps, std::stod(std::string(s.doc.substr(stated + 7))))};
    return {Format<Real>::ulps};
}

template <class Real>
void expect_meaning(const ir::Scalar& s, std::size_t count, const Flavour& on) {
    const auto [ulps, absolute] = tolerance_of<Real>(s);
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    const auto args = samples<Real>(s, count, random);
    const auto got = run<Real>(s, args, on);
    double worst = 0;
    std::vector<double> worst_at;
    for (std::size_t k = 0; k < got.size(); ++k) {
        std::vector<double> at;
        for (const auto& a : args) at.push_back(a[k]);
        const double expected = s.meaning(at, Format<Real>::type);
        double d = distance<Real>(got[k], expected);
        if (absolute && std::abs(expected) < 1) d = std::abs(got[k] - expected) / std::numeric_limits<Real>::epsilon();
        if (!(d <= worst)) worst = d, worst_at = at, worst_at.push_back(got[k]);
    }
    std::printf("    %-14s %s %-6s worst %.3f ulp", std::string(s.name).c_str(), ir::name(Format<Real>::type).data(), on.name,
                worst);
    for (std::size_t i = 0; i < worst_at.size(); ++i) std::printf(" %.9g", worst_at[i]);
    std::printf("\n");
    EXPECT_LE(worst, ulps) << s.name << " of " << testing::PrintToString(worst_at) << " (the last: what the code gives), "
                           << on.name << ", seed " << seed;
}

class PropertyScalarCode : public testing::TestWithParam<Named> {};

TEST_P(PropertyScalarCode, IsTheMeaningInSingle) {
    const ir::Scalar& s = *GetParam().scalar;
    if (s.name == "philox") GTEST_SKIP() << "a function of integers";
    const std::size_t count = s.name == "lgamma" || s.name == "polygamma" || s.name == "digamma" ? 65'536 : 262'144;
    for (const Flavour& on : flavours()) expect_meaning<float>(s, count, on);
}

TEST_P(PropertyScalarCode, IsTheMeaningInDouble) {
    const ir::Scalar& s = *GetParam().scalar;
    if (s.name == "philox") GTEST_SKIP() << "a function of integers";
    expect_meaning<double>(s, 100'000, flavours().back());
}

INSTANTIATE_TEST_SUITE_P(Every, PropertyScalarCode, testing::ValuesIn(every_scalar()),
                         [](const auto& info) { return std::string(info.param.scalar->name); });

// Fast arithmetic around a primitive may not lose the infinities and NaNs it gives.
TEST(ScalarCode, KeepsInfinityAndNanInsideFastArithmetic) {
    for (int arity = 1; arity <= 2; ++arity) {
        std::vector<const ir::Scalar*> some;
        for (const ir::Scalar* s : ir::all_scalars()) {
            if (s->arity == arity) some.push_back(s);
        }
        std::mt19937_64 random(2026);
        const auto args = samples<float>(*some[0], 0, random);  // special values alone
        const int n = static_cast<int>(args[0].size());
        Halide::Var x("x");
        std::vector<Halide::Expr> reads;
        for (const auto& a : args) reads.push_back(Halide::Buffer<float>(const_cast<float*>(a.data()), n)(x));
        std::vector<Halide::Func> kernels;
        std::vector<Halide::Buffer<>> buffers;
        for (const ir::Scalar* s : some) {
            Halide::Func f;
            f(x) = code<float>(*s, reads) + 1.0f;
            kernels.push_back(f.vectorize(x, 8, Halide::TailStrategy::GuardWithIf));
            buffers.push_back(Halide::Buffer<float>(n));
        }
        Halide::Pipeline(kernels).realize(Halide::Realization(buffers), flavours().back().target);
        for (std::size_t f = 0; f < some.size(); ++f) {
            for (int k = 0; k < n; ++k) {
                std::vector<double> at;
                for (int i = 0; i < arity; ++i)
                    at.push_back(domain_of(*some[f], i).low == domain_of(*some[f], i).high ? domain_of(*some[f], i).low
                                                                                           : args[i][k]);
                const float expected = static_cast<float>(some[f]->meaning(at, ir::Type::f32)), got = buffers[f].as<float>()(k);
                if (std::isfinite(expected)) continue;
                ASSERT_TRUE(std::isnan(expected) ? std::isnan(got) : got == expected)
                    << some[f]->name << " of " << testing::PrintToString(at) << " is " << expected << ", but in code " << got;
            }
        }
    }
}

TEST(ScalarCode, InSingleCallsNoFunctionButLibmWhereTheDocumentationSaysSo) {
    Halide::Var x("x");
    const Halide::ImageParam reals(Halide::Float(32), 2), integers(Halide::Int(64), 2);
    std::vector<Halide::Func> kernels;
    for (const ir::Scalar* s : ir::all_scalars()) {
        if (s->doc.find("by libm") != std::string_view::npos) continue;
        std::vector<Halide::Expr> reads;
        for (int i = 0; i < s->arity; ++i) reads.push_back(s->name == "philox" ? integers(x, i) : reals(x, i));
        Halide::Func f;
        f(x) = code<float>(*s, reads);
        kernels.push_back(f.vectorize(x, 8));
    }
    const std::string path = testing::TempDir() + "/scalars.s";
    const Halide::Target bare("x86-64-linux-sse41-avx-avx2-fma-f16c-no_runtime-no_asserts-no_bounds_query");
    Halide::Pipeline(kernels).compile_to_assembly(path, {reals, integers}, "kernel", bare);
    std::ifstream text(path);
    int vectors = 0;
    for (std::string line; std::getline(text, line);) {
        std::istringstream words(line);
        std::string instruction, callee;
        words >> instruction >> callee;
        vectors += instruction.starts_with("v") && line.find("ymm") != std::string::npos;
        if (!instruction.starts_with("call") && instruction != "jmp") continue;
        // Halide's wrapper, kernel_argv, calls the kernel.
        EXPECT_TRUE(callee.starts_with(".L") || callee.starts_with("kernel")) << line;
    }
    EXPECT_GT(vectors, 1000);
    std::remove(path.c_str());
}

// Halide's own conversion from f64 rounds twice; ties are where that shows.
TEST(HalfCode, RoundsOnceToNearestEvenAndWidensExactly) {
    std::mt19937_64 random(17);
    for (const ir::Type half : {ir::Type::f16, ir::Type::bf16}) {
        std::vector<std::uint16_t> every(65536);
        for (std::size_t k = 0; k < every.size(); ++k) every[k] = static_cast<std::uint16_t>(k);
        const int mantissa = half == ir::Type::f16 ? 10 : 7;
        std::vector<double> values;
        const auto around = [&](double x) {
            for (const double y : {std::nextafter(x, -kInfinity), x, std::nextafter(x, kInfinity)})
                values.push_back(y), values.push_back(-y);
        };
        for (int exponent = half == ir::Type::f16 ? -26 : -136; exponent <= (half == ir::Type::f16 ? 17 : 128); ++exponent)
            for (int k = 0; k < 4; ++k) {  // numbers of the type, and halfway to the next
                const auto units = static_cast<double>((1 << mantissa) + static_cast<int>(random() % (1u << mantissa)));
                around(std::ldexp(units, exponent - mantissa));
                around(std::ldexp(units + 0.5, exponent - mantissa));
            }
        for (const double x : {0.0, 65504.0, 65519.0, 65520.0, 65536.0, 1e300, 5e-324, 1e-40, kInfinity}) around(x);
        values.push_back(std::nan(""));
        std::vector<float> singles;
        for (const double x : values) singles.push_back(static_cast<float>(x));
        for (int k = 0; k < 200'000; ++k) singles.push_back(of_bits<float>(random()));

        Halide::Var x("x");
        const auto buffer = [](auto& v) {
            return Halide::Buffer<std::decay_t<decltype(v[0])>>(v.data(), static_cast<int>(v.size()));
        };
        for (const Flavour& on : flavours()) {
            const auto realized = [&](const Halide::Expr& e, std::size_t count) {
                Halide::Func f;
                f(x) = e;
                f.vectorize(x, on.bytes / 4, Halide::TailStrategy::GuardWithIf);
                return Halide::Buffer<float>(f.realize({static_cast<int>(count)}, on.target));
            };
            const auto rounded = [&](const Halide::Expr& e) { return scalars::half_of_bits(scalars::bits_of_half(e, half), half); };
            const auto same = [](double a, double b) {
                return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
            };
            const auto from_double = realized(rounded(buffer(values)(x)), values.size());
            for (std::size_t k = 0; k < values.size(); ++k)
                ASSERT_TRUE(same(from_double(static_cast<int>(k)), ir::rounded(values[k], half)))
                    << on.name << ": f64 " << values[k] << " as " << ir::name(half) << " is " << from_double(static_cast<int>(k));
            const auto from_single = realized(rounded(buffer(singles)(x)), singles.size());
            for (std::size_t k = 0; k < singles.size(); ++k)
                ASSERT_TRUE(same(from_single(static_cast<int>(k)), ir::rounded(singles[k], half)))
                    << on.name << ": f32 " << singles[k] << " as " << ir::name(half) << " is " << from_single(static_cast<int>(k));
            const auto wide = realized(scalars::half_of_bits(buffer(every)(x), half), every.size());
            for (std::size_t k = 0; k < every.size(); ++k) {
                const double bits = wide(static_cast<int>(k));
                ASSERT_TRUE(same(bits, ir::rounded(bits, half))) << "bits " << k;
                if (half == ir::Type::bf16) {
                    ASSERT_TRUE(same(bits, of_bits<float>(std::uint64_t{every[k]} << 16))) << "bits " << k;
                }
            }
            if (half == ir::Type::f16) {  // IEEE 754, table 3.5
                for (const auto& [bits, value] : std::vector<std::pair<int, double>>{{0x0001, 0x1p-24},
                                                                                     {0x03ff, 1023 * 0x1p-24},
                                                                                     {0x0400, 0x1p-14},
                                                                                     {0x3c00, 1},
                                                                                     {0xc000, -2},
                                                                                     {0x7bff, 65504},
                                                                                     {0x7c00, kInfinity}})
                    ASSERT_EQ(wide(bits), value);
            }
        }
    }
}

}  // namespace
}  // namespace dlc::test
