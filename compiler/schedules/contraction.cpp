#include "compiler/schedules/contraction.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "compiler/ir/arith.h"

namespace dlc::schedules {
namespace {

using Halide::Expr;
using Halide::Func;
using Halide::TailStrategy;
using Halide::Var;
using ir::ExprNode;

std::set<int> variables_of(const ir::Expr& e, std::size_t count) {
    std::set<int> used;
    each_index(e, [&](const ir::Index& i, bool) {
        for (const ir::Var v : i.variables()) {
            if (v < count) used.insert(static_cast<int>(v));
        }
    });
    return used;
}

void factors_of(const ir::Expr& e, std::vector<ir::Expr>& out) {
    if (e->is("mul")) {
        for (const ir::Expr& x : e->args) factors_of(x, out);
    } else if (e->is("neg")) {
        out.push_back(ir::Expr::constant(-1, e->type));
        factors_of(e->args[0], out);
    } else {
        out.push_back(e);
    }
}

ir::Expr product(const ir::Expr& a, const ir::Expr& b) { return a ? a * b : b; }
bool within(const std::set<int>& a, const std::set<int>& b) { return std::includes(b.begin(), b.end(), a.begin(), a.end()); }

/// One read at one flat position, alone.
bool plain(const ir::Expr& e, const Work& w) {
    return e->kind == ExprNode::read && !e->otherwise && e->at.size() == 1 &&
           (is_flat(*e, w.parts) || (w.parts.node(e->tensor).shape.size() == 1 && !w.parts.node(e->tensor).equation())) &&
           e->at[0].is_affine();
}

/// Every position that moves with `out` or `red` is `stride·out + dilation·red` plus what uses neither.
std::optional<Contraction::Window> window_of(const ir::Expr& a, int out, int red) {
    std::optional<Contraction::Window> found;
    bool good = true;
    const auto o = static_cast<ir::Var>(out), r = static_cast<ir::Var>(red);
    each_index(a, [&](const ir::Index& i, bool flat) {
        if (!good || (!i.uses(o) && !i.uses(r))) return;
        std::int64_t s = i.coefficient(o), d = i.coefficient(r);
        const bool alone = (i - ir::Index::variable(o, s) - ir::Index::variable(r, d)).uses(o) ||
                           (i - ir::Index::variable(o, s) - ir::Index::variable(r, d)).uses(r);
        if (alone || s == 0 || d == 0 || flat) {
            good = false;
            return;
        }
        if (found && (found->stride != s || found->dilation != d)) good = false;
        found = Contraction::Window{out, red, s, d};
    });
    if (!good || !found || found->stride < 0) return std::nullopt;
    return found;
}

}  // namespace

std::optional<Contraction> contraction_of(const Work& w) {
    if (!w.reduction || w.reduce() != ir::Reduce::sum || w.parts.node(w.reduction->node).equation()->scatter) return std::nullopt;
    const Space& s = w.space;
    if (!ir::is_real(s.term->type) || !s.where.empty()) return std::nullopt;
    const auto count = s.extents.size();
    const auto reduced = [&](int v) { return static_cast<std::size_t>(v) >= s.outs; };

    struct Group {
        std::set<int> variables;
        ir::Expr product;
    };
    std::vector<ir::Expr> factors;
    factors_of(s.term, factors);
    Contraction c;
    std::vector<Group> groups;
    for (const ir::Expr& f : factors) {
        if (f->type != s.term->type) return std::nullopt;
        const std::set<int> used = variables_of(f, count);
        if (std::none_of(used.begin(), used.end(), reduced)) {
            c.scale = product(c.scale, f);
        } else {
            groups.push_back({used, f});
        }
    }
    // A factor whose variables lie within another's rides on it.
    std::stable_sort(groups.begin(), groups.end(),
                     [](const Group& a, const Group& b) { return a.variables.size() > b.variables.size(); });
    const std::vector<Group> alone = groups;
    const std::size_t groups_alone = alone.size();
    std::vector<Group> merged;
    for (Group& g : groups) {
        const auto host =
            std::find_if(merged.begin(), merged.end(), [&](const Group& h) { return within(g.variables, h.variables); });
        if (host == merged.end()) {
            merged.push_back(std::move(g));
        } else {
            host->product = product(host->product, g.product);
        }
    }
    // A vector times a matrix: the vector's variables lie within the matrix's, yet it is the operand with no rows.
    if (merged.size() == 1 && groups_alone == 2) {
        const bool whole = std::none_of(alone[1].variables.begin(), alone[1].variables.end(), [&](int v) { return !reduced(v); });
        if (whole && !alone[1].variables.empty()) merged = {alone[0], alone[1]};
    }
    if (merged.size() != 2) return std::nullopt;
    const auto role = [&](const Group& in, const Group& not_in) {
        std::vector<int> vars;
        for (const int v : in.variables) {
            if (!reduced(v) && !not_in.variables.contains(v)) vars.push_back(v);
        }
        return vars;
    };
    // Vectors run along the output variable of one operand that fills them best and needs the least transposing.
    const std::vector<int> order = storage_order(s);
    int vector = -1, owner = 0;
    double best = 0;
    for (const int v : order) {
        const bool in0 = merged[0].variables.contains(v), in1 = merged[1].variables.contains(v);
        if (in0 == in1) continue;
        const std::int64_t extent = s.extents[v], lanes = w.lanes();
        double score = static_cast<double>(extent) / static_cast<double>(ceil_div(extent, lanes) * lanes);
        if (s.offsets[0].coefficient(static_cast<ir::Var>(v)) != 1) score *= 0.7;
        if (stride_along(merged[in1].product, v, w) != 1) score *= 0.85;
        if (slides(merged[in1].product, s)) score *= 0.4;
        if (score <= best) continue;
        best = score;
        vector = v;
        owner = in1;
    }
    if (vector < 0) return std::nullopt;
    const Group& a = merged[1 - owner];
    const Group& b = merged[owner];
    c.a = a.product;
    c.b = b.product;
    c.m = role(a, b);
    c.n = role(b, a);
    for (std::size_t v = 0; v < count; ++v) {
        const int i = static_cast<int>(v);
        if (reduced(i)) {
            c.k.push_back(i);
        } else if (a.variables.contains(i) == b.variables.contains(i)) {
            c.batch.push_back(i);
        }
    }
    const auto out_stride = [&](int v) { return s.offsets[0].coefficient(static_cast<ir::Var>(v)); };
    const auto by_out = [&](int x, int y) { return (x == vector ? 0 : out_stride(x)) < (y == vector ? 0 : out_stride(y)); };
    std::stable_sort(c.m.begin(), c.m.end(), by_out);
    std::stable_sort(c.n.begin(), c.n.end(), by_out);
    std::stable_sort(c.batch.begin(), c.batch.end(), by_out);
    std::stable_sort(c.k.begin(), c.k.end(), [&](int x, int y) { return stride_along(c.a, x, w) < stride_along(c.a, y, w); });
    c.a_flat = plain(c.a, w);
    c.b_flat = plain(c.b, w);
    const auto add = [](std::vector<int>& list, int v) {
        if (std::find(list.begin(), list.end(), v) == list.end()) list.push_back(v);
    };
    const auto find_windows = [&](const ir::Expr& operand, const std::vector<int>& outs) {
        for (const int o : outs) {
            for (const int r : c.k) {
                bool shared = false;
                each_index(operand, [&](const ir::Index& i, bool flat) { shared = shared || shares_elements(i, flat, o, r, s); });
                if (!shared) continue;
                add(c.positions, o);
                add(c.taps, r);
            }
        }
    };
    find_windows(c.a, c.m);
    if (!c.convolves()) {
        find_windows(c.b, c.n);
        c.patches = c.convolves();
    }
    if (c.a_flat) return c;
    std::set<int> windowed;
    for (const int o : c.m) {
        for (const int r : c.k) {
            if (windowed.contains(o) || windowed.contains(r)) continue;
            if (const auto window = window_of(c.a, o, r)) {
                c.windows.push_back(*window);
                windowed.insert(o);
                windowed.insert(r);
            }
        }
    }
    return c;
}

std::string layouts(const Work& w, const Contraction& c) {
    const std::vector<int> order = storage_order(w.space);
    const auto has = [](const std::vector<int>& list, int v) { return std::find(list.begin(), list.end(), v) != list.end(); };
    const auto outermost = std::find_if(order.rbegin(), order.rend(), [&](int v) { return has(c.m, v) || has(c.n, v); });
    const bool a_first = outermost != order.rend() && has(c.m, *outermost);
    const auto ends_in_k = [&](const ir::Expr& operand) {
        int innermost = -1;
        std::int64_t least = 0;
        for (std::size_t v = 0; v < w.space.extents.size(); ++v) {
            const std::int64_t stride = stride_along(operand, static_cast<int>(v), w);
            if (stride == 0 || (least != 0 && stride >= least)) continue;
            least = stride;
            innermost = static_cast<int>(v);
        }
        return has(c.k, innermost);
    };
    return {ends_in_k(a_first ? c.a : c.b) ? 'N' : 'T', ends_in_k(a_first ? c.b : c.a) ? 'T' : 'N'};
}

std::string dimensions(const Contraction& c) { return std::to_string(c.taps.size()) + "d"; }

std::int64_t volume_of(const Work& w, const std::vector<int>& variables) {
    std::int64_t v = 1;
    for (const int i : variables) v *= w.space.extents[i];
    return v;
}

int tiled_row(const Work& w, const Contraction& c) {
    int best = c.m[0];
    for (const int v : c.m) {
        if (w.space.extents[best] >= 6) break;
        if (w.space.extents[v] > w.space.extents[best]) best = v;
    }
    return best;
}

std::vector<Tile> register_tiles(const Target& t) {
    if (t.registers >= 32)
        return {{6, 4},  {8, 3},  {12, 2}, {14, 2}, {7, 4}, {5, 4}, {4, 4}, {10, 2}, {8, 2}, {7, 3}, {6, 3}, {7, 2},
                {24, 1}, {16, 1}, {14, 1}, {8, 1},  {4, 2}, {4, 1}, {2, 4}, {1, 8},  {1, 4}, {2, 1}, {1, 1}};
    return {{6, 2}, {4, 3}, {4, 2}, {5, 2}, {7, 1}, {8, 1}, {12, 1}, {14, 1},
            {3, 4}, {2, 4}, {1, 8}, {1, 4}, {2, 2}, {4, 1}, {2, 1},  {1, 1}};
}

Tile best_tile(const Target& t, std::int64_t m, std::int64_t n, std::int64_t k, int lanes, double uneven) {
    Tile best{1, 1};
    double least = 0;
    const bool few = t.registers < 32;
    for (const Tile tile : register_tiles(t)) {
        if (tile.rows > m) continue;
        if (tile.vectors > 1 && (tile.vectors - 1) * lanes >= n) continue;
        const double accumulators = tile.rows * tile.vectors;
        // Loads a step against multiply-adds a step, and enough of these in flight.
        double efficiency =
            std::min(1.0, accumulators / (few ? 8 : 10)) * accumulators / (accumulators + 0.15 * tile.rows + 0.5 * tile.vectors);
        if (few) {
            // Without embedded broadcasts each row of a takes a register for a moment, and a load: with one vector, one for each
            // multiply-add.
            if (accumulators + tile.vectors + 1 > t.registers) continue;
            if (tile.vectors == 1) efficiency *= 0.8;
        } else if (accumulators + tile.vectors > t.registers - 4) {
            efficiency *= 0.95;  // the last registers cost spills
        }
        // A panel of b is walked through for every row tile: best from the first-level cache.
        const std::int64_t panel = k * tile.vectors * t.vector_bytes;
        efficiency *= panel <= t.l1_bytes ? 1.0 : panel <= 2 * t.l1_bytes ? 0.97 : 0.93;
        if (m % tile.rows != 0 || n % (tile.vectors * lanes) != 0) efficiency *= uneven;
        const double rows = static_cast<double>(ceil_div(m, tile.rows) * tile.rows);
        const double columns = static_cast<double>(ceil_div(n, tile.vectors * lanes) * tile.vectors * lanes);
        const double cost = rows * columns / efficiency;
        if (least == 0 || cost < least * 0.999) {
            least = cost;
            best = tile;
        }
    }
    return best;
}

int contraction_lanes(const Work& w, const Contraction& c) {
    int lanes = w.lanes();
    while (lanes > 4 && lanes / 2 >= w.space.extents[c.n[0]]) lanes /= 2;
    return lanes;
}

bool is_transposed(const Work& w, const Contraction& c, int k, std::int64_t length, std::int64_t width) {
    return c.b_flat && stride_along(c.b, c.n[0], w) != 1 && stride_along(c.b, k, w) == 1 && length >= 4 && width % 4 == 0;
}

// Dense loads along the sum, stores interleaved by shuffles.  Larger blocks compile for seconds and gain nothing.
void schedule_transposed_copy(Func copy) {
    const std::vector<Var> args = copy.args();
    const Var inside("inside"), block("block");
    copy.split(args[1], block, inside, 4, TailStrategy::ShiftInwards);
    std::vector<Halide::VarOrRVar> order{inside, args[0], block};
    order.insert(order.end(), args.begin() + 2, args.end());
    copy.reorder(order).vectorize(inside).unroll(args[0], 4);
}

Staged stage_windows(const Work& w, const Contraction& c) {
    Staged staged;
    staged.box = w.space.box();
    const auto first = static_cast<ir::Var>(staged.box.size());
    for (const Contraction::Window& x : c.windows) {
        const std::int64_t outs = w.space.extents[x.out] - 1, reds = w.space.extents[x.red] - 1;
        staged.shift.push_back(x.dilation < 0 ? -x.dilation * reds : 0);
        staged.box.push_back({0, x.stride * outs + std::abs(x.dilation) * reds});
    }
    staged.value = ir::map_indices(c.a, [&](const ir::Index& i) {
        ir::Index changed = i;
        for (std::size_t j = 0; j < c.windows.size(); ++j) {
            const auto& x = c.windows[j];
            const auto o = static_cast<ir::Var>(x.out), r = static_cast<ir::Var>(x.red);
            if (!i.uses(o)) continue;
            changed = changed - ir::Index::variable(o, x.stride) - ir::Index::variable(r, x.dilation) +
                      ir::Index::variable(first + static_cast<ir::Var>(j)) - ir::Index(staged.shift[j]);
        }
        return changed;
    });
    return staged;
}

Operands::Operands(Work& w, const Contraction& c) : work_(w), c_(c) {
    if (c.a_flat) return;
    staged_ = stage_windows(w, c);
    const int first = static_cast<int>(w.space.extents.size());
    const auto windowed = [&](int v) {
        return std::any_of(c.windows.begin(), c.windows.end(), [&](const auto& x) { return x.out == v || x.red == v; });
    };
    const std::set<int> used = variables_of(c.a, w.space.extents.size());
    std::vector<std::pair<std::int64_t, int>> by_stride;
    for (const int v : used) {
        if (!windowed(v)) by_stride.emplace_back(stride_along(c.a, v, w), v);
    }
    for (std::size_t j = 0; j < c.windows.size(); ++j) {
        by_stride.emplace_back(stride_along(c.a, c.windows[j].red, w), first + static_cast<int>(j));
    }
    std::stable_sort(by_stride.begin(), by_stride.end());
    // Channels come first, whatever the storage: the innermost loop runs over them.
    std::stable_sort(by_stride.begin(), by_stride.end(), [&](const auto& x, const auto& y) {
        const auto channel = [&](int v) { return !c.windows.empty() && v < first && static_cast<std::size_t>(v) >= w.space.outs; };
        return channel(x.second) && !channel(y.second);
    });
    Values at(staged_->box.size(), Expr(0));
    for (const auto& [stride, v] : by_stride) {
        a_vars_.push_back(v);
        a_args_.emplace_back("a" + std::to_string(v) + "_");
        at[v] = a_args_.back();
    }
    a_copy = Func("a_copy");
    a_copy(a_args_) = w.lowering->value(staged_->value, at, staged_->box);
}

Expr Operands::a(const Values& at) {
    if (!a_copy.defined()) return work_.lowering->value(c_.a, at, work_.space.box());
    const int first = static_cast<int>(work_.space.extents.size());
    std::vector<Expr> position;
    for (const int v : a_vars_) {
        if (v < first) {
            position.push_back(at[v]);
            continue;
        }
        const auto& x = c_.windows[v - first];
        const Expr out = x.stride == 1 ? at[x.out] : at[x.out] * static_cast<int>(x.stride);
        Expr e = x.dilation == 1 ? out + at[x.red] : out + at[x.red] * static_cast<int>(x.dilation);
        if (staged_->shift[v - first] != 0) e = e + static_cast<int>(staged_->shift[v - first]);
        position.push_back(e);
    }
    return a_copy(position);
}

Expr Operands::b(const Values& at) { return work_.lowering->value(c_.b, at, work_.space.box()); }

void Operands::pack(int width) {
    width_ = width;
    const std::set<int> used = variables_of(c_.b, work_.space.extents.size());
    Var within("within"), panel("panel");
    const int n = c_.n[0];
    Values at(work_.space.extents.size(), Expr(0));
    b_args_ = {within};
    b_vars_ = {-1};
    for (const int v : c_.k) {
        if (!used.contains(v)) continue;
        b_args_.emplace_back("b" + std::to_string(v) + "_");
        b_vars_.push_back(v);
        at[v] = b_args_.back();
    }
    b_args_.push_back(panel);
    b_vars_.push_back(-2);
    for (const int v : used) {
        if (at[v].as<Halide::Internal::Variable>() || v == n) continue;
        b_args_.emplace_back("b" + std::to_string(v) + "_");
        b_vars_.push_back(v);
        at[v] = b_args_.back();
    }
    const Expr column = panel * width + within;
    const auto extent = static_cast<int>(work_.space.extents[n]);
    at[n] = extent % width == 0 ? column : Halide::min(Halide::likely(column), extent - 1);
    b_copy = Func("b_copy");
    b_copy(b_args_) = work_.lowering->value(c_.b, at, work_.space.box());
}

Expr Operands::b_packed(const Values& at, const Expr& within, const Expr& panel) {
    std::vector<Expr> position;
    for (const int v : b_vars_) position.push_back(v == -1 ? within : v == -2 ? panel : at[v]);
    return b_copy(position);
}

void Operands::schedule_a(int lanes) {
    if (!a_copy.defined() || a_args_.empty()) return;
    const std::int64_t extent = staged_->box[a_vars_[0]].high + 1;
    int v = lanes;
    while (v > 1 && v > extent) v /= 2;
    if (v > 1) a_copy.vectorize(a_args_[0], v, TailStrategy::GuardWithIf);
}

void Operands::schedule_b(int lanes) {
    if (b_vars_[1] >= 0 && is_transposed(work_, c_, b_vars_[1], work_.space.extents[b_vars_[1]], width_)) {
        schedule_transposed_copy(b_copy);
    } else {
        b_copy.vectorize(b_args_[0], std::min(lanes, width_));
    }
}

}  // namespace dlc::schedules
