// Scatters: sums, maxima and minima at positions that data decide.  Points of the domain are taken one after another; what does not
// enter the data-dependent part of the position runs in vectors and tasks, so the order of additions is always the same.
#include <algorithm>

#include "compiler/schedules/stage.h"
#include "dsl/source/diagnostic.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::Var;
using Halide::VarOrRVar;

void build(Work& w) {
    const Space& s = w.space;
    const ir::Node& n = w.parts.node(w.reduction->node);
    const ir::Equation& e = *n.equation();
    const Accumulator a = accumulator_of(w.parts, *w.reduction);
    const ir::Box box = s.box();
    const std::size_t rank = n.shape.size();

    // A variable that is an output dimension and nothing else there needs no order.
    std::vector<int> dim_of(s.extents.size(), -1);
    for (std::size_t d = 0; d < rank; ++d) {
        const auto v = e.map[d].as_variable();
        if (!v || s.extents[*v] != n.shape[d]) continue;
        const auto others = std::count_if(e.map.begin(), e.map.end(), [&](const ir::Index& i) { return i.uses(*v); });
        if (others == 1) dim_of[*v] = static_cast<int>(d);
    }
    std::vector<Var> dims;
    for (std::size_t d = 0; d < rank; ++d) dims.emplace_back("dim" + std::to_string(d) + "_");
    const auto innermost_first = [&](const std::vector<Expr>& by_dim) { return std::vector<Expr>(by_dim.rbegin(), by_dim.rend()); };

    Func out("scatter");
    assign(out, innermost_first(std::vector<Expr>(dims.begin(), dims.end())), a.identity());
    std::vector<Halide::Range> ranges;
    std::vector<int> ordered;
    for (std::size_t v = s.extents.size(); v-- > 0;) {
        if (dim_of[v] >= 0) continue;
        ordered.push_back(static_cast<int>(v));
        ranges.emplace_back(0, static_cast<int>(s.extents[v]));
    }
    Values at(s.extents.size());
    for (std::size_t v = 0; v < s.extents.size(); ++v) {
        if (dim_of[v] >= 0) at[v] = dims[dim_of[v]];
    }
    RDom r;
    if (!ranges.empty()) {
        r = RDom(ranges, "r");
        for (std::size_t d = 0; d < ordered.size(); ++d) at[ordered[d]] = r[static_cast<int>(d)];
    }
    Expr inside;
    std::vector<Expr> position;
    for (std::size_t d = 0; d < rank; ++d) {
        Expr i = w.lowering->index(e.map[d], at, box);
        const ir::Range range = e.map[d].range(box);
        const auto last = static_cast<int>(n.shape[d] - 1);
        if (range.low < 0 || range.high > last) {
            const Expr in = i >= 0 && i <= last;
            inside = inside.defined() ? inside && in : in;
            i = Halide::clamp(i, 0, std::max(last, 0));
        }
        position.push_back(i);
    }
    const std::vector<Expr> where = innermost_first(position);
    if (ir::volume(n.shape) > 0) {
        const Halide::Tuple term = r.defined() ? term_over(r, w, at, inside) : term_at(w, at, inside);
        assign(out, where, a.step(held(out, where), term));
    }

    out.compute_root();
    for (std::size_t d = 0; d < rank; ++d) out.bound(dims[d], 0, static_cast<int>(n.shape[d]));
    if (ir::volume(n.shape) > 0 && std::all_of(dim_of.begin(), dim_of.end(), [](int d) { return d < 0; }))
        out.update().unscheduled();  // every point may meet every other: one loop in their order
    if (rank > 0 && ir::volume(n.shape) > 0) {
        const int lanes = std::min(w.lanes(), floor_power_of_two(n.shape[rank - 1]));
        if (lanes > 1) out.vectorize(dims[rank - 1], lanes, Halide::TailStrategy::GuardWithIf);
        std::vector<VarOrRVar> free;
        for (std::size_t d = rank; d-- > 0;) {
            if (std::find(dim_of.begin(), dim_of.end(), static_cast<int>(d)) != dim_of.end()) free.push_back(dims[d]);
        }
        if (!free.empty()) {
            // The innermost free dimension inside, the points in order around it, other free dimensions outside.
            std::vector<VarOrRVar> loops{free[0]};
            for (std::size_t d = 0; d < ordered.size(); ++d) loops.push_back(r[static_cast<int>(d)]);
            for (std::size_t d = 1; d < free.size(); ++d) loops.push_back(free[d]);
            out.update().reorder(loops);
            const auto inner =
                std::find_if(dims.begin(), dims.end(), [&](const Var& v) { return v.name() == free[0].name(); }) - dims.begin();
            const int width = std::min(w.lanes(), floor_power_of_two(n.shape[inner]));
            if (free.size() > 1 && tasks_for(w.cost()) > 1) out.update().parallel(free.back());
            if (width > 1 && static_cast<std::size_t>(inner) == rank - 1)
                out.update().vectorize(dims[inner], width, Halide::TailStrategy::GuardWithIf);
        }
    }
    w.lowering->provide(w.reduction->node,
                        [=](const Values& index) { return a.result(held(out, std::vector<Expr>(index.rbegin(), index.rend()))); });
}

}  // namespace

namespace rows {

DLC_ROW(KernelClass, scatter) = {
    .name = "scatter",
    .doc = "accumulates at data-dependent positions, in the order of the domain",
    .rank = 20,
    .match = [](const Work& w) { return w.reduction && w.parts.node(w.reduction->node).equation()->scatter; },
    .detail = [](const Work& w) { return std::string(ir::name(w.reduce())); },
    .parameters = nullptr,
    .build = build,
};

}  // namespace rows
}  // namespace dlc::schedules
