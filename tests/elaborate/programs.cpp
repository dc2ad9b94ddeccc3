// The semantics of the language, written in it: every `test` block of tests/elaborate/programs/ holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/elaborate/evaluate.h"

namespace dlc::test {
namespace {

std::vector<std::string> files(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(DLC_SOURCE_DIR) + "/tests/elaborate/" + folder))
        if (entry.path().extension() == ".dlm") names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string stem(const testing::TestParamInfo<std::string>& info) { return std::filesystem::path(info.param).stem().string(); }

class Programs : public testing::TestWithParam<std::string> {};

TEST_P(Programs, EveryAssertionHolds) { EXPECT_EQ(failures(GetParam()), std::vector<std::string>{}); }

INSTANTIATE_TEST_SUITE_P(Language, Programs, testing::ValuesIn(files("programs")), stem);

TEST(Tests, AnAssertionThatFailsIsSeen) {
    const Source file(
        "test \"wrong\" {\n  assert close([1.0, 2.0], [1.0, 2.1]), \"not the same\"\n  assert 1 == 2\n  assert close([1.0], "
        "[1.0])\n}\n");
    const std::vector<std::string> failed = failures(file.path);
    ASSERT_EQ(failed.size(), 2u);
    EXPECT_NE(failed[0].find("wrong: not the same"), std::string::npos) << failed[0];
    EXPECT_NE(failed[1].find("`1 == 2` does not hold"), std::string::npos) << failed[1];
}

// The file's comment lines after `# EXPECT` are its diagnostics as the user reads them; DLC_UPDATE_GOLDEN=1 writes them.
class Errors : public testing::TestWithParam<std::string> {};

TEST_P(Errors, AreSaidAsExpected) {
    const Golden golden(GetParam());
    const Outcome o = elaborate_text(golden.program);
    EXPECT_FALSE(o.made) << "this program has no error";
    golden.compare(o.errors());
}

INSTANTIATE_TEST_SUITE_P(Language, Errors, testing::ValuesIn(files("errors")), stem);

// The same of what is said of declarations that nothing uses.
class Declarations : public testing::TestWithParam<std::string> {};

TEST_P(Declarations, AreLookedOverWithoutUse) {
    const Golden golden(GetParam());
    golden.compare(looked_over(golden.program).errors());
}

INSTANTIATE_TEST_SUITE_P(Language, Declarations, testing::ValuesIn(files("declarations")), stem);

}  // namespace
}  // namespace dlc::test
