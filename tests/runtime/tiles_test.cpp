// Tiles cover every number of examples in order, with little left over.
#include "runtime/tiles.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dlc::runtime {
namespace {

TEST(Tiles, CoverInOrder) {
    const std::vector<std::vector<std::int64_t>> choices = {{1, 8, 64}, {32}, {1, 32, 128}, {3, 7}, {1}};
    for (const auto& sizes : choices)
        for (std::int64_t examples = 0; examples < 400; ++examples) {
            std::int64_t next = 0, time = 0;
            for (const Tile& t : tiles(examples, sizes)) {
                EXPECT_EQ(t.first, next);
                EXPECT_TRUE(t.count >= 1 && t.count <= t.size && std::ranges::count(sizes, t.size) == 1);
                next += t.count;
                time += t.size + 8;
                EXPECT_TRUE(t.count == t.size || next == examples) << "only the last one is filled up";
            }
            EXPECT_EQ(next, examples);
            // No slower, by that measure, than runs of any one size.
            for (const std::int64_t size : sizes)
                EXPECT_TRUE(examples > sizes.back() || time <= (examples + size - 1) / size * (size + 8)) << examples;
        }
}

TEST(Tiles, SizesThatFitAreOneRun) {
    const std::vector<std::int64_t> sizes = {1, 8, 64};
    for (const std::int64_t size : sizes) EXPECT_EQ(tiles(size, sizes), (std::vector<Tile>{{size, 0, size}}));
    EXPECT_EQ(tiles(100, sizes), (std::vector<Tile>{{64, 0, 64}, {64, 64, 36}}));
    EXPECT_EQ(tiles(65, sizes), (std::vector<Tile>{{64, 0, 64}, {1, 64, 1}}));
    EXPECT_EQ(tiles(3, sizes), (std::vector<Tile>{{8, 0, 3}}));
    EXPECT_EQ(tiles(20, sizes), (std::vector<Tile>{{8, 0, 8}, {8, 8, 8}, {8, 16, 4}}));
    EXPECT_TRUE(tiles(0, sizes).empty());
}

}  // namespace
}  // namespace dlc::runtime
