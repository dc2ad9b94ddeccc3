// Kernel classes one by one: time, GFLOP/s or GB/s, and share of the measured multiply-add peak.
//
// usage: kernels [THREADS] [FILTER] [--choices]
// Cases whose name contains FILTER; with --choices every single change of a class parameter beside the default.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <thread>

#include "bench/peak.h"
#include "compiler/codegen/compile.h"
#include "compiler/ir/arith.h"
#include "runtime/executor.h"
#include "runtime/plan_builder.h"

namespace {

using namespace dlc;
using ir::Expr;
using ir::Index;
using ir::NodeId;
using ir::Reduce;
using ir::Shape;
using ir::Type;

Index v(ir::Var i, std::int64_t coefficient = 1) { return Index::variable(i, coefficient); }

/// Builds one kernel whose inputs and outputs are numbered as they appear.
struct Maker {
    ir::Builder b;
    int inputs = 0, outputs = 0;
    std::vector<int> alias;
    NodeId in(Shape shape, Type type = Type::f32) {
        return b.leaf(ir::LeafKind::input, "in" + std::to_string(inputs++), type, std::move(shape));
    }
    void out(NodeId id, int over = -1) {
        b.result({ir::Result::value, "out" + std::to_string(outputs++), id, {}, {}});
        alias.push_back(over);
    }
    NodeId reduce(Reduce op, Shape shape, Shape over, Expr body, Type type = Type::f32) {
        ir::Equation e;
        e.reduce = op;
        e.reductions = std::move(over);
        e.body = std::move(body);
        return b.equation(type, std::move(shape), std::move(e));
    }
    NodeId relu(NodeId x) {
        const Expr e = b.read_all(x);
        return b.pointwise(Type::f32, b[x].shape, Expr::call("max", {e, ir::zero_like(e)}));
    }
};

struct Case {
    std::string name;
    double flops = 0, bytes = 0;
    std::function<void(Maker&)> make;
};

void gemm(Maker& m, std::int64_t M, std::int64_t K, std::int64_t N, bool ta, bool tb, bool epilogue) {
    const NodeId a = m.in(ta ? Shape{K, M} : Shape{M, K}), w = m.in(tb ? Shape{N, K} : Shape{K, N});
    const Expr x = ta ? m.b.read(a, {v(2), v(0)}) : m.b.read(a, {v(0), v(2)});
    const Expr y = tb ? m.b.read(w, {v(1), v(2)}) : m.b.read(w, {v(2), v(1)});
    const NodeId product = m.reduce(Reduce::sum, {M, N}, {K}, x * y);
    if (!epilogue) return m.out(product);
    const NodeId bias = m.in({N});
    m.out(m.relu(m.b.pointwise(Type::f32, {M, N}, m.b.read_all(product) + m.b.read(bias, {v(1)}))));
}

Expr zero() { return Expr::constant(0, Type::f32); }

/// NHWC, 3x3, same, stride 1; weights [ky, kx, ci, co].
void conv_forward(Maker& m, std::int64_t n, std::int64_t ci, std::int64_t co, std::int64_t h, std::int64_t k) {
    const NodeId x = m.in({n, h, h, ci}), w = m.in({k, k, ci, co}), bias = m.in({co});
    const Index pad(k / 2);
    // n y x co | ky kx ci
    const NodeId sum =
        m.reduce(Reduce::sum, {n, h, h, co}, {k, k, ci},
                 m.b.read(x, {v(0), v(1) + v(4) - pad, v(2) + v(5) - pad, v(6)}, zero()) * m.b.read(w, {v(4), v(5), v(6), v(3)}));
    m.out(m.relu(m.b.pointwise(Type::f32, {n, h, h, co}, m.b.read_all(sum) + m.b.read(bias, {v(3)}))));
}
void conv_data(Maker& m, std::int64_t n, std::int64_t ci, std::int64_t co, std::int64_t h, std::int64_t k) {
    const NodeId d = m.in({n, h, h, co}), w = m.in({k, k, ci, co}), y = m.in({n, h, h, ci});
    const Index pad(k / 2);
    // n y x ci | ky kx co
    const NodeId sum =
        m.reduce(Reduce::sum, {n, h, h, ci}, {k, k, co},
                 m.b.read(d, {v(0), v(1) - v(4) + pad, v(2) - v(5) + pad, v(6)}, zero()) * m.b.read(w, {v(4), v(5), v(3), v(6)}));
    m.out(m.b.pointwise(Type::f32, {n, h, h, ci}, ir::select(ir::greater(m.b.read_all(y), zero()), m.b.read_all(sum), zero())));
}
void conv_weight(Maker& m, std::int64_t n, std::int64_t ci, std::int64_t co, std::int64_t h, std::int64_t k) {
    const NodeId x = m.in({n, h, h, ci}), d = m.in({n, h, h, co});
    const Index pad(k / 2);
    // ky kx ci co | n y x
    m.out(
        m.reduce(Reduce::sum, {k, k, ci, co}, {n, h, h},
                 m.b.read(x, {v(4), v(5) + v(0) - pad, v(6) + v(1) - pad, v(2)}, zero()) * m.b.read(d, {v(4), v(5), v(6), v(3)})));
}
void pool(Maker& m, std::int64_t n, std::int64_t c, std::int64_t h) {
    const NodeId x = m.in({n, h, h, c});
    const Expr at = m.b.read(x, {v(0), v(1, 2) + v(4), v(2, 2) + v(5), v(3)});
    m.out(m.reduce(Reduce::max, {n, h / 2, h / 2, c}, {2, 2}, at));
    m.out(m.reduce(Reduce::argmax, {n, h / 2, h / 2, c}, {2, 2}, at, Type::i32));
}
void pool_backward(Maker& m, std::int64_t n, std::int64_t c, std::int64_t h) {
    const NodeId arg = m.in({n, h / 2, h / 2, c}, Type::i32), d = m.in({n, h / 2, h / 2, c}), y = m.in({n, h, h, c});
    const ir::Box box = ir::box_of(Shape{n, h, h, c});
    const std::vector<Index> at{v(0), div(v(1), 2, box), div(v(2), 2, box), v(3)};
    const Expr here = Expr::index(mod(v(1), 2, box) * 2 + mod(v(2), 2, box));
    const Expr hit = ir::both(ir::equal(m.b.read(arg, at), here), ir::greater(m.b.read_all(y), zero()));
    m.out(m.b.pointwise(Type::f32, {n, h, h, c}, ir::select(hit, m.b.read(d, at), zero())));
}
void softmax(Maker& m, std::int64_t n, std::int64_t c) {
    const NodeId x = m.in({n, c}), t = m.in({n}, Type::i32);
    const NodeId top = m.reduce(Reduce::max, {n}, {c}, m.b.read(x, {v(0), v(1)}));
    const NodeId sum = m.reduce(Reduce::sum, {n}, {c}, Expr::call("exp", {m.b.read(x, {v(0), v(1)}) - m.b.read(top, {v(0)})}));
    const Expr p = Expr::call("exp", {m.b.read_all(x) - m.b.read(top, {v(0)})}) / m.b.read(sum, {v(0)});
    const Expr hit = ir::equal(m.b.read(t, {v(0)}), Expr::index(v(1)));
    m.out(m.b.pointwise(Type::f32, {n, c}, (p - ir::convert(hit, Type::f32)) * (1.0 / static_cast<double>(n))));
    m.out(
        m.reduce(Reduce::sum, {}, {n},
                 Expr::call("log", {m.b.read(sum, {v(0)})}) + m.b.read(top, {v(0)}) - m.b.read(x, {v(0), Index::get(t, {v(0)})})));
}
void layer_norm(Maker& m, std::int64_t n, std::int64_t c) {
    const NodeId x = m.in({n, c}), gain = m.in({c});
    const double by = 1.0 / static_cast<double>(c);
    const NodeId mean = m.reduce(Reduce::sum, {n}, {c}, m.b.read(x, {v(0), v(1)}) * by);
    const Expr d = m.b.read(x, {v(0), v(1)}) - m.b.read(mean, {v(0)});
    const NodeId var = m.reduce(Reduce::sum, {n}, {c}, d * d * by);
    m.out(m.b.pointwise(Type::f32, {n, c}, d * Expr::call("rsqrt", {m.b.read(var, {v(0)}) + 1e-5}) * m.b.read(gain, {v(1)})));
}
void adam(Maker& m, const std::vector<Shape>& shapes) {
    for (const Shape& s : shapes) {
        const int first = m.inputs;
        const NodeId p = m.in(s), g = m.in(s), m1 = m.in(s), m2 = m.in(s);
        const Expr grad = m.b.read_all(g), mean = m.b.read_all(m1) * 0.9 + grad * 0.1,
                   square = m.b.read_all(m2) * 0.999 + grad * grad * 0.001;
        m.out(m.b.pointwise(Type::f32, s, m.b.read_all(p) - mean * 1e-3 / (Expr::call("sqrt", {square}) + 1e-8)), first);
        m.out(m.b.pointwise(Type::f32, s, mean), first + 2);
        m.out(m.b.pointwise(Type::f32, s, square), first + 3);
    }
}

/// `y[a, k, b] = sum[j | j <= k](x[a, j, b])`.
void prefix(Maker& m, std::int64_t a, std::int64_t n, std::int64_t b) {
    const NodeId x = m.in({a, n, b});
    ir::Equation e;
    e.reduce = Reduce::sum;
    e.reductions = {n};
    e.body = m.b.read(x, {v(0), v(3), v(2)});
    e.where = {{ir::Predicate::ge, v(1) - v(3)}};
    m.out(m.b.equation(Type::f32, {a, n, b}, std::move(e)));
}
void copy(Maker& m, std::int64_t n) {
    const NodeId x = m.in({n});
    m.out(m.b.pointwise(Type::f32, {n}, m.b.read_all(x) + zero()));
}

std::vector<Case> cases() {
    std::vector<Case> all;
    const auto add_gemm = [&](std::int64_t M, std::int64_t K, std::int64_t N, const char* layout, bool epilogue = false) {
        all.push_back({fmt::format("gemm {} {}x{}x{}", layout, M, K, N), 2.0 * static_cast<double>(M * N * K), 0,
                       [=](Maker& m) { gemm(m, M, K, N, layout[0] == 'T', layout[1] == 'T', epilogue); }});
    };
    add_gemm(128, 784, 512, "NN", true);
    add_gemm(128, 784, 512, "NT", true);
    add_gemm(128, 512, 256, "NN", true);
    add_gemm(128, 256, 10, "NN", true);
    add_gemm(784, 128, 512, "TN");
    add_gemm(512, 128, 784, "TN");
    add_gemm(512, 128, 256, "TN");
    add_gemm(256, 128, 10, "TN");
    add_gemm(128, 256, 512, "NT");
    add_gemm(128, 10, 256, "NT");
    add_gemm(128, 3136, 128, "NN", true);
    add_gemm(3136, 128, 128, "TN");
    add_gemm(128, 128, 3136, "NT");
    add_gemm(768, 768, 768, "NN");
    add_gemm(1000, 37, 53, "NN");
    add_gemm(64, 4096, 64, "TN");
    add_gemm(1, 512, 512, "NN");
    add_gemm(2048, 256, 1024, "NT", true);
    add_gemm(2048, 1024, 256, "NN");
    add_gemm(1024, 2048, 256, "TN");
    add_gemm(1024, 128, 384, "NT", true);
    add_gemm(1024, 128, 512, "NT", true);
    add_gemm(1024, 512, 128, "NT", true);
    add_gemm(384, 1024, 128, "TN");
    add_gemm(512, 1024, 128, "TN");
    add_gemm(128, 1024, 512, "TN");
    add_gemm(2708, 1433, 16, "NT");
    add_gemm(16, 2708, 1433, "TN");
    // The large products of an LSTM layer: 64 steps of 32 sequences, 256 units from 256.
    const double lstm = 2.0 * 64 * 32 * 4 * 256 * 256;
    all.push_back({"lstm inputs", lstm, 0, [](Maker& m) {
                       const NodeId x = m.in({64, 32, 256}), w = m.in({4, 256, 256});
                       m.out(m.reduce(Reduce::sum, {64, 4, 32, 256}, {256},
                                      m.b.read(x, {v(0), v(2), v(4)}) * m.b.read(w, {v(1), v(3), v(4)})));
                   }});
    all.push_back({"lstm input weights", lstm, 0, [](Maker& m) {
                       const NodeId d = m.in({64, 4, 32, 256}), x = m.in({64, 32, 256});
                       m.out(m.reduce(Reduce::sum, {4, 256, 256}, {64, 32},
                                      m.b.read(d, {v(3), v(0), v(4), v(1)}) * m.b.read(x, {v(3), v(4), v(2)})));
                   }});
    all.push_back({"lstm inputs backward", lstm, 0, [](Maker& m) {
                       const NodeId d = m.in({64, 4, 32, 256}), w = m.in({4, 256, 256});
                       m.out(m.reduce(Reduce::sum, {64, 32, 256}, {4, 256},
                                      m.b.read(d, {v(0), v(3), v(1), v(4)}) * m.b.read(w, {v(3), v(4), v(2)})));
                   }});
    const auto add_conv = [&](const char* what, auto make, std::int64_t n, std::int64_t ci, std::int64_t co, std::int64_t h,
                              std::int64_t k) {
        all.push_back({fmt::format("{} N{} {}->{} {}x{} k{}", what, n, ci, co, h, h, k),
                       2.0 * static_cast<double>(n * ci * co * h * h * k * k), 0, [=](Maker& m) { make(m, n, ci, co, h, k); }});
    };
    add_conv("conv", conv_forward, 128, 1, 32, 28, 3);
    add_conv("conv", conv_forward, 128, 32, 64, 14, 3);
    add_conv("conv", conv_forward, 8, 64, 64, 56, 3);
    add_conv("conv data", conv_data, 128, 32, 64, 14, 3);
    add_conv("conv weight", conv_weight, 128, 1, 32, 28, 3);
    add_conv("conv weight", conv_weight, 128, 32, 64, 14, 3);
    add_conv("conv weight", conv_weight, 8, 64, 64, 56, 3);
    add_conv("conv", conv_forward, 32, 128, 128, 8, 3);
    add_conv("conv data", conv_data, 32, 128, 128, 8, 3);
    add_conv("conv", conv_forward, 32, 32, 32, 32, 3);
    add_conv("conv data", conv_data, 32, 32, 32, 32, 3);
    add_conv("conv", conv_forward, 32, 64, 64, 16, 3);
    add_conv("conv weight", conv_weight, 32, 128, 128, 8, 3);
    add_conv("conv weight", conv_weight, 32, 64, 64, 16, 3);
    add_conv("conv weight", conv_weight, 32, 32, 32, 32, 3);
    all.push_back({"pool 128x28x28x32", 0, 4.0 * 128 * 28 * 28 * 32 * 1.5, [](Maker& m) { pool(m, 128, 32, 28); }});
    all.push_back({"pool 128x14x14x64", 0, 4.0 * 128 * 14 * 14 * 64 * 1.5, [](Maker& m) { pool(m, 128, 64, 14); }});
    all.push_back(
        {"pool backward 128x28x28x32", 0, 4.0 * 128 * 28 * 28 * 32 * 2.5, [](Maker& m) { pool_backward(m, 128, 32, 28); }});
    all.push_back(
        {"pool backward 128x14x14x64", 0, 4.0 * 128 * 14 * 14 * 64 * 2.5, [](Maker& m) { pool_backward(m, 128, 64, 14); }});
    for (const char* function : {"exp", "log", "tanh", "sigmoid", "erf", "sin"})
        all.push_back({fmt::format("{} of 32768", function), 0, 8.0 * 32768, [function](Maker& m) {
                           const NodeId x = m.in({32768});
                           m.out(m.b.pointwise(Type::f32, {32768}, Expr::call(function, {m.b.read_all(x)})));
                       }});
    all.push_back({"softmax 128x10", 0, 8.0 * 1280, [](Maker& m) { softmax(m, 128, 10); }});
    all.push_back({"softmax 2048x4096", 0, 8.0 * 2048 * 4096, [](Maker& m) { softmax(m, 2048, 4096); }});
    all.push_back({"layer norm 2048x768", 0, 8.0 * 2048 * 768, [](Maker& m) { layer_norm(m, 2048, 768); }});
    all.push_back({"columns 25088x64", 0, 4.0 * 25088 * 64, [](Maker& m) {
                       const NodeId x = m.in({25088, 64});
                       m.out(m.reduce(Reduce::sum, {64}, {25088}, m.b.read(x, {v(1), v(0)})));
                   }});
    all.push_back({"columns 128x512", 0, 4.0 * 128 * 512, [](Maker& m) {
                       const NodeId x = m.in({128, 512});
                       m.out(m.reduce(Reduce::sum, {512}, {128}, m.b.read(x, {v(1), v(0)})));
                   }});
    all.push_back({"full 4M", 0, 4.0 * (1 << 22), [](Maker& m) {
                       const NodeId x = m.in({1 << 22});
                       m.out(m.reduce(Reduce::sum, {}, {1 << 22}, m.b.read(x, {v(0)})));
                   }});
    const auto add_prefix = [&](std::int64_t a, std::int64_t n, std::int64_t b) {
        all.push_back({fmt::format("prefix {}x{}x{}", a, n, b), 0, 8.0 * static_cast<double>(a * n * b),
                       [=](Maker& m) { prefix(m, a, n, b); }});
        all.push_back({fmt::format("prefix: copy of {}", a * n * b), 0, 8.0 * static_cast<double>(a * n * b),
                       [=](Maker& m) { copy(m, a * n * b); }});
    };
    add_prefix(64, 4096, 1);
    add_prefix(1, 4096, 64);
    add_prefix(1, 1 << 22, 1);
    add_prefix(4096, 32, 1);
    all.push_back({"adam lenet", 0, 28.0 * 421642, [](Maker& m) {
                       adam(m, {{3, 3, 1, 32}, {32}, {3, 3, 32, 64}, {64}, {3136, 128}, {128}, {128, 10}, {10}});
                   }});
    all.push_back({"adam mlp", 0, 28.0 * 535818, [](Maker& m) {
                       adam(m, {{784, 512}, {512}, {512, 256}, {256}, {256, 10}, {10}});
                   }});
    return all;
}

double now(int threads) {
    timespec t = {};
    // One thread: processor time, which neighbours do not stretch.
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double best_seconds(const kernels::Kernel& k, const codegen::Compiled& compiled, int threads) {
    runtime::PlanBuilder builder;
    builder.kernel(compiled.kernels.at(0));
    std::vector<std::int32_t> arguments;
    std::int64_t offset = 0;
    const auto add = [&](const ir::Node& n) {
        const std::int64_t bytes = ir::volume(n.shape) * ir::bytes(n.type);
        std::vector<std::int32_t> extents{static_cast<std::int32_t>(ir::volume(n.shape))}, strides{1};
        arguments.push_back(builder.buffer(DLC_WORKSPACE, static_cast<dlc_type>(n.type), extents, strides, offset, bytes));
        offset += (bytes + 64 + 63) / 64 * 64;
    };
    for (std::size_t i = 0; i < k.inputs.size(); ++i) add(k.body[k.body.leaf("in" + std::to_string(i))]);
    for (std::size_t i = 0; i < k.outputs.size(); ++i) {
        if (k.alias[i] >= 0) {
            arguments.push_back(arguments[k.alias[i]]);
        } else {
            add(k.body[k.body.result("out" + std::to_string(i))->node]);
        }
    }
    builder.region(DLC_WORKSPACE, offset);
    builder.call(0, arguments);
    runtime::ThreadPool pool(threads);
    runtime::Executor executor(builder.plan(), pool);
    std::mt19937 random(1);
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const ir::Node& n = k.body[k.body.leaf("in" + std::to_string(i))];
        const auto bytes = executor.bytes(arguments[i]);
        if (n.type != Type::f32) continue;
        for (std::size_t e = 0; e + 4 <= bytes.size(); e += 4) {
            const float x = static_cast<float>(random() % 1000) / 1000.0f;
            std::memcpy(bytes.data() + e, &x, 4);
        }
    }
    if (executor.run() != 0) fmt::print("failed: {}\n", executor.message());
    double best = 1e9;
    const auto stop = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    for (int i = 0; i < 5 || std::chrono::steady_clock::now() < stop; ++i) {
        const double start = now(threads);
        executor.run();
        best = std::min(best, now(threads) - start);
    }
    return best;
}

}  // namespace

int main(int argc, char** argv) {
    int threads = 1;
    std::string filter;
    bool choices = false;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--choices") == 0) {
            choices = true;
        } else if (std::string_view(argv[i]).find_first_not_of("0123456789") == std::string_view::npos) {
            threads = std::atoi(argv[i]);
        } else {
            filter = argv[i];
        }
    }
    const double peak = bench::multiply_add_peak(threads);
    const schedules::Target target = schedules::host();
    fmt::print("{} threads, multiply-add peak {:.0f} GFLOP/s, {}\n", threads, peak, target.halide);
    for (const Case& c : cases()) {
        if (c.name.find(filter) == std::string::npos) continue;
        Maker maker;
        c.make(maker);
        kernels::Plan plan;
        kernels::Kernel k;
        k.alias = maker.alias;
        k.body = std::move(maker.b).finish();
        for (int i = 0; i < maker.inputs; ++i)
            k.inputs.push_back(kernels::row_major(k.body[k.body.leaf("in" + std::to_string(i))].shape.size()));
        for (int i = 0; i < maker.outputs; ++i) {
            k.outputs.push_back(kernels::row_major(k.body[k.body.result("out" + std::to_string(i))->node].shape.size()));
        }
        plan.kernels = {k};
        std::vector<schedules::Choice> tried{schedules::Choice{}};
        if (choices) {
            const auto parameters = schedules::parameters(k, target);
            for (const auto& p : parameters) {
                for (std::size_t i = 1; i < p.choices.size(); ++i) tried.push_back({{p.name, p.choices[i]}});
            }
            for (const auto& p : parameters) {
                for (const auto& q : parameters) {
                    if (&p >= &q) continue;
                    for (std::size_t i = 1; i < p.choices.size(); ++i) {
                        for (std::size_t j = 1; j < q.choices.size(); ++j)
                            tried.push_back({{p.name, p.choices[i]}, {q.name, q.choices[j]}});
                    }
                }
            }
        }
        for (const schedules::Choice& choice : tried) {
            std::string what;
            for (const auto& [name, value] : choice) what += fmt::format(" {}={}", name, value);
            const codegen::Compiled compiled =
                codegen::compile(plan, {.target = target, .choose = [&](const kernels::Kernel&) { return choice; }});
            const double seconds = best_seconds(k, compiled, threads);
            const std::string kind = schedules::describe(k, target);
            fmt::print("{:<32} {:<22} {:9.1f} us", c.name, kind, seconds * 1e6);
            if (c.flops > 0)
                fmt::print("  {:6.1f} GFLOP/s {:4.0f} %", c.flops / seconds / 1e9, 100 * c.flops / seconds / 1e9 / peak);
            if (c.bytes > 0) fmt::print("  {:6.1f} GB/s", c.bytes / seconds / 1e9);
            if (c.name.find(" of ") != std::string::npos) fmt::print("  {:5.2f} ns an element", 8e9 * seconds / c.bytes);
            fmt::print("  compiled in {:.2f} s{}\n", compiled.seconds, what);
            std::fflush(stdout);
        }
    }
    return 0;
}
