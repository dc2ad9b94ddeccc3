#include "runtime/data/text.h"

#include <cstdlib>

#include "runtime/data/feed.h"
#include "runtime/data/philox.h"
#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

namespace {

std::vector<std::int32_t> numbers(const Table& table, const char* column) {
    const auto values = table.column(column)->values.as<std::int32_t>();
    return {values.begin(), values.end()};
}

}  // namespace

TEST(Text, AWindowAndWhatFollowsEachCharacter) {
    const TemporaryFolder folder;
    const DataSet set = text(folder.write("t.txt", "abcabcad\xC3\xA9z"), {.length = 3, .test = 0.2});
    EXPECT_EQ(set.vocabulary, (std::vector<std::string>{"", "a", "b", "c", "d"})) << "of the first eight characters, sorted";
    EXPECT_EQ(describe(set.training->column("text")->values), "i32[2, 3]");
    EXPECT_EQ(numbers(*set.training, "text"), (std::vector{1, 2, 3, 1, 2, 3}));
    EXPECT_EQ(numbers(*set.training, "next"), (std::vector{2, 3, 1, 2, 3, 1}));
    EXPECT_EQ(set.test, nullptr) << "two characters hold no window of three";
    const DataSet half = text(folder / "t.txt", {.length = 1, .test = 0.4});
    EXPECT_EQ(numbers(*half.test, "text"), (std::vector{1, 0, 0})) << "d, é and z are not in the first six";
    EXPECT_EQ(numbers(*half.test, "next"), (std::vector{0, 0, 0}));
}

TEST(Text, BytesOfAnyFile) {
    const TemporaryFolder folder;
    const DataSet set = text(folder.write("b.gz", gzip("\xFF\x01\x80q")), {.length = 1, .test = 0, .bytes = true});
    EXPECT_EQ(numbers(*set.training, "text"), (std::vector{255, 1, 128}));
    EXPECT_EQ(numbers(*set.training, "next"), (std::vector{1, 128, 113}));
    EXPECT_TRUE(set.vocabulary.empty());
}

TEST(Text, CharactersOfEveryLengthComeBack) {
    const TemporaryFolder folder;
    const std::string all = "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF";
    std::string back;
    for (const std::string& character : text(folder.write("u.txt", all), {.length = 1, .test = 0}).vocabulary) back += character;
    EXPECT_EQ(back, all) << "in the order of their code points, as they stand here";
}

TEST(Text, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& bytes) {
        return environment_error(folder, [&] { text(folder.write("x", bytes), {.length = 1}); });
    };
    for (const char* bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                            "\xF8\x88\x80\x80\x80", "\x80", "\xC3(", "\xE2\x82", "\xFF"})
        EXPECT_EQ(error(std::string("ab") + bad), "x: is not UTF-8 at byte 2; `bytes = true` reads any file") << bad;
    EXPECT_EQ(environment_error(folder, [&] { text(folder / "none", {}); }), "none: cannot open: No such file or directory");
    folder.write("short", "ab");
    const std::string few = user_error([&] { text(folder / "short", {.length = 2, .test = 0}); });
    EXPECT_EQ(few.substr(0, 7), "E0453: ");
    EXPECT_NE(few.find("2 tokens to train on hold no window of 2"), std::string::npos) << few;
    folder.write("empty", "");
    EXPECT_EQ(user_error([&] { text(folder / "empty", {}); }).substr(0, 7), "E0453: ");
}

TEST(PropertyText, AnyBytesAreATextOrAnError) {
    const TemporaryFolder folder;
    for (std::uint32_t trial = 0; trial < 300; ++trial) {
        std::string bytes;
        for (std::uint32_t i = 0; i < 12; ++i) {
            const std::uint32_t draw = philox({i, trial, 0, 0}, 5)[0];
            bytes += static_cast<char>(draw % 3 ? 'a' + draw % 7 : draw >> 8);
        }
        try {
            const DataSet set = text(folder.write("f", bytes), {.length = 2, .test = 0});
            const auto ids = numbers(*set.training, "text");
            const std::string back =
                set.vocabulary.at(static_cast<std::size_t>(ids[0])) + set.vocabulary.at(static_cast<std::size_t>(ids[1]));
            EXPECT_TRUE(bytes.starts_with(back)) << trial;
        } catch (const source::EnvironmentError& e) {
            EXPECT_NE(std::string(e.what()).find("is not UTF-8"), std::string::npos) << trial;
        } catch (const source::UserError& e) { EXPECT_EQ(e.diagnostic.code.text, "E0453") << trial; }
    }
}

TEST(Continuous, EveryRowGoesOnWhereItEnded) {
    const TemporaryFolder folder;
    std::string bytes;
    for (int i = 0; i < 100; ++i) bytes += static_cast<char>(i);
    const DataSet set = text(folder.write("c", bytes), {.length = 4, .test = 0, .continuous = true, .bytes = true});
    EXPECT_TRUE(set.continuous);
    const auto feed = continuous(everything(set.training), {{"text", DLC_I32, {3, 4}}, {"next", DLC_I32, {3, 4}}}, 1);
    ASSERT_EQ(feed->steps_per_epoch(), 8) << "24 windows in 3 rows";
    std::vector<std::int32_t> ended(3);
    for (int step = 0; step < 16; ++step) {
        const Batch& batch = feed->next();
        const auto* text = reinterpret_cast<const std::int32_t*>(batch.fields[0].data());
        const auto* next = reinterpret_cast<const std::int32_t*>(batch.fields[1].data());
        for (std::size_t row = 0; row < 3; ++row) {
            EXPECT_EQ(text[4 * row], step % 8 ? ended[row] : static_cast<std::int32_t>(32 * row)) << step;
            ended[row] = next[4 * row + 3];
        }
    }
    feed->seek(5);
    EXPECT_EQ(reinterpret_cast<const std::int32_t*>(feed->next().fields[0].data())[4], 32 + 5 * 4) << "a resumed run goes on";
    EXPECT_EQ(user_error([&] {
                  continuous(everything(set.training), {{"text", DLC_I32, {25, 4}}}, 1);
              }),
              "E0453: a batch takes 25 examples, but there are only 24 to train on");
}

TEST(Continuous, OrdersExamplesByTheBatchesWhoseRowsGoOn) {
    const auto table = std::make_shared<const Table>();
    EXPECT_EQ(continued({table, {3, 4, 5, 6, 7, 8, 9}}, 2).rows, (std::vector<std::int64_t>{3, 6, 4, 7, 5, 8}));
    EXPECT_EQ(continued({table, {3, 4}}, 3).rows, (std::vector<std::int64_t>{3, 4})) << "no batch is full";
}

TEST(HoldOutEnd, TakesTheLastExamples) {
    const TemporaryFolder folder;
    const DataSet set = text(folder.write("h", "0123456789ab"), {.length = 1, .test = 0, .bytes = true});
    const Split split = hold_out_end(set.training, 0.2);
    EXPECT_EQ(split.training.rows, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(split.validation.rows, (std::vector<std::int64_t>{9, 10}));
    EXPECT_EQ(user_error([&] { hold_out_end(set.training, 0.01); }),
              "E0453: holding out 0.01 of 11 examples leaves none for validation");
}

TEST(Bible, IsAFileOfTheDataFolder) {
    const TemporaryFolder folder;
    const char* before = std::getenv("DLC_DATA");
    const std::string kept = before ? before : "";
    setenv("DLC_DATA", folder.path.c_str(), 1);
    for (const Source* source : sources())
        if (source->name == "bible_kjv") {
            const auto load = [&] { return source->load(arguments_of(*source, {{"length", std::int64_t{2}}})); };
            EXPECT_NE(environment_error(folder, load).find("bible-kjv.txt: not found; install the Debian package bible-kjv"),
                      std::string::npos);
            folder.write("bible-kjv.txt.gz", gzip("In the beginning"));
            const DataSet set = load();
            EXPECT_EQ(set.name, "bible_kjv");
            EXPECT_EQ(set.training->examples(), 7) << "15 characters, the last tenth aside";
        }
    before ? setenv("DLC_DATA", kept.c_str(), 1) : unsetenv("DLC_DATA");
}
