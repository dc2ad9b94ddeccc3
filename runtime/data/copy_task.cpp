#include "runtime/data/made.h"

namespace dlc::data {
namespace {

/// Symbols to be said again after a delay (Hochreiter & Schmidhuber 1997; in this form Arjovsky et al. 2016): x is `length` symbols
/// 1 … symbols, `delay` blanks of which the last is the sign symbols + 1, and `length` blanks; y is blank, 0, until the symbols
/// come again in the last `length` places.
DataSet copy_task(const Arguments& given) {
    const std::int64_t length = given.integer("length"), delay = given.integer("delay"), symbols = given.integer("symbols");
    const std::int64_t steps = 2 * length + delay;
    const auto empty = [&](std::int64_t examples) {
        return Table{{{"x", Array(DLC_I32, {examples, steps})}, {"y", Array(DLC_I32, {examples, steps})}}};
    };
    return made("copy_task", given, empty, [&](Table& table, std::int64_t row, Draws& draws) {
        std::int32_t* x = table.columns[0].values.as<std::int32_t>().data() + row * steps;
        std::int32_t* y = table.columns[1].values.as<std::int32_t>().data() + row * steps;
        for (std::int64_t i = 0; i < length; ++i) x[i] = y[length + delay + i] = 1 + draws.below(symbols);
        x[length + delay - 1] = static_cast<std::int32_t>(symbols + 1);
    });
}

}  // namespace

namespace rows {
DLC_ROW(Source, copying) = {
    .name = "copy_task",
    .doc = "symbols to repeat after a delay: x and y i32[2 length + delay], symbols from 1, blank 0, sign symbols + 1",
    .options = {{.name = "length", .fallback = std::int64_t{10}, .least = 1, .below = 1e6},
                {.name = "delay", .fallback = std::int64_t{20}, .least = 1, .below = 1e6},
                {.name = "symbols", .fallback = std::int64_t{8}, .least = 1, .below = 1e9},
                examples_option(10000),
                seed_option()},
    .load = copy_task,
};
}  // namespace rows
}  // namespace dlc::data
