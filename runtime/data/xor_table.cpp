#include "runtime/data/sets.h"

namespace dlc::data {

DataSet xor_table() {
    Table table;
    table.columns.push_back({"x", Array(DLC_F32, {4, 2})});
    table.columns.push_back({"y", Array(DLC_F32, {4})});
    for (std::size_t row = 0; row < 4; ++row) {
        const std::size_t a = row / 2, b = row % 2;
        table.columns[0].values.as<float>()[2 * row] = static_cast<float>(a);
        table.columns[0].values.as<float>()[2 * row + 1] = static_cast<float>(b);
        table.columns[1].values.as<float>()[row] = static_cast<float>(a ^ b);
    }
    const auto shared = std::make_shared<const Table>(std::move(table));
    return {"xor", shared, shared};
}

namespace rows {
DLC_ROW(Source, exclusive_or) = {
    .name = "xor",
    .doc = "the four rows of exclusive or: x f32[2], y f32",
    .options = {},
    .load = [](const Arguments&) { return xor_table(); },
};
}  // namespace rows
}  // namespace dlc::data
