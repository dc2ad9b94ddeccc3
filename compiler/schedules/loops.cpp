// The total fallback: any reduction as plain loops, vectors along the innermost output variable where there is one.
#include "compiler/schedules/stage.h"

namespace dlc::schedules::rows {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::Tuple;
using Halide::Var;

void build_loops(Work& w) {
    const Space& s = w.space;
    const Accumulator a = accumulator_of(w.parts, *w.reduction);
    const std::vector<int> order = storage_order(s);
    std::vector<Var> args;
    Values at(s.extents.size());
    for (const int v : order) {
        args.emplace_back("a" + std::to_string(v) + "_");
        at[v] = args.back();
    }
    std::vector<Halide::Range> ranges;
    for (const std::int64_t e : reduced_extents(s)) ranges.emplace_back(0, static_cast<int>(e));
    Func sum("sum");
    sum(args) = a.identity();
    // The innermost loop runs over the last variable.
    if (ranges.empty()) {
        const Tuple so_far = args.empty() ? Tuple(sum()) : Tuple(sum(args));
        sum(args) = a.step(so_far, term_at(w, at));
    } else {
        const std::vector<Halide::Range> inner_first(ranges.rbegin(), ranges.rend());
        RDom r(inner_first, "r");
        for (std::size_t d = 0; d < ranges.size(); ++d) at[s.outs + d] = r[static_cast<int>(ranges.size() - 1 - d)];
        const Tuple so_far = sum(args);
        sum(args) = a.step(so_far, term_at(w, at));
    }
    sum.compute_root();
    for (const int v : order) sum.bound(args[static_cast<std::size_t>(&v - order.data())], 0, static_cast<int>(s.extents[v]));
    if (!args.empty() && s.out_volume() > 0) {
        const std::int64_t inner = s.extents[order[0]];
        const int lanes = std::min(w.lanes(), floor_power_of_two(inner));
        std::vector<Halide::VarOrRVar> loops(args.begin(), args.begin() + 1);
        if (tasks_for(w.cost()) > 1 && args.size() > 1) {
            sum.update().parallel(args.back());
            sum.parallel(args.back());
        }
        if (lanes > 1) {
            sum.vectorize(args[0], lanes, Halide::TailStrategy::GuardWithIf);
            sum.update().vectorize(args[0], lanes, Halide::TailStrategy::GuardWithIf);
        }
    }
    const Result r = define(w, [&](const Values& here) {
        std::vector<Expr> position;
        for (const int v : order) position.push_back(here[v]);
        return a.result(Tuple(sum(position)));
    });
    schedule_pointwise(w, r);
}

DLC_ROW(KernelClass, loops) = {
    .name = "loops",
    .doc = "any reduction: plain loops in memory",
    .rank = 1000,
    .match = [](const Work& w) { return w.reduction != nullptr; },
    .parameters = nullptr,
    .build = build_loops,
};

}  // namespace dlc::schedules::rows
