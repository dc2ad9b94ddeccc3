#include "runtime/data/table.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "runtime/data/numpy.h"
#include "runtime/data/philox.h"
#include "runtime/data/sets.h"
#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

namespace {

std::shared_ptr<const Table> labelled(const std::vector<int>& labels) {
    Table table;
    table.columns.push_back({"x", Array(DLC_F32, {std::ssize(labels), 2})});
    table.columns.push_back({"label", Array(DLC_I32, {std::ssize(labels)})});
    std::copy(labels.begin(), labels.end(), table.columns[1].values.as<std::int32_t>().begin());
    return std::make_shared<const Table>(std::move(table));
}

}  // namespace

TEST(Philox, GivesThePublishedNumbers) {
    // From the known answers of Random123, the authors' library (kat_vectors, philox4x32 10).
    EXPECT_EQ(philox({0, 0, 0, 0}, 0), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, ~std::uint64_t{0}), (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, std::uint64_t{0x299f31d0} << 32 | 0xa4093822),
              (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Permutation, IsAFunctionOfSeedAndEpoch) {
    std::vector<std::int64_t> first(1000), again(1000), other(1000);
    permutation(1, 0, first);
    permutation(1, 0, again);
    EXPECT_EQ(first, again);
    permutation(1, 1, other);
    EXPECT_NE(first, other);
    permutation(2, 0, other);
    EXPECT_NE(first, other);
    EXPECT_EQ(std::set(first.begin(), first.end()).size(), 1000u);
    std::vector<std::int64_t> few(5);
    permutation(42, 3, few);
    EXPECT_EQ(few, (std::vector<std::int64_t>{3, 0, 1, 4, 2})) << "these bits are promised: a resumed run depends on them";
}

TEST(PropertyPermutation, IsUniform) {
    int counts[4][4] = {};
    std::vector<std::int64_t> order(4);
    constexpr int kTrials = 24000;
    for (int epoch = 0; epoch < kTrials; ++epoch) {
        permutation(9, epoch, order);
        for (std::size_t i = 0; i < 4; ++i) ++counts[i][order[i]];
    }
    for (const auto& row : counts)
        for (const int count : row) EXPECT_NEAR(count, kTrials / 4, 5 * std::sqrt(kTrials * 3 / 16.0));
}

TEST(HoldOut, EveryClassGivesItsShare) {
    std::vector<int> labels;
    for (int i = 0; i < 600; ++i) labels.push_back(i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2);  // 300, 200, 100
    const auto table = labelled(labels);
    const Split split = hold_out(table, 0.1, 7, 0, "label");
    int counts[3] = {};
    for (const std::int64_t row : split.validation.rows) ++counts[labels[static_cast<std::size_t>(row)]];
    EXPECT_EQ(counts[0], 30);
    EXPECT_EQ(counts[1], 20);
    EXPECT_EQ(counts[2], 10);
    std::vector<std::int64_t> all = split.training.rows;
    all.insert(all.end(), split.validation.rows.begin(), split.validation.rows.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, everything(table).rows) << "each row is in one part";
    EXPECT_TRUE(std::is_sorted(split.training.rows.begin(), split.training.rows.end()));
}

TEST(HoldOut, TheKthSplitIsAlwaysTheSame) {
    const auto table = labelled(std::vector<int>(100, 0));
    EXPECT_EQ(hold_out(table, 0.2, 7, 3).validation.rows, hold_out(table, 0.2, 7, 3).validation.rows);
    EXPECT_NE(hold_out(table, 0.2, 7, 3).validation.rows, hold_out(table, 0.2, 7, 4).validation.rows);
    EXPECT_NE(hold_out(table, 0.2, 7, 3).validation.rows, hold_out(table, 0.2, 8, 3).validation.rows);
    EXPECT_EQ(hold_out(table, 0.2, 7).validation.examples(), 20);
}

TEST(HoldOut, LargestRemaindersFillUp) {
    const auto table = labelled({0, 0, 0, 1, 1, 1, 2, 2, 2, 2});  // shares of 3: 0.9, 0.9, 1.2
    const Split split = hold_out(table, 0.3, 1, 0, "label");
    std::multiset<int> classes;
    for (const std::int64_t row : split.validation.rows)
        classes.insert(table->column("label")->values.as<std::int32_t>()[static_cast<std::size_t>(row)]);
    EXPECT_EQ(classes, (std::multiset<int>{0, 1, 2}));
}

TEST(HoldOut, AnEmptyPartIsAnError) {
    const auto table = labelled({0, 1, 0, 1});
    EXPECT_EQ(user_error([&] { hold_out(table, 0.1, 1); }), "E0453: holding out 0.1 of 4 examples leaves none for validation");
    EXPECT_EQ(user_error([&] { hold_out(table, 1, 1); }),
              "E0453: holding out 1 of 4 examples leaves all for validation and none for training");
}

TEST(Sources, ARecipeFindsThemByName) {
    std::set<std::string_view> names;
    for (const Source* source : sources()) names.insert(source->name);
    EXPECT_EQ(names, (std::set<std::string_view>{"arrays", "bible_kjv", "copy_task", "csv", "digits", "fashion_mnist", "karate",
                                                 "reversed_sequences", "ring_of_gaussians", "set_sum", "text", "xor"}));
    for (const Source* source : sources())
        if (source->name == "xor") {
            const DataSet set = source->load({});
            EXPECT_EQ(set.training->examples(), 4);
            const auto x = set.training->column("x")->values.as<float>();
            const auto y = set.training->column("y")->values.as<float>();
            for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(y[i], static_cast<float>(x[2 * i] != x[2 * i + 1]));
        }
}

TEST(Arrays, AreTheColumnsOfAnNpzFile) {
    const TemporaryFolder folder;
    write_npz(folder / "d.npz", {{"x", Array(DLC_F32, {5, 2})}, {"y", Array(DLC_I64, {5})}, {"test/x", Array(DLC_F32, {3, 2})}});
    const DataSet set = arrays(folder / "d.npz");
    EXPECT_EQ(set.training->examples(), 5);
    EXPECT_EQ(set.test->examples(), 3);
    EXPECT_EQ(set.test->column("y"), nullptr);
    write_npz(folder / "d.npz", {{"x", Array(DLC_F32, {5, 2})}, {"y", Array(DLC_I64, {4})}});
    EXPECT_EQ(user_error([&] { arrays(folder / "d.npz"); }),
              "E0452: " + (folder / "d.npz").string() + ": `x` holds 5 examples, `y` holds 4");
    write_npz(folder / "d.npz", {{"x", Array(DLC_F32, {})}});
    EXPECT_NE(user_error([&] { arrays(folder / "d.npz"); }).find("`x` is one number"), std::string::npos);
    write_npz(folder / "d.npz", {});
    EXPECT_NE(user_error([&] { arrays(folder / "d.npz"); }).find("no arrays"), std::string::npos);
}
