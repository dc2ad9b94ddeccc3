#include <fmt/format.h>

#include "dsl/source/diagnostic.h"
#include "runtime/data/numpy.h"
#include "runtime/data/sets.h"

namespace dlc::data {
namespace {

std::shared_ptr<const Table> table_of(NamedArrays arrays, const std::filesystem::path& path) {
    Table table;
    for (auto& [name, array] : arrays) {
        const auto fail = [&](const std::string& what) {
            throw source::UserError(source::error(source::code("E0452"), fmt::format("{}: {}", path.string(), what)));
        };
        if (array.shape.empty()) fail(fmt::format("`{}` is one number; a column's first axis counts examples", name));
        if (!table.columns.empty() && array.shape.front() != table.examples())
            fail(fmt::format("`{}` holds {} examples, `{}` holds {}", table.columns.front().name, table.examples(), name,
                             array.shape.front()));
        table.columns.push_back({name, std::move(array)});
    }
    return std::make_shared<const Table>(std::move(table));
}

}  // namespace

DataSet arrays(const std::filesystem::path& path) {
    constexpr std::string_view kTest = "test/";
    NamedArrays training, test;
    for (auto& [name, array] : read_npz(path))
        if (name.starts_with(kTest))
            test.emplace(name.substr(kTest.size()), std::move(array));
        else
            training.emplace(name, std::move(array));
    if (training.empty())
        throw source::UserError(
            source::error(source::code("E0452"), fmt::format("{}: holds no arrays to train on", path.string())));
    DataSet set{"arrays", table_of(std::move(training), path), nullptr};
    if (!test.empty()) set.test = table_of(std::move(test), path);
    return set;
}

namespace rows {
DLC_ROW(Source, npz) = {
    .name = "arrays",
    .doc = "the arrays of an .npz file, one a column; `test/NAME` are the test set's",
    .options = {{.name = "file", .fallback = std::string(), .required = true}},
    .load = [](const Arguments& given) { return arrays(given.string("file")); },
};
}  // namespace rows
}  // namespace dlc::data
