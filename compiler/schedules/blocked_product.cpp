// One product is one object: how the sum, the tiles and the tasks are cut; then the functions that Halide computes (copies of a and
// b, the sums of a tile in registers, the block, the result); then the loops of each.  Whether the blocks are tasks of the result's
// loops or, where the sum is cut too, an array of their own is the only fork in it.
#include "compiler/schedules/blocked_product.h"

#include <algorithm>

#include "compiler/scalars/lowering.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::Stage;
using Halide::TailStrategy;
using Halide::Var;
using Halide::VarOrRVar;

/// Rows of a that are packed together, in bytes: they wait in the second-level cache while panels of b go by.
constexpr std::int64_t kRowsBytes = 128 << 10;
/// A longer slice gains nothing: the block is read and written once a slice.
constexpr std::int64_t kLongSlice = 256;
/// With fewer rows a copy of b does not pay: each of its elements is used once a row.
constexpr std::int64_t kFewRows = 32;
/// A block is read and written once a slice, so it is no larger than this.
constexpr std::int64_t kBlockBytes = 2 << 20;
/// Sums of all chunks together stay small.
constexpr std::int64_t kSumsBytes = 8 << 20;
/// Neighbouring rows of b so near each other are a panel.
constexpr std::int64_t kPanelRowBytes = 256;
/// Copying an element costs about as much as so many multiply-adds of a vector's lane.
constexpr double kCopy = 3;

/// One reduced variable, cut: `count` slices of `length`, the last of which may reach beyond its end.
struct Cut {
    std::int64_t length = 1, count = 1;
};

/// The innermost variables whole, as long as a slice holds them; then a piece of the next one.
std::vector<Cut> cut_sum(const Work& w, const Contraction& c, std::int64_t slice) {
    std::vector<Cut> cuts;
    std::int64_t room = std::max<std::int64_t>(slice, 1);
    for (std::size_t d = 0; d < c.k.size(); ++d) {
        const std::int64_t extent = w.space.extents[c.k[d]];
        Cut cut{extent, 1};
        if (extent > room) {
            cut.count = ceil_div(extent, room);
            cut.length = ceil_div(extent, cut.count);
            // A little shorter where that divides the sum; else at least the unrolled steps divide the slice.
            std::int64_t even = cut.length;
            while (even * 4 >= cut.length * 3 && (extent % even != 0 || (d == 0 && even % 4 != 0))) --even;
            if (even * 4 >= cut.length * 3) {
                cut = {even, extent / even};
            } else if (d == 0) {
                cut.length = ceil_div(cut.length, 4) * 4;
                cut.count = ceil_div(extent, cut.length);
            }
        }
        room = std::max<std::int64_t>(1, room / cut.length);
        cuts.push_back(cut);
    }
    return cuts;
}

/// Into how many blocks m and n are cut, and into how many sums, made apart and added, the sum.
struct Grid {
    std::int64_t m = 1, n = 1, chunks = 1;
    std::int64_t tasks() const { return m * n * chunks; }
};

class BlockedProduct {
public:
    BlockedProduct(Work& w, const Contraction& c, std::int64_t slice)
        : w_(w),
          c_(c),
          s_(w.space),
          lanes_(contraction_lanes(w, c)),
          m_(volume_of(w, c.m)),
          n_(w.space.extents[c.n[0]]),
          cuts_(cut_sum(w, c, slice)),
          others_(c.n.begin() + 1, c.n.end()) {
        others_.insert(others_.end(), c.batch.begin(), c.batch.end());
        for (const Cut& cut : cuts_) length_ *= cut.length;
        tile_ = best_tile(w.target, m_, n_, length_, lanes_);
        if (const std::int64_t rows = w.choose("tile_rows", 0)) tile_.rows = static_cast<int>(std::min(rows, m_));
        if (const std::int64_t vectors = w.choose("tile_vectors", 0)) tile_.vectors = static_cast<int>(vectors);
        rows_ = tile_.rows;
        width_ = tile_.vectors * lanes_;
        // Tiles lie within the innermost variable of m, where that leaves few rows of them empty: then a tile's rows are neighbours
        // in memory if the variable's values are.
        const std::int64_t first = s_.extents[c.m[0]];
        tiles_of_first_ = ceil_div(first, rows_);
        by_digit_ = c.m.size() == 1 || tiles_of_first_ * rows_ * 12 <= first * 13;
        row_tiles_ = by_digit_ ? tiles_of_first_ * (m_ / first) : ceil_div(m_, rows_);
        panels_ = ceil_div(n_, width_);
        chunked_ = cuts_.size();
        for (std::size_t d = 0; d < cuts_.size(); ++d)
            if (cuts_[d].count > 1) chunked_ = d;
        copies_b_ = !b_in_place_pays();
        grid_ = choose_grid();
        if (chunked_ < cuts_.size()) cuts_[chunked_].count = ceil_div(cuts_[chunked_].count, grid_.chunks) * grid_.chunks;
        one_slice_ = chunked_ == cuts_.size();
        rows_dense_ = by_digit_ && stride_along(c.a, c.m[0], w) == 1;
        for (std::size_t d = 0; d < cuts_.size(); ++d) {
            k_.emplace_back("k" + std::to_string(d) + "_");
            slice_.emplace_back("slice" + std::to_string(d) + "_");
        }
        for (const int v : others_) other_.emplace_back("of" + std::to_string(v) + "_");
        batch_.assign(other_.begin() + static_cast<std::ptrdiff_t>(c.n.size() - 1), other_.end());
    }

    void build() {
        define_copies();
        define_sums();
        result_ = define(w_, [&](const Values& here) { return value_at(here); });
        if (grid_.chunks > 1) {
            schedule_root();
        } else {
            schedule_tasks();
        }
        schedule_registers();
        schedule_copies();
    }

private:
    bool ragged_sum(std::size_t d) const { return cuts_[d].length * cuts_[d].count != s_.extents[c_.k[d]]; }
    double flops() const { return 2.0 * static_cast<double>(s_.out_volume()) * static_cast<double>(s_.reduced_volume()); }

    /// With few rows; or where b lies in panels already, as the weights of a recurrence do.
    bool b_in_place_pays() const {
        if (!c_.b_flat || stride_along(c_.b, c_.n[0], w_) != 1 || n_ < width_) return false;
        if (m_ < kFewRows) return true;
        bool even = n_ % width_ == 0;
        for (std::size_t d = 0; d < cuts_.size(); ++d) even = even && !ragged_sum(d);
        return even && stride_along(c_.b, c_.k[0], w_) * ir::bytes(s_.term->type) <= kPanelRowBytes;
    }

    /// As many tasks as share out well, cut so that the least is copied: each block of m copies its part of b again, each of n its
    /// part of a, and sums made apart are written and read once more.
    Grid choose_grid() const {
        const std::int64_t all_n = volume_of(w_, c_.n), panels = panels_ * (all_n / n_), bytes = ir::bytes(s_.term->type);
        const std::int64_t wanted =
            std::max(ceil_div(tasks_for(flops() / 16), volume_of(w_, c_.batch)), ceil_div(m_ * all_n * bytes, kBlockBytes));
        const std::int64_t slices = chunked_ < cuts_.size() ? cuts_[chunked_].count : 1;
        const auto whole = static_cast<double>(volume_of(w_, c_.k));
        const std::int64_t asked = w_.choose("chunks", 0);
        Grid best;
        double least = 0;
        for (std::int64_t chunks = 1; chunks <= (asked > 0 ? slices : std::min(wanted, slices)); ++chunks) {
            if (asked > 0 && chunks != std::min(asked, slices)) continue;
            if (asked == 0 && chunks > 1 && chunks * s_.out_volume() * bytes > kSumsBytes) break;
            for (std::int64_t m = 1; m <= std::max<std::int64_t>(1, std::min(wanted / chunks, row_tiles_)); ++m) {
                const Grid grid{m, std::min(ceil_div(wanted, m * chunks), panels), chunks};
                const std::int64_t tiles = ceil_div(row_tiles_, grid.m), columns = ceil_div(panels, grid.n);
                const auto block_m = static_cast<double>(tiles * rows_), block_n = static_cast<double>(columns * width_);
                double cost = 1 + (copies_b_ ? kCopy / block_m : 0) + kCopy / block_n;
                if (chunks > 1) cost += 2 * kCopy * static_cast<double>(chunks) / whole;
                // Chunks of equal length may reach beyond the sum; b in place is read along its rows, the longer the better.
                cost *= static_cast<double>(ceil_div(slices, chunks) * chunks) / static_cast<double>(slices);
                if (!copies_b_) cost *= 1 + 0.05 * static_cast<double>(grid.n - 1);
                cost *= static_cast<double>(tiles * grid.m * columns * grid.n) / static_cast<double>(row_tiles_ * panels);
                // A slice of b stays in the second-level cache.
                if (block_n * static_cast<double>(length_ * bytes) > static_cast<double>(w_.target.l2_bytes) / 2) cost *= 1.1;
                if (grid.tasks() < wanted) cost *= 1 + static_cast<double>(wanted - grid.tasks()) / static_cast<double>(8 * wanted);
                if (least == 0 || cost < least) {
                    least = cost;
                    best = grid;
                }
            }
        }
        return best;
    }

    // ---- functions

    /// The variables of m at a row of a tile; rows beyond the last are copies of it.
    void set_rows(Values& at, const Expr& tile, const Expr& row) const {
        const std::int64_t first = s_.extents[c_.m[0]], rows = by_digit_ ? first : m_,
                           tiles = by_digit_ ? tiles_of_first_ : row_tiles_;
        const Expr inside = c_.m.size() > 1 && by_digit_ ? tile % static_cast<int>(tiles) : tile;
        Expr m = inside * rows_ + row;
        if (tiles * rows_ != rows) m = Halide::min(Halide::likely(m), static_cast<int>(rows - 1));
        if (by_digit_) {
            at[c_.m[0]] = m;
            set_digits(at, 1, tile / static_cast<int>(tiles));
        } else {
            set_digits(at, 0, m);
        }
    }
    /// The tile and the row in it of these variables of m.
    std::pair<Expr, Expr> tile_of(const Values& here) const {
        Expr m = 0;
        std::int64_t by = 1;
        for (std::size_t d = by_digit_ ? 1 : 0; d < c_.m.size(); ++d) {
            m = m + here[c_.m[d]] * static_cast<int>(by);
            by *= s_.extents[c_.m[d]];
        }
        m = Halide::Internal::simplify(m);
        if (!by_digit_) return {m / rows_, m % rows_};
        const Expr& first = here[c_.m[0]];
        return {Halide::Internal::simplify(m * static_cast<int>(tiles_of_first_)) + first / rows_, first % rows_};
    }
    void set_digits(Values& at, std::size_t from, Expr rest) const {
        for (std::size_t d = from; d < c_.m.size(); ++d) {
            const auto extent = static_cast<int>(s_.extents[c_.m[d]]);
            at[c_.m[d]] = d + 1 < c_.m.size() ? rest % extent : rest;
            rest = rest / extent;
        }
    }
    /// The operand at these variables, zero where a slice reaches beyond the end of the sum.
    Expr operand(const ir::Expr& e, Values& at, const std::vector<Expr>& k) {
        Expr holds;
        for (std::size_t d = 0; d < cuts_.size(); ++d) at[c_.k[d]] = bounded(k[d], s_.extents[c_.k[d]], !ragged_sum(d), holds);
        const Expr value = w_.lowering->value(e, at, s_.box());
        return holds.defined() ? Halide::select(holds, value, zero()) : value;
    }
    Expr zero() const { return Halide::Internal::make_zero(scalars::halide_type(s_.term->type)); }
    /// b for its copy; columns beyond the last are copies of it.
    Expr b_to_copy(const std::vector<Expr>& k) {
        Values at(s_.extents.size(), Expr(0));
        for (std::size_t d = 0; d < others_.size(); ++d) at[others_[d]] = other_[d];
        const Expr column = panel_ * width_ + within_;
        at[c_.n[0]] = n_ % width_ == 0 ? column : Halide::min(Halide::likely(column), static_cast<int>(n_ - 1));
        return operand(c_.b, at, k);
    }
    /// b where it lies: the last panel is moved to where it fits, and rows beyond the end of the sum are a choice for each vector.
    Expr b_in_place(const std::vector<Expr>& k) {
        Values at(s_.extents.size(), Expr(0));
        for (std::size_t d = 0; d < others_.size(); ++d) at[others_[d]] = other_[d];
        at[c_.n[0]] = panel_start(panel_) + within_;
        Expr holds;
        for (std::size_t d = 0; d < cuts_.size(); ++d) {
            const auto extent = static_cast<int>(s_.extents[c_.k[d]]);
            at[c_.k[d]] = ragged_sum(d) ? Halide::min(k[d], extent - 1) : k[d];
            if (ragged_sum(d)) holds = holds.defined() ? holds && k[d] < extent : k[d] < extent;
        }
        const Expr value = w_.lowering->value(c_.b, at, s_.box());
        return holds.defined() ? Halide::select(holds, value, zero()) : value;
    }
    /// The first column of a panel.
    Expr panel_start(const Expr& panel) const {
        const Expr start = panel * width_;
        return copies_b_ || n_ % width_ == 0 ? start : Halide::min(start, static_cast<int>(n_ - width_));
    }

    template <class T>
    std::vector<T> a_arguments(const std::vector<T>& k) const {
        std::vector<T> all;
        if (rows_dense_) all.push_back(row_);
        all.insert(all.end(), k.begin(), k.end());
        if (!rows_dense_) all.push_back(row_);
        all.push_back(tile_of_rows_);
        all.insert(all.end(), batch_.begin(), batch_.end());
        return all;
    }
    template <class T>
    std::vector<T> b_arguments(const std::vector<T>& k) const {
        std::vector<T> all{within_};
        all.insert(all.end(), k.begin(), k.end());
        all.push_back(panel_);
        all.insert(all.end(), other_.begin(), other_.end());
        return all;
    }
    void define_copies() {
        const std::vector<Expr> k(k_.begin(), k_.end());
        Values at(s_.extents.size(), Expr(0));
        for (std::size_t d = 0; d < batch_.size(); ++d) at[c_.batch[d]] = batch_[d];
        set_rows(at, tile_of_rows_, row_);
        a_copy_(a_arguments(k_)) = operand(c_.a, at, k);
        if (copies_b_) b_copy_(b_arguments(k_)) = b_to_copy(k);
    }

    void define_sums() {
        std::vector<Halide::Range> steps, slices;
        for (std::size_t d = 0; d < cuts_.size(); ++d) {
            steps.emplace_back(0, static_cast<int>(cuts_[d].length));
            slices.emplace_back(0, static_cast<int>(cuts_[d].count / (d == chunked_ ? grid_.chunks : 1)));
        }
        step_ = RDom(steps, "step");
        slices_ = RDom(slices, "slices");
        std::vector<Var> cell{within_, row_, tile_of_rows_, panel_};
        cell.insert(cell.end(), other_.begin(), other_.end());
        std::vector<Expr> at(cell.begin(), cell.end()), k;
        for (std::size_t d = 0; d < cuts_.size(); ++d) {
            at.push_back(slice_[d]);
            const Expr step = step_[static_cast<int>(d)];
            k.push_back(cuts_[d].count == 1 ? step : slice_[d] * static_cast<int>(cuts_[d].length) + step);
        }
        registers_(at) = zero();
        registers_(at) += a_copy_(a_arguments(k)) * (copies_b_ ? Expr(b_copy_(b_arguments(k))) : b_in_place(k));
        std::vector<Expr> sum(cell.begin(), cell.end()), from(cell.begin(), cell.end());
        if (grid_.chunks > 1) sum.push_back(chunk_);
        for (std::size_t d = 0; d < cuts_.size(); ++d) {
            const Expr slice = slices_[static_cast<int>(d)];
            from.push_back(grid_.chunks > 1 && d == chunked_ ? chunk_ * static_cast<int>(cuts_[d].count / grid_.chunks) + slice
                                                             : slice);
        }
        if (one_slice_) {
            from.resize(cell.size());
            from.insert(from.end(), cuts_.size(), Expr(0));
            block_(sum) = registers_(from);
        } else {
            block_(sum) = zero();
            block_(sum) += registers_(from);
        }
    }

    Expr value_at(const Values& here) {
        const auto [tile, row] = tile_of(here);
        const Expr& column = here[c_.n[0]];
        std::vector<Expr> at{column % width_, row, tile, column / width_};
        if (!copies_b_ && n_ % width_ != 0)
            at[0] = Halide::clamp(Halide::likely(column - panel_start(column / width_)), 0, width_ - 1);
        for (const int v : others_) at.push_back(here[v]);
        Expr e;
        if (grid_.chunks > 1) {
            e = combine(accumulator_of(w_.parts, *w_.reduction), static_cast<int>(grid_.chunks), [&](int i) {
                std::vector<Expr> of_chunk = at;
                of_chunk.push_back(i);
                return held(block_, of_chunk);
            })[0];
        } else {
            e = block_(at);
        }
        return c_.scale ? w_.lowering->value(c_.scale, here, s_.box()) * e : e;
    }

    // ---- loops

    /// Blocks of the result are tasks; each holds its sums until they are whole.
    void schedule_tasks() {
        Func out = result_.func;
        std::vector<Var> tasks, of_columns;
        std::vector<std::int64_t> kept = s_.extents;  // of each variable, in a task
        std::vector<VarOrRVar> order;
        const auto cut = [&](const std::vector<int>& variables, std::int64_t pieces, std::int64_t grain, std::vector<Var>& tasks) {
            std::vector<VarOrRVar> inner;
            for (std::size_t d = variables.size(); d-- > 0;) {
                const int v = variables[d];
                const std::int64_t unit = d == 0 ? grain : 1, units = ceil_div(s_.extents[v], unit);
                const std::string number = std::to_string(v);
                Var rest = result_.vars[v];
                if (unit == 1 && units > 1 && pieces >= units) {
                    tasks.push_back(rest);
                    kept[v] = 1;
                    pieces = ceil_div(pieces, units);
                    continue;
                }
                if (pieces > 1 && units > 1) {
                    const Var piece("piece" + number), within_piece("within_piece" + number);
                    kept[v] = ceil_div(units, std::min(pieces, units)) * unit;
                    out.split(rest, piece, within_piece, static_cast<int>(kept[v]), TailStrategy::GuardWithIf);
                    tasks.push_back(piece);
                    rest = within_piece;
                }
                pieces = 1;
                if (unit > 1) {
                    const Var many("many" + number), one("one" + number);
                    out.split(rest, many, one, static_cast<int>(unit), TailStrategy::GuardWithIf);
                    inner.insert(inner.begin(), many);
                    rest = one;
                }
                inner.insert(inner.begin(), rest);
            }
            order.insert(order.end(), inner.begin(), inner.end());
        };
        // Neighbouring tasks, and so those of one thread, share columns: weights are what is used again, in the next step or call.
        cut(c_.n, grid_.n, width_, of_columns);
        cut(c_.m, grid_.m, by_digit_ ? rows_ : 1, tasks);
        tasks.insert(tasks.end(), of_columns.begin(), of_columns.end());
        for (const int v : c_.batch) tasks.push_back(result_.vars[v]);
        const Var x = order[0].var;
        order.insert(order.end(), tasks.begin(), tasks.end());
        out.reorder(order).vectorize(x, lanes_).unroll(x);
        if (tasks.empty()) {
            block_.compute_root();
            if (copies_b_ && one_slice_) b_copy_.compute_root();
        } else {
            const Var task = fuse_all(out, tasks);
            block_.compute_at(out, task);
            if (copies_b_ && one_slice_) b_copy_.compute_at(out, task);
            if (tasks_for(flops() / 16) > 1) out.parallel(task);
        }

        // The last blocks may be smaller; where things lie does not depend on it.
        std::int64_t rest = 1;
        for (std::size_t d = by_digit_ ? 1 : 0; d < c_.m.size(); ++d) rest *= kept[c_.m[d]];
        // Rows that begin anywhere reach into one tile more than as many that begin with a tile.
        const std::int64_t tiles =
            by_digit_ ? ceil_div(kept[c_.m[0]], rows_) * rest : std::min(row_tiles_, ceil_div(rest, rows_) + (rest < m_ ? 1 : 0));
        block_panels_ = std::min(panels_, ceil_div(kept[c_.n[0]], width_));
        rows_together(tiles);
        block_.bound_storage(tile_of_rows_, static_cast<int>(tiles)).bound_storage(panel_, static_cast<int>(block_panels_));
        for (std::size_t d = 0; d < others_.size(); ++d) {
            others_kept_.push_back(d + 1 < c_.n.size() ? kept[others_[d]] : 1);
            block_.bound_storage(other_[d], static_cast<int>(others_kept_[d]));
        }
        schedule_block({});
    }

    /// Chunks of the sum are tasks, and blocks of the result; the sums of the chunks are added when all are done.
    void schedule_root() {
        block_.compute_root()
            .bound(tile_of_rows_, 0, static_cast<int>(row_tiles_))
            .bound(panel_, 0, static_cast<int>(panels_))
            .bound(chunk_, 0, static_cast<int>(grid_.chunks))
            .parallel(chunk_);
        for (std::size_t d = 0; d < others_.size(); ++d) {
            const std::int64_t extent = s_.extents[others_[d]];
            block_.bound(other_[d], 0, static_cast<int>(extent));
            others_kept_.push_back(d + 1 < c_.n.size() ? extent : 1);
        }
        const std::int64_t tiles = ceil_div(row_tiles_, grid_.m);
        block_panels_ = ceil_div(panels_, std::min(panels_, grid_.n));
        rows_together(tiles);
        Stage update = block_.update();
        std::vector<Var> tasks;
        const auto cut = [&](Var& whole, std::int64_t part, std::int64_t all) {
            if (part >= all) return;
            const Var piece(whole.name() + "_piece"), rest(whole.name() + "_rest");
            update.split(whole, piece, rest, static_cast<int>(part), TailStrategy::GuardWithIf);
            tasks.push_back(piece);
            whole = rest;
        };
        cut(panel_loop_, block_panels_, panels_);
        cut(tile_loop_, tiles, row_tiles_);
        tasks.insert(tasks.end(), batch_.begin(), batch_.end());
        tasks.push_back(chunk_);
        schedule_block(tasks);
        update.parallel(fuse_all(update, tasks));
        schedule_pointwise(w_, result_);
    }

    /// How many tiles of rows are packed together, of those of a block.
    void rows_together(std::int64_t tiles) {
        together_ = std::clamp<std::int64_t>(kRowsBytes / (length_ * rows_ * ir::bytes(s_.term->type)), 1, tiles);
    }

    /// The loops of a block's sums, inside `tasks`.
    void schedule_block(const std::vector<Var>& tasks) {
        block_.bound(within_, 0, width_).bound(row_, 0, rows_);
        Stage sums = one_slice_ ? Stage(block_) : block_.update();
        if (!one_slice_) block_.vectorize(within_, lanes_);
        sums.split(tile_loop_, some_rows_, tile_in_, static_cast<int>(together_), TailStrategy::GuardWithIf);
        std::vector<VarOrRVar> order{within_, row_, tile_in_, panel_loop_};
        order.insert(order.end(), other_.begin(), other_.begin() + static_cast<std::ptrdiff_t>(c_.n.size() - 1));
        order.push_back(some_rows_);
        for (std::size_t d = 0; d < cuts_.size() && !one_slice_; ++d) order.push_back(slices_[static_cast<int>(d)]);
        if (tasks.empty()) {
            order.insert(order.end(), batch_.begin(), batch_.end());
        } else {
            order.insert(order.end(), tasks.begin(), tasks.end());
        }
        sums.reorder(order).vectorize(within_, lanes_).unroll(within_).unroll(row_);
    }

    void schedule_registers() {
        registers_.compute_at(block_, tile_in_).bound(within_, 0, width_).bound(row_, 0, rows_);
        registers_.vectorize(within_, lanes_).unroll(within_).unroll(row_);
        Stage sums = registers_.update();
        std::vector<VarOrRVar> order{within_, row_};
        for (std::size_t d = 0; d < cuts_.size(); ++d) order.push_back(step_[static_cast<int>(d)]);
        sums.reorder(order).vectorize(within_, lanes_).unroll(within_).unroll(row_);
        const std::int64_t first = cuts_[0].length;
        if (first % 2 == 0) sums.unroll(step_[0], first % 4 == 0 ? 4 : 2);
    }

    void schedule_copies() {
        a_copy_.compute_at(block_, some_rows_).bound(row_, 0, rows_).bound_storage(tile_of_rows_, static_cast<int>(together_));
        for (const Var& v : batch_) a_copy_.bound_storage(v, 1);
        const bool dense_sum = stride_along(c_.a, c_.k[0], w_) == 1;
        if (rows_dense_) {
            std::vector<VarOrRVar> order{row_, tile_of_rows_};
            order.insert(order.end(), k_.begin(), k_.end());
            a_copy_.reorder(order).vectorize(row_);
        } else if (dense_sum) {
            a_copy_.vectorize(k_[0], lanes_, TailStrategy::GuardWithIf);
        }
        if (!copies_b_) return;
        if (!one_slice_) b_copy_.compute_at(block_, slices_[0]);  // else before the block
        b_copy_.bound(within_, 0, width_).bound_storage(panel_, static_cast<int>(block_panels_));
        for (std::size_t d = 0; d < others_.size(); ++d) b_copy_.bound_storage(other_[d], static_cast<int>(others_kept_[d]));
        if (is_transposed(w_, c_, c_.k[0], cuts_[0].length, width_)) return schedule_transposed_copy(b_copy_);
        std::vector<VarOrRVar> order{within_, panel_};
        order.insert(order.end(), k_.begin(), k_.end());
        b_copy_.reorder(order).vectorize(within_, lanes_);
    }

    Work& w_;
    const Contraction& c_;
    const Space& s_;
    int lanes_;
    std::int64_t m_, n_;       // all of m; the innermost variable of n
    std::vector<Cut> cuts_;    // by variable of k
    std::vector<int> others_;  // further variables of n, then batch
    std::int64_t length_ = 1;  // of a slice, all variables together
    Tile tile_;
    int rows_ = 1, width_ = 1;  // of a tile
    bool by_digit_ = false;     // tiles lie within the innermost variable of m, of so many tiles
    std::int64_t tiles_of_first_ = 1, row_tiles_ = 1, panels_ = 1;
    std::size_t chunked_ = 0;  // the outermost variable of k that is cut; their number: none is
    bool one_slice_ = false, copies_b_ = true, rows_dense_ = false;
    Grid grid_;
    std::int64_t block_panels_ = 1, together_ = 1;
    std::vector<std::int64_t> others_kept_;

    Func a_copy_{"a_copy"}, b_copy_{"b_copy"}, registers_{"registers"}, block_{"block"};
    Result result_;
    Var within_{"within"}, row_{"row"}, tile_of_rows_{"tile_of_rows"}, panel_{"panel"}, chunk_{"chunk"};
    Var some_rows_{"some_rows"}, tile_in_{"tile_in"}, tile_loop_ = tile_of_rows_, panel_loop_ = panel_;
    std::vector<Var> k_, slice_, other_, batch_;
    RDom step_, slices_;
};

}  // namespace

bool can_block(const Work& w, const Contraction& c) {
    return !w.inside && !c.m.empty() && !c.k.empty() && c.windows.empty() && w.space.out_volume() > 0 &&
           w.space.reduced_volume() > 0;
}

std::int64_t default_slice(const Work& w, const Contraction& c) {
    if (!can_block(w, c)) return 0;
    const std::int64_t m = volume_of(w, c.m), n = volume_of(w, c.n), k = volume_of(w, c.k);
    if (k < 32 || n < 4 * contraction_lanes(w, c) || m * n * k < (1 << 20)) return 0;
    const bool b_dense = c.b_flat && stride_along(c.b, c.n[0], w) == 1;
    if (m < kFewRows) return b_dense && m >= 4 && k >= 2 * kLongSlice ? kLongSlice / 16 : 0;
    // Where a's rows lie dense it is read in place, until a panel of b is much larger than the first-level cache; columns of a may
    // be far apart, and few of them are kept there.
    if (k <= (stride_along(c.a, c.k[0], w) == 1 ? 7 * kLongSlice / 2 : kLongSlice / 2)) return 0;
    return std::min(k, kLongSlice);
}

void build_blocked_product(Work& w, const Contraction& c, std::int64_t slice) { BlockedProduct(w, c, slice).build(); }

}  // namespace dlc::schedules
