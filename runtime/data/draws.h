// The random numbers of one example.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

#include "runtime/data/philox.h"

namespace dlc::data {

/// A function of seed, purpose, example and how many were drawn before: the same for any number of threads and wherever a run
/// began.
class Draws {
public:
    /// Two uses that must not share numbers differ in `purpose`.
    Draws(std::uint64_t seed, std::uint32_t purpose, std::uint64_t example) : seed_(seed), purpose_(purpose), example_(example) {}

    /// An integer from 0 to below `count`.
    std::int32_t below(std::int64_t count) {
        const auto bits = block();
        return static_cast<std::int32_t>((std::uint64_t{bits[0]} * static_cast<std::uint64_t>(count)) >> 32);
    }
    /// A number in [0, 1).
    double uniform() { return block()[0] * 0x1p-32; }
    /// A standard normal number (Box & Muller 1958).
    double normal() {
        const auto bits = block();
        return polar<double>(bits[0], bits[1]).first;
    }
    /// Adds `scale` times a standard normal number to each value.
    template <class Real>
    void add_normals(std::span<Real> values, Real scale) {
        for (std::size_t i = 0; i < values.size(); i += 4) {
            const auto bits = block();
            const auto [a, b] = polar<Real>(bits[0], bits[1]);
            const auto [c, d] = polar<Real>(bits[2], bits[3]);
            const Real four[] = {a, b, c, d};
            for (std::size_t k = i; k < std::min(i + 4, values.size()); ++k) values[k] += scale * four[k - i];
        }
    }

private:
    PhiloxBlock block() {
        return philox({draw_++, purpose_, static_cast<std::uint32_t>(example_), static_cast<std::uint32_t>(example_ >> 32)}, seed_);
    }
    template <class Real>
    static std::pair<Real, Real> polar(std::uint32_t radius, std::uint32_t angle) {
        const Real u = (static_cast<Real>(radius) + Real(0.5)) * Real(0x1p-32);
        const Real v = (static_cast<Real>(angle) + Real(0.5)) * Real(0x1p-32);
        const Real r = std::sqrt(-2 * std::log(u)), t = 2 * std::numbers::pi_v<Real> * v;
        return {r * std::cos(t), r * std::sin(t)};
    }
    std::uint64_t seed_;
    std::uint32_t purpose_;
    std::uint64_t example_;
    std::uint32_t draw_ = 0;
};

}  // namespace dlc::data
