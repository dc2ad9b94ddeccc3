#include "runtime/data/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "dsl/source/diagnostic.h"
#include "runtime/data/philox.h"

namespace dlc::data {
namespace {

// What a number is drawn for: a word of the counter, so that no two uses share numbers.
enum Purpose : std::uint32_t { kShuffle = 0x5ffe, kHoldOut = 0x401d };

/// order = a permutation of its elements, by Fisher-Yates.
void shuffle(std::vector<std::int64_t>& order, std::uint64_t seed, std::uint64_t round, Purpose purpose) {
    PhiloxBlock block = {};
    for (std::size_t i = order.size(); i-- > 1;) {
        // Two 64-bit numbers a block.
        if (const std::size_t draw = order.size() - 1 - i; draw % 2 == 0)
            block = philox({static_cast<std::uint32_t>(draw / 2), static_cast<std::uint32_t>(draw / 2 >> 32) ^ purpose << 16,
                            static_cast<std::uint32_t>(round), static_cast<std::uint32_t>(round >> 32)},
                           seed);
        else
            block = {block[2], block[3], 0, 0};
        const std::uint64_t bits = std::uint64_t{block[1]} << 32 | block[0];
        const auto j = static_cast<std::size_t>(static_cast<unsigned __int128>(bits) * (i + 1) >> 64);
        std::swap(order[i], order[j]);
    }
}

/// The rows of each class, classes ascending; one class where the labels are not one integer an example.
std::vector<std::vector<std::int64_t>> classes(const Table& table, std::string_view label) {
    const Column* column = label.empty() ? nullptr : table.column(label);
    std::map<double, std::vector<std::int64_t>> rows;
    const bool stratified = column && !is_real(column->values.type) && column->values.shape.size() == 1;
    for (std::int64_t i = 0; i < table.examples(); ++i)
        rows[stratified ? load(column->values.type, column->values.bytes.data(), i) : 0].push_back(i);
    std::vector<std::vector<std::int64_t>> result;
    for (auto& [value, of_class] : rows) result.push_back(std::move(of_class));
    return result;
}

/// How many examples a fraction is.  E0453 where a part would be empty.
std::int64_t share(std::int64_t examples, double fraction) {
    const std::int64_t wanted = std::isfinite(fraction) ? std::llround(fraction * static_cast<double>(examples)) : -1;
    if (wanted <= 0 || wanted >= examples)
        throw source::UserError(source::error(
            source::code("E0453"),
            fmt::format("holding out {} of {} examples leaves {} for {}", fraction, examples, wanted <= 0 ? "none" : "all",
                        wanted <= 0 ? "validation" : "validation and none for training")));
    return wanted;
}

}  // namespace

const Column* Table::column(std::string_view name) const {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

Subset everything(std::shared_ptr<const Table> table) {
    Subset all{std::move(table), {}};
    all.rows.resize(static_cast<std::size_t>(all.table->examples()));
    std::iota(all.rows.begin(), all.rows.end(), 0);
    return all;
}

Split hold_out(const std::shared_ptr<const Table>& table, double fraction, std::uint64_t seed, std::int64_t repeat,
               std::string_view label) {
    const std::int64_t examples = table->examples(), wanted = share(examples, fraction);
    std::vector<std::vector<std::int64_t>> rows = classes(*table, label);
    // Every class gives the whole part of its share; the largest remainders, the first class on a tie, give one more.
    std::vector<std::int64_t> take(rows.size());
    std::vector<std::size_t> by_remainder(rows.size());
    std::vector<std::int64_t> remainder(rows.size());
    std::int64_t left = wanted;
    for (std::size_t c = 0; c < rows.size(); ++c) {
        const __int128 parts = static_cast<__int128>(wanted) * std::ssize(rows[c]);
        take[c] = static_cast<std::int64_t>(parts / examples);
        remainder[c] = static_cast<std::int64_t>(parts % examples);
        left -= take[c];
    }
    std::iota(by_remainder.begin(), by_remainder.end(), 0);
    std::stable_sort(by_remainder.begin(), by_remainder.end(),
                     [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
    for (std::int64_t i = 0; i < left; ++i) ++take[by_remainder[static_cast<std::size_t>(i)]];

    Split split{{table, {}}, {table, {}}};
    for (std::size_t c = 0; c < rows.size(); ++c) {
        shuffle(rows[c], seed, static_cast<std::uint64_t>(repeat) << 24 ^ c, kHoldOut);
        split.validation.rows.insert(split.validation.rows.end(), rows[c].begin(), rows[c].begin() + take[c]);
        split.training.rows.insert(split.training.rows.end(), rows[c].begin() + take[c], rows[c].end());
    }
    std::sort(split.validation.rows.begin(), split.validation.rows.end());
    std::sort(split.training.rows.begin(), split.training.rows.end());
    return split;
}

Split hold_out_end(const std::shared_ptr<const Table>& table, double fraction) {
    Split split{everything(table), {table, {}}};
    const auto middle = split.training.rows.end() - share(table->examples(), fraction);
    split.validation.rows.assign(middle, split.training.rows.end());
    split.training.rows.erase(middle, split.training.rows.end());
    return split;
}

Subset continued(Subset subset, std::int64_t batch) {
    const std::int64_t batches = subset.examples() / batch;
    if (batches == 0) return subset;
    Subset ordered{subset.table, {}};
    for (std::int64_t s = 0; s < batches; ++s)
        for (std::int64_t b = 0; b < batch; ++b) ordered.rows.push_back(subset.rows[static_cast<std::size_t>(b * batches + s)]);
    return ordered;
}

void permutation(std::uint64_t seed, std::int64_t epoch, std::vector<std::int64_t>& order) {
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, seed, static_cast<std::uint64_t>(epoch), kShuffle);
}

}  // namespace dlc::data
