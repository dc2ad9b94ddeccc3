#include "runtime/data/made.h"

namespace dlc::data {
namespace {

/// A translation that is easy to judge: each sequence backwards.  `previous` is what a decoder that is taught sees: the sign
/// `symbols`, then the target but for its last.
DataSet reversed_sequences(const Arguments& given) {
    const std::int64_t length = given.integer("length"), symbols = given.integer("symbols");
    const auto empty = [&](std::int64_t examples) {
        const Array values(DLC_I32, {examples, length});
        return Table{{{"source", values}, {"previous", values}, {"target", values}}};
    };
    return made("reversed_sequences", given, empty, [&](Table& table, std::int64_t row, Draws& draws) {
        const auto of = [&](std::size_t column) { return table.columns[column].values.as<std::int32_t>().data() + row * length; };
        std::int32_t *source = of(0), *previous = of(1), *target = of(2);
        for (std::int64_t i = 0; i < length; ++i) source[i] = target[length - 1 - i] = draws.below(symbols);
        previous[0] = static_cast<std::int32_t>(symbols);
        std::copy_n(target, length - 1, previous + 1);
    });
}

}  // namespace

namespace rows {
DLC_ROW(Source, reversed) = {
    .name = "reversed_sequences",
    .doc = "sequences and their reverses: source, target and previous (the target, one later) i32[length]",
    .options = {{.name = "length", .fallback = std::int64_t{10}, .least = 1, .below = 1e6},
                {.name = "symbols", .fallback = std::int64_t{10}, .least = 1, .below = 1e9},
                examples_option(10000),
                seed_option()},
    .load = reversed_sequences,
};
}  // namespace rows
}  // namespace dlc::data
