// Kernels drawn at random against the interpreter: every target, parameters drawn from what is legal, every check of Halide's on,
// memory fenced, one to three threads that must agree bit for bit.
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "maker.h"

namespace dlc::test {
namespace {

/// A legal value for every parameter of the kernel's class.
schedules::Choice random_choice(Random& r, const kernels::Kernel& k, const schedules::Target& target) {
    schedules::Choice choice;
    for (const schedules::Parameter& p : schedules::parameters(k, target)) choice[p.name] = r.pick(p.choices);
    return choice;
}

void plant_special_values(Random& r, const Case& c, Values& inputs) {
    static const std::vector<double> special = {std::numeric_limits<double>::quiet_NaN(),
                                                std::numeric_limits<double>::infinity(),
                                                -std::numeric_limits<double>::infinity(),
                                                0.0,
                                                -0.0,
                                                0.5};
    const std::size_t count = c.special == Case::nans ? 1 : special.size();
    auto& values = inputs.at("in0").values;
    for (std::size_t i = 0; i < (values.size() + 9) / 10; ++i)
        values[static_cast<std::size_t>(r.below(static_cast<std::int64_t>(values.size())))] =
            special[static_cast<std::size_t>(r.below(static_cast<std::int64_t>(count)))];
}

enum class Effort { one_target, all_targets };

void check(unsigned seed, Effort effort) {
    Random r(seed);
    const Case c = random_case(r);
    const bool in_place = std::any_of(c.kernel.alias.begin(), c.kernel.alias.end(), [](int a) { return a >= 0; });
    Values inputs = random_values(c.kernel, r.engine, c.below);
    if (c.special != Case::numbers) plant_special_values(r, c, inputs);
    const Values wanted = ir::interpret(c.kernel.body, inputs);
    std::vector<schedules::Target> all = targets();
    if (effort == Effort::one_target) all = {all[static_cast<std::size_t>(r.below(static_cast<std::int64_t>(all.size())))]};
    for (const schedules::Target& target : all) {
        std::string trace =
            "seed " + std::to_string(seed) + ", " + c.what + ", " + target.halide + ", " + schedules::describe(c.kernel, target);
        const schedules::Choice choice = r.one_in(2) ? schedules::Choice{} : random_choice(r, c.kernel, target);
        for (const auto& [name, value] : choice) trace += ", " + name + " = " + std::to_string(value);
        SCOPED_TRACE(trace);
        if (!in_place) expect_values(c.kernel, wanted, run_checked(c.kernel, inputs, target, choice), c.relative);
        if (::testing::Test::HasFatalFailure()) return;
        const std::vector<Values> runs = run(c.kernel, inputs, target, {1, 2, 3}, choice);
        expect_values(c.kernel, wanted, runs[0], c.relative);
        for (const Values& other : {runs[1], runs[2]}) expect_same_bits(runs[0], other);
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(PropertyRandomKernels, AgreeWithTheInterpreter) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        check(seed, Effort::one_target);
        if (HasFailure()) return;
    }
}

/// DLC_SEED and DLC_COUNT say where to start and how many to try.
TEST(SlowRandomKernels, AgreeWithTheInterpreter) {
    if (!std::getenv("DLC_SLOW")) GTEST_SKIP() << "compiles thousands of kernels; set DLC_SLOW=1";
    const auto number = [](const char* name, unsigned otherwise) {
        const char* text = std::getenv(name);
        return text ? static_cast<unsigned>(std::atol(text)) : otherwise;
    };
    const unsigned first = number("DLC_SEED", 1000), count = number("DLC_COUNT", 3000);
    int failures = 0;
    for (unsigned seed = first; seed < first + count && failures < 10; ++seed) {
        check(seed, Effort::all_targets);
        failures = ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
    }
}

}  // namespace
}  // namespace dlc::test
