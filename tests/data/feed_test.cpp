#include "runtime/data/feed.h"

#include <chrono>
#include <set>
#include <thread>

#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

namespace {

/// Examples whose `id` is their number.
std::shared_ptr<const Table> numbered(std::int64_t examples) {
    Table table;
    table.columns.push_back({"id", Array(DLC_I32, {examples})});
    table.columns.push_back({"image", Array(DLC_U8, {examples, 2, 2}), 1.0 / 255});
    for (std::int64_t i = 0; i < examples; ++i) {
        table.columns[0].values.as<std::int32_t>()[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i);
        for (std::int64_t p = 0; p < 4; ++p)
            table.columns[1].values.as<std::uint8_t>()[static_cast<std::size_t>(4 * i + p)] = static_cast<std::uint8_t>(i + p);
    }
    return std::make_shared<const Table>(std::move(table));
}

std::vector<int> ids(const Batch& batch, std::size_t field = 0) {
    const auto* values = reinterpret_cast<const std::int32_t*>(batch.fields[field].data());
    return {values, values + batch.fields[field].size() / 4};
}

const std::vector<Field> kIds4 = {{"id", DLC_I32, {4}}};

}  // namespace

TEST(Shuffled, AnEpochVisitsEveryExampleOnceButTheRest) {
    const auto feed = shuffled(everything(numbered(22)), kIds4, 3);
    EXPECT_EQ(feed->steps_per_epoch(), 5);
    std::vector<std::set<int>> epochs;
    std::vector<int> order;
    for (int epoch = 0; epoch < 3; ++epoch) {
        std::set<int> seen;
        for (int step = 0; step < 5; ++step) {
            const Batch& batch = feed->next();
            EXPECT_EQ(batch.step, epoch * 5 + step);
            EXPECT_EQ(batch.examples, 4);
            for (const int id : ids(batch)) EXPECT_TRUE(seen.insert(id).second) << "example " << id << " comes twice";
        }
        EXPECT_EQ(seen.size(), 20u);
        epochs.push_back(seen);
    }
    EXPECT_NE(epochs[0], epochs[1]) << "another rest is left out";
}

TEST(Shuffled, TheBatchOfAStepDoesNotDependOnTheWay) {
    std::vector<std::vector<int>> straight;
    {
        const auto feed = shuffled(everything(numbered(50)), kIds4, 11, {}, 2);
        for (int step = 0; step < 60; ++step) straight.push_back(ids(feed->next()));
    }
    const auto feed = shuffled(everything(numbered(50)), kIds4, 11, {}, 7);
    for (const int step : {40, 0, 59, 13, 13, 24}) {
        feed->seek(step);
        EXPECT_EQ(ids(feed->next()), straight[static_cast<std::size_t>(step)]);
        if (step + 1 < 60) { EXPECT_EQ(ids(feed->next()), straight[static_cast<std::size_t>(step) + 1]); }
    }
    const auto other = shuffled(everything(numbered(50)), kIds4, 12);
    EXPECT_NE(ids(other->next()), straight[0]);
}

TEST(Shuffled, BatchesStayWhileTheyAreHeld) {
    const auto feed = shuffled(everything(numbered(64)), kIds4, 5, {}, 1);
    for (int step = 0; step < 50; ++step) {
        const Batch& batch = feed->next();
        const std::vector<int> before = ids(batch);
        std::this_thread::sleep_for(std::chrono::microseconds(200));  // the thread has every chance to write over it
        EXPECT_EQ(ids(batch), before);
    }
}

TEST(Shuffled, EndsWhileItsThreadIsAtWork) {
    for (int i = 0; i < 50; ++i) {
        const auto feed = shuffled(everything(numbered(5000)), {{"image", DLC_F32, {256, 2, 2}}}, 5, {}, 3);
        if (i % 2) feed->next();
    }
}

TEST(Prefetched, AnErrorInItsThreadReachesTheConsumer) {
    const auto feed = prefetched(kIds4, 10, [](std::int64_t step, std::span<std::vector<std::byte>> fields) {
        if (step == 3) throw source::EnvironmentError("the disk is gone");
        fields[0][0] = static_cast<std::byte>(step);
    });
    for (int step = 0; step < 3; ++step) EXPECT_EQ(ids(feed->next())[0], step) << "what was made before is given";
    for (int again = 0; again < 2; ++again) EXPECT_THROW(feed->next(), source::EnvironmentError);
    feed->seek(5);
    EXPECT_EQ(ids(feed->next())[0], 5);
}

TEST(Shuffled, FewerExamplesThanABatchIsAnError) {
    EXPECT_EQ(user_error([] { shuffled(everything(numbered(3)), kIds4, 1); }),
              "E0453: a batch takes 4 examples, but there are only 3 to train on");
}

TEST(Feed, PixelsAreScaledAndRoundedOnce) {
    const auto table = numbered(256);
    const auto single = in_order(everything(table), {{"image", DLC_F32, {256, 2, 2}}});
    const auto twice = in_order(everything(table), {{"image", DLC_F64, {256, 2, 2}}});
    const auto* floats = reinterpret_cast<const float*>(single->next().fields[0].data());
    const auto* doubles = reinterpret_cast<const double*>(twice->next().fields[0].data());
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(floats[4 * i], static_cast<float>(i) / 255.0f);
        EXPECT_DOUBLE_EQ(doubles[4 * i], i / 255.0);
    }
}

TEST(Feed, IntegersAreGivenAsTheyAre) {
    const auto feed = in_order(everything(numbered(2)), {{"id", DLC_I64, {2}}, {"image", DLC_U8, {2, 2, 2}}});
    const Batch& batch = feed->next();
    EXPECT_EQ(reinterpret_cast<const std::int64_t*>(batch.fields[0].data())[1], 1);
    EXPECT_EQ(batch.fields[1][7], std::byte{4});
}

TEST(InOrder, TheLastBatchRepeatsItsFirstExample) {
    const auto feed = in_order(everything(numbered(6)), kIds4);
    EXPECT_EQ(feed->steps_per_epoch(), 2);
    EXPECT_EQ(ids(feed->next()), (std::vector{0, 1, 2, 3}));
    const Batch& rest = feed->next();
    EXPECT_EQ(rest.examples, 2);
    EXPECT_EQ(ids(rest), (std::vector{4, 5, 4, 4}));
    EXPECT_EQ(ids(feed->next()), (std::vector{0, 1, 2, 3})) << "and from the start";
    feed->seek(1);
    EXPECT_EQ(ids(feed->next()), (std::vector{4, 5, 4, 4}));
}

TEST(Given, StepsComeInTheirOrder) {
    Array steps(DLC_I64, {2, 4});
    for (std::size_t i = 0; i < 8; ++i) steps.as<std::int64_t>()[i] = static_cast<std::int64_t>(i);
    const auto feed = given({{"id", steps}}, kIds4);
    EXPECT_EQ(feed->steps_per_epoch(), 2);
    EXPECT_EQ(ids(feed->next()), (std::vector{0, 1, 2, 3}));
    EXPECT_EQ(ids(feed->next()), (std::vector{4, 5, 6, 7}));
    EXPECT_EQ(user_error([&] {
                  given({{"id", Array(DLC_I32, {2, 5})}}, kIds4);
              }),
              "E0452: the batches' `id` is i32[2, 5], but the model wants [steps, 4]");
    EXPECT_EQ(user_error([&] { given({}, kIds4); }), "E0452: the batches lack `id`, which the model wants as i32[4]");
    EXPECT_EQ(user_error([&] {
                  given({{"id", steps}, {"x", steps}}, kIds4);
              }),
              "E0452: the batches hold `x`, which is no input of the model");
    steps.as<std::int64_t>()[5] = std::int64_t{1} << 40;
    EXPECT_EQ(user_error([&] {
                  given({{"id", steps}}, kIds4);
              }),
              "E0452: the batches' `id` holds 1099511627776 at element 5, which `id: i32[4]` cannot");
}

TEST(CheckFields, NamesBothSides) {
    const auto table = numbered(8);
    const auto error = [&](Field field) { return user_error([&] { check_fields(*table, {field}); }); };
    EXPECT_EQ(error({"imag", DLC_F32, {4, 2, 2}}), "E0452: the data have no `imag`; their columns are id, image");
    EXPECT_EQ(error({"image", DLC_F32, {4, 28}}),
              "E0452: the data's `image` has [2, 2] an example, but the model has `image: f32[4, 28]`");
    EXPECT_EQ(error({"id", DLC_F32, {4, 1}}),
              "E0452: the data's `id` has one number an example, but the model has `id: f32[4, 1]`");
    Table reals;
    reals.columns.push_back({"label", Array(DLC_F32, {8})});
    EXPECT_EQ(user_error([&] {
                  check_fields(reals, {{"label", DLC_I32, {4}}});
              }),
              "E0452: the data's `label` holds f32, but the model wants integers: `label: i32[4]`");
}
