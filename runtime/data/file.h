// Whole files in and out, with errors a user can act on.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dlc::data {

/// Fails with source::EnvironmentError when it cannot be opened or read.
std::vector<std::byte> read_file(const std::filesystem::path&);

/// Unpacks gzip members; bytes that are not gzip are given back as they are.  Fails with source::EnvironmentError when they end
/// early or are damaged; `path` is for the message.
std::vector<std::byte> unpacked(std::vector<std::byte>, const std::filesystem::path& path);

/// Writes the parts one after another into a temporary file beside `path`, flushes it, renames it to `path` and flushes the folder:
/// a reader sees the old file or the whole new one, also after a crash.  A link stays a link to the new file; a device or a pipe is
/// written to as it is, never replaced.  Fails with source::EnvironmentError (no space, not writable, a folder); the old file is
/// then untouched and the temporary one gone.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts);

/// Removes what killed processes left of write_file_atomically in a folder.
void remove_leftovers(const std::filesystem::path& folder);

/// "PATH: WHAT" as a source::UserError (E0457): what the user's file holds is wrong.
[[noreturn]] void fail_data(const std::filesystem::path&, const std::string& what);
/// "PATH: WHAT" as a source::EnvironmentError.
[[noreturn]] void fail_file(const std::filesystem::path&, const std::string& what);

}  // namespace dlc::data
