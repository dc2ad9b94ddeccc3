// Random syntax trees: every kind of node, names that are keywords elsewhere, and nothing the grammar cannot write.
#pragma once
#include <random>
#include <set>

#include "dsl/text/ast.h"

namespace dlc::text {

class RandomProgram {
public:
    explicit RandomProgram(std::uint32_t seed) : random_(seed) {}

    File file();
    ExprRef expression(int depth);

    /// The kinds of expressions, statements and declarations made so far, by their places in the variants.
    std::set<std::size_t> expressions, statements, declarations;

private:
    int number(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    bool chance(int percent) { return number(100) < percent; }
    template <class F>
    auto some(int least, int most, F make) {
        std::vector<decltype(make())> out;
        for (int i = number(most - least + 1) + least; i > 0; --i) out.push_back(make());
        return out;
    }

    std::string word();
    Identifier name() { return {word(), {}}; }
    std::string string();
    Expr node(int depth);
    ExprRef maybe(int depth) { return chance(50) ? expression(depth) : ExprRef(); }
    Type type(int depth);
    Argument argument(int depth);
    Bind bind(int depth, bool pack_may_be_nameless);
    Item item(int depth);
    Left left(int depth);
    Block block(int depth);
    Ref<Stmt> statement(int depth);
    Parameter parameter();
    Setting setting();
    Declaration declaration();

    std::mt19937 random_;
};

}  // namespace dlc::text
