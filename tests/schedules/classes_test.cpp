// Kernels of every class against the interpreter: random shapes from awkward extents, both register files, all of Halide's checks
// on, several numbers of threads.
#include <gtest/gtest.h>

#include "compiler/ir/arith.h"
#include "execute.h"

namespace dlc::test {
namespace {

using ir::Expr;
using ir::Index;
using ir::NodeId;
using ir::Reduce;
using ir::Shape;
using ir::Type;

Index v(ir::Var i, std::int64_t coefficient = 1) { return Index::variable(i, coefficient); }

class Random {
public:
    explicit Random(unsigned seed) : engine(seed) { ::testing::Test::RecordProperty("seed", static_cast<int>(seed)); }
    std::int64_t extent() { return pick({1, 2, 3, 5, 7, 15, 17, 31, 33, 53, 130}); }
    std::int64_t pick(std::vector<std::int64_t> from) {
        return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(engine)];
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
    kernels::Kernel kernel() && { return kernel_of(std::move(b).finish()); }
};

TEST(Pointwise, ElementwiseWithBroadcastAndManyOutputs) {
    Random r(1);
    for (int i = 0; i < 4; ++i) {
        const std::int64_t rows = r.extent(), columns = r.extent();
        Maker m;
        const NodeId x = m.in({rows, columns}), y = m.in({columns}), s = m.in({});
        const Expr sum = m.b.read_all(x) + m.b.read(y, {v(1)}) * m.b.read(s, {});
        m.out(m.b.pointwise(Type::f32, {rows, columns}, sum));
        m.out(m.b.pointwise(Type::boolean, {rows, columns}, ir::greater(sum, Expr::constant(0, Type::f32))));
        m.out(m.b.pointwise(Type::f32, {columns, rows}, m.b.read(x, {v(1), v(0)})));
        expect_right(std::move(m).kernel(), r.engine);
    }
}

TEST(Pointwise, GuardedReadsShiftAndPad) {
    Random r(2);
    for (int i = 0; i < 4; ++i) {
        const std::int64_t n = r.extent(), c = r.extent();
        Maker m;
        const NodeId x = m.in({n, c});
        const Expr zero = Expr::constant(0, Type::f32);
        m.out(m.b.pointwise(Type::f32, {n + 2, c + 3}, m.b.read(x, {v(0) - Index(1), v(1) - Index(2)}, zero)));
        expect_right(std::move(m).kernel(), r.engine);
    }
}

TEST(Pointwise, UpdatesInPlace) {
    Random r(3);
    for (const std::int64_t n : {std::int64_t{7}, std::int64_t{53}, std::int64_t{200000}}) {
        Maker m;
        const NodeId p = m.in({n}), g = m.in({n}), s = m.in({n});
        const Expr slot = m.b.read_all(s) * 0.9 + m.b.read_all(g) * 0.1;
        m.out(m.b.pointwise(Type::f32, {n}, m.b.read_all(p) - slot * 0.01));
        m.out(m.b.pointwise(Type::f32, {n}, slot));
        kernels::Kernel k = std::move(m).kernel();
        k.alias = {0, 2};
        expect_right(k, r.engine);
    }
}

TEST(Pointwise, DataDependentIndices) {
    Random r(4);
    Maker m;
    const NodeId table = m.in({5, 33}), ids = m.in({17}, Type::i32);
    m.out(m.b.pointwise(Type::f32, {17, 33}, m.b.read(table, {Index::get(ids, {v(0)}), v(1)})));
    expect_right(std::move(m).kernel(), r.engine, 0, 5);
}

TEST(Gemm, EveryLayout) {
    Random r(5);
    for (int i = 0; i < 12; ++i) {
        const std::int64_t M = r.extent(), K = r.extent(), N = r.extent();
        const Type type = i % 4 == 3 ? Type::f64 : Type::f32;
        Maker m;
        const bool ta = i % 3 == 2, tb = i % 3 == 1;
        const NodeId a = m.in(ta ? Shape{K, M} : Shape{M, K}, type), b = m.in(tb ? Shape{N, K} : Shape{K, N}, type),
                     bias = m.in({N}, type);
        const Expr x = ta ? m.b.read(a, {v(2), v(0)}) : m.b.read(a, {v(0), v(2)});
        const Expr y = tb ? m.b.read(b, {v(1), v(2)}) : m.b.read(b, {v(2), v(1)});
        const NodeId product = m.reduce(Reduce::sum, type, {M, N}, {K}, x * y);
        const NodeId sum = m.b.pointwise(type, {M, N}, m.b.read_all(product) + m.b.read(bias, {v(1)}));
        m.out(m.b.pointwise(type, {M, N},
                            ir::select(ir::greater(m.b.read_all(sum), ir::zero_like(m.b.read_all(sum))), m.b.read_all(sum),
                                       ir::zero_like(m.b.read_all(sum)))));
        m.out(m.b.pointwise(Type::boolean, {M, N}, ir::greater(m.b.read_all(sum), ir::zero_like(m.b.read_all(sum)))));
        SCOPED_TRACE(std::to_string(M) + " x " + std::to_string(K) + " x " + std::to_string(N) + (ta ? " T" : " N") +
                     (tb ? "T" : "N"));
        expect_right(std::move(m).kernel(), r.engine, type == Type::f64 ? 1e-12 : 1e-5);
    }
}

}  // namespace
}  // namespace dlc::test
