// The part of the zip format that .npz files use: stored and deflated entries, without encryption; sizes beyond 4 GiB when reading.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dlc::data {

struct ZipEntry {
    std::string name;
    std::vector<std::byte> bytes;
};

/// Fails with source::EnvironmentError: not a zip file, truncated, damaged (checksum), an unknown method.
std::vector<ZipEntry> read_zip(const std::filesystem::path&);

/// Fails with source::EnvironmentError, also where the archive would exceed 4 GiB.
void write_zip(const std::filesystem::path&, std::span<const ZipEntry>, bool deflate);

}  // namespace dlc::data
