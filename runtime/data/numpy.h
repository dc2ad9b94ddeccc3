// NumPy's .npy and .npz files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#pragma once
#include <filesystem>

#include "runtime/data/array.h"

namespace dlc::data {

/// Element types of ours, and i16, u16 (read as i32), u32, u64 (as i64); both byte orders; C and Fortran order.  Fails with
/// source::EnvironmentError, which names the file, the array in it and what is wrong.
Array read_npy(const std::filesystem::path&);
/// All arrays of an archive by name, stored or deflated, their checksums verified.
NamedArrays read_npz(const std::filesystem::path&);

/// bf16, which NumPy lacks, is written as f32.  Files appear whole or not at all.
void write_npy(const std::filesystem::path&, const Array&);
enum class Packing { stored, deflated };
void write_npz(const std::filesystem::path&, const NamedArrays&, Packing = Packing::stored);

}  // namespace dlc::data
