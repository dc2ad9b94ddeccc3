// The total fallback: any reduction as plain loops, vectors along the innermost output variable where there is one.
#include "compiler/schedules/reduction.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::Var;

void build(Work& w) {
    const Space& s = w.space;
    const Accumulator a = accumulator_of(w.parts, *w.reduction);
    const std::vector<int> order = storage_order(s);
    std::vector<Var> vars;
    std::vector<Expr> here;
    Values at(s.extents.size());
    for (const int v : order) {
        vars.emplace_back("sum" + std::to_string(v) + "_");
        here.push_back(vars.back());
        at[v] = vars.back();
    }
    // The last variable is the innermost loop.
    std::vector<Halide::Range> ranges;
    for (std::size_t v = s.extents.size(); v-- > s.outs;) ranges.emplace_back(0, static_cast<int>(s.extents[v]));
    Func sum("sum");
    assign(sum, here, a.identity());
    if (!ranges.empty()) {
        RDom r(ranges, "r");
        for (std::size_t d = 0; d < ranges.size(); ++d) at[s.extents.size() - 1 - d] = r[static_cast<int>(d)];
        assign(sum, here, a.step(held(sum, here), term_over(r, w, at)));
    } else {
        assign(sum, here, a.step(held(sum, here), term_at(w, at)));
    }
    sum.compute_root();
    for (std::size_t d = 0; d < order.size(); ++d) sum.bound(vars[d], 0, static_cast<int>(s.extents[order[d]]));
    if (!vars.empty() && s.out_volume() > 0) {
        if (tasks_for(w.cost()) > 1 && vars.size() > 1) {
            sum.update().parallel(vars.back());
            sum.parallel(vars.back());
        }
        const int lanes = std::min(w.lanes(), floor_power_of_two(s.extents[order[0]]));
        if (lanes > 1) {
            sum.vectorize(vars[0], lanes, Halide::TailStrategy::GuardWithIf);
            sum.update().vectorize(vars[0], lanes, Halide::TailStrategy::GuardWithIf);
        }
    }
    Result r = define(w, [&](const Values& point) {
        std::vector<Expr> position;
        for (const int v : order) position.push_back(point[v]);
        return a.result(held(sum, position));
    });
    schedule_pointwise(w, r);
}

}  // namespace

namespace rows {

DLC_ROW(KernelClass, loops) = {
    .name = "loops",
    .doc = "any reduction: plain loops, sums in memory",
    .rank = 1000,
    .match = [](const Work& w) { return w.reduction && !w.parts.node(w.reduction->node).equation()->scatter; },
    .detail = reduction_detail,
    .parameters = nullptr,
    .build = build,
};

}  // namespace rows
}  // namespace dlc::schedules
