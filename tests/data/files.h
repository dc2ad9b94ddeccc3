// A folder for one test's files, and errors as text.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "dsl/source/diagnostic.h"

struct TemporaryFolder {
    std::filesystem::path path;
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "dlc-test-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path operator/(const std::string& name) const { return path / name; }
    std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path / name, std::ios::binary) << bytes;
        return path / name;
    }
};

inline std::string gzip(const std::string& bytes) {
    z_stream z = {};
    deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&z, bytes.size()) + 32, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    z.avail_in = static_cast<uInt>(bytes.size());
    z.next_out = reinterpret_cast<Bytef*>(packed.data());
    z.avail_out = static_cast<uInt>(packed.size());
    deflate(&z, Z_FINISH);
    packed.resize(z.total_out);
    deflateEnd(&z);
    return packed;
}

inline std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The message of the error of type E that `act` throws, without the folder's path.
template <class E, class Act>
std::string error_of(const TemporaryFolder& folder, Act act) {
    try {
        act();
    } catch (const E& error) {
        std::string text = error.what();
        const std::string prefix = folder.path.string() + "/";
        for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
        return text;
    }
    return "nothing was thrown";
}
template <class Act>
std::string environment_error(const TemporaryFolder& folder, Act act) {
    return error_of<dlc::source::EnvironmentError>(folder, act);
}
/// Of what the user's file holds.
template <class Act>
std::string data_error(const TemporaryFolder& folder, Act act) {
    return error_of<dlc::source::UserError>(folder, act);
}

/// "E0452: message" of the UserError that `act` throws.
template <class Act>
std::string user_error(Act act) {
    try {
        act();
    } catch (const dlc::source::UserError& error) {
        return std::string(error.diagnostic.code.text) + ": " + error.diagnostic.message;
    }
    return "nothing was thrown";
}
