// The data sets a recipe may name: `data = fashion_mnist()`.
#pragma once
#include <filesystem>
#include <span>
#include <string_view>

#include "runtime/data/table.h"

namespace dlc::data {

/// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 60 000 training and 10 000 test examples; `image` u8[28, 28] seen as [0, 1], `label`
/// i32.  From `$DLC_DATA/fashion-mnist` when DLC_DATA is set, else where Debian's package dataset-fashion-mnist puts it.  Fails
/// with source::EnvironmentError, which says what to install.
DataSet fashion_mnist();
/// The same from a folder with the four IDX files (gzip).
DataSet fashion_mnist(const std::filesystem::path& folder);

/// Every array of an .npz file is a column.  Arrays `test/NAME` form the test set.  Fails with source::EnvironmentError (file) or
/// E0452 (arrays that disagree in their first extent).
DataSet arrays(const std::filesystem::path& npz);

/// The four rows of exclusive or: `x` f32[2], `y` f32.  The test set is the same rows.
DataSet xor_table();

/// A data set a recipe can name.  A row of the table: one file each.
struct Source {
    std::string_view name;
    std::string_view doc;
    bool takes_path;  // its argument is a file's path; otherwise it takes none
    DataSet (*load)(const std::filesystem::path& argument);
};
std::span<const Source* const> sources();

}  // namespace dlc::data

// The same row macro as the compiler's tables have; CMake collects the rows.
#ifndef DLC_ROW
#define DLC_ROW(Kind, identifier) \
    extern const Kind identifier; \
    const Kind identifier
#endif
