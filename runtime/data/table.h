// A data set in memory: named columns whose first axis counts the examples.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/data/array.h"

namespace dlc::data {

/// One named array of a data set.  A model that asks for reals sees `value * scale`, rounded once; one that asks for integers sees
/// the value.
struct Column {
    std::string name;
    Array values;  // [examples, …]
    double scale = 1;
};

struct Table {
    std::vector<Column> columns;
    std::int64_t examples() const { return columns.empty() ? 0 : columns.front().values.shape.front(); }
    const Column* column(std::string_view name) const;
};

struct DataSet {
    std::string name;  // as the recipe wrote it: "fashion_mnist"
    std::shared_ptr<const Table> training;
    std::shared_ptr<const Table> test;  // null: the set has none
    bool continuous = false;            // examples go on where the one before ended: neither shuffled nor drawn from the middle
    std::vector<std::string> vocabulary = {};  // of text: what each token stands for, empty for bytes
};

/// Some examples of a table, in an order.
struct Subset {
    std::shared_ptr<const Table> table;
    std::vector<std::int64_t> rows;
    std::int64_t examples() const { return std::ssize(rows); }
};
Subset everything(std::shared_ptr<const Table>);

/// Hold-out validation.
struct Split {
    Subset training, validation;
};
/// Takes round(fraction * examples) examples for validation.  Where `label` names a column of integers with one number an example
/// the split is stratified: every class gives its share, by largest remainders.  The `repeat`-th split of one seed is always the
/// same, and rows of both parts ascend.  Fails with E0453 when a part would be empty.
Split hold_out(const std::shared_ptr<const Table>&, double fraction, std::uint64_t seed, std::int64_t repeat = 0,
               std::string_view label = {});

/// The same for examples that go on where the one before ended: the last ones are held out.
Split hold_out_end(const std::shared_ptr<const Table>&, double fraction);

/// Orders examples that go on where the one before ended so that consecutive batches of `batch` have rows that do: with S full
/// batches row b of batch s is example b * S + s.  Those behind are left out; fewer than one batch stay as they are.
Subset continued(Subset, std::int64_t batch);

/// Makes `order` the permutation of 0 … size-1 that `seed` and `epoch` give, by Fisher-Yates on Philox numbers: the same on
/// every machine.
void permutation(std::uint64_t seed, std::int64_t epoch, std::vector<std::int64_t>& order);

}  // namespace dlc::data
