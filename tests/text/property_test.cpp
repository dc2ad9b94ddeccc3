// Laws of the printer, the formatter and the parser, over random programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "dsl/text/grammar/token.h"
#include "dsl/text/parse.h"
#include "random_program.h"

namespace dlc::text {
namespace {

/// A text and what it parses to.
struct Parsed {
    explicit Parsed(std::string text) : number(map.add("random.dlm", std::move(text))), file(parse(map, number, diagnostics)) {}
    std::string errors() const {
        std::string out;
        for (const auto& d : diagnostics.all()) out += render(map, d);
        return out;
    }
    source::SourceMap map;
    source::Diagnostics diagnostics;
    std::uint32_t number;
    File file;
};

int rounds(int quick) { return std::getenv("DLC_SLOW") ? 20 * quick : quick; }

TEST(Property, PrintedProgramsParseToTheSameTree) {
    std::set<std::size_t> expressions, statements, declarations;
    for (int seed = 0; seed < rounds(1500); ++seed) {
        RandomProgram random(seed);
        const File file = random.file();
        const Parsed again(print(file));
        ASSERT_TRUE(again.diagnostics.ok()) << "seed " << seed << "\n" << print(file) << again.errors();
        ASSERT_TRUE(again.file == file) << "seed " << seed << "\n" << print(file) << "\nreads as\n" << print(again.file);
        expressions.merge(random.expressions);
        statements.merge(random.statements);
        declarations.merge(random.declarations);
    }
    EXPECT_EQ(expressions.size(), std::variant_size_v<decltype(Expr::node)>);
    EXPECT_EQ(statements.size(), std::variant_size_v<decltype(Stmt::node)>);
    EXPECT_EQ(declarations.size(), std::variant_size_v<decltype(Declaration::node)>);
}

TEST(Property, PrintedExpressionsParseToTheSameTree) {
    for (int seed = 0; seed < rounds(3000); ++seed) {
        const ExprRef e = RandomProgram(seed).expression(4);
        source::SourceMap map;
        source::Diagnostics diagnostics;
        const ExprRef again = parse_expression(map, map.add("--set", print(*e)), diagnostics);
        ASSERT_TRUE(diagnostics.ok()) << "seed " << seed << "\n" << print(*e) << "\n" << render(map, diagnostics.all()[0]);
        ASSERT_TRUE(again == e) << "seed " << seed << "\n" << print(*e) << "\nreads as\n" << print(*again);
    }
}

/// The program with blanks, line ends and comments wherever they may stand.
std::string scatter(const Parsed& program, std::mt19937& random) {
    source::Diagnostics ignored;
    const Tokens tokens = tokenize(program.map, program.number, ignored);
    const std::string& text = program.map.file(program.number).text;
    std::string out;
    std::size_t cursor = 0;
    int remark = 0;
    for (const Token& t : tokens.tokens) {
        const std::string_view between = std::string_view(text).substr(cursor, t.begin - cursor);
        const bool documented = between.find('#') != between.npos;
        out += between;
        // Nothing may come between a name and its bracket, nor into `<-` and `max=`, nor between documentation and what it
        // documents.
        if (!documented && !t.glued && cursor > 0) {
            const auto dice = random() % 40;
            if (dice < 2) out += "\n  ";
            if (dice == 2) out += "   ";
            if (dice == 3) out += " # remark " + std::to_string(++remark) + "\n  ";
            if (dice == 4) out += " ## loud remark " + std::to_string(++remark) + "  \n\n\n ";
            if (dice == 5) out += "\n\n# remark ∑ " + std::to_string(++remark) + "\n ";
        }
        out += t.text;
        cursor = t.begin + t.text.size();
    }
    return out + "  # the last remark";
}

std::multiset<std::string> comments(const Parsed& program) {
    source::Diagnostics ignored;
    std::multiset<std::string> out;
    for (const Comment& c : tokenize(program.map, program.number, ignored).comments)
        out.insert(std::string(c.text.substr(std::min(c.text.find_first_not_of("# "), c.text.size()))));
    return out;
}

TEST(Property, FormattingKeepsTreeAndCommentsAndIsIdempotent) {
    for (int seed = 0; seed < rounds(1000); ++seed) {
        RandomProgram random_program(seed);
        std::mt19937 random(seed);
        const Parsed given(scatter(Parsed(print(random_program.file())), random));
        const std::string& text = given.map.file(given.number).text;
        ASSERT_TRUE(given.diagnostics.ok()) << "seed " << seed << "\n" << text << given.errors();

        const std::string once = format(given.map, given.number, given.file);
        const Parsed formatted(once);
        ASSERT_TRUE(formatted.diagnostics.ok()) << "seed " << seed << "\n" << text << "\nbecomes\n" << once << formatted.errors();
        ASSERT_TRUE(formatted.file == given.file) << "seed " << seed << "\n" << text << "\nbecomes\n" << once;
        ASSERT_EQ(comments(formatted), comments(given)) << "seed " << seed << "\n" << text << "\nbecomes\n" << once;
        ASSERT_EQ(format(formatted.map, formatted.number, formatted.file), once) << "seed " << seed << "\n" << text;
        ASSERT_EQ(once.find(" \n"), once.npos) << "a line ends in a blank, seed " << seed << "\n" << once;
    }
}

/// Any text at all is answered by a tree or by located errors, never by a crash, and soon.
TEST(Property, MutilatedProgramsAreAnsweredByDiagnostics) {
    static const char* const kBits[] = {"(",  ")",    "[",  "]",  "{",  "}", "..", "\"", "#",
                                        "in", "scan", "if", "\n", "<-", "|", "$",  "1.", "fn f("};
    for (int seed = 0; seed < rounds(1500); ++seed) {
        RandomProgram random_program(seed);
        std::mt19937 random(seed);
        std::string text = print(random_program.file());
        for (int edits = static_cast<int>(random() % 4) + 1; edits > 0; --edits) {
            const std::size_t at = random() % (text.size() + 1);
            if (random() % 2)
                text.insert(at, kBits[random() % std::size(kBits)]);
            else
                text.erase(at, random() % 10);
        }
        const Parsed parsed(text);
        for (const auto& d : parsed.diagnostics.all()) {
            ASSERT_FALSE(d.labels.empty()) << "seed " << seed;
            ASSERT_LE(d.labels[0].span.begin, text.size()) << "seed " << seed;
            ASSERT_LE(d.labels[0].span.end, text.size()) << "seed " << seed;
            ASSERT_FALSE(render(parsed.map, d, true).empty());
        }
        if (!parsed.diagnostics.ok()) continue;
        const Parsed again(print(parsed.file));
        ASSERT_TRUE(again.file == parsed.file) << "seed " << seed << "\n" << text;
    }
}

}  // namespace
}  // namespace dlc::text
