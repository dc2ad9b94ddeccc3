// Random index equations with values for their tensors: what the property tests of differentiation and of `gatherize` run on.
#pragma once
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "compiler/ir/interpreter.h"

namespace dlc::autodiff::testing {

using Values = std::map<std::string, ir::Tensor>;

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::int64_t integer(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
    }
    double real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }
    bool chance(double p) { return real(0, 1) < p; }
    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return choices.begin()[integer(0, static_cast<std::int64_t>(choices.size()) - 1)];
    }
    template <class T>
    const T& one_of(const std::vector<T>& choices) {
        return choices[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(choices.size()) - 1))];
    }
    /// Values away from 0 (where relu has its kink), of either sign.
    ir::Tensor tensor(const ir::Shape& shape);
    ir::Tensor normal(const ir::Shape& shape);

private:
    std::mt19937_64 engine_;
};

/// One equation "O" over parameters "A", "B", "C" (f64) and integer inputs "J0", …: 1 to 4 outputs, 0 to 3 reductions, 1 to 3
/// reads, extents 1 to 6, coefficients -3 to 3, div and mod, reads with `else`, conditions, every reduction but argmax; or a
/// scatter.
struct RandomEquation {
    ir::Graph graph;
    Values values;
    std::vector<std::string> parameters;  // those it reads
    bool data_dependent = false;
    bool smooth = true;  // no max, min or relu: differences of differences are meaningful
};
RandomEquation random_equation(Random&);

double dot(const ir::Tensor&, const ir::Tensor&);
/// a + t b
ir::Tensor along(const ir::Tensor& a, double t, const ir::Tensor& b);
/// max |a - b| / (1 + max |b|); infinite where one is not finite.
double difference(const ir::Tensor& a, const ir::Tensor& b);

}  // namespace dlc::autodiff::testing
