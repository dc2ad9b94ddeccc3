// What data sets that are made of random numbers share.
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "runtime/data/philox.h"
#include "runtime/data/sets.h"

namespace dlc::data {

/// The random numbers of one example: a function of seed, example and how many were drawn before.  The test set's examples follow
/// those of the training set, so no number serves twice.
class Draws {
public:
    Draws(std::uint64_t seed, std::int64_t example) : seed_(seed), example_(static_cast<std::uint64_t>(example)) {}

    /// An integer from 0 to below `count`.
    std::int32_t below(std::int64_t count) {
        const auto bits = block();
        return static_cast<std::int32_t>((std::uint64_t{bits[0]} * static_cast<std::uint64_t>(count)) >> 32);
    }
    /// A standard normal number (Box & Muller 1958).
    double normal() {
        const auto bits = block();
        const double u = (bits[0] + 0.5) * 0x1p-32, v = (bits[1] + 0.5) * 0x1p-32;
        return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
    }

private:
    PhiloxBlock block() {
        constexpr std::uint32_t kPurpose = 0xda7a;  // keeps these numbers apart from those of shuffles and hold-outs
        return philox({draw_++, kPurpose << 16, static_cast<std::uint32_t>(example_), static_cast<std::uint32_t>(example_ >> 32)},
                      seed_);
    }
    std::uint64_t seed_, example_;
    std::uint32_t draw_ = 0;
};

/// `examples` for training, then a tenth as many, at least one, for the test.  `fill(table, row, draws)` fills one row of a table
/// that `empty(examples)` makes.
template <class Empty, class Fill>
DataSet made(std::string name, const Arguments& given, const Empty& empty, const Fill& fill) {
    DataSet set{std::move(name), nullptr, nullptr};
    const std::int64_t training = given.integer("examples"), test = std::max<std::int64_t>(training / 10, 1);
    const auto seed = static_cast<std::uint64_t>(given.integer("seed"));
    const auto part = [&](std::int64_t first, std::int64_t count) {
        Table table = empty(count);
        for (std::int64_t row = 0; row < count; ++row) {
            Draws draws(seed, first + row);
            fill(table, row, draws);
        }
        return std::make_shared<const Table>(std::move(table));
    };
    set.training = part(0, training);
    set.test = part(training, test);
    return set;
}

inline Option examples_option(std::int64_t count) { return {.name = "examples", .fallback = count, .least = 1, .below = 1e8}; }
inline Option seed_option() { return {.name = "seed", .fallback = std::int64_t{1}, .least = 0}; }

}  // namespace dlc::data
