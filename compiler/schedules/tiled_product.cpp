#include "compiler/schedules/tiled_product.h"

#include <algorithm>

#include "compiler/scalars/lowering.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::TailStrategy;
using Halide::Tuple;
using Halide::Var;
using Halide::VarOrRVar;

enum Packing : std::int64_t { kInPlace, kPacked };

struct Cut {
    Tile tile;
    int width = 1;  // of a panel
    Packing packing = kPacked;
    std::int64_t rows = 0, columns = 0;  // of a task's block of m[0] and n[0], multiples of the tile; 0: all
};

Tile default_tile(const Work& w, const Contraction& c, int lanes) {
    return best_tile(w.target, c.m.empty() ? 1 : w.space.extents[tiled_row(w, c)], w.space.extents[c.n[0]], volume_of(w, c.k),
                     lanes);
}

Cut cut_of(const Work& w, const Contraction& c) {
    const int lanes = contraction_lanes(w, c);
    Cut cut;
    cut.tile = default_tile(w, c, lanes);
    if (const std::int64_t rows = w.choose("tile_rows", 0)) cut.tile.rows = static_cast<int>(rows);
    if (const std::int64_t vectors = w.choose("tile_vectors", 0)) cut.tile.vectors = static_cast<int>(vectors);
    const std::int64_t n = w.space.extents[c.n[0]];
    cut.width = cut.tile.vectors * lanes;
    // In place, a panel is read with the stride of b: fine where it is short, if tiles can be shifted to stay inside.
    const bool dense = c.b_flat && stride_along(c.b, c.n[0], w) == 1;
    const bool inside = n % cut.width == 0 || (n >= cut.width && !w.parts.in_place());
    std::int64_t row_bytes = n * 4;
    for (const int k : c.k) row_bytes = std::max(row_bytes, w.space.extents[k] == 1 ? 0 : stride_along(c.b, k, w) * 4);
    const bool few_rows = volume_of(w, c.m) <= 4 * cut.tile.rows;
    cut.packing = dense && inside && (few_rows || (row_bytes <= 1024 && c.windows.empty())) ? kInPlace : kPacked;
    if (dense && inside) cut.packing = static_cast<Packing>(w.choose("pack", cut.packing));
    return cut;
}

}  // namespace

std::vector<Parameter> tile_parameters(const Work& w) {
    const Contraction c = *contraction_of(w);
    const int lanes = contraction_lanes(w, c);
    const Tile tile = default_tile(w, c, lanes);
    Parameter rows{"tile_rows", {tile.rows}, "rows of m in a register tile"},
        vectors{"tile_vectors", {tile.vectors}, "vectors of n in a register tile"};
    const std::int64_t m = c.m.empty() ? 1 : w.space.extents[tiled_row(w, c)];
    for (const int r : {4, 5, 6, 7, 8, 12, 14}) {
        if (r != tile.rows && r <= m) rows.choices.push_back(r);
    }
    for (const int v : {1, 2, 3, 4}) {
        if (v != tile.vectors && (v - 1) * lanes < w.space.extents[c.n[0]]) vectors.choices.push_back(v);
    }
    const Packing packing = cut_of(w, c).packing;
    Parameter pack{"pack", {packing}, "b is copied into panels first"};
    if (packing == kInPlace) pack.choices.push_back(kPacked);
    return {rows, vectors, pack};
}

void build_tiled_product(Work& w) {
    const Contraction c = *contraction_of(w);
    const Space& s = w.space;
    const Cut cut = cut_of(w, c);
    const int lanes = contraction_lanes(w, c);
    const int n0 = c.n[0], m0 = c.m.empty() ? -1 : tiled_row(w, c);
    const int width = cut.width;
    const bool packed = cut.packing == kPacked;
    const std::int64_t extent_n = s.extents[n0], extent_m = m0 < 0 ? 1 : s.extents[m0];
    const int rows = static_cast<int>(std::min<std::int64_t>(cut.tile.rows, extent_m));
    const ir::Type type = s.term->type;

    Operands operands(w, c);
    if (packed) operands.pack(width);

    // Registers: (within the panel, panel, the other output variables).
    const Var within("within"), panel("panel");
    std::vector<Var> args{within, panel};
    std::vector<int> others;
    Values at(s.extents.size(), Expr(0));
    for (std::size_t v = 0; v < s.outs; ++v) {
        const int i = static_cast<int>(v);
        if (i == n0) continue;
        others.push_back(i);
        args.emplace_back("sum" + std::to_string(i) + "_");
        at[i] = args.back();
    }
    at[n0] = panel * width + within;
    std::vector<Halide::Range> ranges;
    for (const int k : c.k) ranges.emplace_back(0, static_cast<int>(s.extents[k]));
    RDom k(ranges, "k");
    for (std::size_t d = 0; d < c.k.size(); ++d) at[c.k[d]] = k[static_cast<int>(d)];
    Func sum("sum");
    sum(args) = Halide::Internal::make_zero(scalars::halide_type(type));
    sum(args) += operands.a(at) * (packed ? operands.b_packed(at, within, panel) : operands.b(at));

    Result r = define(w, [&](const Values& here) {
        std::vector<Expr> position{here[n0] % width, here[n0] / width};
        if (!packed) position = {here[n0], Expr(0)};
        for (const int v : others) position.push_back(here[v]);
        Expr e = sum(position);
        if (c.scale) e = w.lowering->value(c.scale, here, s.box()) * e;
        return e;
    });
    if (s.out_volume() == 0) return;

    // Tiles.  A packed panel starts at a multiple of its width, so the last one is guarded; unpacked ones are shifted to stay
    // inside.
    Func out = r.func;
    Var ni("ni"), no("no"), mi("mi"), mo("mo");
    const TailStrategy shift = w.parts.in_place() ? TailStrategy::GuardWithIf : TailStrategy::ShiftInwards;
    out.split(r.vars[n0], no, ni, width, packed ? TailStrategy::GuardWithIf : shift);
    std::vector<VarOrRVar> inner{ni}, outer;
    if (m0 >= 0) {
        out.split(r.vars[m0], mo, mi, rows, TailStrategy::ShiftInwards);
        inner.push_back(mi);
    }

    // Outer loops, inside to outside: row tiles, what else of m a task keeps, panels, and the tasks.
    const double flops = 2.0 * static_cast<double>(s.out_volume()) * static_cast<double>(s.reduced_volume());
    const std::int64_t wanted = w.inside ? 1 : tasks_for(flops / 16);
    const bool parallel = wanted > 1;
    std::vector<int> loops;  // variables around the tiles, outermost last
    for (const int v : c.m) {
        if (v != m0) loops.push_back(v);
    }
    for (std::size_t d = 1; d < c.n.size(); ++d) loops.push_back(c.n[d]);
    for (const int v : c.batch) loops.push_back(v);
    std::stable_sort(loops.begin(), loops.end(), [&](int x, int y) {
        return s.offsets[0].coefficient(static_cast<ir::Var>(x)) < s.offsets[0].coefficient(static_cast<ir::Var>(y));
    });
    std::int64_t tasks = 1;
    std::size_t kept = loops.size();
    // A task holds at most what stays in the second-level cache when a is staged.
    std::int64_t staged_bytes = 0;
    if (operands.a_copy.defined()) {
        staged_bytes = ir::bytes(type);
        for (std::size_t v = 0; v < s.extents.size(); ++v) {
            if (stride_along(c.a, static_cast<int>(v), w) != 0) {
                const bool window =
                    std::any_of(c.windows.begin(), c.windows.end(), [&](const auto& x) { return x.red == static_cast<int>(v); });
                if (!window) staged_bytes *= s.extents[v];
            }
        }
    }
    while (kept > 0 && (tasks < wanted || staged_bytes > w.target.l2_bytes / 4)) {
        --kept;
        tasks *= s.extents[loops[kept]];
        if (stride_along(c.a, loops[kept], w) != 0) staged_bytes /= s.extents[loops[kept]];
    }
    std::vector<Var> task_vars;
    if (m0 >= 0) outer.push_back(mo);
    for (std::size_t d = 0; d < kept; ++d) outer.push_back(r.vars[loops[d]]);
    outer.push_back(no);
    for (std::size_t d = kept; d < loops.size(); ++d) task_vars.push_back(r.vars[loops[d]]);
    const std::int64_t row_tiles = ceil_div(extent_m, rows), panels = ceil_div(extent_n, width);
    if (tasks < wanted && parallel) {
        // Cut m or n of the tile grid, whichever shares out more evenly.
        const std::int64_t share = ceil_div(wanted, tasks);
        const auto waste = [&](std::int64_t tiles) {
            return static_cast<double>(ceil_div(tiles, share) * share) / static_cast<double>(tiles);
        };
        if (m0 >= 0 && (waste(row_tiles) <= waste(panels) * 1.02 || panels < share)) {
            Var block("block"), within_block("within_block");
            out.split(mo, block, within_block, static_cast<int>(ceil_div(row_tiles, share)), TailStrategy::GuardWithIf);
            outer[0] = within_block;
            task_vars.insert(task_vars.begin(), block);
        } else if (panels >= share) {
            Var block("block"), within_block("within_block");
            out.split(no, block, within_block, static_cast<int>(ceil_div(panels, share)), TailStrategy::GuardWithIf);
            outer.back() = within_block;
            task_vars.insert(task_vars.begin(), block);
        }
    }
    std::vector<VarOrRVar> order = inner;
    order.insert(order.end(), outer.begin(), outer.end());
    order.insert(order.end(), task_vars.begin(), task_vars.end());
    out.reorder(order);
    const Var task = task_vars.empty() ? no : fuse_all(out, task_vars);
    if (parallel && !task_vars.empty()) out.parallel(task);
    out.vectorize(ni, std::min(lanes, width)).unroll(ni);
    if (m0 >= 0) out.unroll(mi);

    // The accumulators live inside the innermost of the outer loops.
    const Var level = m0 >= 0 ? outer[0].var : outer.back().var;
    sum.compute_at(out, level);
    std::vector<VarOrRVar> update{within};
    const Var row =
        m0 < 0 ? within : args[2 + static_cast<std::size_t>(std::find(others.begin(), others.end(), m0) - others.begin())];
    if (m0 >= 0) update.push_back(row);
    for (std::size_t d = 0; d < c.k.size(); ++d) update.push_back(k[static_cast<int>(d)]);
    if (packed) {
        sum.bound(within, 0, width);
    } else {
        sum.bound_extent(within, width);
    }
    sum.bound_extent(panel, 1);
    if (m0 >= 0) sum.bound_extent(row, rows);
    sum.vectorize(within, std::min(lanes, width)).unroll(within);
    if (m0 >= 0) sum.unroll(row);
    sum.update().reorder(update).vectorize(within, std::min(lanes, width)).unroll(within);
    if (m0 >= 0) sum.update().unroll(row);
    if (!c.k.empty()) {
        const std::int64_t length = s.extents[c.k[0]];
        const int steps = length % 4 == 0 ? 4 : length % 2 == 0 ? 2 : 1;
        if (steps > 1) sum.update().unroll(k[0], steps);
    }

    if (operands.a_copy.defined()) {
        if (task_vars.empty() && !w.inside) {
            operands.a_copy.compute_root();
        } else {
            operands.a_copy.compute_at(out, task);
        }
        operands.schedule_a(lanes);
    }
    if (packed) {
        operands.b_copy.compute_root();
        operands.schedule_b(lanes);
        const std::int64_t elements = volume_of(w, c.k) * extent_n;
        if (tasks_for(static_cast<double>(elements)) > 1 && panels > 1) { operands.b_copy.parallel(Halide::Var("panel")); }
    }
    if (w.inside) w.computes = {r.func};
}

}  // namespace dlc::schedules
