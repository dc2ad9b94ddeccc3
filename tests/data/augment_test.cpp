#include "runtime/data/augment.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <set>

#include "runtime/data/feed.h"
#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

namespace {

using Values = std::vector<float>;

bool nothing(const Values& values) {
    return std::ranges::all_of(values, [](float value) { return value == 0; });
}
template <class Real>
bool near(const std::vector<Real>& one, const std::vector<Real>& other, double tolerance) {
    return std::ranges::equal(one, other, [&](Real a, Real b) { return std::abs(a - b) <= tolerance; });
}

/// What `change` makes of some planes of height by width.
template <class Change>
Values changed(Values from, std::int64_t height, std::int64_t width, Change change) {
    Values to(from.size(), -1);
    const std::int64_t planes = std::ssize(from) / (height * width);
    change(Pictures<float>{to, planes, height, width}, std::span<const float>(from));
    return to;
}

Augment augment(const char* name, GivenArguments given, std::string field = "image") {
    const Augmentation* kind = augmentation_named(name);
    return {kind, arguments_of(name, kind->options, given, source::code("E0401")), std::move(field)};
}

/// `examples` pictures of 2 planes of 3 by 4, all different, and their numbers.
std::shared_ptr<const Table> pictures(std::int64_t examples) {
    Table table;
    table.columns.push_back({"image", Array(DLC_F32, {examples, 2, 3, 4})});
    table.columns.push_back({"id", Array(DLC_I32, {examples})});
    const auto pixels = table.columns[0].values.as<float>();
    std::iota(pixels.begin(), pixels.end(), 1.0f);
    const auto ids = table.columns[1].values.as<std::int32_t>();
    std::iota(ids.begin(), ids.end(), 0);
    return std::make_shared<const Table>(std::move(table));
}
std::vector<Field> fields(std::int64_t batch) { return {{"image", DLC_F32, {batch, 2, 3, 4}}, {"id", DLC_I32, {batch}}}; }

/// The picture of each example, by its number.
std::map<int, Values> by_id(const Batch& batch) {
    std::map<int, Values> all;
    const auto* pixels = reinterpret_cast<const float*>(batch.fields[0].data());
    const auto* ids = reinterpret_cast<const std::int32_t*>(batch.fields[1].data());
    for (std::int64_t i = 0; i < batch.examples; ++i) all[ids[i]] = {pixels + 24 * i, pixels + 24 * (i + 1)};
    return all;
}
/// What one augmentation makes of `from`, a picture of one plane, in each of many epochs.
std::vector<Values> drawn(const Augment& one, const Values& from, std::int64_t height, std::int64_t width) {
    Augmenter augmenter({one}, {{"image", DLC_F32, {1, height, width}}}, 7);
    std::vector<Values> all;
    for (std::int64_t epoch = 0; epoch < 400; ++epoch) {
        std::vector<std::vector<std::byte>> batch(1);
        batch[0].resize(4 * from.size());
        std::memcpy(batch[0].data(), from.data(), batch[0].size());
        augmenter.apply(batch, 0, epoch, 3);
        Values& to = all.emplace_back(from.size());
        std::memcpy(to.data(), batch[0].data(), batch[0].size());
    }
    return all;
}

const Values kTwoPlanes = {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60};  // [2, 2, 3]

}  // namespace

TEST(Pictures, ShiftBringsZerosIn) {
    const auto moved = [](std::int64_t down, std::int64_t right) {
        return changed(kTwoPlanes, 2, 3, [&](auto to, auto from) { shift(to, from, down, right); });
    };
    EXPECT_EQ(moved(0, 0), (Values{1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60}));
    EXPECT_EQ(moved(1, -1), (Values{0, 0, 0, 2, 3, 0, 0, 0, 0, 20, 30, 0}));
    EXPECT_EQ(moved(-1, 2), (Values{0, 0, 4, 0, 0, 0, 0, 0, 40, 0, 0, 0}));
    EXPECT_TRUE(nothing(moved(-5, 0)));
    EXPECT_TRUE(nothing(moved(0, 3)));
}

TEST(Pictures, MirrorTurnsRowsAround) {
    Values values = kTwoPlanes;
    mirror(Pictures<float>{values, 2, 2, 3});
    EXPECT_EQ(values, (Values{3, 2, 1, 6, 5, 4, 30, 20, 10, 60, 50, 40}));
}

TEST(Pictures, RotateTurnsCounterClockwiseAboutTheCentre) {
    const auto turned = [](Values from, std::int64_t side, double degrees) {
        return changed(std::move(from), side, side, [&](auto to, auto f) { rotate(to, f, degrees * std::acos(-1.0) / 180); });
    };
    EXPECT_TRUE(near(turned({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 90), Values{3, 6, 9, 2, 5, 8, 1, 4, 7}, 1e-6));
    EXPECT_TRUE(near(turned({1, 2, 3, 4}, 2, 180), Values{4, 3, 2, 1}, 1e-6));
    // At 45 degrees the corner of a square of 3 comes from (1, 1 - sqrt 2), 0.414 outside: 0.586 of the pixel in the middle of the
    // side; the middle of the top side from (1 - r, 1 + r), r = sqrt 1/2, which weighs four pixels.
    const float r = std::sqrt(0.5f), outside = 2 * r - 1;
    const Values ones = turned(Values(9, 1), 3, 45);
    EXPECT_NEAR(ones[0], 1 - outside, 1e-6);
    EXPECT_NEAR(ones[4], 1, 1e-6);
    const Values once = turned({0, 0, 1, 0, 0, 0, 0, 0, 0}, 3, 45);  // the upper right corner
    EXPECT_NEAR(once[1], r * r, 1e-6);
    EXPECT_NEAR(once[7], 0, 1e-6);
}

TEST(Pictures, CropEnlargesItsWindow) {
    const auto row = [](double share, double left) {
        return changed({0, 10, 20, 30}, 1, 4, [&](auto to, auto from) { crop(to, from, share, 0, left); });
    };
    EXPECT_EQ(row(1, 0), (Values{0, 10, 20, 30}));
    EXPECT_EQ(row(0.5, 1), (Values{7.5, 12.5, 17.5, 22.5}));
    EXPECT_EQ(row(0.5, 0), (Values{0, 2.5, 7.5, 12.5})) << "beyond the border lies the nearest pixel";
    EXPECT_EQ(changed({0, 4, 8, 12}, 2, 2, [](auto to, auto from) { crop(to, from, 0.5, 0.5, 0.5); }), (Values{3, 5, 7, 9}));
}

TEST(Pictures, ResampleWeighsNeighboursAndZerosBeyondTheBorder) {
    const auto between = changed({0, 10, 20, 30}, 1, 4, [](auto to, auto from) {
        resample(to, from, {0, 1, 0, 0.5, 0, 1}, Border::zeros);
    });
    EXPECT_EQ(between, (Values{5, 15, 25, 15}));
    const auto far = changed({1, 2, 3, 4}, 2, 2, [](auto to, auto from) {
        resample(to, from, {1e300, 1, 0, -1e300, 0, 1}, Border::zeros);
    });
    EXPECT_TRUE(nothing(far));
}

TEST(Augmentations, ShiftsOfEverySizeUpToTheLargest) {
    Values dot(49, 0);
    dot[24] = 1;  // in the middle of 7 by 7
    std::map<std::pair<int, int>, int> count;
    for (const auto& moved : drawn(augment("shift", {{"", std::int64_t{1}}}), dot, 7, 7)) {
        const auto at = static_cast<int>(std::ranges::find(moved, 1.0f) - moved.begin());
        ++count[{at / 7 - 3, at % 7 - 3}];
    }
    EXPECT_EQ(count.size(), 9u);
    for (const auto& [by, times] : count) {
        EXPECT_LE(std::max(std::abs(by.first), std::abs(by.second)), 1);
        EXPECT_NEAR(times, 400 / 9.0, 30);  // 4.8 standard deviations
    }
}

TEST(Augmentations, FlipsWithItsProbability) {
    const auto flipped = [](double p) {
        int count = 0;
        for (const auto& to : drawn(augment("flip", {{"p", p}}), {1, 2}, 1, 2)) count += to[0] == 2;
        return count;
    };
    EXPECT_EQ(flipped(0), 0);
    EXPECT_EQ(flipped(1), 400);
    EXPECT_NEAR(flipped(0.25), 100, 45);  // 5 standard deviations
}

TEST(Augmentations, RotateAndCropKeepWithinTheirLimits) {
    // A picture whose values are the distance across from the centre shows the angle: cos of it is the slope along the middle row.
    Values slope;
    for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 5; ++j) slope.push_back(static_cast<float>(j - 2));
    double least = 2, most = -2;
    for (const auto& to : drawn(augment("rotate", {{"", 30.0}}), slope, 5, 5)) {
        least = std::min(least, static_cast<double>(to[13] - to[12]));
        const double sine = to[17] - to[12];  // down
        most = std::max(most, std::abs(sine));
    }
    EXPECT_GE(least, std::cos(std::acos(-1.0) / 6) - 1e-6);
    EXPECT_LE(most, 0.5 + 1e-6);
    EXPECT_GT(most, 0.45) << "angles near the limit are drawn";
    // Of values that grow by 1 a pixel a window grows by its share.
    double narrowest = 2;
    for (const auto& to : drawn(augment("crop", {{"", 0.5}}), slope, 5, 5)) {
        const double share = to[13] - to[12];
        EXPECT_GE(share, 0.5 - 1e-5);
        EXPECT_LE(share, 1 + 1e-5);
        EXPECT_GE(to[12], -2);
        EXPECT_LE(to[12], 2);
        narrowest = std::min(narrowest, share);
    }
    EXPECT_LT(narrowest, 0.55);
}

TEST(Augmentations, NoiseHasItsMomentsAndNoTwoPixelsShareIt) {
    double sum = 0, squares = 0;
    std::set<float> values;
    const auto all = drawn(augment("noise", {{"", 0.5}}), Values(49, 1), 7, 7);
    for (const auto& to : all)
        for (const float value : to) {
            sum += value - 1;
            squares += (value - 1) * (value - 1);
            values.insert(value);
        }
    const double count = 400 * 49;
    EXPECT_NEAR(sum / count, 0, 5 * 0.5 / std::sqrt(count));
    EXPECT_NEAR(std::sqrt(squares / count), 0.5, 5 * 0.5 / std::sqrt(2 * count));
    EXPECT_GT(values.size(), 19500u) << "numbers of 24 bits coincide now and then";
}

TEST(Augmentations, EveryTypeOfRealsSeesTheSameChange) {
    const std::vector<Augment> list = {augment("shift", {{"", std::int64_t{1}}}), augment("rotate", {{"", 20.0}}),
                                       augment("noise", {{"", 0.25}})};
    std::map<dlc_type, std::vector<double>> results;
    for (const dlc_type type : {DLC_F16, DLC_BF16, DLC_F32, DLC_F64}) {
        Augmenter augmenter(list, {{"image", type, {2, 4, 4}}}, 5);
        std::vector<std::vector<std::byte>> batch(1);
        batch[0].resize(static_cast<std::size_t>(32 * size_of(type)));
        for (std::int64_t i = 0; i < 32; ++i) store(type, batch[0].data(), i, static_cast<double>(i % 16));
        augmenter.apply(batch, 1, 2, 9);
        for (std::int64_t i = 0; i < 16; ++i)
            EXPECT_EQ(load(type, batch[0].data(), i), static_cast<double>(i)) << "the other example";
        for (std::int64_t i = 16; i < 32; ++i) results[type].push_back(load(type, batch[0].data(), i));
    }
    EXPECT_TRUE(near(results[DLC_F32], results[DLC_F64], 1e-4));
    EXPECT_TRUE(near(results[DLC_F16], results[DLC_F64], 0.05));
    EXPECT_TRUE(near(results[DLC_BF16], results[DLC_F64], 0.3));
    EXPECT_NE(results[DLC_F64][5], 5);
}

TEST(AugmentedFeed, AnExampleChangesByItsRowAndEpochAlone) {
    const std::vector<Augment> list = {augment("shift", {{"", std::int64_t{1}}}), augment("flip", {}),
                                       augment("rotate", {{"", 10.0}}), augment("crop", {{"", 0.7}}),
                                       augment("noise", {{"", 0.1}})};
    const auto table = pictures(12);
    const auto epochs = [&](std::int64_t batch, std::uint64_t seed, int ahead) {
        const auto feed = shuffled(everything(table), fields(batch), seed, list, ahead);
        std::vector<std::map<int, Values>> all(3);
        for (auto& epoch : all)
            for (std::int64_t step = 0; step < feed->steps_per_epoch(); ++step) epoch.merge(by_id(feed->next()));
        return all;
    };
    const auto fours = epochs(4, 3, 1), threes = epochs(3, 3, 5), others = epochs(4, 4, 1);
    EXPECT_EQ(fours, threes) << "neither the batch nor how far ahead it is made";
    for (int id = 0; id < 12; ++id) {
        EXPECT_NE(fours[0].at(id), fours[1].at(id)) << "every epoch another change";
        EXPECT_NE(fours[0].at(id), others[0].at(id)) << "and every seed";
    }
    // The rows of a part of the table are those of the table.
    const auto half = shuffled({table, {1, 3, 5, 7}}, fields(4), 3, list);
    for (const auto& [id, picture] : by_id(half->next())) EXPECT_EQ(picture, fours[0].at(id));
}

TEST(AugmentedFeed, GoesOnFromAnyStep) {
    const std::vector<Augment> list = {augment("flip", {}), augment("noise", {{"", 0.1}})};
    const auto make = [&](bool in_rows) {
        return in_rows ? continuous(everything(pictures(20)), fields(4), 9, list)
                       : shuffled(everything(pictures(20)), fields(4), 9, list);
    };
    for (const bool in_rows : {false, true}) {
        const auto whole = make(in_rows);
        std::vector<std::map<int, Values>> steps;
        for (int step = 0; step < 15; ++step) steps.push_back(by_id(whole->next()));
        const auto resumed = make(in_rows);
        resumed->seek(7);
        for (std::size_t step = 7; step < 15; ++step) EXPECT_EQ(by_id(resumed->next()), steps[step]);
        EXPECT_NE(steps[0], steps[5]) << "the same examples an epoch later";
    }
}

TEST(AugmentedFeed, OtherFieldsStayAsTheyAre) {
    const auto feed = shuffled(everything(pictures(8)), fields(8), 1, {augment("noise", {{"", 1.0}}, "nothing")});
    for (const auto& [id, picture] : by_id(feed->next())) EXPECT_EQ(picture.front(), static_cast<float>(24 * id + 1));
}
