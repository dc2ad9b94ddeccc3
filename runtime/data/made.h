// What data sets that are made of random numbers share.
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "runtime/data/draws.h"
#include "runtime/data/sets.h"

namespace dlc::data {

// Keeps the numbers of these sets apart from those of shuffles, hold-outs and augmentations.
inline constexpr std::uint32_t kMade = 0xda7a << 16;

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
            Draws draws(seed, kMade, static_cast<std::uint64_t>(first + row));  // the test's examples follow those of the training
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
