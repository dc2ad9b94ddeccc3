// How a row of small kernels is cut into those that are joined.
#include "compiler/kernels/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace dlc::kernels {
namespace {

/// A letter for each thing of the row; things with one letter are alike.
std::vector<ir::Digest> keys(const std::string& row) {
    std::vector<ir::Digest> all;
    for (const char letter : row) all.push_back(ir::digest(std::string_view(&letter, 1)));
    return all;
}
/// The letters of each batch.
std::vector<std::string> cut(const std::string& row, std::size_t most) {
    std::vector<std::string> all;
    for (const std::vector<std::size_t>& batch : batches(keys(row), most)) {
        all.emplace_back();
        for (const std::size_t i : batch) all.back() += row[i];
    }
    return all;
}
std::string repeated(const std::string& layer, int times) {
    std::string row;
    for (int t = 0; t < times; ++t) row += layer;
    return row;
}
using Strings = std::vector<std::string>;

TEST(Batches, AShortRowIsOne) {
    EXPECT_EQ(cut("", 4), Strings{});
    EXPECT_EQ(cut("abab", 4), Strings{"abab"});
}

TEST(Batches, EqualLayersGiveEqualBatches) {
    EXPECT_EQ(cut("e" + repeated("wbv", 3) + "o", 4), (Strings{"wbv", "wbv", "wbv", "eo"}));
}

TEST(Batches, ALargeLayerIsCutAlikeEachTime) {
    EXPECT_EQ(cut("e" + repeated("abcdefg", 2) + "o", 4), (Strings{"abc", "defg", "abc", "defg", "eo"}));
}

TEST(Batches, TheLongestStretchCounts) {
    // Each layer begins with four alike, which would be a repetition too.
    EXPECT_EQ(cut(repeated("aaaabc", 3), 6), (Strings{"aaaabc", "aaaabc", "aaaabc"}));
}

TEST(Batches, WithoutRepetitionTheyAreFull) { EXPECT_EQ(cut("abcdefghij", 4), (Strings{"abcd", "efgh", "ij"})); }

TEST(Batches, MoreLayersAreNoMoreKindsOfBatches) {
    const auto kinds = [](int layers) {
        const Strings all = cut("ep" + repeated("aabcbcbcbcaabcdb", layers) + "aahb", 16);
        return std::set<std::string>(all.begin(), all.end()).size();
    };
    for (const int layers : {3, 4, 12}) EXPECT_EQ(kinds(layers), kinds(2)) << layers;
}

TEST(PropertyBatches, EachThingIsInOneBatchOfLimitedSize) {
    std::mt19937 random(17);
    for (int trial = 0; trial < 500; ++trial) {
        const std::size_t most = 1 + random() % 9;
        std::string row;
        while (random() % 8 != 0) {
            std::string layer;
            for (std::size_t i = 0; i < 1 + random() % 12; ++i) layer += static_cast<char>('a' + random() % 4);
            row += repeated(layer, static_cast<int>(1 + random() % 4));
        }
        std::set<std::size_t> seen;
        for (const std::vector<std::size_t>& batch : batches(keys(row), most)) {
            EXPECT_FALSE(batch.empty()) << row;
            EXPECT_LE(batch.size(), most) << row;
            EXPECT_TRUE(std::ranges::is_sorted(batch)) << row;
            for (const std::size_t i : batch) EXPECT_TRUE(seen.insert(i).second) << row;
        }
        EXPECT_EQ(seen.size(), row.size()) << row;
    }
}

}  // namespace
}  // namespace dlc::kernels
