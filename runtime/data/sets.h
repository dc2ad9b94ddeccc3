// The data sets a recipe may name: `data = fashion_mnist()`, `data = text("book.txt", length = 64)`.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/data/arguments.h"
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

/// A table as text (RFC 4180), gzip or not: a head line of names, then a line an example.  Every column goes by its name: integers
/// as i32, other numbers as f32, words as i32 in alphabetical order of the words.  `x` f32[D] has all columns of numbers but the
/// target's, and `y` is the target, unless columns are called so.  Fails with source::EnvironmentError that names line and column.
DataSet csv(const std::filesystem::path& file, const std::string& target);

/// Handwritten digits (Alpaydin & Kaynak 1998), from scikit-learn's file digits.csv, gzip or not: `image` u8[8, 8] seen as [0, 1]
/// and `label` i32; the first 1500 are for training.  Fails with source::EnvironmentError.
DataSet digits(const std::filesystem::path& file);

/// Zachary's karate club (1977): 34 members, 78 ties, and the two clubs it split into.  One example: `from`, `to` i32[156] are the
/// ties in both directions, `label` i32[34] the later club of each member, `known` f32[34] is 1 for its two leaders.  Test: the
/// same.
DataSet karate();

/// A data set a recipe can name.  A row of the table: one file each.
struct Source {
    std::string_view name;
    std::string_view doc;
    std::vector<Option> options;
    DataSet (*load)(const Arguments&);
};
std::span<const Source* const> sources();

/// The arguments of a call of it.  Fails with E0403.
Arguments arguments_of(const Source&, const GivenArguments&);

}  // namespace dlc::data

// The same row macro as the compiler's tables have; CMake collects the rows.
#ifndef DLC_ROW
#define DLC_ROW(Kind, identifier) \
    extern const Kind identifier; \
    const Kind identifier
#endif
