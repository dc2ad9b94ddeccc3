// Operations that no equation says well, with their meaning over double: a table, one row each.
#pragma once
#include <span>
#include <string_view>

#include "compiler/ir/interpreter.h"

namespace dlc::ir {

struct LibraryOperation {
    std::string_view name;
    std::string_view doc;
    /// The result's shape is given; fills its values.
    void (*meaning)(std::span<const Tensor* const> inputs, std::span<const double> attributes, Tensor& result);
};
const LibraryOperation* find_library(std::string_view name);

}  // namespace dlc::ir
