// The IDX format of MNIST and its kin, plain or packed by gzip: http://yann.lecun.com/exdb/mnist.
#pragma once
#include <filesystem>

#include "runtime/data/array.h"

namespace dlc::data {

/// Fails with source::EnvironmentError when the file is no IDX file, is truncated, or has bytes left over.
Array read_idx(const std::filesystem::path&);

}  // namespace dlc::data
