// Kernels of every class against the interpreter: random shapes from awkward extents, both register files, all of Halide's checks
// on, several numbers of threads.
#include <gtest/gtest.h>

#include <regex>

#include "maker.h"

namespace dlc::test {
namespace {

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

TEST(Pointwise, UpdatesInPlaceInAnyOrder) {
    Random r(3);
    for (const std::int64_t n : {std::int64_t{7}, std::int64_t{53}, std::int64_t{200000}}) {
        for (const bool slot_first : {false, true}) {
            Maker m;
            const NodeId p = m.in({n}), g = m.in({n}), s = m.in({n});
            const Expr slot = m.b.read_all(s) * 0.9 + m.b.read_all(g) * 0.1;
            const NodeId new_p = m.b.pointwise(Type::f32, {n}, m.b.read_all(p) - slot * 0.01);
            const NodeId new_s = m.b.pointwise(Type::f32, {n}, slot);
            m.out(slot_first ? new_s : new_p);
            m.out(slot_first ? new_p : new_s);
            kernels::Kernel k = std::move(m).kernel();
            k.alias = slot_first ? std::vector{2, 0} : std::vector{0, 2};
            expect_right(k, r.engine);
        }
    }
}

TEST(Pointwise, DataDependentIndices) {
    Random r(4);
    Maker m;
    const NodeId table = m.in({5, 33}), ids = m.in({17}, Type::i32);
    m.out(m.b.pointwise(Type::f32, {17, 33}, m.b.read(table, {Index::get(ids, {v(0)}), v(1)})));
    expect_right(std::move(m).kernel(), r.engine, 0, 5);
}

TEST(Pointwise, SharedValuesAreComputedOnce) {
    // Read twice a step, so written out it would be 2^40 terms.
    Random r(22);
    Maker m;
    NodeId x = m.in({33});
    for (int step = 0; step < 40; ++step)
        x = m.b.pointwise(Type::f32, {33}, (m.b.read_all(x) * m.b.read_all(x) + m.b.read_all(x)) * 0.4);
    m.out(x);
    expect_right(std::move(m).kernel(), r.engine);
}

void check_products(Random& r, int rounds) {
    for (int i = 0; i < rounds; ++i) {
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
TEST(Gemm, EveryLayout) {
    Random r(5);
    check_products(r, 5);
}

/// Convolutions in NHWC memory; the tensors are NCHW, as storage orders have it.
struct Geometry {
    std::int64_t batch, ci, co, height, width, kernel, stride, pad;
    std::int64_t out_height() const { return (height + 2 * pad - kernel) / stride + 1; }
    std::int64_t out_width() const { return (width + 2 * pad - kernel) / stride + 1; }
};
const Expr kZero = Expr::constant(0, Type::f32);

kernels::Kernel forward(const Geometry& g, bool channels_last) {
    Maker m;
    const NodeId x = m.in({g.batch, g.ci, g.height, g.width}), w = m.in({g.co, g.ci, g.kernel, g.kernel}), bias = m.in({g.co});
    // n co y x | ci ky kx
    const Index y = v(2, g.stride) + v(5) - Index(g.pad), c = v(3, g.stride) + v(6) - Index(g.pad);
    const NodeId sum =
        m.reduce(Reduce::sum, {g.batch, g.co, g.out_height(), g.out_width()}, {g.ci, g.kernel, g.kernel},
                 m.b.read(x, {v(0), v(4), y, c}, g.pad > 0 ? kZero : Expr()) * m.b.read(w, {v(1), v(4), v(5), v(6)}));
    m.out(m.b.pointwise(Type::f32, m.b[sum].shape, Expr::call("max", {m.b.read_all(sum) + m.b.read(bias, {v(1)}), kZero})));
    kernels::Kernel k = std::move(m).kernel();
    if (channels_last) k.inputs[0] = k.outputs[0] = {0, 2, 3, 1};
    return k;
}
kernels::Kernel data_gradient(const Geometry& g, bool channels_last) {
    Maker m;
    const NodeId d = m.in({g.batch, g.co, g.height, g.width}), w = m.in({g.co, g.ci, g.kernel, g.kernel}),
                 mask = m.in({g.batch, g.co, g.height, g.width});
    // n ci y x | co ky kx
    const std::vector<Index> at{v(0), v(4), v(2) - v(5) + Index(g.pad), v(3) - v(6) + Index(g.pad)};
    const Expr masked = ir::select(ir::greater(m.b.read(mask, at, kZero), kZero), m.b.read(d, at, kZero), kZero);
    m.out(m.reduce(Reduce::sum, {g.batch, g.ci, g.height, g.width}, {g.co, g.kernel, g.kernel},
                   masked * m.b.read(w, {v(4), v(1), v(5), v(6)})));
    kernels::Kernel k = std::move(m).kernel();
    if (channels_last) k.inputs[0] = k.inputs[2] = k.outputs[0] = {0, 2, 3, 1};
    return k;
}
kernels::Kernel weight_gradient(const Geometry& g, bool channels_last) {
    Maker m;
    const NodeId x = m.in({g.batch, g.ci, g.height, g.width}), d = m.in({g.batch, g.co, g.out_height(), g.out_width()});
    // co ci ky kx | n y x
    const Index y = v(5, g.stride) + v(2) - Index(g.pad), c = v(6, g.stride) + v(3) - Index(g.pad);
    m.out(m.reduce(Reduce::sum, {g.co, g.ci, g.kernel, g.kernel}, {g.batch, g.out_height(), g.out_width()},
                   m.b.read(x, {v(4), v(1), y, c}, g.pad > 0 ? kZero : Expr()) * m.b.read(d, {v(4), v(0), v(5), v(6)})));
    kernels::Kernel k = std::move(m).kernel();
    if (channels_last) k.inputs[0] = k.inputs[1] = {0, 2, 3, 1};
    return k;
}
Geometry random_geometry(Random& r) {
    Geometry g{r.pick({1, 2, 5}),  r.pick({1, 3, 7, 16, 33}), r.pick({1, 2, 16, 17, 40}), r.pick({5, 7, 14}),
               r.pick({6, 7, 15}), r.pick({1, 2, 3}),         r.pick({1, 1, 2}),          0};
    g.pad = g.kernel > 1 ? r.pick({0, 1}) : 0;
    return g;
}
std::string print(const Geometry& g) {
    std::string text;
    for (const auto e : {g.batch, g.ci, g.co, g.height, g.width, g.kernel, g.stride, g.pad}) text += std::to_string(e) + " ";
    return text;
}

void check_forward(Random& r, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        const Geometry g = random_geometry(r);
        SCOPED_TRACE(print(g));
        expect_right(forward(g, i % 3 != 2), r.engine);
    }
}
TEST(Conv, Forward) {
    Random r(6);
    check_forward(r, 4);
}
void check_data_gradient(Random& r, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        Geometry g = random_geometry(r);
        g.pad = (g.kernel - 1) / 2;
        SCOPED_TRACE(print(g));
        expect_right(data_gradient(g, i % 3 != 2), r.engine);
    }
}
TEST(Conv, DataGradientWithMask) {
    Random r(7);
    check_data_gradient(r, 3);
}
void check_weight_gradient(Random& r, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        const Geometry g = random_geometry(r);
        SCOPED_TRACE(print(g));
        expect_right(weight_gradient(g, i % 3 != 2), r.engine);
    }
}
TEST(Conv, WeightGradient) {
    Random r(8);
    check_weight_gradient(r, 3);
    expect_right(weight_gradient({13, 1, 32, 28, 28, 3, 1, 1}, true), r.engine);
}
/// Each channel by itself, channels last: y, or the gradient of the weights [channel, 1, ky, kx].
kernels::Kernel depthwise(const Geometry& g, bool weight) {
    Maker m;
    const Shape in{g.batch, g.height, g.width, g.ci}, out{g.batch, g.out_height(), g.out_width(), g.ci},
        taps{g.ci, 1, g.kernel, g.kernel};
    const NodeId x = m.in(in), other = m.in(weight ? out : taps);
    const auto at = [&](ir::Var n, ir::Var y, ir::Var c, ir::Var ky, ir::Var kx, ir::Var channel) {
        return m.b.read(x, {v(n), v(y, g.stride) + v(ky) - Index(g.pad), v(c, g.stride) + v(kx) - Index(g.pad), v(channel)},
                        g.pad > 0 ? kZero : Expr());
    };
    if (weight) {  // channel 1 ky kx | n y x
        m.out(m.reduce(Reduce::sum, taps, {g.batch, g.out_height(), g.out_width()},
                       at(4, 5, 6, 2, 3, 0) * m.b.read(other, {v(4), v(5), v(6), v(0)})));
    } else {  // n y x channel | ky kx
        m.out(
            m.reduce(Reduce::sum, out, {g.kernel, g.kernel}, at(0, 1, 2, 4, 5, 3) * m.b.read(other, {v(3), Index(0), v(4), v(5)})));
    }
    return std::move(m).kernel();
}
TEST(Conv, Depthwise) {
    Random r(17);
    for (const Geometry& g : {Geometry{2, 16, 16, 7, 9, 3, 1, 1}, Geometry{3, 13, 13, 11, 8, 5, 2, 2},
                              Geometry{1, 40, 40, 6, 5, 2, 1, 0}, Geometry{16, 24, 24, 15, 15, 3, 1, 1}})
        for (const bool weight : {false, true}) {
            SCOPED_TRACE(print(g) + (weight ? "weight" : "forward"));
            expect_right(depthwise(g, weight), r.engine);
        }
}
TEST(Conv, PhasesOfAStride) {
    // The data gradient of a stride of 2: a small convolution for each parity, interleaved.
    Random r(9);
    Maker m;
    const std::int64_t n = 2, ci = 17, co = 5, h = 6;
    const NodeId d = m.in({n, h, h, co}), w = m.in({3, 3, co, ci});
    NodeId phase[2][2];
    for (int py = 0; py < 2; ++py) {
        for (int px = 0; px < 2; ++px) {
            // n y x ci | ky kx co; even positions meet tap 1, odd ones taps 0 and 2.
            const std::int64_t ky = py ? 2 : 1, kx = px ? 2 : 1;
            const Index ty = py ? v(4, 2) : Index(1), tx = px ? v(5, 2) : Index(1);
            const Index y = py ? v(1) + Index(1) - v(4) : v(1), x = px ? v(2) + Index(1) - v(5) : v(2);
            phase[py][px] = m.reduce(Reduce::sum, {n, h, h, ci}, {ky, kx, co},
                                     m.b.read(d, {v(0), y, x, v(6)}, kZero) * m.b.read(w, {ty, tx, v(6), v(3)}));
        }
    }
    const ir::Box box = ir::box_of(Shape{n, 2 * h, 2 * h, ci});
    const std::vector<Index> at{v(0), div(v(1), 2, box), div(v(2), 2, box), v(3)};
    const auto is_even = [&](ir::Var x) { return ir::holds(ir::Predicate{ir::Predicate::eq, mod(v(x), 2, box)}); };
    const auto row = [&](int py) { return ir::select(is_even(2), m.b.read(phase[py][0], at), m.b.read(phase[py][1], at)); };
    m.out(m.b.pointwise(Type::f32, {n, 2 * h, 2 * h, ci}, ir::select(is_even(1), row(0), row(1))));
    expect_right(std::move(m).kernel(), r.engine);
}

TEST(Gemm, OperandsOfSeveralDimensions) {
    // A dense layer over a flattened image whose channels come last in memory, and its weight gradient.
    Random r(10);
    const std::int64_t n = 17, c = 16, h = 3, units = 33;
    const ir::Box box = ir::box_of(Shape{n, units, c * h * h});
    for (const bool weight : {false, true}) {
        Maker m;
        const NodeId x = m.in({n, c, h, h}), other = m.in(weight ? Shape{n, units} : Shape{units, c * h * h});
        const auto image = [&](ir::Var batch, ir::Var k) {
            return m.b.read(x, {v(batch), div(v(k), h * h, box), mod(div(v(k), h, box), h, box), mod(v(k), h, box)});
        };
        if (weight) {
            m.out(m.reduce(Reduce::sum, {units, c * h * h}, {n}, m.b.read(other, {v(2), v(0)}) * image(2, 1)));
        } else {
            m.out(m.reduce(Reduce::sum, {n, units}, {c * h * h}, image(0, 2) * m.b.read(other, {v(1), v(2)})));
        }
        kernels::Kernel k = std::move(m).kernel();
        k.inputs[0] = {0, 2, 3, 1};
        expect_right(k, r.engine);
    }
}
TEST(Gemm, BatchedWithScale) {
    Random r(11);
    Maker m;
    const NodeId q = m.in({3, 17, 8}), k = m.in({3, 15, 8}), s = m.in({3});
    m.out(m.reduce(Reduce::sum, {3, 17, 15}, {8},
                   m.b.read(q, {v(0), v(1), v(3)}) * m.b.read(k, {v(0), v(2), v(3)}) * m.b.read(s, {v(0)})));
    expect_right(std::move(m).kernel(), r.engine);
}
/// Rows, columns and the sum each of one variable or of two; operands stored in any order.
kernels::Kernel long_sum(Random& r, bool split_rows, bool split_sum, std::int64_t batch, Type type) {
    // b m0 m1 n | k0 k1
    const std::int64_t M0 = split_rows ? 4 : 1, M1 = 13, N = 50, K0 = split_sum ? 18 : 1, K1 = split_sum ? 39 : 709;
    const Shape extents{batch, M0, M1, N, K0, K1};
    Maker m;
    const Expr a = operand(r, m, extents, {0, 1, 2, 4, 5}, type), b = operand(r, m, extents, {0, 3, 4, 5}, type);
    const NodeId product = m.reduce(Reduce::sum, type, {batch, M0, M1, N}, {K0, K1}, a * b);
    m.out(m.b.pointwise(type, {batch, M0, M1, N}, m.b.read_all(product) + m.b.read(m.in({N}, type), {v(3)})));
    return std::move(m).kernel();
}
TEST(Gemm, LongSums) {
    Random r(14);
    for (int i = 0; i < 8; ++i) {
        SCOPED_TRACE(i);
        const Type type = i % 4 == 3 ? Type::f64 : Type::f32;
        expect_right(long_sum(r, i % 2, i / 2 % 2, i < 6 ? 1 : 3, type), r.engine, type == Type::f64 ? 1e-12 : 1e-5);
    }
}
TEST(Gemm, VectorTimesMatrix) {
    Random r(12);
    for (const bool transposed : {false, true}) {
        Maker m;
        const NodeId x = m.in({53}), w = m.in(transposed ? Shape{130, 53} : Shape{53, 130});
        m.out(m.reduce(Reduce::sum, {130}, {53},
                       m.b.read(x, {v(1)}) * (transposed ? m.b.read(w, {v(0), v(1)}) : m.b.read(w, {v(1), v(0)}))));
        expect_right(std::move(m).kernel(), r.engine);
    }
}
TEST(Pointwise, VectorsRunAlongTheMatrixAndNotAlongItsRows) {
    // Five numbers of a row to two of the matrix: the stores decide.
    Random r(18);
    Maker m;
    const NodeId x = m.in({64, 48}), y = m.in({64, 48});
    Expr sum = m.b.read_all(x) * m.b.read_all(y);
    for (int i = 0; i < 5; ++i) sum = sum + m.b.read(m.in({64}), {v(0)});
    m.out(m.b.pointwise(Type::f32, {64, 48}, sum));
    const kernels::Kernel k = std::move(m).kernel();
    const std::string statement = codegen::show(k, wide(), codegen::View::statement);
    EXPECT_TRUE(std::regex_search(statement, std::regex(R"(out[^\[]*\[ramp\([^\]]*, 1, )"))) << statement;
    EXPECT_FALSE(std::regex_search(statement, std::regex(R"(out[^\[]*\[ramp\([^\]]*, 48, )"))) << statement;
    expect_right(k, r.engine);
}
TEST(Gemm, UpdatesItsWeightsInPlace) {
    Random r(13);
    Maker m;
    const NodeId w = m.in({33, 17}), x = m.in({15, 33}), d = m.in({15, 17});
    const NodeId g = m.reduce(Reduce::sum, {33, 17}, {15}, m.b.read(x, {v(2), v(0)}) * m.b.read(d, {v(2), v(1)}));
    m.out(m.b.pointwise(Type::f32, {33, 17}, m.b.read_all(w) - m.b.read_all(g) * 0.1));
    kernels::Kernel k = std::move(m).kernel();
    k.alias = {0};
    expect_right(k, r.engine);
}

void check_reductions(Random& r, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        const std::int64_t rows = r.extent(), columns = r.extent();
        const Reduce op = std::vector{Reduce::sum, Reduce::max, Reduce::argmax, Reduce::prod, Reduce::argmin}[i % 5];
        const bool located = op == Reduce::argmax || op == Reduce::argmin;
        const Type type = i % 2 ? Type::f64 : Type::f32, result = located ? Type::i32 : type;
        SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns) + " " + std::string(ir::name(op)));
        Maker m;
        const NodeId x = m.in({rows, columns}, type);
        m.out(m.reduce(op, result, {rows}, {columns}, m.b.read(x, {v(0), v(1)})));
        m.out(m.reduce(op, result, {columns}, {rows}, m.b.read(x, {v(1), v(0)})));
        m.out(m.reduce(op, result, {}, {rows, columns}, m.b.read(x, {v(0), v(1)})));
        expect_right(std::move(m).kernel(), r.engine, type == Type::f64 ? 1e-12 : 1e-5);
    }
}
TEST(Reduction, RowsColumnsAndAll) {
    Random r(14);
    check_reductions(r, 5);
}
TEST(Reduction, LargeEnoughForChunks) {
    Random r(15);
    Maker m;
    const NodeId x = m.in({1003, 310});
    m.out(m.reduce(Reduce::sum, Type::f32, {310}, {1003}, m.b.read(x, {v(1), v(0)})));
    m.out(m.reduce(Reduce::sum, Type::f32, {1003}, {310}, m.b.read(x, {v(0), v(1)})));
    m.out(m.reduce(Reduce::sum, Type::f32, {}, {1003, 310}, m.b.read(x, {v(0), v(1)}) * m.b.read(x, {v(0), v(1)})));
    m.out(m.reduce(Reduce::argmax, Type::i32, {}, {1003, 310}, m.b.read(x, {v(0), v(1)})));
    expect_right(std::move(m).kernel(), r.engine);
}
TEST(Reduction, ConditionsNaNsAndTies) {
    Random r(16);
    Maker m;
    const NodeId x = m.in({17, 17});
    // A triangle, and a row that is empty.
    m.out(m.reduce(Reduce::max, Type::f32, {17}, {17}, m.b.read(x, {v(0), v(1)}), {{ir::Predicate::ge, v(0) - v(1) - Index(1)}}));
    m.out(
        m.reduce(Reduce::argmax, Type::i32, {17}, {17}, m.b.read(x, {v(0), v(1)}), {{ir::Predicate::ge, v(0) - v(1) - Index(1)}}));
    const kernels::Kernel k = std::move(m).kernel();
    Values inputs = random_values(k, r.engine);
    inputs["in0"].values[5 * 17 + 2] = std::nan("");
    inputs["in0"].values[7 * 17 + 1] = inputs["in0"].values[7 * 17 + 4] = 2;
    for (const auto& target : {wide(), narrow()}) {
        expect_meaning(k, inputs, run_checked(k, inputs, target), 1e-6);
        expect_meaning(k, inputs, run(k, inputs, target, {1})[0], 1e-6);
    }
}
// A row that does not stay in the cache is cut into blocks with a pass for their totals; the interpreter's n^2 terms are too many.
TEST(Prefix, LongRows) {
    Random r(31);
    for (const bool from_end : {false, true}) {
        for (const Shape& shape : {Shape{33'000}, Shape{3, 17'001}}) {
            const auto k = static_cast<ir::Var>(shape.size() - 1);
            const std::int64_t n = shape.back(), rows = ir::volume(shape) / n;
            for (const Reduce op : {Reduce::sum, Reduce::argmax}) {
                Maker m;
                std::vector<Index> at;
                for (ir::Var d = 0; d < k; ++d) at.push_back(v(d));
                at.push_back(v(k + 1));
                const Type type = op == Reduce::sum ? Type::f64 : Type::i32;
                const Expr body = m.b.read(m.in(shape, Type::f64), at);
                const Index up_to = from_end ? v(k + 1) - v(k) : v(k) - v(k + 1);
                m.out(m.reduce(op, type, shape, {n}, body, {{ir::Predicate::ge, up_to}}));
                const kernels::Kernel kernel = std::move(m).kernel();
                const Values inputs = random_values(kernel, r.engine);
                const std::vector<double>& x = inputs.at("in0").values;
                ir::Tensor wanted{shape, std::vector<double>(x.size())};
                for (std::int64_t row = 0; row < rows; ++row) {
                    double sum = 0;
                    std::int64_t best = -1;
                    for (std::int64_t step = 0; step < n; ++step) {
                        const std::int64_t j = from_end ? n - 1 - step : step;
                        const auto here = static_cast<std::size_t>(row * n + j);
                        sum += x[here];
                        const double so_far = best < 0 ? 0 : x[static_cast<std::size_t>(row * n + best)];
                        if (best < 0 || x[here] > so_far || (x[here] == so_far && j < best)) best = j;
                        wanted.values[here] = op == Reduce::sum ? sum : static_cast<double>(best);
                    }
                }
                for (const schedules::Target& target : targets()) {
                    EXPECT_TRUE(schedules::describe(kernel, target).starts_with("prefix"));
                    expect_values(kernel, {{"out0", wanted}}, run_checked(kernel, inputs, target), 1e-12);
                    const std::vector<Values> runs = run(kernel, inputs, target, {1, 3});
                    expect_values(kernel, {{"out0", wanted}}, runs[0], 1e-12);
                    expect_same_bits(runs[0], runs[1]);
                }
            }
        }
    }
}

TEST(Rows, SoftmaxCrossEntropy) {
    Random r(17);
    for (const std::int64_t classes : {std::int64_t{10}, std::int64_t{130}}) {
        const std::int64_t n = 33;
        Maker m;
        const NodeId x = m.in({n, classes}), t = m.in({n}, Type::i32);
        const NodeId top = m.reduce(Reduce::max, Type::f32, {n}, {classes}, m.b.read(x, {v(0), v(1)}));
        const NodeId sum = m.reduce(Reduce::sum, Type::f32, {n}, {classes},
                                    Expr::call("exp", {m.b.read(x, {v(0), v(1)}) - m.b.read(top, {v(0)})}));
        const Expr p = Expr::call("exp", {m.b.read_all(x) - m.b.read(top, {v(0)})}) / m.b.read(sum, {v(0)});
        const Expr hit = ir::equal(m.b.read(t, {v(0)}), Expr::index(v(1)));
        m.out(m.b.pointwise(Type::f32, {n, classes}, p - ir::convert(hit, Type::f32)));
        m.out(m.reduce(
            Reduce::sum, Type::f32, {}, {n},
            Expr::call("log", {m.b.read(sum, {v(0)})}) + m.b.read(top, {v(0)}) - m.b.read(x, {v(0), Index::get(t, {v(0)})})));
        expect_right(std::move(m).kernel(), r.engine, 1e-5, 2);
    }
}
TEST(Window, PoolingAndItsRouting) {
    Random r(18);
    for (const bool channels_last : {true, false}) {
        const std::int64_t n = 2, c = 17, h = 7;
        Maker m;
        const NodeId x = m.in({n, c, 2 * h, 2 * h});
        const Expr at = m.b.read(x, {v(0), v(1), v(2, 2) + v(4), v(3, 2) + v(5)});
        m.out(m.reduce(Reduce::max, Type::f32, {n, c, h, h}, {2, 2}, at));
        m.out(m.reduce(Reduce::argmax, Type::i32, {n, c, h, h}, {2, 2}, at));
        kernels::Kernel k = std::move(m).kernel();
        if (channels_last) k.inputs[0] = k.outputs[0] = k.outputs[1] = {0, 2, 3, 1};
        expect_right(k, r.engine);

        Maker b;
        const NodeId arg = b.in({n, c, h, h}, Type::i32), d = b.in({n, c, h, h});
        const ir::Box box = ir::box_of(Shape{n, c, 2 * h, 2 * h});
        const std::vector<Index> pooled{v(0), v(1), div(v(2), 2, box), div(v(3), 2, box)};
        const Expr here = Expr::index(mod(v(2), 2, box) * 2 + mod(v(3), 2, box));
        b.out(b.b.pointwise(Type::f32, {n, c, 2 * h, 2 * h},
                            ir::select(ir::equal(b.b.read(arg, pooled), here), b.b.read(d, pooled), kZero)));
        kernels::Kernel back = std::move(b).kernel();
        if (channels_last) back.inputs[0] = back.inputs[1] = back.outputs[0] = {0, 2, 3, 1};
        expect_right(back, r.engine);
    }
}
TEST(Window, PoolingOfAConvolutionInTheSameKernel) {
    Random r(23);
    for (const std::int64_t batch : {std::int64_t{3}, std::int64_t{40}}) {
        const std::int64_t ci = 3, co = 33, h = 13;
        Maker m;
        const NodeId x = m.in({batch, ci, h, h}), w = m.in({co, ci, 3, 3}), bias = m.in({co});
        const NodeId sum = m.reduce(Reduce::sum, {batch, co, h, h}, {ci, 3, 3},
                                    m.b.read(x, {v(0), v(4), v(2) + v(5) - Index(1), v(3) + v(6) - Index(1)}, kZero) *
                                        m.b.read(w, {v(1), v(4), v(5), v(6)}));
        const NodeId y =
            m.b.pointwise(Type::f32, m.b[sum].shape, Expr::call("max", {m.b.read_all(sum) + m.b.read(bias, {v(1)}), kZero}));
        // The last row and column are in no window.
        const Expr at = m.b.read(y, {v(0), v(1), v(2, 2) + v(4), v(3, 2) + v(5)});
        m.out(m.reduce(Reduce::max, Type::f32, {batch, co, h / 2, h / 2}, {2, 2}, at));
        m.out(m.reduce(Reduce::argmax, Type::i32, {batch, co, h / 2, h / 2}, {2, 2}, at));
        kernels::Kernel k = std::move(m).kernel();
        k.inputs[0] = k.outputs[0] = k.outputs[1] = {0, 2, 3, 1};
        expect_right(k, r.engine);
    }
}
TEST(Window, ReadInOneOrderWrittenInAnother) {
    Random r(24);
    const std::int64_t n = 5, c = 17, h = 6;
    for (const bool to_channels_last : {true, false}) {
        Maker m;
        const NodeId x = m.in({n, c, 2 * h, 2 * h});
        const Expr at = m.b.read(x, {v(0), v(1), v(2, 2) + v(4), v(3, 2) + v(5)});
        m.out(m.reduce(Reduce::max, Type::f32, {n, c, h, h}, {2, 2}, at));
        m.out(m.reduce(Reduce::argmax, Type::i32, {n, c, h, h}, {2, 2}, at));
        kernels::Kernel k = std::move(m).kernel();
        (to_channels_last ? k.outputs[0] = k.outputs[1] : k.inputs[0]) = {0, 2, 3, 1};
        expect_right(k, r.engine);
    }
    Maker b;
    const NodeId arg = b.in({n, c, h, h}, Type::i32), d = b.in({n, c * h * h});
    const ir::Box box = ir::box_of(Shape{n, c, 2 * h, 2 * h});
    const std::vector<Index> pooled{v(0), v(1), div(v(2), 2, box), div(v(3), 2, box)};
    const Expr here = Expr::index(mod(v(2), 2, box) * 2 + mod(v(3), 2, box));
    const Expr flat = b.b.read(d, {v(0), v(1, h * h) + pooled[2] * h + pooled[3]});
    b.out(b.b.pointwise(Type::f32, {n, c, 2 * h, 2 * h}, ir::select(ir::equal(b.b.read(arg, pooled), here), flat, kZero)));
    kernels::Kernel back = std::move(b).kernel();
    back.outputs[0] = {0, 2, 3, 1};
    expect_right(back, r.engine);
}
TEST(Scatter, RowsOfATable) {
    Random r(19);
    Maker m;
    const NodeId ids = m.in({53}, Type::i32), d = m.in({53, 33});
    ir::Equation e;
    e.reduce = Reduce::sum;
    e.scatter = true;
    e.lossy = true;
    e.reductions = {53, 33};
    e.body = m.b.read(d, {v(0), v(1)});
    e.map = {Index::get(ids, {v(0)}), v(1)};
    const NodeId table = m.b.equation(Type::f32, {7, 33}, e);
    m.out(m.b.pointwise(Type::f32, {7, 33}, m.b.read_all(table) * 0.5));
    expect_right(std::move(m).kernel(), r.engine, 1e-5, 9);
}
TEST(Scatter, OneHistogram) {
    Random r(20);
    Maker m;
    const NodeId ids = m.in({130}, Type::i32);
    ir::Equation e;
    e.reduce = Reduce::sum;
    e.scatter = true;
    e.lossy = true;
    e.reductions = {130};
    e.body = Expr::constant(1, Type::i32);
    e.map = {Index::get(ids, {v(0)})};
    m.out(m.b.equation(Type::i32, {5}, e));
    expect_right(std::move(m).kernel(), r.engine, 0, 6);
}

TEST(SlowClasses, ManyRandomShapes) {
    if (!std::getenv("DLC_SLOW")) GTEST_SKIP() << "compiles some hundred kernels; set DLC_SLOW=1";
    for (unsigned seed = 100; seed < 110; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random r(seed);
        check_products(r, 10);
        check_forward(r, 6);
        check_data_gradient(r, 6);
        check_weight_gradient(r, 6);
        check_reductions(r, 10);
    }
}

TEST(Parameters, EveryChoiceIsLegal) {
    Random r(21);
    const std::vector<kernels::Kernel> kernels{forward({2, 7, 40, 7, 15, 3, 1, 1}, true),
                                               weight_gradient({5, 7, 40, 7, 15, 3, 1, 1}, true),
                                               long_sum(r, true, true, 1, Type::f32)};
    for (const kernels::Kernel& k : kernels) {
        const Values inputs = random_values(k, r.engine);
        for (const schedules::Parameter& p : schedules::parameters(k, wide())) {
            for (const std::int64_t choice : p.choices) {
                SCOPED_TRACE(p.name + " = " + std::to_string(choice));
                expect_meaning(k, inputs, run_checked(k, inputs, wide(), {{p.name, choice}}), 1e-5);
            }
        }
    }
}

}  // namespace
}  // namespace dlc::test
