// Diagnostics as the user sees them.
#include "dsl/source/diagnostic.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace dlc::source {
namespace {

/// The span of the `occurrence`-th `word` in the file.
Span find(const SourceMap& map, std::uint32_t file, std::string_view word, int occurrence = 0) {
    std::size_t at = map.file(file).text.find(word);
    while (occurrence-- > 0) at = map.file(file).text.find(word, at + 1);
    return {file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + word.size())};
}

TEST(Render, PrimaryAndSecondaryOnOneLine) {
    SourceMap map;
    const auto file = map.add("model.dlm", "fn f(x: f) {\n  y[b, u] = sum[k](h[b, k] * weight[u, k])\n}\n");
    const auto d = error(code("E0203"), "index `k` runs over 784 and over 128")
                       .at(find(map, file, "weight[u, k]"), "`weight` is f[64, 128]")
                       .at(find(map, file, "h[b, k]"), "`h` is f[Batch, 784]");
    EXPECT_EQ(render(map, d), R"(error[E0203]: index `k` runs over 784 and over 128
 --> model.dlm:2:30
  |
2 |   y[b, u] = sum[k](h[b, k] * weight[u, k])
  |                              ^^^^^^^^^^^^ `weight` is f[64, 128]
  |                    ------- `h` is f[Batch, 784]
)");
}

TEST(Render, LabelsOnOtherLinesAndInOtherFiles) {
    SourceMap map;
    const auto model = map.add("model.dlm", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten x\n");
    const auto library = map.add("std/nn.dlm", "layer dense\n");
    const auto d = error(code("E0201"), "message")
                       .at(find(map, model, "ten"), "here")
                       .at(find(map, library, "dense"), "declared here")
                       .at(find(map, model, "one"), "because of this")
                       .at(find(map, model, "two"))
                       .note("a note")
                       .helped("a fix");
    EXPECT_EQ(render(map, d), R"(error[E0201]: message
  --> model.dlm:10:1
   |
 1 | one
   | --- because of this
 2 | two
   | ---
...
10 | ten x
   | ^^^ here
  ::: std/nn.dlm:1:7
   |
 1 | layer dense
   |       ----- declared here
   = note: a note
   = help: a fix
)");
}

TEST(Render, ColumnsCountCharactersAndTabsAreBlanks) {
    SourceMap map;
    const auto file = map.add("a.dlm", "\t# ∑ naïve\tx");
    EXPECT_EQ(render(map, warning(code("E0001"), "m").at(find(map, file, "x"))),
              "warning[E0001]: m\n"
              " --> a.dlm:1:12\n"
              "  |\n"
              "1 |  # ∑ naïve x\n"
              "  |            ^\n");
}

TEST(Render, SpansOverLinesAreMarkedToTheEndOfTheFirst) {
    SourceMap map;
    const auto file = map.add("a.dlm", "abc def\nghi\n");
    const std::string text = render(map, error(code("E0001"), "m").at({file, 4, 11}));
    EXPECT_NE(text.find("  |     ^^^\n"), text.npos) << text;
}

TEST(Render, AtTheEndOfTheFileStandsOneCaret) {
    SourceMap map;
    const auto file = map.add("a.dlm", "abc");
    EXPECT_NE(render(map, error(code("E0001"), "m").at({file, 3, 3})).find("1 | abc\n  |    ^\n"), std::string::npos);
    const auto empty = map.add("b.dlm", "");
    EXPECT_NE(render(map, error(code("E0001"), "m").at({empty, 0, 0})).find("--> b.dlm:1:1"), std::string::npos);
}

TEST(Render, LongLinesAreShownAroundTheLabel) {
    SourceMap map;
    const auto file = map.add("a.dlm", std::string(10000, 'x') + "!" + std::string(10000, 'y'));
    const std::string text = render(map, error(code("E0001"), "m").at(find(map, file, "!")));
    EXPECT_LT(text.size(), 600u);
    EXPECT_NE(text.find("a.dlm:1:10001"), text.npos);
    const std::size_t line = text.find("1 | ") + 4, mark = text.find("| ", line) + 2;
    // The ellipsis is one character of three bytes.
    EXPECT_EQ(text[line + (text.find('^') - mark) + 2], '!') << text;
}

TEST(Render, WithoutPlaceOnlyTheMessage) {
    EXPECT_EQ(render(SourceMap(), error(code("E0601"), "no device").helped("plug it in")),
              "error[E0601]: no device\n  = help: plug it in\n");
}

TEST(Render, ColoursSurroundTheSameText) {
    SourceMap map;
    const auto file = map.add("a.dlm", "abc def");
    const auto d = error(code("E0001"), "m").at(find(map, file, "def"), "here").at(find(map, file, "abc"), "there").helped("fix");
    const std::string coloured = render(map, d, true);
    EXPECT_NE(coloured.find("\x1b[1;31merror[E0001]\x1b[0m"), coloured.npos);
    std::string plain;
    for (std::size_t i = 0; i < coloured.size(); ++i) {
        if (coloured[i] == '\x1b')
            i = coloured.find('m', i);
        else
            plain += coloured[i];
    }
    EXPECT_EQ(plain, render(map, d));
}

TEST(Json, HoldsEverything) {
    SourceMap map;
    const auto file = map.add("a.dlm", "abc\n  dëf ghi\n");
    const auto d = error(code("E0202"), "say \"so\"").at(find(map, file, "ghi"), "here").note("n").helped("h");
    const std::string text = render_json(map, d);
    EXPECT_EQ(text.find('\n'), text.npos);
    const auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["code"], "E0202");
    EXPECT_EQ(json["severity"], "error");
    EXPECT_EQ(json["message"], "say \"so\"");
    EXPECT_EQ(json["labels"][0],
              (nlohmann::json{{"path", "a.dlm"}, {"line", 2}, {"column", 7}, {"begin", 11}, {"end", 14}, {"text", "here"}}));
    EXPECT_EQ(json["notes"][0], "n");
    EXPECT_EQ(json["help"], "h");
}

TEST(Json, SurvivesTextThatIsNotUtf8) {
    SourceMap map;
    const auto file = map.add("\xff.dlm", "\xfe");
    EXPECT_TRUE(nlohmann::json::accept(render_json(map, error(code("E0106"), "\xfe").at({file, 0, 1}))));
}

TEST(Diagnostics, CountsErrorsAndForgetsRepetitions) {
    SourceMap map;
    const auto file = map.add("a.dlm", "abc");
    Diagnostics all;
    all.report(error(code("E0001"), "m").at({file, 0, 1}));
    all.report(error(code("E0001"), "m").at({file, 0, 1}));
    all.report(error(code("E0001"), "m").at({file, 1, 2}));
    all.report(warning(code("E0001"), "m").at({file, 0, 1}));
    EXPECT_EQ(all.all().size(), 3u);
    EXPECT_EQ(all.errors(), 2u);
    EXPECT_FALSE(all.ok());
}

TEST(Nearest, FindsWhatWasMeant) {
    const std::vector<std::string> names{"relu", "elu", "selu", "softmax", "log_softmax", "x"};
    EXPECT_EQ(nearest("reul", names), "relu");
    EXPECT_EQ(nearest("sofmax", names), "softmax");
    EXPECT_EQ(nearest("relux", names), "relu");
    EXPECT_EQ(nearest("tanh", names), "");
    EXPECT_EQ(nearest("y", names), "");
    EXPECT_EQ(nearest("celu", names), "relu");  // the first of those at the same distance
    EXPECT_EQ(nearest("anything", {}), "");
}

TEST(Map, PlacesOfTexts) {
    SourceMap map;
    const auto file = map.add("a.dlm", "first\r\nsécond\n\nlast");
    EXPECT_EQ(map.line(file, 0), "first");
    EXPECT_EQ(map.line(file, 9), "sécond");
    EXPECT_EQ(map.line(file, 15), "");
    EXPECT_EQ(map.line(file, 20), "last");
    EXPECT_EQ(map.location({file, 10, 11}), "a.dlm:2:3");
    EXPECT_EQ(map.location({}), "");
    EXPECT_EQ(map.text({file, 7, 14}), "sécond");
    const Position end = map.position(file, 20);
    EXPECT_EQ(end.line, 4u);
    EXPECT_EQ(end.column, 5u);
}

TEST(Spans, JoinCoversBoth) {
    EXPECT_EQ(join({0, 2, 5}, {0, 7, 9}), (Span{0, 2, 9}));
    EXPECT_EQ(join({0, 7, 9}, {0, 2, 5}), (Span{0, 2, 9}));
    EXPECT_EQ(join({}, {0, 2, 5}), (Span{0, 2, 5}));
    EXPECT_EQ(join({0, 2, 5}, {}), (Span{0, 2, 5}));
    EXPECT_EQ(join({0, 2, 5}, {1, 7, 9}), (Span{0, 2, 5}));
}

TEST(Assertion, NamesThePlaceAndTheReason) {
    try {
        DLC_ASSERT(1 > 2, "numbers are ordered");
        FAIL();
    } catch (const InternalError& e) {
        EXPECT_NE(std::string(e.what()).find("diagnostic_test.cpp"), std::string::npos);
        EXPECT_NE(std::string(e.what()).find("numbers are ordered"), std::string::npos);
    }
}

}  // namespace
}  // namespace dlc::source
