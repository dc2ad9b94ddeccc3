// Primitives over integers and bools, the conversions between types, and what type an application has.
#include <Halide.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "compiler/ir/arith.h"
#include "compiler/ir/expr.h"
#include "compiler/scalars/lowering.h"

namespace dlc::test {
namespace {

using ir::Expr;
using ir::Type;

Type type_of(std::string_view name, std::vector<Type> types, std::optional<Type> given = {}) {
    std::vector<Expr> args;
    for (std::uint32_t i = 0; i < types.size(); ++i) args.push_back(Expr::read({i}, types[i], {}));
    return Expr::call(name, args, given)->type;
}

TEST(ScalarType, FollowsTheRuleOfThePrimitive) {
    EXPECT_EQ(type_of("add", {Type::i32, Type::f32}), Type::f32);
    EXPECT_EQ(type_of("add", {Type::i32, Type::i64}), Type::i64);
    EXPECT_EQ(type_of("mul", {Type::f32, Type::f64}), Type::f64);
    EXPECT_EQ(type_of("lt", {Type::i32, Type::f32}), Type::boolean);
    EXPECT_EQ(type_of("and", {Type::boolean, Type::boolean}), Type::boolean);
    EXPECT_EQ(type_of("select", {Type::boolean, Type::f32, Type::f32}), Type::f32);
    EXPECT_EQ(type_of("floordiv", {Type::i32, Type::i32}), Type::i32);
    EXPECT_EQ(type_of("div", {Type::i32, Type::i32}, Type::f32), Type::f32);
    EXPECT_EQ(type_of("exp", {Type::f64}), Type::f64);
    EXPECT_EQ(type_of("cast", {Type::f64}, Type::i32), Type::i32);
    EXPECT_EQ(type_of("philox", {Type::i64, Type::i64, Type::i64, Type::i64}, Type::f32), Type::f32);
}

template <class From, class To>
std::vector<To> run(std::string_view name, const std::vector<std::vector<From>>& args, Type result) {
    const int n = static_cast<int>(args[0].size());
    Halide::Var x("x");
    std::vector<Halide::Expr> reads;
    for (const auto& a : args) reads.push_back(Halide::Buffer<From>(const_cast<From*>(a.data()), n)(x));
    Halide::Func f("integers");
    f(x) = Halide::cast<To>(ir::find_scalar(name)->lower(reads, result));
    f.vectorize(x, 8, Halide::TailStrategy::GuardWithIf);
    std::vector<To> out(n);
    Halide::Buffer<To> buffer(out.data(), n);
    f.realize(buffer);
    return out;
}

template <class Int>
void expect_meaning_of_integers(Type type) {
    std::mt19937_64 random(2026);
    std::vector<std::vector<Int>> args(2);
    for (int a = -7; a <= 7; ++a) {
        for (int b = -4; b <= 4; ++b) args[0].push_back(a), args[1].push_back(b);
    }
    for (int i = 0; i < 1000; ++i) args[0].push_back(random() % 100'000 - 50'000), args[1].push_back(random() % 2000 - 1000);
    const int n = static_cast<int>(args[0].size());
    Halide::Var x("x");
    std::vector<Halide::Expr> reads;
    for (const auto& a : args) reads.push_back(Halide::Buffer<Int>(const_cast<Int*>(a.data()), n)(x));
    std::vector<const ir::Scalar*> scalars;
    std::vector<Halide::Func> kernels;
    std::vector<Halide::Buffer<>> results;
    for (const char* name : {"add", "sub", "mul", "floordiv", "mod", "max", "min",  "lt",  "le",    "gt",   "ge",
                             "eq",  "ne",  "and", "or",       "abs", "neg", "sign", "not", "floor", "isnan"}) {
        const ir::Scalar& s = *ir::find_scalar(name);
        Halide::Func f;
        f(x) = Halide::cast<Int>(s.lower(std::span(reads).first(s.arity), s.result == ir::Scalar::boolean ? Type::boolean : type));
        kernels.push_back(f.vectorize(x, 8, Halide::TailStrategy::GuardWithIf));
        scalars.push_back(&s);
        results.push_back(Halide::Buffer<Int>(n));
    }
    Halide::Pipeline(kernels).realize(Halide::Realization(results));
    for (std::size_t k = 0; k < scalars.size(); ++k) {
        const Halide::Buffer<Int> got = results[k];
        for (int i = 0; i < n; ++i) {
            std::vector<double> at;
            for (int j = 0; j < scalars[k]->arity; ++j) at.push_back(static_cast<double>(args[j][i]));
            ASSERT_EQ(static_cast<double>(got(i)), scalars[k]->meaning(at, type))
                << scalars[k]->name << " of " << testing::PrintToString(at);
        }
    }
}

TEST(ScalarInteger, CodeIsTheMeaning) {
    expect_meaning_of_integers<std::int32_t>(Type::i32);
    expect_meaning_of_integers<std::int64_t>(Type::i64);
}

TEST(ScalarInteger, DivisionFloorsAndTheRemainderHasTheDivisorsSign) {
    const auto meaning = [](std::string_view name, double a, double b, Type t) {
        const std::vector<double> args = {a, b};
        return ir::find_scalar(name)->meaning(args, t);
    };
    for (const Type t : {Type::i32, Type::f64}) {
        EXPECT_EQ(meaning("floordiv", 7, 2, t), 3);
        EXPECT_EQ(meaning("floordiv", -7, 2, t), -4);
        EXPECT_EQ(meaning("floordiv", 7, -2, t), -4);
        EXPECT_EQ(meaning("mod", -7, 3, t), 2);
        EXPECT_EQ(meaning("mod", 7, -3, t), -2);
        EXPECT_EQ(meaning("mod", -6, 3, t), 0);
    }
    EXPECT_EQ(meaning("floordiv", 5, 0, Type::i32), 0);
    EXPECT_EQ(meaning("mod", 5, 0, Type::i64), 0);
    EXPECT_EQ(meaning("mod", 5.5, 2, Type::f64), 1.5);
    EXPECT_EQ(meaning("mod", -5.5, 2, Type::f64), 0.5);
}

TEST(ScalarCast, TruncatesAndSaturates) {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> from = {0,     0.9f,   -0.9f, 1.5f, -1.5f, 300, -300, 2147483520.f, 2147483648.f, -2147483648.f,
                                     1e19f, -1e19f, inf,   -inf, nan};
    const auto check = [&](auto zero, Type type) {
        using Int = decltype(zero);
        const auto got = run<float, Int>("cast", {from}, type);
        for (std::size_t i = 0; i < from.size(); ++i) {
            const std::vector<double> at = {from[i]};
            EXPECT_EQ(static_cast<double>(got[i]), ir::find_scalar("cast")->meaning(at, type))
                << from[i] << " as " << ir::name(type);
        }
    };
    check(std::int8_t{}, Type::i8);
    check(std::uint8_t{}, Type::u8);
    check(std::int32_t{}, Type::i32);
    check(std::int64_t{}, Type::i64);
    check(std::uint8_t{}, Type::boolean);
    EXPECT_EQ((run<float, std::int32_t>("cast", {from}, Type::i32)[4]), -1);
    EXPECT_EQ((run<float, std::uint8_t>("cast", {from}, Type::u8)[5]), 255);
}

// The bound of f32 holds whatever stands around the primitive: fast floating-point must not reach into it.
TEST(ScalarCode, KeepsItsAccuracyInsideOtherArithmetic) {
    std::mt19937_64 random(2026);
    const int n = 1 << 18;
    std::vector<float> a(n);
    for (float& v : a) v = std::uniform_real_distribution<float>(-20, 20)(random);
    Halide::Var x("x");
    const Halide::Expr read = Halide::Buffer<float>(a.data(), n)(x), scaled = read * 0.5f;  // exact
    for (const char* name : {"exp", "tanh", "sigmoid", "sin", "erf", "expm1"}) {
        const ir::Scalar& s = *ir::find_scalar(name);
        const Halide::Expr y = s.lower(std::vector<Halide::Expr>{scaled}, Type::f32);
        Halide::Func f("inside");
        f(x) = Halide::cast<float>(y * 2.0f + (y - y) * scaled);
        f.vectorize(x, 8);
        const Halide::Buffer<float> got = f.realize({n});
        for (int i = 0; i < n; ++i) {
            const std::vector<double> at = {a[i] * 0.5};
            const double expected = 2 * s.meaning(at, Type::f32);
            ASSERT_LE(std::abs(got(i) - expected), 2 * 0x1p-23 * std::abs(expected)) << name << " at " << at[0];
        }
    }
}

// A mask as programs write it: the constant must survive the arithmetic that follows.
TEST(ScalarCode, KeepsAChosenInfinity) {
    const std::vector<float> a = {-2, -1, 1, 2, 3, 4, 5, 6};
    Halide::Var x("x");
    const Halide::Expr read = Halide::Buffer<float>(const_cast<float*>(a.data()), 8)(x);
    const auto lower = [](const char* name, std::vector<Halide::Expr> args) {
        return ir::find_scalar(name)->lower(args, Type::f32);
    };
    const float inf = std::numeric_limits<float>::infinity();
    const Halide::Expr masked = lower("select", {read > 0.0f, read, Halide::Expr(-inf)});
    Halide::Func f("masked");
    f(x) = lower("exp", {lower("mul", {lower("sub", {masked, Halide::Expr(6.0f)}), Halide::Expr(0.5f)})}) + masked * 2.0f;
    f.vectorize(x, 8);
    const Halide::Buffer<float> got = f.realize({8});
    EXPECT_EQ(got(0), -inf);
    EXPECT_EQ(got(1), -inf);
    EXPECT_NEAR(got(7), 13, 1e-5);
}

}  // namespace
}  // namespace dlc::test
