// Whole answers, beside what they answer: errors/*.dlm and its diagnostics, formatted/*.dlm and its layout.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "dsl/text/parse.h"
#include "text_files.h"

namespace dlc::text {
namespace {

TEST(Golden, Diagnostics) {
    for (const auto& path : files_in("errors", ".dlm")) {
        source::SourceMap map;
        source::Diagnostics diagnostics;
        parse(map, map.add(path.filename(), contents(path)), diagnostics);
        std::string text;
        for (const auto& d : diagnostics.all()) text += render(map, d) + "\n";
        expect_golden(path, text);
    }
}

TEST(Golden, Formatted) {
    for (const auto& path : files_in("formatted", ".dlm")) {
        source::SourceMap map;
        source::Diagnostics diagnostics;
        const auto number = map.add(path.filename(), contents(path));
        const File parsed = parse(map, number, diagnostics);
        for (const auto& d : diagnostics.all()) ADD_FAILURE() << render(map, d);
        expect_golden(path, format(map, number, parsed));
    }
}

TEST(Golden, TheSamplesAreFormatted) {
    for (const auto& path : files_in("samples", ".dlm")) {
        source::SourceMap map;
        source::Diagnostics diagnostics;
        const auto number = map.add(path.filename(), contents(path));
        const File parsed = parse(map, number, diagnostics);
        if (std::getenv("DLC_UPDATE_GOLDEN")) std::ofstream(path, std::ios::binary) << format(map, number, parsed);
        EXPECT_EQ(format(map, number, parsed), contents(path)) << path;
    }
}

/// The example of each page on a syntax error fails with that error and no other.
TEST(Golden, ErrorPagesShowTheirError) {
    std::set<std::string> pages;
    for (int number = 101; number < 110; ++number) {
        const std::string code = "E0" + std::to_string(number);
        const std::string page = contents(DLC_SOURCE_DIR "/docs/errors/" + code + ".md");
        EXPECT_TRUE(page.starts_with("# " + code + ": ")) << code;
        std::smatch example;
        ASSERT_TRUE(std::regex_search(page, example, std::regex("```dlm\n([^`]*`?[^`]+)*?```"))) << code;
        std::string text = example.str();
        text = text.substr(7, text.size() - 10);
        source::SourceMap map;
        source::Diagnostics diagnostics;
        parse(map, map.add(code + ".md", text), diagnostics);
        ASSERT_EQ(diagnostics.errors(), 1u) << code << "\n" << text;
        EXPECT_EQ(diagnostics.all()[0].code.text, code) << render(map, diagnostics.all()[0]);
    }
}

}  // namespace
}  // namespace dlc::text
