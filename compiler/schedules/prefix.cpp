// Running reductions, `y[…, k] = reduce[j | j <= k](x[…, j])` and from the end: each value is the one beside it and one term more.
//
// Where another dimension is dense in memory, values go along it in vectors, one row of them after another.  Where k itself is
// dense, one value waits for the one before, so a row is cut into blocks whose running values are made side by side, a scalar each,
// and what came before a block is added to its values in vectors (Blelloch 1990, "Prefix sums and their applications", section
// 1.2).  In a row that does not stay in the cache the blocks' totals come first, from a pass of their own over the terms, and
// groups of blocks are shared out.
#include <algorithm>

#include "compiler/schedules/stage.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::TailStrategy;
using Halide::Tuple;
using Halide::Var;
using Halide::VarOrRVar;

/// So many running values hide the latency of one another's additions.
constexpr std::int64_t kChains = 8;
/// A longer row is cut into blocks of a fixed length.
constexpr std::int64_t kLongRow = 1 << 14;
constexpr std::int64_t kBlock = 1 << 10;
/// Columns that go on together where running values need no other place than their own.
constexpr std::int64_t kColumns = 1 << 9;

using Position = std::function<std::vector<Expr>(const Expr& k)>;

class Build {
public:
    explicit Build(Work& w)
        : w_(w),
          s_(w.space),
          a_(accumulator_of(w.parts, *w.reduction)),
          from_end_(w.space.prefix()->from_end),
          k_(static_cast<int>(w.space.prefix()->out)),
          order_(storage_order(w.space)) {}

    void run() {
        if (order_.front() == k_) {
            along_rows();
        } else {
            across_columns();
        }
    }

private:
    std::int64_t extent(int v) const { return s_.extents[static_cast<std::size_t>(v)]; }
    std::int64_t length() const { return extent(k_); }
    std::vector<Var> variables(const std::string& name) const {
        std::vector<Var> vars;
        for (std::size_t v = 0; v < s_.outs; ++v) vars.emplace_back(name + std::to_string(v) + "_");
        return vars;
    }
    /// In the order of memory, with these indices in place of that along k.
    std::vector<Expr> arguments(const Values& outs, const std::vector<Expr>& k) const {
        std::vector<Expr> args;
        for (const int v : order_) {
            if (v == k_) {
                args.insert(args.end(), k.begin(), k.end());
            } else {
                args.push_back(outs[static_cast<std::size_t>(v)]);
            }
        }
        return args;
    }
    /// The term at `j` of the row that `outs` names.
    Tuple term(Values outs, const Expr& j, const Expr& condition = {}) const {
        outs[static_cast<std::size_t>(k_)] = j;
        outs.push_back(j);
        return term_at(w_, outs, condition);
    }
    Tuple undefined() const {
        std::vector<Expr> parts;
        const Tuple like = a_.identity();
        for (const Expr& e : like.as_vector()) parts.push_back(Halide::undef(e.type()));
        return Tuple(parts);
    }
    /// Two updates: the first of `count` values is its term, each later one the value before and its term.
    RVar define_steps(Func running, std::int64_t count, const Position& position,
                      const std::function<Tuple(const Expr&)>& term) const {
        const auto last = static_cast<int>(count - 1);
        const RDom r(1, std::max(last, 1), "step");
        const Expr first = from_end_ ? last : 0, here = from_end_ ? last - r : Expr(r), before = from_end_ ? here + 1 : here - 1;
        assign(running, position(first), term(first));
        if (last > 0) assign(running, position(here), a_.step(held(running, position(before)), term(here)));
        return r;
    }
    /// Loops over all of `outer`, the innermost first, become one that is cut into tasks; gives the loop inside of which the next
    /// one lies.
    template <class Stage>
    std::optional<Var> share(Stage&& stage, const std::vector<std::pair<Var, std::int64_t>>& outer) const {
        if (outer.empty()) return std::nullopt;
        auto [all, count] = outer.front();
        for (std::size_t d = 1; d < outer.size(); ++d) {
            const Var both("rows" + std::to_string(d));
            stage.fuse(all, outer[d].first, both);
            all = both;
            count *= outer[d].second;
        }
        const std::int64_t tasks = tasks_for(w_.cost());
        if (tasks == 1 || count == 1) return all;
        const Var task("task"), within("within");
        stage.split(all, task, within, static_cast<int>(ceil_div(count, tasks)), TailStrategy::GuardWithIf).parallel(task);
        return within;
    }

    /// Whether what is written is the running value itself: then it is made where it is written.
    bool written_as_it_is() const {
        if (s_.values.size() != 1 || a_.located()) return false;
        const ir::Expr& value = s_.values[0];
        return value->kind == ir::ExprNode::read && value->tensor == s_.reduction && value->at.empty() &&
               stored_type(value->type) == a_.identity()[0].type();
    }

    void across_columns() {
        const int x = order_.front();
        const int lanes = std::min(w_.lanes(), floor_power_of_two(extent(x)));
        const bool in_place = written_as_it_is();
        Func running("running");
        std::vector<Var> names = variables("run");
        std::optional<Result> out;
        if (in_place) {
            out = define(w_, [&](const Values&) { return undefined()[0]; });
            running = out->func;
            names = out->vars;
        }
        const Values outs(names.begin(), names.end());
        if (!in_place) assign(running, arguments(outs, {outs[static_cast<std::size_t>(k_)]}), undefined());
        const RVar step = define_steps(
            running, length(), [&](const Expr& k) { return arguments(outs, {k}); }, [&](const Expr& j) { return term(outs, j); });
        if (!in_place) {
            out = define(w_, [&](const Values& here) {
                return a_.result(held(running, arguments(here, {here[static_cast<std::size_t>(k_)]})));
            });
        }

        // As many columns at a time as leave their running values in the cache.
        const std::int64_t cached = w_.target.l2_bytes / 2 / (8 * length()) / lanes * lanes;
        const std::int64_t tile = std::min(in_place ? kColumns : std::max<std::int64_t>(cached, lanes), extent(x));
        const auto cut = [&](auto&& stage, const std::vector<Var>& vars, const VarOrRVar& k) {
            const Var tiles("tiles"), column("column");
            stage.split(vars[static_cast<std::size_t>(x)], tiles, column, static_cast<int>(tile), TailStrategy::GuardWithIf);
            std::vector<VarOrRVar> loops{column, k, tiles};
            std::vector<std::pair<Var, std::int64_t>> outer{{tiles, ceil_div(extent(x), tile)}};
            for (const int v : order_) {
                if (v == x || v == k_) continue;
                loops.emplace_back(vars[static_cast<std::size_t>(v)]);
                outer.emplace_back(vars[static_cast<std::size_t>(v)], extent(v));
            }
            stage.reorder(loops);
            if (lanes > 1) stage.vectorize(column, lanes, TailStrategy::GuardWithIf);
            return share(stage, outer);
        };
        const Var dense = names[static_cast<std::size_t>(x)];
        if (lanes > 1) running.update(0).vectorize(dense, lanes, TailStrategy::GuardWithIf);
        if (in_place) {
            cut(running.update(1), names, step);
            return;
        }
        running.compute_at(out->func, *cut(out->func, out->vars, out->vars[static_cast<std::size_t>(k_)]));
        running.update(1).reorder(dense, step);
        if (lanes > 1) running.update(1).vectorize(dense, lanes, TailStrategy::GuardWithIf);
    }

    void along_rows() {
        const std::int64_t n = length();
        const int lanes = w_.lanes();
        const bool is_long = n > kLongRow;
        const std::int64_t block = is_long ? kBlock : ceil_div(ceil_div(n, kChains), lanes) * lanes, blocks = ceil_div(n, block),
                           group = std::min(kChains, blocks);
        const auto size = static_cast<int>(block), last = static_cast<int>(blocks - 1);
        const std::vector<Var> names = variables("run");
        const Values outs(names.begin(), names.end());
        const Var within("within"), which("which");
        // The term at a position of a block; beyond the row there is none.
        const auto term_in = [&](const Expr& b, const Expr& i) {
            Expr holds;
            const Expr j = bounded(b * size + i, n, block * blocks == n, holds);
            return term(outs, j, holds);
        };

        Func running("running");
        assign(running, arguments(outs, {within, which}), undefined());
        const RVar step = define_steps(
            running, block,
            [&](const Expr& i) {
                return arguments(outs, {i, which});
            },
            [&](const Expr& i) { return term_in(which, i); });

        Func lane_totals("lanes"), totals("totals");
        const Var lane("lane");
        if (is_long) {
            const RDom r(0, static_cast<int>(ceil_div(block, lanes)), "part");
            const std::vector<Expr> at = arguments(outs, {lane, which});
            assign(lane_totals, at, a_.identity());
            assign(lane_totals, at, a_.step(held(lane_totals, at), term_in(which, r * lanes + lane)));
            assign(totals, arguments(outs, {which}), combine(a_, lanes, [&](int l) {
                       return held(lane_totals, arguments(outs, {Expr(l), which}));
                   }));
        }

        // What came before each block.
        Func before("before");
        assign(before, arguments(outs, {which}), a_.identity());
        if (blocks > 1) {
            const RDom r(1, last, "block");
            const Expr here = from_end_ ? last - r : Expr(r), previous = from_end_ ? here + 1 : here - 1;
            const Tuple total = is_long ? held(totals, arguments(outs, {previous}))
                                        : held(running, arguments(outs, {Expr(from_end_ ? 0 : size - 1), previous}));
            assign(before, arguments(outs, {here}), a_.step(held(before, arguments(outs, {previous})), total));
        }

        Result out = define(w_, [&](const Values& at) {
            const Expr k = at[static_cast<std::size_t>(k_)];
            return a_.result(a_.step(held(before, arguments(at, {k / size})), held(running, arguments(at, {k % size, k / size}))));
        });

        const Var x = out.vars[static_cast<std::size_t>(k_)], element("element"), row_block("block"), chain("chain"),
                  groups("groups");
        Func f = out.func;
        f.split(x, row_block, element, size, TailStrategy::GuardWithIf);
        std::vector<VarOrRVar> loops{element, row_block};
        std::vector<std::pair<Var, std::int64_t>> outer;
        if (is_long) {
            f.split(row_block, groups, chain, static_cast<int>(group), TailStrategy::GuardWithIf);
            loops = {element, chain, groups};
            outer.emplace_back(groups, ceil_div(blocks, group));
        }
        for (const int v : order_) {
            if (v == k_) continue;
            loops.emplace_back(out.vars[static_cast<std::size_t>(v)]);
            outer.emplace_back(out.vars[static_cast<std::size_t>(v)], extent(v));
        }
        f.reorder(loops);
        if (lanes > 1) f.vectorize(element, lanes, TailStrategy::GuardWithIf);
        const std::optional<Var> level = share(f, outer);
        const auto inside = [&](Func g) {
            if (level) {
                g.compute_at(f, *level);
            } else {
                g.compute_root();
            }
        };
        inside(running);
        running.bound_extent(which, static_cast<int>(group));
        running.update(0).unroll(which);
        if (block > 1) running.update(1).reorder(which, step).unroll(which);
        if (!is_long) return inside(before);
        before.compute_root();
        for (const int v : order_) {
            if (v == k_) continue;
            before.bound(names[static_cast<std::size_t>(v)], 0, static_cast<int>(extent(v)));
            totals.bound(names[static_cast<std::size_t>(v)], 0, static_cast<int>(extent(v)));
        }
        totals.compute_root().bound(which, 0, last + 1);
        std::vector<std::pair<Var, std::int64_t>> cells{{which, blocks}};
        for (const int v : order_)
            if (v != k_) cells.emplace_back(names[static_cast<std::size_t>(v)], extent(v));
        lane_totals.compute_at(totals, *share(totals, cells)).bound_extent(lane, lanes).vectorize(lane, lanes);
        lane_totals.update().vectorize(lane, lanes);
    }

    Work& w_;
    const Space& s_;
    const Accumulator a_;
    const bool from_end_;
    const int k_;
    const std::vector<int> order_;
};

}  // namespace

namespace rows {

DLC_ROW(KernelClass, prefix) = {
    .name = "prefix",
    .doc = "running sums, maxima and products: one step for each value, several side by side",
    .rank = 15,
    .match = [](const Work& w) { return w.reduction && w.space.prefix() && w.space.out_volume() > 0; },
    .detail = [](const Work& w) { return std::string(ir::name(w.reduce())) + (w.space.prefix()->from_end ? " from the end" : ""); },
    .parameters = nullptr,
    .build = [](Work& w) { Build(w).run(); },
};

}  // namespace rows
}  // namespace dlc::schedules
