#include "compiler/ir/library.h"

namespace dlc::ir {

// Made by CMake from the files of compiler/ir/library/.
extern const LibraryOperation* const kLibraryOperationRows[];

const LibraryOperation* find_library(std::string_view name) {
    for (const LibraryOperation* const* row = kLibraryOperationRows; *row; ++row)
        if ((*row)->name == name) return *row;
    return nullptr;
}

}  // namespace dlc::ir
