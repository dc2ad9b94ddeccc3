// The files beside the tests.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace dlc::text {

inline std::vector<std::filesystem::path> files_in(const std::string& folder, const std::string& extension) {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(DLC_SOURCE_DIR "/tests/text/" + folder))
        if (entry.path().extension() == extension) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    EXPECT_FALSE(out.empty()) << folder;
    return out;
}

inline std::string contents(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Holds `text` against the file beside `input` that ends in `.expected`; DLC_UPDATE_GOLDEN=1 writes it instead.
inline void expect_golden(std::filesystem::path input, const std::string& text) {
    const std::filesystem::path expected = input.replace_extension(".expected");
    if (std::getenv("DLC_UPDATE_GOLDEN"))
        std::ofstream(expected, std::ios::binary) << text;
    else
        EXPECT_EQ(text, contents(expected)) << expected << "; rewrite it with DLC_UPDATE_GOLDEN=1";
}

}  // namespace dlc::text
