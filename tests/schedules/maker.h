// Kernels built by hand or drawn at random.
#pragma once
#include "compiler/ir/arith.h"
#include "execute.h"

namespace dlc::test {

using ir::Expr;
using ir::Index;
using ir::NodeId;
using ir::Reduce;
using ir::Shape;
using ir::Type;

inline Index v(ir::Var i, std::int64_t coefficient = 1) { return Index::variable(i, coefficient); }

class Random {
public:
    explicit Random(unsigned seed) : engine(seed) { ::testing::Test::RecordProperty("seed", static_cast<int>(seed)); }
    std::int64_t extent() { return pick({1, 2, 3, 5, 7, 15, 17, 31, 33, 53, 130}); }
    std::int64_t below(std::int64_t n) { return std::uniform_int_distribution<std::int64_t>(0, n - 1)(engine); }
    bool one_in(std::int64_t n) { return below(n) == 0; }
    template <class T = std::int64_t>
    T pick(const std::vector<T>& from) {
        return from[static_cast<std::size_t>(below(static_cast<std::int64_t>(from.size())))];
    }
    std::int64_t pick(std::initializer_list<std::int64_t> from) { return pick(std::vector<std::int64_t>(from)); }
    template <class T>
    void shuffle(std::vector<T>& list) {
        std::shuffle(list.begin(), list.end(), engine);
    }
    std::mt19937 engine;
};

struct Maker {
    ir::Builder b;
    int inputs = 0, outputs = 0;
    NodeId in(Shape shape, Type type = Type::f32) {
        return b.leaf(ir::LeafKind::input, "in" + std::to_string(inputs++), type, std::move(shape));
    }
    void out(NodeId id) { b.result({ir::Result::value, "out" + std::to_string(outputs++), id, {}, {}}); }
    NodeId reduce(Reduce op, Type type, Shape shape, Shape over, Expr body, std::vector<ir::Predicate> where = {}) {
        ir::Equation e;
        e.reduce = op;
        e.reductions = std::move(over);
        e.body = std::move(body);
        e.where = std::move(where);
        return b.equation(type, std::move(shape), std::move(e));
    }
    NodeId reduce(Reduce op, Shape shape, Shape over, Expr body) {
        return reduce(op, Type::f32, std::move(shape), std::move(over), std::move(body));
    }
    kernels::Kernel kernel() && { return kernel_of(std::move(b).finish()); }
};

/// A tensor over some of an equation's variables, in any order of its dimensions.
Expr operand(Random&, Maker&, const Shape& extents, std::vector<ir::Var> over, Type);

/// A kernel drawn at random, and how its results are to be compared.
struct Case {
    std::string what;
    kernels::Kernel kernel;
    double relative = 1e-5;
    std::int64_t below = 4;  // integers of inputs lie in [0, below)
    /// What may stand among the numbers of in0.
    enum { numbers, nans, nans_and_infinities } special = numbers;
};
/// Of every kind of kernel there is: products, convolutions and their gradients, reductions, windows, rows with several reductions,
/// elementwise work, look-ups, scatters; every element type; extents that are small, prime, just beside a vector's length, or 0;
/// any order of storage.
Case random_case(Random&);

}  // namespace dlc::test
