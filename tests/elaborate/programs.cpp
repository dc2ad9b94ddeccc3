// The semantics of the language, written in it: every `test` block of tests/elaborate/programs/ holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "dsl/text/parse.h"
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

// The same of studies.
class Studies : public testing::TestWithParam<std::string> {};

TEST_P(Studies, MistakesAreSaidAsExpected) {
    const Golden golden(GetParam());
    golden.compare(studied(golden.program).first.errors());
}

INSTANTIATE_TEST_SUITE_P(Language, Studies, testing::ValuesIn(files("studies")), stem);

TEST(Study, IsEveryCombinationOfValues) {
    const auto [outcome, studies] = studied(R"(import "std/optim"
model Line(slope: float = 1) {
  input x: f[Batch]
  param w: f
  loss error = mean((slope * w * x)^2)
  metric size = mean(x)
}
train { optimizer = sgd(lr = 0.1) }
study whole {
  model = Line
  vary slope in [1, 2, 3], train.optimizer.lr in [0.1, 1e-2]
  vary schedule in [constant(), cosine(last = 0.01)]
  validate = kfold(5, stratified = false)
  seeds = [7, 3]
  metric = size
}
study short { model = Line  vary slope in [1]  seeds = 3  validate = holdout(0.25) }
)");
    EXPECT_EQ(outcome.errors(), "");
    ASSERT_EQ(studies.size(), 2u);
    const elaborate::Study& whole = studies[0];
    EXPECT_EQ(whole.model, "Line");
    ASSERT_EQ(whole.variants.size(), 12u);
    std::set<std::string> different;
    for (const auto& variant : whole.variants) {
        ASSERT_EQ(variant.size(), 3u);
        different.insert(text::print(*variant.at("slope")) + " " + text::print(*variant.at("optimizer.lr")) + " " +
                         text::print(*variant.at("schedule")));
    }
    EXPECT_EQ(different.size(), 12u);
    EXPECT_EQ(text::print(*whole.variants[1].at("schedule")), "cosine(last = 0.01)") << "the last axis is the fastest";
    EXPECT_EQ(text::print(*whole.variants[1].at("slope")), "1");
    EXPECT_TRUE(whole.validation->folds_of_all);
    EXPECT_EQ(whole.validation->folds, 5);
    EXPECT_FALSE(whole.validation->stratified);
    EXPECT_EQ(whole.seeds, (std::vector<std::uint64_t>{7, 3}));
    EXPECT_EQ(whole.metric, "size");
    EXPECT_FALSE(whole.minimize);
    EXPECT_EQ(studies[1].seeds, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(studies[1].validation->fraction, 0.25);
    EXPECT_EQ(studies[1].metric, "error") << "the loss where nothing is said";
    EXPECT_TRUE(studies[1].minimize);
}

INSTANTIATE_TEST_SUITE_P(Language, Declarations, testing::ValuesIn(files("declarations")), stem);

}  // namespace
}  // namespace dlc::test
