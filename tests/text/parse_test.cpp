// What the grammar makes of small programs, and that the samples are read whole.
#include <gtest/gtest.h>

#include "dsl/text/parse.h"
#include "text_files.h"

namespace dlc::text {
namespace {

ExprRef expression(std::string text) {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    const ExprRef e = parse_expression(map, map.add("test.dlm", std::move(text)), diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << (diagnostics.all().empty() ? "" : render(map, diagnostics.all()[0]));
    return e;
}

File file(const std::string& text) {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    File out = parse(map, map.add("test.dlm", text), diagnostics);
    EXPECT_TRUE(diagnostics.ok()) << (diagnostics.all().empty() ? "" : render(map, diagnostics.all()[0]));
    return out;
}

Ref<Stmt> statement(const std::string& text) {
    const File parsed = file("fn f() { " + text + " }");
    const auto& statements = std::get<Function>(parsed.declarations.at(0).node).body->statements;
    EXPECT_EQ(statements.size(), 1u) << text;
    return statements.at(0);
}

/// The expression with every operation in brackets.
std::string grouped(const ExprRef& e) {
    if (const auto* b = std::get_if<Binary>(&e->node)) {
        static const char* const kOps[] = {"+", "-", "*", "/", "//", "%", "^", "and", "or"};
        return "(" + grouped(b->left) + " " + kOps[b->op] + " " + grouped(b->right) + ")";
    }
    if (const auto* u = std::get_if<Unary>(&e->node)) return (u->op == Unary::negate ? "(-" : "(not ") + grouped(u->operand) + ")";
    if (const auto* c = std::get_if<Compare>(&e->node)) {
        static const char* const kOps[] = {"==", "!=", "<=", ">=", "<", ">"};
        std::string out = "(" + grouped(c->operands[0]);
        for (std::size_t i = 0; i < c->operators.size(); ++i)
            out += std::string(" ") + kOps[c->operators[i]] + " " + grouped(c->operands[i + 1]);
        return out + ")";
    }
    if (const auto* p = std::get_if<Pipe>(&e->node)) return "(" + grouped(p->operand) + " |> " + p->callee.text + ")";
    if (const auto* i = std::get_if<If>(&e->node))
        return "(if " + grouped(i->condition) + " then " + grouped(i->then) + " else " + grouped(i->otherwise) + ")";
    return print(*e);
}

TEST(Parse, OperatorsBindByPrecedence) {
    EXPECT_EQ(grouped(expression("a + b * c - d")), "((a + (b * c)) - d)");
    EXPECT_EQ(grouped(expression("a // b % c / d")), "(((a // b) % c) / d)");
    EXPECT_EQ(grouped(expression("-a^2")), "(-(a ^ 2))");
    EXPECT_EQ(grouped(expression("a^-b^c")), "(a ^ (-(b ^ c)))");
    EXPECT_EQ(grouped(expression("not a == b and c or d")), "(((not (a == b)) and c) or d)");
    EXPECT_EQ(grouped(expression("0 <= a + 1 < b")), "(0 <= (a + 1) < b)");
    EXPECT_EQ(grouped(expression("if a then b else c + d |> f")), "((if a then b else (c + d)) |> f)");
    EXPECT_EQ(grouped(expression("a |> f |> g")), "((a |> f) |> g)");
}

TEST(Parse, ALessThanNextToAMinusIsAComparison) { EXPECT_EQ(grouped(expression("x<-1")), "(x < (-1))"); }

TEST(Parse, ADigitFollowsThePoint) {
    const auto loop = std::get<For>(statement("for i in 0..n { x = 1 }")->node);
    EXPECT_EQ(std::get<Number>(loop.low->node).value, 0);
    EXPECT_EQ(std::get<Name>(loop.high->node).text, "n");
    EXPECT_FALSE(std::get<Number>(expression("1e-3")->node).integer);
    EXPECT_EQ(std::get<Number>(expression("1e-3")->node).spelling, "1e-3");
}

TEST(Parse, BracketsTellReadsFromReductions) {
    EXPECT_TRUE(std::holds_alternative<Reduce>(expression("sum[k, ..r < 3 | k <= 2, ..(r > 0)](x[k])")->node));
    EXPECT_TRUE(std::holds_alternative<Read>(expression("sum[k, 3]")->node));
    const auto read = std::get<Read>(expression("softmax[j](x[a, j])[k else -inf]")->node);
    EXPECT_TRUE(std::holds_alternative<Reduce>(read.base->node));
    EXPECT_TRUE(static_cast<bool>(read.otherwise));
}

TEST(Parse, ItemsOfARead) {
    const auto items = std::get<Read>(expression("x[.., ..k, ..(i + 1), :, 2:, :6, 1:6:2, i * 2]")->node).items;
    ASSERT_EQ(items.size(), 8u);
    EXPECT_EQ(items[0].kind, Item::pack);
    EXPECT_FALSE(static_cast<bool>(items[0].value));
    EXPECT_TRUE(std::holds_alternative<Binary>(items[2].value->node));
    EXPECT_EQ(items[3], (Item{Item::slice, {}, {}, {}, {}, {}}));
    EXPECT_TRUE(items[4].low && !items[4].high);
    EXPECT_TRUE(!items[5].low && items[5].high && !items[5].step);
    EXPECT_TRUE(items[6].low && items[6].high && items[6].step);
    EXPECT_EQ(items[7].kind, Item::index);
}

TEST(Parse, TheLeftOfAnEquation) {
    const auto e = std::get<Equation>(statement("y[n, 0, ..i < X + 1, h * D + d, .. | d < D, ..i < 3] max= 1")->node);
    EXPECT_EQ(e.op, Equation::maximum);
    ASSERT_EQ(e.left.size(), 5u);
    EXPECT_TRUE(e.left[0].bind && e.left[0].bind->name->text == "n");
    EXPECT_TRUE(e.left[1].value && !e.left[1].bind);
    EXPECT_TRUE(e.left[2].bind && e.left[2].bind->pack && e.left[2].bind->bound);
    EXPECT_TRUE(std::holds_alternative<Binary>(e.left[3].value->node));
    EXPECT_TRUE(e.left[4].bind && e.left[4].bind->pack && !e.left[4].bind->name);
    ASSERT_EQ(e.bounds.size(), 2u);
    EXPECT_TRUE(e.bounds[1].pack);
}

TEST(Parse, ALineContinuesTheOneBeforeIfItStartsWithAnOperator) {
    const File parsed = file("fn f(x: f) {\n  y = x\n    - 1\n  z\n    = y w <- z\n  total =\n    loss\n  output o = y }");
    const auto& statements = std::get<Function>(parsed.declarations.at(0).node).body->statements;
    ASSERT_EQ(statements.size(), 5u);
    EXPECT_EQ(print(*std::get<Assign>(statements[0]->node).value), "x - 1");
    EXPECT_TRUE(std::holds_alternative<Update>(statements[2]->node));
    EXPECT_EQ(print(*std::get<Assign>(statements[3]->node).value), "loss");
}

TEST(Parse, KeywordsAreNamesWhereNothingFollowsThem) {
    EXPECT_TRUE(std::holds_alternative<Assign>(statement("input = output + loss")->node));
    EXPECT_TRUE(std::holds_alternative<Equation>(statement("param[i] = state[i]")->node));
    EXPECT_TRUE(std::holds_alternative<Update>(statement("metric <- model")->node));
    EXPECT_TRUE(std::holds_alternative<Param>(statement("param param: f")->node));
}

TEST(Parse, DocumentationIsWhatStandsDirectlyAbove) {
    const File parsed = file("## not mine\n\n## one\n# aside\n##  two\nfn f() = 1\nfn g() = 2\n");
    EXPECT_EQ(parsed.declarations.at(0).doc, "one\n two");
    EXPECT_EQ(parsed.declarations.at(1).doc, "");
}

std::string opening(const std::string& text) {
    source::SourceMap map;
    return opening_comment(map, map.add("test.dlm", text));
}

TEST(Parse, AFileOpensWithWhatItIs) {
    EXPECT_EQ(opening("\n# One\n#\n#   two.\n\n# three\nfn f() = 1\n"), "One\n\n  two.");
    EXPECT_EQ(opening("# Above an import.\nimport \"a\"  # beside\n"), "Above an import.");
    EXPECT_EQ(opening("# The file.\n## The function.\nfn f() = 1\n"), "The file.");
    EXPECT_EQ(opening("## The function.\nfn f() = 1\n"), "");
    EXPECT_EQ(opening("fn f() = 1  # beside\n# below\n"), "");
    EXPECT_EQ(opening(""), "");
}

TEST(Parse, AHeadIsADeclarationWithoutItsBody) {
    const File parsed = file(
        "fn twice(x: f[N],\n  k: float=2)->y{y[i]=k*x[i]}\ninit one()=1\nmodel M{input x: f[B]}\noptimizer o(lr: float){w<-w}\n"
        "test \"a\"{assert true}\nimport \"b\"\ntrain{batch=1}\n");
    std::vector<std::string> heads;
    for (const Declaration& d : parsed.declarations) heads.push_back(head(d));
    EXPECT_EQ(heads, (std::vector<std::string>{"fn twice(x: f[N], k: float = 2) -> y", "init one()", "model M",
                                               "optimizer o(lr: float)", "test \"a\"", "import \"b\"", "train"}));
    EXPECT_EQ(head(parsed.declarations.at(0), 30), "fn twice(x: f[N],\n         k: float = 2) -> y");
}

TEST(Parse, SpansCoverWhatWasWritten) {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    const auto number = map.add("test.dlm", "fn f(a: f) = (a + b) * g(c)[1, 2] - d\n");
    const File parsed = parse(map, number, diagnostics);
    const auto& difference = std::get<Function>(parsed.declarations.at(0).node).value;
    EXPECT_EQ(map.text(difference->where), "(a + b) * g(c)[1, 2] - d");
    const auto& product = std::get<Binary>(difference->node).left;
    EXPECT_EQ(map.text(product->where), "(a + b) * g(c)[1, 2]");
    const auto& read = std::get<Binary>(product->node).right;
    EXPECT_EQ(map.text(read->where), "g(c)[1, 2]");
    EXPECT_EQ(map.text(std::get<Read>(read->node).base->where), "g(c)");
    EXPECT_EQ(map.text(parsed.declarations[0].where), "fn f(a: f) = (a + b) * g(c)[1, 2] - d");
}

TEST(Parse, WhatIsAroundAnErrorIsRead) {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    const File parsed =
        parse(map, map.add("test.dlm", "fn a() = 1\nfn b( = 2\nfn c() {\n  x = )\n  y = 2\n}\nfn d() = 4\n"), diagnostics);
    EXPECT_EQ(diagnostics.errors(), 2u);
    ASSERT_EQ(parsed.declarations.size(), 3u);
    EXPECT_EQ(std::get<Function>(parsed.declarations[0].node).name.text, "a");
    EXPECT_EQ(std::get<Function>(parsed.declarations[1].node).body->statements.size(), 1u);
    EXPECT_EQ(std::get<Function>(parsed.declarations[2].node).name.text, "d");
}

TEST(Parse, AnExpressionFillsItsText) {
    source::SourceMap map;
    source::Diagnostics diagnostics;
    EXPECT_FALSE(static_cast<bool>(parse_expression(map, map.add("--set lr", "1e-3 2"), diagnostics)));
    EXPECT_FALSE(static_cast<bool>(parse_expression(map, map.add("--set lr", ""), diagnostics)));
    EXPECT_EQ(diagnostics.errors(), 2u);
}

TEST(Parse, TheSamplesAreReadAndWrittenUnchanged) {
    for (const auto& path : files_in("samples", ".dlm")) {
        source::SourceMap map;
        source::Diagnostics diagnostics;
        const auto number = map.add(path.filename(), contents(path));
        const File parsed = parse(map, number, diagnostics);
        for (const auto& d : diagnostics.all()) ADD_FAILURE() << render(map, d);
        EXPECT_GE(parsed.declarations.size(), 5u) << path;
        source::SourceMap again_map;
        EXPECT_TRUE(parse(again_map, again_map.add("again", print(parsed)), diagnostics) == parsed) << path;
    }
}

TEST(Parse, AFileOfThousandLines) {
    std::string text;
    while (std::count(text.begin(), text.end(), '\n') < 1000)
        for (const auto& path : files_in("samples", ".dlm")) text += contents(path);
    source::SourceMap map;
    source::Diagnostics diagnostics;
    const File parsed = parse(map, map.add("long.dlm", text), diagnostics);
    EXPECT_TRUE(diagnostics.ok());
    EXPECT_GT(parsed.declarations.size(), 50u);
}

TEST(Parse, TenThousandLevelsOfAnythingAreALocatedError) {
    static const char* const kLevels[][3] = {
        {"(", "x", ")"},   {"f(", "x", ")"},     {"[1, ", "2", "]"},      {"s[i](", "x", ")"},
        {"x[", "1", "]"},  {"-", "x", ""},       {"not ", "x", ""},       {"x^", "x", ""},
        {"x + ", "x", ""}, {"", "x", "[1]"},     {"", "x", " |> f"},      {"if a then b else ", "x", ""},
        {"a < ", "b", ""}, {"s[i < ", "3", "]"}, {"x[0 else ", "1", "]"}, {"scan x in y with h = ", "0", " {}"}};
    for (const auto& [before, middle, after] : kLevels) {
        std::string text = "fn f(x: f) = ", end;
        for (int i = 0; i < 10000; ++i) text += before, end += after;
        text += middle + end;
        source::SourceMap map;
        source::Diagnostics diagnostics;
        parse(map, map.add("test.dlm", text), diagnostics);
        ASSERT_EQ(diagnostics.errors(), 1u) << before << middle << after;
        EXPECT_EQ(diagnostics.all()[0].code.text, "E0107") << before << middle << after;
        EXPECT_TRUE(static_cast<bool>(diagnostics.all()[0].labels.at(0).span));
    }
    for (const char* level : {"if a { ", "for i in 0..2 { ", "if a {} else "}) {
        std::string text = "fn f() { ";
        for (int i = 0; i < 10000; ++i) text += level;
        text += std::string_view(level).ends_with("{ ") ? std::string(10000, '}') + "}" : "{} }";
        source::SourceMap map;
        source::Diagnostics diagnostics;
        parse(map, map.add("test.dlm", text), diagnostics);
        ASSERT_EQ(diagnostics.errors(), 1u) << level;
        EXPECT_EQ(diagnostics.all()[0].code.text, "E0107") << level;
    }
}

TEST(Parse, NestedAlternativesTakeLinearTime) {
    // A parser that tried a reduction, then a read, at every level would need 2^60 steps.
    std::string text = "fn f(x: f) = ", end;
    for (int i = 0; i < 60; ++i) text += "g[h(", end += ")]";
    source::SourceMap map;
    source::Diagnostics diagnostics;
    parse(map, map.add("test.dlm", text + "+" + end), diagnostics);
    EXPECT_EQ(diagnostics.errors(), 1u);
}

}  // namespace
}  // namespace dlc::text
