// Gradients of convolutions by their weights: the same equation as a convolution, with a large "kernel".  What is reduced is the
// image and the batch, what stays is small:
//
//     for chunk of the batch                                     parallel; chunks are summed at the end, in order
//       for image: stage a with its border; pack b
//         for block of rows, panel of n, tile of m, tap
//           registers = 0;  for pixel: registers += a · b
//           chunk's sum += registers
#include <algorithm>

#include "compiler/scalars/lowering.h"
#include "compiler/schedules/contraction.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::TailStrategy;
using Halide::Var;
using Halide::VarOrRVar;

std::int64_t largest_divisor(std::int64_t n, std::int64_t at_most) {
    for (std::int64_t d = std::min(n, at_most); d > 1; --d) {
        if (n % d == 0) return d;
    }
    return 1;
}

/// Of n and the longest variable of m.  A short one, like the taps of a kernel over one channel, is taken whole.
Tile default_tile(const Work& w, const Contraction& c, std::int64_t longest) {
    const int lanes = contraction_lanes(w, c);
    const std::int64_t n = w.space.extents[c.n[0]];
    if (longest < 6) return {static_cast<int>(longest), static_cast<int>(std::min<std::int64_t>(2, ceil_div(n, lanes)))};
    // The panel of b is a block of rows here, cut to stay in the first-level cache.
    return best_tile(w.target, longest, n, 1, lanes, 0.6);
}

void build(Work& w) {
    const Contraction c = *contraction_of(w);
    const Space& s = w.space;
    const ir::Type type = s.term->type;
    const int lanes = contraction_lanes(w, c);
    const int n0 = c.n[0];
    const std::int64_t extent_n = s.extents[n0];

    // The tile of m: its longest variable, with all of further short ones while registers last.
    std::vector<int> m = c.m;
    std::stable_sort(m.begin(), m.end(), [&](int x, int y) { return s.extents[x] > s.extents[y]; });
    const Tile tile = default_tile(w, c, s.extents[m[0]]);
    const int vectors = static_cast<int>(w.choose("tile_vectors", tile.vectors));
    const int width = vectors * lanes;
    const int rows = static_cast<int>(std::min<std::int64_t>(w.choose("tile_rows", tile.rows), s.extents[m[0]]));
    std::vector<int> unrolled;  // whole variables beside the tile
    std::int64_t accumulators = std::int64_t{rows} * vectors;
    for (std::size_t d = 1; d < m.size() && rows == s.extents[m[0]]; ++d) {
        if (accumulators * s.extents[m[d]] > w.target.registers - vectors - 2) break;
        accumulators *= s.extents[m[d]];
        unrolled.push_back(m[d]);
    }
    const std::int64_t padded_m = ceil_div(s.extents[m[0]], rows) * rows;
    const std::int64_t panels = ceil_div(extent_n, width);

    // The chunked variable is the outermost in memory; of the others the last is cut into blocks that stay in the first-level
    // cache.
    const int image = c.k.back();
    std::vector<int> pixels(c.k.begin(), c.k.end() - 1);
    const int row = pixels.back();
    std::int64_t row_bytes = extent_n * ir::bytes(type);
    for (const int v : pixels) row_bytes *= v == row ? 1 : s.extents[v];
    const std::int64_t block = largest_divisor(s.extents[row], std::max<std::int64_t>(1, w.target.l1_bytes / row_bytes));
    const double flops = 2.0 * static_cast<double>(s.out_volume()) * static_cast<double>(s.reduced_volume());
    // A task's sums stay in the second-level cache while images go by: of a large result it has some panels.
    std::int64_t blocks = 1;
    while (blocks < panels && (panels % blocks != 0 || s.out_volume() * ir::bytes(type) / blocks > w.target.l2_bytes / 3)) ++blocks;
    std::int64_t chunks = std::min(ceil_div(tasks_for(flops / 16), blocks), s.extents[image]);
    // Private sums of all chunks together stay small.
    while (chunks > 1 && chunks * s.out_volume() * ir::bytes(type) > (std::int64_t{32} << 20)) chunks /= 2;
    if (const std::int64_t even = largest_divisor(s.extents[image], chunks); even * 2 >= chunks) chunks = even;
    const std::int64_t share = ceil_div(s.extents[image], chunks);

    Operands operands(w, c);
    operands.pack(width);

    const Var within("within"), panel("panel"), chunk("chunk"), which("which"), band("band");
    std::vector<Var> m_vars;
    for (const int v : m) m_vars.emplace_back("sum" + std::to_string(v) + "_");
    std::vector<Var> others;
    std::vector<int> other_vars;  // further n and batch variables
    for (std::size_t v = 0; v < s.outs; ++v) {
        const int i = static_cast<int>(v);
        if (i == n0 || std::find(m.begin(), m.end(), i) != m.end()) continue;
        other_vars.push_back(i);
        others.emplace_back("sum" + std::to_string(v) + "_");
    }
    std::vector<Expr> shared{within};
    shared.insert(shared.end(), m_vars.begin(), m_vars.end());
    shared.push_back(panel);
    shared.insert(shared.end(), others.begin(), others.end());

    // Registers, over one block of rows of one image.
    Values at(s.extents.size(), Expr(0));
    for (std::size_t d = 0; d < m.size(); ++d) at[m[d]] = m_vars[d];
    if (padded_m != s.extents[m[0]]) at[m[0]] = Halide::min(m_vars[0], static_cast<int>(s.extents[m[0]] - 1));
    for (std::size_t d = 0; d < others.size(); ++d) at[other_vars[d]] = others[d];
    std::vector<Halide::Range> ranges;
    for (const int v : pixels) ranges.emplace_back(0, static_cast<int>(v == row ? block : s.extents[v]));
    RDom pixel(ranges, "pixel");
    for (std::size_t d = 0; d < pixels.size(); ++d) {
        const Expr p = pixel[static_cast<int>(d)];
        at[pixels[d]] = pixels[d] == row && block != s.extents[row] ? band * static_cast<int>(block) + p : p;
    }
    at[image] = which;
    std::vector<Expr> register_at = shared;
    register_at.push_back(band);
    register_at.push_back(which);
    Func registers("registers");
    registers(register_at) = Halide::Internal::make_zero(scalars::halide_type(type));
    registers(register_at) += operands.a(at) * operands.b_packed(at, within, panel);

    // The chunk's sum.
    RDom images({{0, static_cast<int>(s.extents[row] / block)}, {0, static_cast<int>(share)}}, "images");
    const Expr number = chunk * static_cast<int>(share) + images[1];
    if (share * chunks != s.extents[image]) images.where(number < static_cast<int>(s.extents[image]));
    std::vector<Expr> part_at = shared;
    part_at.push_back(chunk);
    std::vector<Expr> from = shared;
    from.push_back(images[0]);
    from.push_back(number);
    Func part("part");
    part(part_at) = Halide::Internal::make_zero(scalars::halide_type(type));
    part(part_at) += registers(from);

    part.compute_root()
        .parallel(chunk)
        .bound(within, 0, width)
        .bound(panel, 0, static_cast<int>(panels))
        .bound(chunk, 0, static_cast<int>(chunks));
    for (std::size_t d = 0; d < m.size(); ++d) part.bound(m_vars[d], 0, static_cast<int>(d == 0 ? padded_m : s.extents[m[d]]));
    for (std::size_t d = 0; d < others.size(); ++d) part.bound(others[d], 0, static_cast<int>(s.extents[other_vars[d]]));
    part.vectorize(within, lanes);

    const Var mo("mo"), mi("mi");
    auto update = part.update();
    update.split(m_vars[0], mo, mi, rows);
    std::vector<VarOrRVar> inner{within, mi}, outer{mo};
    for (std::size_t d = 1; d < m.size(); ++d) {
        const bool whole = std::find(unrolled.begin(), unrolled.end(), m[d]) != unrolled.end();
        (whole ? inner : outer).push_back(m_vars[d]);
    }
    Var panel_in = panel, task = chunk;
    if (blocks > 1) {
        const Var panel_block("panel_block");
        panel_in = Var("panel_in");
        update.split(panel, panel_block, panel_in, static_cast<int>(panels / blocks)).fuse(panel_block, chunk, task = Var("task"));
    }
    outer.push_back(panel_in);
    outer.insert(outer.end(), others.begin(), others.end());
    std::vector<VarOrRVar> loops = inner;
    loops.insert(loops.end(), outer.begin(), outer.end());
    loops.push_back(images[0]);
    loops.push_back(images[1]);
    loops.push_back(task);
    update.reorder(loops).vectorize(within, lanes).unroll(within).parallel(task);
    for (std::size_t d = 1; d < inner.size(); ++d) update.unroll(inner[d].var);

    registers.compute_at(part, mo).bound(within, 0, width).bound_extent(m_vars[0], rows);
    registers.vectorize(within, lanes).unroll(within).unroll(m_vars[0]);
    auto sums = registers.update();
    std::vector<VarOrRVar> order{within, m_vars[0]};
    for (std::size_t d = 1; d < m.size(); ++d) {
        if (std::find(unrolled.begin(), unrolled.end(), m[d]) == unrolled.end()) continue;
        order.push_back(m_vars[d]);
        registers.unroll(m_vars[d]);
        sums.unroll(m_vars[d]);
    }
    for (std::size_t d = 0; d < pixels.size(); ++d) order.push_back(pixel[static_cast<int>(d)]);
    sums.reorder(order).vectorize(within, lanes).unroll(within).unroll(m_vars[0]);

    if (operands.a_copy.defined()) {
        operands.a_copy.compute_at(part, images[1]);
        operands.schedule_a(lanes);
    }
    operands.b_copy.compute_at(part, images[1]);
    operands.schedule_b(lanes);

    const Accumulator a = accumulator_of(w.parts, *w.reduction);
    Result r = define(w, [&](const Values& here) {
        Expr e = combine(a, static_cast<int>(chunks), [&](int i) {
            std::vector<Expr> position{here[n0] % width};
            for (const int v : m) position.push_back(here[v]);
            position.push_back(here[n0] / width);
            for (const int v : other_vars) position.push_back(here[v]);
            position.push_back(Expr(i));
            return held(part, position);
        })[0];
        if (c.scale) e = w.lowering->value(c.scale, here, s.box()) * e;
        return e;
    });
    schedule_pointwise(w, r);
}

}  // namespace

namespace rows {

DLC_ROW(KernelClass, conv_weight) = {
    .name = "conv weight gradient",
    .doc = "convolution with a large kernel and a small result: register tiles over pixels, batch in chunks",
    .rank = 100,
    .match =
        [](const Work& w) {
            const auto c = contraction_of(w);
            return c && c->convolves() && !c->patches && volume_of(w, c->taps) > volume_of(w, c->positions) && c->k.size() >= 2 &&
                   !c->m.empty() && w.space.out_volume() > 0 && w.space.reduced_volume() > 0;
        },
    .detail = [](const Work& w) { return dimensions(*contraction_of(w)); },
    .parameters =
        [](const Work& w) {
            const Contraction c = *contraction_of(w);
            std::int64_t longest = 1;
            for (const int v : c.m) longest = std::max(longest, w.space.extents[v]);
            const Tile tile = default_tile(w, c, longest);
            Parameter rows{"tile_rows", {tile.rows}, "rows of m in a register tile"},
                vectors{"tile_vectors", {tile.vectors}, "vectors of n in a register tile"};
            for (const int r : {4, 6, 8, 12}) {
                if (r != tile.rows && r <= longest) rows.choices.push_back(r);
            }
            for (const int v : {1, 2, 4}) {
                if (v != tile.vectors && (v - 1) * contraction_lanes(w, c) < w.space.extents[c.n[0]]) vectors.choices.push_back(v);
            }
            return std::vector<Parameter>{rows, vectors};
        },
    .build = build,
};

}  // namespace rows
}  // namespace dlc::schedules
