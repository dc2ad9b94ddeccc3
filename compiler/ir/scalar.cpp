#include "compiler/ir/scalar.h"

#include <unordered_map>

namespace dlc::ir {

// Made by CMake from the files of compiler/scalars/.
extern const Scalar* const kScalarRows[];

std::span<const Scalar* const> all_scalars() {
    static const std::size_t count = [] {
        std::size_t rows = 0;
        while (kScalarRows[rows]) ++rows;
        return rows;
    }();
    return {kScalarRows, count};
}

const Scalar* find_scalar(std::string_view name) {
    static const auto by_name = [] {
        std::unordered_map<std::string_view, const Scalar*> rows;
        for (const Scalar* scalar : all_scalars()) rows.emplace(scalar->name, scalar);
        return rows;
    }();
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

}  // namespace dlc::ir
