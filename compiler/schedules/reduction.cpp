#include "compiler/schedules/reduction.h"

#include <algorithm>
#include <bit>

namespace dlc::schedules {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::TailStrategy;
using Halide::Var;
using Halide::VarOrRVar;

std::string reduction_detail(const Work& w) {
    const Space& s = w.space;
    const std::string op(ir::name(w.reduce()));
    if (slides(s.term, s)) {
        const std::vector<ir::Expr> reads = ir::reads(s.term);
        const bool weighted = s.term->is("mul") && std::any_of(reads.begin(), reads.end(), [&](const ir::Expr& r) {
                                  bool reduced = false;
                                  for (std::size_t v = s.outs; v < s.extents.size(); ++v)
                                      reduced = reduced || stride_along(r, static_cast<int>(v), w) != 0;
                                  return reduced && !slides(r, s);
                              });
        return (weighted ? "depthwise " : "window ") + op;
    }
    const bool partial = std::any_of(s.where.begin(), s.where.end(), [&](const ir::Predicate& p) {
        const std::vector<ir::Var> used = p.index.variables();
        const auto reduced = [&](ir::Var v) { return v >= s.outs; };
        return p.kind == ir::Predicate::ge && std::any_of(used.begin(), used.end(), reduced) &&
               !std::all_of(used.begin(), used.end(), reduced);
    });
    return partial ? "scan " + op : op;
}

int longest_reduced(const Work& w, int but) {
    int best = but;
    for (std::size_t v = w.space.outs; v < w.space.extents.size(); ++v) {
        const int i = static_cast<int>(v);
        if (i != but && (best == but || w.space.extents[i] > w.space.extents[best])) best = i;
    }
    return best;
}

void build_reduction(Work& w, const ReductionPlan& plan) {
    const Space& s = w.space;
    const Accumulator a = accumulator_of(w.parts, *w.reduction);
    std::vector<int> order = storage_order(s);
    if (plan.vector_variable >= 0) std::ranges::stable_partition(order, [&](int v) { return v == plan.vector_variable; });
    const bool laned = plan.lane_variable >= 0;
    const std::int64_t length = laned ? s.extents[plan.lane_variable] : 1;
    int vector = w.lanes(), width = 1;
    if (laned) {
        vector = static_cast<int>(
            std::min<std::int64_t>(vector, std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(length, 1)))));
        int vectors = a.located() ? 1 : plan.vectors;
        while (vectors > 1 && vectors * vector > length) vectors /= 2;
        width = vector * vectors;
    }

    // Accumulators: (lane, output variables innermost first, chunk).
    const Var lane("lane"), chunk("chunk");
    std::vector<Var> outs;
    std::vector<Expr> point;
    Values at(s.extents.size(), Expr(0));
    for (const int v : order) {
        outs.push_back(w.of_row ? row_variable() : Var("sum" + std::to_string(v) + "_"));
        point.push_back(outs.back());
        at[v] = outs.back();
    }
    std::vector<int> reduced;  // innermost loop first
    for (std::size_t v = s.outs; v < s.extents.size(); ++v) reduced.push_back(static_cast<int>(v));
    std::stable_sort(reduced.begin(), reduced.end(), [&](int x, int y) {
        if ((x == plan.lane_variable) != (y == plan.lane_variable)) return x == plan.lane_variable;
        return stride_along(s.term, x, w) < stride_along(s.term, y, w);
    });
    std::vector<Halide::Range> ranges;
    std::int64_t share = 0;  // of the chunked variable, in blocks of lanes where both are one
    for (const int v : reduced) {
        std::int64_t steps = v == plan.lane_variable ? ceil_div(length, width) : s.extents[v];
        if (v == plan.chunk_variable) steps = share = ceil_div(steps, plan.chunks);
        ranges.emplace_back(0, static_cast<int>(steps));
    }
    RDom r(ranges, "r");
    Expr holds;
    for (std::size_t d = 0; d < reduced.size(); ++d) {
        const int v = reduced[d];
        Expr step = r[static_cast<int>(d)];
        std::int64_t covered = v == plan.lane_variable ? ceil_div(length, width) : s.extents[v];
        if (v == plan.chunk_variable) {
            step = chunk * static_cast<int>(share) + step;
            covered = share * plan.chunks;
        }
        if (v == plan.lane_variable) {
            step = step * width + lane;
            covered *= width;
        }
        at[v] = bounded(step, s.extents[v], covered == s.extents[v], holds);
    }
    Func sum("sum");
    std::vector<Expr> whole = point;
    if (laned) whole.insert(whole.begin(), lane);
    whole.push_back(chunk);
    assign(sum, whole, a.identity());
    assign(sum, whole, a.step(held(sum, whole), term_over(r, w, at, holds)));

    // Lanes together, by vectors first.
    Func folded("folded"), part("part");
    std::vector<Expr> cell = point;
    cell.push_back(chunk);
    if (laned) {
        const int vectors = width / vector;
        const auto lane_at = [&](const Func& f, const Expr& l) {
            std::vector<Expr> position = cell;
            position.insert(position.begin(), l);
            return held(f, position);
        };
        std::vector<Expr> folded_at = whole;
        assign(folded, folded_at, combine(a, vectors, [&](int i) { return lane_at(sum, lane + i * vector); }));
        assign(part, cell, combine(a, vector, [&](int i) { return lane_at(folded, Expr(i)); }));
    } else {
        assign(part, cell, held(sum, cell));
    }
    // The accumulators of a row go side by side in one pass over the terms.
    std::vector<VarOrRVar> side_by_side{lane};
    for (std::size_t d = 0; d < reduced.size(); ++d) side_by_side.push_back(r[static_cast<int>(d)]);
    part.bound(chunk, 0, static_cast<int>(plan.chunks));
    if (laned) sum.bound(lane, 0, width);
    if (w.of_row) {
        sum.vectorize(lane, vector).unroll(lane);
        sum.update().vectorize(lane, vector).reorder(side_by_side).unroll(lane);
        folded.bound_extent(lane, vector).vectorize(lane, vector);
        w.computes = {sum, folded, part};
    } else {
        part.compute_root();
        for (std::size_t d = 0; d < order.size(); ++d) part.bound(outs[d], 0, static_cast<int>(s.extents[order[d]]));
    }

    if (s.out_volume() > 0 && plan.together) {
        const Var block("block"), within("within"), task("task");
        const int lanes = std::min(w.lanes(), floor_power_of_two(s.extents[order[0]]));
        std::vector<VarOrRVar> loop{outs[0]};
        for (std::size_t d = 1; d < outs.size(); ++d) loop.push_back(outs[d]);
        part.split(outs[0], block, within, lanes, TailStrategy::GuardWithIf).vectorize(within);
        std::vector<VarOrRVar> of_part = loop;
        of_part[0] = within;
        of_part.insert(of_part.end(), {block, chunk});
        part.reorder(of_part).fuse(block, chunk, task);
        if (tasks_for(w.cost()) > 1) part.parallel(task);
        sum.compute_at(part, task).reorder(loop).vectorize(outs[0], lanes, TailStrategy::GuardWithIf);
        for (std::size_t d = 0; d < reduced.size(); ++d) loop.push_back(r[static_cast<int>(d)]);
        sum.update().reorder(loop).vectorize(outs[0], lanes, TailStrategy::GuardWithIf);
        for (std::size_t d = 1; d < outs.size(); ++d) {
            part.unroll(outs[d]);
            sum.unroll(outs[d]);
            sum.update().unroll(outs[d]);
        }
    } else if (s.out_volume() > 0 && !w.of_row) {
        // Tasks: chunks, then the outermost output variables.
        std::vector<Var> loops = outs;
        loops.push_back(chunk);
        const std::int64_t tasks = tasks_for(w.cost());
        const std::size_t inner = laned ? 0 : 1;  // the first loop is a vector in columns
        const Var level = loops.size() > inner ? loops[inner] : chunk;
        Var task = loops.back();
        std::int64_t count = plan.chunks;
        std::size_t last = loops.size() - 1;
        while (last > inner + 1 && count < tasks) {
            --last;
            const Var both("task" + std::to_string(last));
            part.fuse(loops[last], task, both);
            task = both;
            count *= s.extents[order[last]];
        }
        if (laned) {
            sum.compute_at(part, last == 0 ? task : level).vectorize(lane, vector).unroll(lane);
            sum.update().vectorize(lane, vector).reorder(side_by_side).unroll(lane);
            folded.compute_at(part, last == 0 ? task : level).bound_extent(lane, vector).vectorize(lane, vector);
            if (tasks > 1) {
                if (last <= inner + 1 && last > 0 && count < tasks) {
                    // Rows are the tasks: so many at a time.
                    const Var both("rows");
                    part.fuse(loops[0], task, both);
                    task = both;
                    count *= s.extents[order[0]];
                    const Var group("group"), within("within");
                    part.split(task, group, within, static_cast<int>(std::max<std::int64_t>(1, ceil_div(count, tasks))),
                               TailStrategy::GuardWithIf);
                    part.parallel(group);
                    sum.compute_at(part, within);
                    folded.compute_at(part, within);
                } else {
                    part.parallel(task);
                }
            }
        } else {
            const std::int64_t extent = s.extents[order[0]];
            const int lanes = std::min(w.lanes(), floor_power_of_two(extent));
            const bool registers = ceil_div(extent, lanes) <= (a.located() ? 2 : 8);
            sum.compute_at(part, last <= 1 ? task : level);
            std::vector<VarOrRVar> loop{outs[0]};
            for (std::size_t d = 0; d < reduced.size(); ++d) loop.push_back(r[static_cast<int>(d)]);
            sum.update().reorder(loop);
            if (lanes > 1) {
                sum.vectorize(outs[0], lanes, TailStrategy::GuardWithIf);
                sum.update().vectorize(outs[0], lanes, TailStrategy::GuardWithIf);
                part.vectorize(outs[0], lanes, TailStrategy::GuardWithIf);
            }
            if (registers) sum.update().unroll(outs[0]);
            if (tasks > 1 && count > 1) part.parallel(task);
        }
    }
    Result result = define(w, [&](const Values& here) {
        return a.result(combine(a, static_cast<int>(plan.chunks), [&](int i) {
            std::vector<Expr> position;
            for (const int v : order) position.push_back(here[v]);
            position.push_back(Expr(i));
            return held(part, position);
        }));
    });
    if (w.of_row) {
        w.computes.push_back(result.func);
    } else {
        schedule_pointwise(w, result);
    }
}

}  // namespace dlc::schedules
