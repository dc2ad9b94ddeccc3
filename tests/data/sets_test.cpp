// The sets that are made or small, and how a recipe's arguments reach any of them.
#include "runtime/data/sets.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

namespace {

const Source& source_of(std::string_view name) {
    for (const Source* source : sources())
        if (source->name == name) return *source;
    throw std::out_of_range(std::string(name));
}
DataSet load_set(std::string_view name, const std::vector<std::pair<std::string, Argument>>& given = {}) {
    return source_of(name).load(arguments_of(source_of(name), given));
}
std::span<const std::int32_t> integers(const Table& table, std::string_view column) {
    return table.column(column)->values.as<std::int32_t>();
}
Argument number(std::int64_t value) { return value; }

}  // namespace

TEST(Arguments, AreHeldAgainstTheOptions) {
    const Source& text = source_of("text");
    const Arguments some = arguments_of(text, {{"", std::string("a.txt")}, {"length", number(8)}, {"test", number(0)}});
    EXPECT_EQ(some.string("file"), "a.txt");
    EXPECT_EQ(some.integer("length"), 8);
    EXPECT_EQ(some.real("test"), 0) << "an integer stands for a real";
    EXPECT_FALSE(some.flag("continuous"));
    const auto error = [&](const Source& source, const std::vector<std::pair<std::string, Argument>>& given) {
        return user_error([&] { arguments_of(source, given); });
    };
    const std::pair<std::string, Argument> file{"", std::string("a.txt")};
    EXPECT_EQ(error(text, {}), "E0403: data set `text` wants its `file`, a string");
    EXPECT_EQ(error(text, {{"", number(3)}}), "E0403: `file` of data set `text` must be a string");
    EXPECT_EQ(error(text, {file, file}), "E0403: data set `text` is given an argument without a name too many");
    EXPECT_EQ(error(text, {file, {"file", std::string("b")}}), "E0403: `file` of data set `text` is given twice");
    EXPECT_EQ(error(text, {file, {"lenght", number(3)}}), "E0403: data set `text` has no argument `lenght`");
    EXPECT_EQ(error(text, {file, {"length", 0.5}}),
              "E0403: `length` of data set `text` must be an integer from 1 to below 1000000000");
    EXPECT_EQ(error(text, {file, {"test", number(1)}}), "E0403: `test` of data set `text` must be a number from 0 to below 1");
    EXPECT_EQ(error(text, {file, {"bytes", number(1)}}), "E0403: `bytes` of data set `text` must be true or false");
    EXPECT_EQ(error(source_of("xor"), {file}), "E0403: data set `xor` takes no argument");
}

TEST(Karate, IsTheGraphOfThePaper) {
    const DataSet set = load_set("karate");
    const auto from = integers(*set.training, "from"), to = integers(*set.training, "to"), label = integers(*set.training, "label");
    ASSERT_EQ(set.training->examples(), 1);
    ASSERT_EQ(from.size(), 156u);
    std::set<std::pair<int, int>> edges;
    std::vector<int> degree(34);
    int across = 0;
    for (std::size_t e = 0; e < from.size(); ++e) {
        edges.emplace(from[e], to[e]);
        ++degree.at(static_cast<std::size_t>(from[e]));
        across += label[static_cast<std::size_t>(from[e])] != label[static_cast<std::size_t>(to[e])];
    }
    EXPECT_EQ(edges.size(), 156u) << "no tie twice";
    for (const auto& [a, b] : edges) EXPECT_TRUE(a != b && edges.contains({b, a}));
    // The degrees of the figure.
    EXPECT_EQ(degree, (std::vector{16, 9, 10, 6, 3, 4, 4, 4, 5, 2, 3, 1, 2, 5, 2, 2,  2,
                                   2,  2, 3,  2, 2, 2, 5, 3, 3, 2, 4, 3, 4, 4, 6, 12, 17}));
    EXPECT_EQ(std::accumulate(label.begin(), label.end(), 0), 17) << "two clubs of 17";
    EXPECT_EQ(across, 2 * 11) << "ties that the split cut";
    const auto known = set.training->column("known")->values.as<float>();
    EXPECT_EQ(std::accumulate(known.begin(), known.end(), 0.0f), 2);
    EXPECT_TRUE(known[0] == 1 && known[33] == 1 && label[0] == 0 && label[33] == 1);
}

TEST(RingOfGaussians, LiesWhereItIsSaidTo) {
    const DataSet set =
        load_set("ring_of_gaussians", {{"sd", 0.1}, {"radius", number(3)}, {"modes", number(5)}, {"examples", number(20000)}});
    EXPECT_EQ(set.test->examples(), 2000);
    const auto x = set.training->column("x")->values.as<float>();
    const auto mode = integers(*set.training, "mode");
    double squares = 0, sum = 0;
    std::vector<int> counts(5);
    for (std::size_t i = 0; i < mode.size(); ++i) {
        ++counts.at(static_cast<std::size_t>(mode[i]));
        const double angle = 2 * M_PI * mode[i] / 5, dx = x[2 * i] - 3 * std::cos(angle), dy = x[2 * i + 1] - 3 * std::sin(angle);
        squares += dx * dx + dy * dy;
        sum += dx + dy;
    }
    EXPECT_NEAR(squares / 40000, 0.01, 5 * 0.01 * std::sqrt(2.0 / 40000));
    EXPECT_NEAR(sum / 40000, 0, 5 * 0.1 / std::sqrt(40000));
    for (const int count : counts) EXPECT_NEAR(count, 4000, 5 * std::sqrt(20000 * 0.2 * 0.8));
}

TEST(CopyTask, RepeatsAfterTheDelay) {
    const DataSet set =
        load_set("copy_task", {{"length", number(3)}, {"delay", number(4)}, {"symbols", number(2)}, {"examples", number(50)}});
    const auto x = integers(*set.training, "x"), y = integers(*set.training, "y");
    ASSERT_EQ(x.size(), 50u * 10);
    for (std::size_t row = 0; row < x.size(); row += 10)
        for (std::size_t t = 0; t < 10; ++t) {
            EXPECT_EQ(y[row + t], t < 7 ? 0 : x[row + t - 7]);
            const std::int32_t symbol = x[row + t];
            EXPECT_TRUE(t < 3 ? symbol == 1 || symbol == 2 : symbol == (t == 6 ? 3 : 0)) << symbol << " at " << t;
        }
    EXPECT_EQ((std::set<int>(x.begin(), x.end())), (std::set{0, 1, 2, 3}));
}

TEST(ReversedSequences, AreTheirSourcesBackwards) {
    const DataSet set = load_set("reversed_sequences", {{"length", number(5)}, {"symbols", number(4)}, {"examples", number(40)}});
    const auto source = integers(*set.training, "source"), previous = integers(*set.training, "previous"),
               target = integers(*set.training, "target");
    for (std::size_t row = 0; row < source.size(); row += 5)
        for (std::size_t t = 0; t < 5; ++t) {
            EXPECT_EQ(target[row + t], source[row + 4 - t]);
            EXPECT_EQ(previous[row + t], t ? target[row + t - 1] : 4);
        }
    EXPECT_EQ((std::set<int>(source.begin(), source.end())), (std::set{0, 1, 2, 3}));
}

TEST(SetSum, IsTheSum) {
    const DataSet set = load_set("set_sum", {{"size", number(6)}, {"digits", number(3)}, {"examples", number(40)}});
    const auto x = integers(*set.test, "x");
    const auto y = set.test->column("y")->values.as<float>();
    ASSERT_EQ(y.size(), 4u);
    for (std::size_t row = 0; row < y.size(); ++row)
        EXPECT_EQ(y[row], static_cast<float>(std::accumulate(x.begin() + 6 * row, x.begin() + 6 * (row + 1), 0)));
}

TEST(PropertyMade, IsAFunctionOfSeedAndPosition) {
    for (const char* name : {"ring_of_gaussians", "copy_task", "reversed_sequences", "set_sum"}) {
        const auto first_column = [&](std::int64_t examples, std::int64_t seed, bool test = false) {
            const DataSet set = load_set(name, {{"examples", examples}, {"seed", seed}});
            return (test ? set.test : set.training)->columns.front().values.bytes;
        };
        const auto few = first_column(20, 1), many = first_column(40, 1);
        EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin())) << name << ": more examples begin with the same";
        EXPECT_NE(few, first_column(20, 2)) << name;
        const auto test = first_column(20, 1, true);
        EXPECT_TRUE(std::equal(test.begin(), test.end(), many.begin() + std::ssize(few))) << name << ": the test set comes behind";
    }
}

TEST(Digits, ReadsTheFileOfScikitLearn) {
    const TemporaryFolder folder;
    std::string lines;
    for (int i = 0; i < 1502; ++i) {
        for (int pixel = 0; pixel < 64; ++pixel) lines += std::to_string((i + pixel) % 17) + (i % 2 ? "," : ".000000,");
        lines += std::to_string(i % 10) + "\n";
    }
    const DataSet set = digits(folder.write("digits.csv.gz", gzip(lines)));
    EXPECT_EQ(describe(set.training->column("image")->values), "u8[1500, 8, 8]");
    EXPECT_EQ(set.training->column("image")->scale, 1.0 / 16);
    EXPECT_EQ(set.training->column("image")->values.as<std::uint8_t>()[64 + 3], 4);
    EXPECT_EQ(integers(*set.test, "label")[1], 1);
    EXPECT_EQ(set.test->examples(), 2);
    const auto error = [&](const std::string& text) {
        return environment_error(folder, [&] { digits(folder.write("d.csv", text)); });
    };
    EXPECT_EQ(error(lines.substr(0, lines.find('\n') + 1)), "d.csv: holds 1 images, the set has 1797");
    EXPECT_EQ(error("17" + lines.substr(1)), "d.csv: line 1: field 1 is no integer from 0 to 16");
    EXPECT_EQ(error("0.5" + lines.substr(8)), "d.csv: line 1: field 1 is no integer from 0 to 16");
    EXPECT_EQ(error("1,2\n"), "d.csv: line 1: 2 fields, not 65");
    EXPECT_EQ(error(lines.substr(0, lines.find('\n')) + ",3\n"), "d.csv: line 1: more than 65 fields");
    EXPECT_EQ(error(lines.substr(0, lines.size() / 2)).substr(0, 6), "d.csv:") << "a file that ends early";
}
