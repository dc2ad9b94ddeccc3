#include "runtime/data/made.h"

namespace dlc::data {
namespace {

/// The sum of a set of digits, whatever their order (Zaheer et al. 2017, section 4.1.2).
DataSet set_sum(const Arguments& given) {
    const std::int64_t size = given.integer("size"), digits = given.integer("digits");
    const auto empty = [&](std::int64_t examples) {
        return Table{{{"x", Array(DLC_I32, {examples, size})}, {"y", Array(DLC_F32, {examples})}}};
    };
    return made("set_sum", given, empty, [&](Table& table, std::int64_t row, Draws& draws) {
        std::int32_t* x = table.columns[0].values.as<std::int32_t>().data() + row * size;
        double sum = 0;
        for (std::int64_t i = 0; i < size; ++i) sum += x[i] = draws.below(digits);
        table.columns[1].values.as<float>()[static_cast<std::size_t>(row)] = static_cast<float>(sum);
    });
}

}  // namespace

namespace rows {
DLC_ROW(Source, sum_of_a_set) = {
    .name = "set_sum",
    .doc = "sets of digits and their sums: x i32[size], y f32",
    .options = {{.name = "size", .fallback = std::int64_t{10}, .least = 1, .below = 1e6},
                {.name = "digits", .fallback = std::int64_t{10}, .least = 1, .below = 1e9},
                examples_option(10000),
                seed_option()},
    .load = set_sum,
};
}  // namespace rows
}  // namespace dlc::data
