#include "runtime/data/philox.h"
#include "runtime/data/sets.h"
#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

TEST(Csv, ColumnsByNameAndTogether) {
    const TemporaryFolder folder;
    const DataSet set =
        csv(folder.write("iris.csv",
                         "width,\"the, kind\",petals,length\r\n1.5,rose,5,2\r\n\r\n 2 ,\"lily \"\"a\"\"\",6,1e-1\n3,rose,6,-4"),
            "the, kind");
    const Table& table = *set.training;
    ASSERT_EQ(table.examples(), 3);
    EXPECT_EQ(describe(table.column("width")->values), "f32[3]");
    EXPECT_EQ(table.column("width")->values.as<float>()[0], 1.5f);
    EXPECT_EQ(describe(table.column("petals")->values), "i32[3]");
    const auto kind = table.column("the, kind")->values.as<std::int32_t>();
    EXPECT_EQ((std::vector(kind.begin(), kind.end())), (std::vector{1, 0, 1})) << "words in alphabetical order";
    EXPECT_EQ(table.column("y")->values, table.column("the, kind")->values);
    const auto x = table.column("x")->values.as<float>();
    EXPECT_EQ(describe(table.column("x")->values), "f32[3, 3]");
    EXPECT_EQ((std::vector(x.begin(), x.end())), (std::vector{1.5f, 5.f, 2.f, 2.f, 6.f, 0.1f, 3.f, 6.f, -4.f}));
    const DataSet packed = csv(folder.write("p.csv.gz", gzip("\xEF\xBB\xBFx,y\n1,2\n")), "");
    EXPECT_EQ(packed.training->columns.size(), 2u) << "columns called x and y stay what they are";
    EXPECT_EQ(describe(packed.training->column("x")->values), "i32[1]");
}

TEST(Csv, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& text) { return data_error(folder, [&] { csv(folder.write("t.csv", text), ""); }); };
    EXPECT_EQ(error(""), "t.csv: holds no head line of names");
    EXPECT_EQ(error("a,b\n"), "t.csv: holds no example below its head line");
    EXPECT_EQ(error("a,\n1,2\n"), "t.csv: line 1: a column of the head line has no name");
    EXPECT_EQ(error("a,a\n1,2\n"), "t.csv: line 1: two columns are called `a`");
    EXPECT_EQ(error("a,b\n1,2\n\n3\n"), "t.csv: line 4: 1 fields, the head line has 2 names");
    EXPECT_EQ(error("a,b\n1,2\n3,4,5\n"), "t.csv: line 3: 3 fields, the head line has 2 names");
    EXPECT_EQ(error("a,b\n1,2\n3,\n"), "t.csv: line 3: no value for `b`");
    EXPECT_EQ(error("a,b\n1,2\n3,n/a\n"), "t.csv: line 3: `b` is `n/a`, a number on the lines above");
    EXPECT_EQ(error("a\n1\n1e40\n"), "t.csv: line 3: `a` is `1e40`, a number on the lines above");
    EXPECT_EQ(error("a\n\"x\ny\"\n\"z"), "t.csv: line 4: a quoted field has no end");
    EXPECT_EQ(error("a\n\"x\"y\n"), "t.csv: line 2: text follows a quoted field");
    folder.write("k.csv", "width,kind\n1,rose\n");
    const std::string unknown = user_error([&] { csv(folder / "k.csv", "knid"); });
    EXPECT_EQ(unknown.substr(0, 7), "E0403: ");
    EXPECT_NE(unknown.find("there is no column `knid`; the columns are width, kind"), std::string::npos) << unknown;
}

TEST(PropertyCsv, ADamagedFileIsATableOrAnError) {
    const TemporaryFolder folder;
    const std::string whole = "a,b,\"c d\"\n1,2.5,x\n3,4,\"y \"\"z\"\"\"\r\n5,6,x\n";
    for (std::uint32_t trial = 0; trial < 500; ++trial) {
        std::string text = whole;
        const auto draw = philox({trial, 0, 0, 0}, 6);
        const std::size_t at = draw[0] % text.size();
        if (draw[1] % 3 == 0)
            text.resize(at);
        else if (draw[1] % 3 == 1)
            text.erase(at, 1);
        else
            text[at] = "\",\n\r01ex \xFF"[draw[2] % 10];
        try {
            const DataSet set = csv(folder.write("f.csv", text), "");
            for (const Column& column : set.training->columns) EXPECT_EQ(column.values.shape[0], set.training->examples()) << trial;
        } catch (const source::UserError& e) { EXPECT_NE(std::string(e.what()).find("f.csv: "), std::string::npos) << trial; }
    }
}
