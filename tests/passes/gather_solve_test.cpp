// Every alternative of the integer solver, not only the one that is chosen, against all points of small boxes.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "compiler/ir/text.h"
#include "compiler/passes/gather/solve.h"
#include "tests/autodiff/random_equation.h"

namespace dlc::passes::gather {
namespace {

using autodiff::testing::Random;
using ir::Box;
using ir::Index;
using ir::Var;
using Point = std::vector<std::int64_t>;

void each_point(const std::vector<std::int64_t>& extents, const std::function<void(const Point&)>& see) {
    Point p(extents.size(), 0);
    for (const std::int64_t n : extents)
        if (n == 0) return;
    while (true) {
        see(p);
        std::size_t k = extents.size();
        while (k > 0 && ++p[k - 1] == extents[k - 1]) p[--k] = 0;
        if (k == 0) return;
    }
}
std::int64_t value(const Index& index, const Point& at) {
    return index.evaluate(at, [](ir::NodeId, std::span<const std::int64_t>) { return std::int64_t{0}; });
}

struct System {
    std::vector<Row> rows;
    Box box;         // parameters, then unknowns
    Var parameters;  // how many
};

/// For each point of the parameters, the unknowns that solve the rows.
std::map<Point, std::set<Point>> brute_force(const System& s) {
    std::map<Point, std::set<Point>> result;
    std::vector<std::int64_t> extents;
    for (const ir::Range& r : s.box) extents.push_back(r.high + 1);
    each_point(extents, [&](const Point& p) {
        for (const Row& row : s.rows) {
            std::int64_t sum = -value(row.rhs, p);
            for (const auto& [v, c] : row.coefficients) sum += c * p[v];
            if (sum != 0) return;
        }
        result[{p.begin(), p.begin() + s.parameters}].insert({p.begin() + s.parameters, p.end()});
    });
    return result;
}

/// What an alternative says the solutions are; a point found twice is a failure.
std::map<Point, std::set<Point>> solutions(const System& s, const Alternative& a) {
    std::map<Point, std::set<Point>> result;
    for (const auto& [phase, families] : a.cases) {
        for (const Family& f : families) {
            Box box = s.box;
            std::vector<std::int64_t> extents(s.box.size(), 1);
            for (Var p = 0; p < s.parameters; ++p) extents[p] = s.box[p].high + 1;
            std::size_t k = 0;
            std::map<Var, std::int64_t> phase_of;
            for (const auto& [p, m] : a.moduli) {
                phase_of[p] = phase[k++];
                extents[p] = s.box[p].high >= phase_of[p] ? (s.box[p].high - phase_of[p]) / m + 1 : 0;
            }
            for (const auto& [v, n] : f.free) extents[v] = n;
            each_point(extents, [&](const Point& p) {
                for (const Index& e : f.zero)
                    if (value(e, p) != 0) return;
                Point position(p.begin(), p.begin() + s.parameters), unknowns(p.begin() + s.parameters, p.end());
                for (const auto& [v, m] : a.moduli) position[v] = m * p[v] + phase_of[v];
                for (const auto& [v, index] : f.values) unknowns[v - s.parameters] = value(index, p);
                for (std::size_t v = 0; v < unknowns.size(); ++v) {
                    const bool inside = unknowns[v] >= 0 && unknowns[v] <= s.box[s.parameters + v].high;
                    const auto unknown = static_cast<Var>(s.parameters + v);
                    const bool checked =
                        std::find(f.bounded.begin(), f.bounded.end(), unknown) != f.bounded.end() || f.free.contains(unknown);
                    EXPECT_TRUE(inside || checked) << "an unknown leaves its range and is not said to be bounded";
                    if (!inside) return;
                }
                EXPECT_TRUE(result[position].insert(unknowns).second) << "a solution is given twice";
            });
        }
    }
    return result;
}

System random_system(Random& random) {
    System s;
    s.parameters = static_cast<Var>(random.integer(1, 2));
    const std::int64_t unknowns = random.integer(1, 3), rows = random.integer(1, 2);
    for (Var p = 0; p < s.parameters; ++p) s.box.push_back({0, random.integer(0, 11)});
    for (std::int64_t v = 0; v < unknowns; ++v) s.box.push_back({0, random.integer(1, 4)});
    for (std::int64_t k = 0; k < rows; ++k) {
        Row row{{}, random.integer(-3, 3)};
        for (Var v = s.parameters; v < s.box.size(); ++v)
            if (const std::int64_t c = random.one_of<std::int64_t>({-4, -3, -2, -1, -1, 0, 0, 1, 1, 1, 2, 2, 3, 4, 6}))
                row.coefficients[v] = c;
        if (random.chance(0.9)) row.rhs = row.rhs + Index::variable(static_cast<Var>(random.integer(0, s.parameters - 1)));
        s.rows.push_back(row);
    }
    return s;
}

TEST(PropertySolve, EveryAlternativeGivesTheSolutions) {
    constexpr std::uint64_t kSeed = 1848;
    Random random(kSeed);
    std::map<Method, int> methods;
    for (int number = 0; number < 3000 && !HasFailure(); ++number) {
        const System s = random_system(random);
        std::string text = "seed " + std::to_string(kSeed) + ", system " + std::to_string(number);
        for (const Row& row : s.rows) {
            text += "\n ";
            for (const auto& [v, c] : row.coefficients) text += " " + std::to_string(c) + "*i" + std::to_string(v);
            text += " == " + ir::print(row.rhs);
        }
        SCOPED_TRACE(text);
        // What stands in no row is no part of the answer.
        std::set<Var> used;
        for (const Row& row : s.rows)
            for (const auto& [v, c] : row.coefficients) used.insert(v);
        System reduced = s;
        for (Var v = s.parameters; v < s.box.size(); ++v)
            if (!used.contains(v)) reduced.box[v] = {0, 0};
        const auto want = brute_force(reduced);
        for (const Rules rules : {Rules{}, Rules{.bare_digits = false}, Rules{.digits = false}, Rules{.phases = false}}) {
            const auto alternatives = solve(reduced.rows, reduced.box, rules);
            if (!alternatives) {
                EXPECT_TRUE(want.empty()) << "said to have no solution";
                continue;
            }
            EXPECT_FALSE(alternatives->empty());
            for (const Alternative& a : *alternatives) {
                ++methods[a.method];
                EXPECT_EQ(solutions(reduced, a), want) << "method " << static_cast<int>(a.method);
            }
        }
    }
    for (const Method m : {Method::unit, Method::digit, Method::phase, Method::spread, Method::guard})
        EXPECT_GT(methods[m], 100) << "method " << static_cast<int>(m) << " is hardly met";
}

TEST(Solve, ManyPhasesAreSpread) {
    // 100 t + j == a: a hop of 100 with a window of 150, too many phases for code.
    const Box box{{0, 2049}, {0, 19}, {0, 149}};
    const auto alternatives = solve({Row{{{1, 100}, {2, 1}}, Index::variable(0)}}, box, {});
    ASSERT_TRUE(alternatives);
    bool spread = false;
    for (const Alternative& a : *alternatives) {
        EXPECT_LE(a.cases.size(), 64u);
        if (a.method != Method::spread) continue;
        spread = true;
        EXPECT_EQ(a.cases.at(0).families.at(0).free.at(2), 2);  // of 150 residues two are left
    }
    EXPECT_TRUE(spread);
}

TEST(Solve, NumbersTooLargeGiveNoAlternative) {
    const std::int64_t large = std::int64_t{1} << 30;
    const Box box{{0, 9}, {0, 9}, {0, 9}, {0, 9}};
    const auto alternatives = solve(
        {Row{{{2, large}, {3, 3}}, Index::variable(0)}, Row{{{2, 7}, {3, large + 1}}, Index::variable(1)}}, box, {.digits = false});
    ASSERT_TRUE(alternatives);
    EXPECT_TRUE(alternatives->empty());
}

}  // namespace
}  // namespace dlc::passes::gather
