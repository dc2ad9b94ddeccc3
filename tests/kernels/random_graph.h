// Random graphs of small index equations: every form of read and reduction, several results, updates of leaves.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "compiler/ir/arith.h"
#include "compiler/ir/graph.h"
#include "compiler/ir/interpreter.h"

namespace dlc::testing {

class RandomGraph {
public:
    explicit RandomGraph(unsigned seed) : random_(seed) {}

    ir::Graph make(int nodes) {
        for (int i = 0; i < 2; ++i) leaf(ir::LeafKind::input, "x" + std::to_string(i));
        for (int i = 0; i < 3; ++i) leaf(ir::LeafKind::parameter, "p" + std::to_string(i));
        for (int i = 0; i < nodes; ++i) pool_.push_back(equation());
        int results = 0;
        for (ir::NodeId parameter : parameters_) {
            std::vector<ir::NodeId> fits;
            for (ir::NodeId id : pool_)
                if (builder_[id].shape == builder_[parameter].shape && builder_[id].type == builder_[parameter].type)
                    fits.push_back(id);
            const std::string name = builder_[parameter].leaf()->name;
            if (chance(70)) {  // a step of descent: the form that is written in place
                const ir::NodeId step =
                    builder_.pointwise(builder_[parameter].type, builder_[parameter].shape,
                                       builder_.read_all(parameter) - builder_.read_all(pick(fits)) * 0.125, {{}, "step_" + name});
                builder_.result({ir::Result::update, name, step, parameter, {}});
            } else {
                builder_.result({ir::Result::update, name, pick(fits), parameter, {}});
            }
        }
        for (int i = 0; i < 3; ++i) builder_.result({ir::Result::value, "r" + std::to_string(results++), pick(pool_), {}, {}});
        builder_.result({ir::Result::value, "last", pool_.back(), {}, {}});
        return std::move(builder_).finish();
    }

    /// Small multiples of 1/8, so that sums and products of a few are exact in any order.
    static std::map<std::string, ir::Tensor> values(const ir::Graph& graph, unsigned seed) {
        std::mt19937 random(seed);
        std::map<std::string, ir::Tensor> leaves;
        for (const ir::Node& node : graph.nodes()) {
            if (!node.leaf()) continue;
            ir::Tensor tensor{node.shape, std::vector<double>(static_cast<std::size_t>(ir::volume(node.shape)))};
            for (double& v : tensor.values) v = static_cast<double>(static_cast<int>(random() % 33) - 16) / 8;
            leaves.emplace(node.leaf()->name, std::move(tensor));
        }
        return leaves;
    }

private:
    bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random_() % static_cast<unsigned>(high - low + 1));
    }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from.at(random_() % from.size());
    }
    ir::Shape shape() {
        static const std::vector<ir::Shape> shapes = {{4}, {6}, {3, 4}, {4, 3}, {2, 3, 4}, {12}, {4, 6}, {2, 2, 3}, {}, {3}};
        return pick(shapes);
    }
    void leaf(ir::LeafKind kind, std::string name) {
        const ir::NodeId id = builder_.leaf(kind, std::move(name), ir::Type::f64, shape());
        pool_.push_back(id);
        if (kind == ir::LeafKind::parameter) parameters_.push_back(id);
    }

    /// An element of some tensor of integers, as a position; empty where there is none yet.
    std::optional<ir::Index> data(const ir::Shape& extents) {
        std::vector<ir::NodeId> integers;
        for (ir::NodeId id : pool_)
            if (!ir::is_real(builder_[id].type)) integers.push_back(id);
        if (integers.empty()) return std::nullopt;
        const ir::NodeId from = pick(integers);
        std::vector<ir::Index> at;
        for (std::int64_t size : builder_[from].shape) {
            const bool varies = !extents.empty();
            const auto v = static_cast<ir::Var>(varies ? random_() % extents.size() : 0);
            at.push_back(varies ? mod(ir::Index::variable(v), size, ir::box_of(extents)) : ir::Index(between(0, size - 1)));
        }
        return ir::Index::get(from, std::move(at));
    }
    ir::Expr read(ir::NodeId tensor, const ir::Shape& extents) {
        const ir::Shape& shape = builder_[tensor].shape;
        const ir::Box box = ir::box_of(extents);
        std::vector<ir::Index> at;
        bool inside = true;
        if (shape.size() <= extents.size() && std::equal(shape.begin(), shape.end(), extents.begin()) && chance(60)) {
            for (std::size_t d = 0; d < shape.size(); ++d) at.push_back(ir::Index::variable(static_cast<ir::Var>(d)));
            return builder_.read(tensor, at);
        }
        for (std::int64_t size : shape) {
            ir::Index index(between(0, size - 1));
            if (!extents.empty()) {
                const auto v = static_cast<ir::Var>(random_() % extents.size());
                const auto w = static_cast<ir::Var>(random_() % extents.size());
                const auto m = between(2, 3);
                switch (random_() % 8) {
                    case 0: index = ir::Index(size - 1) - ir::Index::variable(v); break;
                    case 1: index = ir::Index::variable(v) + ir::Index(between(0, 1)); break;
                    case 2: index = ir::Index::variable(v) * extents[w] + ir::Index::variable(w); break;
                    case 3: index = div(ir::Index::variable(v) * 2 + ir::Index::variable(w), m, box); break;
                    case 4: index = mod(ir::Index::variable(v) + ir::Index::variable(w), m, box); break;
                    case 5: index = ir::Index::variable(v) * 2 + ir::Index::variable(w) - ir::Index(1); break;
                    default: index = ir::Index::variable(v); break;
                }
            }
            if (chance(15)) {
                if (const auto position = data(extents)) index = *position - index;
            }
            const ir::Range range = index.range(box);
            if (range.low < 0 || range.high >= size) {
                if (chance(50)) {
                    index = mod(index, size, box);
                } else {
                    inside = false;
                }
            }
            at.push_back(index);
        }
        return builder_.read(tensor, at, inside ? ir::Expr() : ir::Expr::constant(chance(70) ? 0 : 0.5, ir::Type::f64));
    }
    ir::Expr scalar(const ir::Shape& extents, int depth) {
        if (depth == 0 || chance(15)) {
            if (chance(8)) return ir::Expr::constant(static_cast<double>(between(-4, 4)) / 4, ir::Type::f64);
            const ir::NodeId id = pick(pool_);
            ir::Expr x = read(id, extents);
            return builder_[id].type == ir::Type::f64 ? x : ir::convert(x, ir::Type::f64) * 0.25;
        }
        const ir::Expr a = scalar(extents, depth - 1);
        const ir::Expr b = scalar(extents, depth - 1);
        switch (random_() % 7) {
            case 0: return a + b;
            case 1: return a - b * 0.5;
            case 2: return ir::Expr::call("max", {a, b});
            case 3: return ir::select(ir::less(a, b), a, ir::Expr::constant(0, ir::Type::f64));
            case 4: return ir::Expr::call("min", {a, ir::Expr::constant(0.5, ir::Type::f64)});
            case 5: return -a;
            default: return a * (ir::is_constant(b, 0) ? a : b) * 0.25;
        }
    }
    /// A small number, of data or of where it stands.
    ir::Expr integer(const ir::Shape& extents) {
        const ir::Expr bound = ir::Expr::constant(static_cast<double>(between(1, 3)), ir::Type::f64);
        if (chance(50))
            return ir::select(ir::less(scalar(extents, 1), bound), ir::Expr::constant(1, ir::Type::i32),
                              ir::Expr::constant(0, ir::Type::i32));
        return ir::Expr::constant(static_cast<double>(between(0, 2)), ir::Type::i32);
    }
    ir::NodeId equation() {
        const ir::Shape out = shape();
        const ir::Origin origin{{}, "n" + std::to_string(builder_.size())};
        ir::Equation e;
        const int kind = static_cast<int>(random_() % 10);
        if (kind == 0) return builder_.pointwise(ir::Type::i32, out, integer(out), origin);
        if (kind < 5) return builder_.pointwise(ir::Type::f64, out, scalar(out, 2), origin);
        static const std::vector<ir::Shape> inner = {{2}, {3}, {4}, {2, 2}, {3, 2}};
        ir::Shape extents = out;
        e.reductions = pick(inner);
        if (kind == 9) {
            e.scatter = e.lossy = true;
            e.reduce = ir::Reduce::sum;
            e.reductions = shape();
            if (e.reductions.empty()) e.reductions = {3};
            extents = e.reductions;
            for (std::size_t d = 0; d < out.size(); ++d)
                e.map.push_back(ir::Index::variable(static_cast<ir::Var>(random_() % extents.size()), between(1, 2)) +
                                ir::Index(between(-1, 1)));
        } else {
            static const std::vector<ir::Reduce> reduces = {ir::Reduce::sum, ir::Reduce::sum, ir::Reduce::max, ir::Reduce::min,
                                                            ir::Reduce::argmax};
            e.reduce = pick(reduces);
            extents.insert(extents.end(), e.reductions.begin(), e.reductions.end());
        }
        e.body = kind == 5 ? read(pick(pool_), extents) : scalar(extents, 1);
        if (e.body->type != ir::Type::f64) e.body = ir::convert(e.body, ir::Type::f64);
        if (chance(25) && !extents.empty() && (e.reduce == ir::Reduce::sum || e.scatter)) {
            ir::Index bound = ir::Index(between(1, 4));
            for (std::size_t v = 0; v < extents.size(); ++v)
                bound = bound + ir::Index::variable(static_cast<ir::Var>(v), between(-1, 1));
            e.where.push_back({ir::Predicate::ge, bound});
        }
        const ir::Type type = e.reduce == ir::Reduce::argmax ? ir::Type::i32 : ir::Type::f64;
        return builder_.equation(type, out, std::move(e), origin);
    }

    std::mt19937 random_;
    ir::Builder builder_{ir::Builder::Sharing::off};
    std::vector<ir::NodeId> pool_, parameters_;
};

/// Infinities and NaNs must agree; other values within `tolerance` relative to the largest.
inline void expect_same(const std::map<std::string, ir::Tensor>& expected, const std::map<std::string, ir::Tensor>& actual,
                        const std::string& what, double tolerance = 0) {
    ASSERT_EQ(expected.size(), actual.size()) << what;
    for (const auto& [name, tensor] : expected) {
        ASSERT_TRUE(actual.contains(name)) << what << ": " << name;
        const ir::Tensor& other = actual.at(name);
        ASSERT_EQ(tensor.shape, other.shape) << what << ": " << name;
        for (std::size_t i = 0; i < tensor.values.size(); ++i) {
            const double a = tensor.values[i], b = other.values[i];
            if (std::isnan(a) || std::isinf(a) || tolerance == 0) {
                ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b)))
                    << what << ": " << name << "[" << i << "] " << a << " and " << b;
            } else {
                ASSERT_NEAR(a, b, tolerance * std::max(1.0, std::abs(a))) << what << ": " << name << "[" << i << "]";
            }
        }
    }
}

}  // namespace dlc::testing
