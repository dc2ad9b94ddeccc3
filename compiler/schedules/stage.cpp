#include "compiler/schedules/stage.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace dlc::schedules {

using Halide::Expr;
using Halide::Func;
using Halide::TailStrategy;
using Halide::Var;

ir::Reduce Work::reduce() const { return reduction ? parts.node(reduction->node).equation()->reduce : ir::Reduce::none; }

std::int64_t Work::choose(std::string_view parameter, std::int64_t otherwise) const {
    const auto found = choice.find(std::string(parameter));
    return found == choice.end() ? otherwise : found->second;
}

int Work::lanes() const {
    std::int64_t widest = 4;
    const auto see = [&](const ir::Expr& e) {
        ir::visit(e, [&](const ir::Expr& x) {
            if (ir::is_real(x->type)) widest = std::max(widest, ir::bytes(x->type));
        });
    };
    for (const ir::Expr& v : space.values) see(v);
    if (space.term) see(space.term);
    return static_cast<int>(target.vector_bytes / widest);
}

double Work::cost() const {
    double operations = 0;
    for (const ir::Expr& v : space.values) ir::visit(v, [&](const ir::Expr&) { operations += 1; });
    double terms = 0;
    if (space.term) ir::visit(space.term, [&](const ir::Expr&) { terms += 1; });
    const auto outs = static_cast<double>(space.out_volume());
    return outs * operations + outs * (space.prefix() ? 1 : static_cast<double>(space.reduced_volume())) * terms;
}

std::vector<int> storage_order(const Space& s) {
    std::vector<int> order(s.outs);
    std::iota(order.begin(), order.end(), 0);
    const auto stride = [&](int v) { return s.offsets[0].coefficient(static_cast<ir::Var>(v)); };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return stride(a) < stride(b); });
    return order;
}

Var row_variable() { return Var("row"); }

Result define(Work& w, const std::function<Expr(const Values&)>& fused, int staged_by) {
    const Space& s = w.space;
    Result r;
    Values values;
    for (std::size_t v = 0; v < s.outs; ++v) {
        r.vars.push_back(w.of_row && v == 0 ? row_variable() : Var("out" + std::to_string(v) + "_"));
        values.push_back(r.vars.back());
    }
    r.order = storage_order(s);
    const bool output = !w.outputs.empty();
    std::vector<Var> args;
    for (const int v : r.order) args.push_back(r.vars[v]);
    if (s.reduction && fused) {
        w.lowering->provide(s.reduction, [&](const Values&) { return fused(values); });
    }
    std::vector<Expr> components;
    const ir::Box box = s.box();
    for (std::size_t i = 0; i < s.values.size(); ++i) {
        const ir::Type type = s.values[i]->type;
        const Expr e = w.lowering->value(s.values[i], values, box);
        components.push_back(output ? stored(e, type) : e);
    }
    if (staged_by >= 0) {
        std::vector<Var> inner{r.vars[staged_by]};
        for (const int v : r.order) {
            if (v != staged_by) inner.push_back(r.vars[v]);
        }
        r.staged = Func("staged");
        const std::vector<Expr> at(inner.begin(), inner.end());
        assign(r.staged, at, Halide::Tuple(components));
        const Halide::Tuple copied = held(r.staged, at);
        for (std::size_t i = 0; i < components.size(); ++i) components[i] = copied[i];
    }
    r.func = Func(output ? "out" : "scratch");
    assign(r.func, std::vector<Expr>(args.begin(), args.end()), Halide::Tuple(components));
    for (const int v : r.order) {
        // Made inside another loop it covers one value of its outermost variable, and all of the others.
        if (!w.inside || v != r.order.back()) r.func.bound(r.vars[v], 0, static_cast<int>(s.extents[v]));
    }
    if (output) {
        const auto buffers = r.func.output_buffers();
        for (std::size_t i = 0; i < components.size(); ++i) {
            Lowered::Output& o = w.lowered->outputs.at(w.outputs[i]);
            o.name = components.size() == 1 ? r.func.name() : r.func.name() + "." + std::to_string(i);
            for (std::size_t d = 0; d < r.order.size(); ++d) {
                auto dim = Halide::OutputImageParam(buffers[i]).dim(static_cast<int>(d));
                const int v = r.order[d];
                const auto extent = static_cast<int>(s.extents[v]);
                const auto stride = static_cast<int>(s.offsets[i].coefficient(static_cast<ir::Var>(v)));
                if (i == 0) dim.set_bounds(0, extent);
                dim.set_stride(stride);
                o.shape.emplace_back(0, extent, stride);
            }
        }
        w.lowered->functions.push_back(r.func);
    } else {
        if (!w.inside) r.func.compute_root();
        if (w.of_row) {
            w.lowering->provide(s.reduction, [func = r.func](const Values&) { return Expr(func(row_variable())); });
            return r;
        }
        const auto origin = s.origin;
        const auto order = r.order;
        const ir::Box original = ir::box_of(s.original);
        Lowering* lowering = w.lowering;
        Func func = r.func;
        w.lowering->provide(s.reduction, [=](const Values& at) {
            std::vector<Expr> position;
            for (const int v : order) position.push_back(lowering->index(origin[v], at, original));
            return Expr(func(position));
        });
    }
    return r;
}

void schedule_pointwise(const Work& w, Result& r) {
    const Space& s = w.space;
    Func f = r.func;
    if (r.order.empty()) return;
    // The loops, vectors first.
    std::vector<int> loop_order = r.order;
    if (r.vector >= 0) std::stable_partition(loop_order.begin(), loop_order.end(), [&](int v) { return v == r.vector; });
    const auto extent = [&](std::size_t d) { return s.extents[loop_order[d]]; };
    const auto var = [&](std::size_t d) { return r.vars[loop_order[d]]; };
    const Var x = var(0);
    int lanes = static_cast<int>(std::min<std::int64_t>(w.lanes(), std::bit_ceil(static_cast<std::uint64_t>(extent(0)))));
    if (s.out_volume() == 0) return;
    // Digits of a window or an interleave: with their value known, conditions on them are decided when compiling.
    std::vector<bool> conditioned(s.outs, false);
    for (const ir::Expr& v : s.values) {
        each_index(v, [&](const ir::Index& i, bool flat) {
            if (flat) return;
            for (const ir::Var u : i.variables()) {
                if (u < s.outs) conditioned[u] = true;
            }
        });
    }
    std::vector<Halide::VarOrRVar> inner{x};
    std::vector<std::size_t> outer;
    for (std::size_t d = 1; d < loop_order.size(); ++d) {
        if (conditioned[loop_order[d]] && extent(d) <= 4) {
            inner.push_back(var(d));
        } else {
            outer.push_back(d);
        }
    }
    std::vector<Halide::VarOrRVar> order = inner;
    for (const std::size_t d : outer) order.push_back(var(d));
    if (order.size() > 1) f.reorder(order);
    const std::int64_t tasks = tasks_for(w.cost());
    if (outer.empty()) {
        Var task("task"), within("within");
        if (tasks > 1 && inner.size() == 1) {
            const std::int64_t chunk = ceil_div(ceil_div(extent(0), tasks), lanes) * lanes;
            if (chunk < extent(0)) {
                f.split(x, task, within, static_cast<int>(chunk), TailStrategy::GuardWithIf);
                if (lanes > 1) f.vectorize(within, lanes);
                f.parallel(task);
                return;
            }
        }
    } else if (tasks > 1) {
        // Enough tasks to share, from as few of the outermost variables as give them.
        Var fused = var(outer.back());
        std::int64_t count = extent(outer.back());
        for (std::size_t d = outer.size() - 1; d-- > 0 && count < tasks;) {
            Var both("task" + std::to_string(d));
            f.fuse(var(outer[d]), fused, both);
            count *= extent(outer[d]);
            fused = both;
        }
        const std::int64_t chunk = std::max<std::int64_t>(1, count / tasks);
        if (chunk > 1) {
            Var task("task"), within("within");
            f.split(fused, task, within, static_cast<int>(chunk), TailStrategy::GuardWithIf).parallel(task);
            r.level = within;
        } else {
            f.parallel(fused);
            r.level = fused;
        }
    } else {
        r.level = var(outer.back());
    }
    if (r.staged.defined()) {
        if (r.level) {
            r.staged.compute_at(f, *r.level);
        } else {
            r.staged.compute_root();
        }
        const Var dense = Var(r.staged.args()[0].name());
        const auto length =
            s.extents[std::find_if(r.vars.begin(), r.vars.end(), [&](const Var& v) { return v.name() == dense.name(); }) -
                      r.vars.begin()];
        const int width = static_cast<int>(std::min<std::int64_t>(w.lanes(), std::bit_ceil(static_cast<std::uint64_t>(length))));
        if (width > 1) r.staged.vectorize(dense, width, TailStrategy::GuardWithIf);
        for (std::size_t i = 1; i < inner.size(); ++i) {
            if (inner[i].var.name() != dense.name()) r.staged.unroll(inner[i].var);
        }
    }
    if (lanes > 1) f.vectorize(x, lanes, TailStrategy::GuardWithIf);
    for (std::size_t i = 1; i < inner.size(); ++i) f.unroll(inner[i]);
}

Halide::Tuple term_at(Work& w, const Values& at, const Expr& condition) {
    const ir::Box box = w.space.box();
    const Accumulator a = accumulator_of(w.parts, *w.reduction);
    Expr holds = w.lowering->holds(w.space.where, at, box);
    if (condition.defined()) holds = holds && condition;
    const Expr position = a.located() ? w.lowering->index(w.space.position, at, box) : Expr(0);
    return a.term(w.lowering->value(w.space.term, at, box), position, Halide::Internal::simplify(holds));
}

Halide::Tuple term_over(const Halide::RDom& r, Work& w, const Values& at, const Expr& condition) {
    const Halide::Tuple term = term_at(w, at, condition);
    for (const Expr& e : term.as_vector()) {
        for (int d = 0; d < r.dimensions(); ++d) {
            if (Halide::Internal::expr_uses_var(e, r[d].name())) return term;
        }
    }
    const Expr reached = r[0] >= 0;
    return term_at(w, at, condition.defined() ? condition && reached : reached);
}

Halide::Tuple held(const Func& f, const std::vector<Expr>& at) {
    if (f.outputs() == 1) return Halide::Tuple(Expr(f(at)));
    return Halide::Tuple(f(at));
}
void assign(Func f, const std::vector<Expr>& at, const Halide::Tuple& value) {
    if (value.size() == 1) {
        f(at) = value[0];
    } else {
        f(at) = value;
    }
}

Halide::Tuple combine(const Accumulator& a, int count, const std::function<Halide::Tuple(int)>& term) {
    std::vector<Halide::Tuple> level;
    for (int i = 0; i < count; ++i) level.push_back(term(i));
    while (level.size() > 1) {
        std::vector<Halide::Tuple> next;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2) next.push_back(a.step(level[i], level[i + 1]));
        if (level.size() % 2 == 1) next.push_back(level.back());
        level = std::move(next);
    }
    return level[0];
}

Expr bounded(const Expr& at, std::int64_t extent, bool inside, Expr& holds) {
    if (inside) return at;
    const auto last = static_cast<int>(std::max<std::int64_t>(extent, 1) - 1);
    const Expr in = Halide::likely(at) < static_cast<int>(extent);
    holds = holds.defined() ? holds && in : in;
    return Halide::min(Halide::likely(at), last);
}

int dense_variable(const Work& w) {
    const Space& s = w.space;
    double most = 0;
    int found = -1;
    for (const ir::Expr& r : ir::reads(s.term)) {
        if (w.parts.node(r->tensor).equation()) continue;
        double volume = 1;
        int dense = -1;
        for (std::size_t v = 0; v < s.extents.size(); ++v) {
            const std::int64_t stride = stride_along(r, static_cast<int>(v), w);
            if (stride != 0) volume *= static_cast<double>(s.extents[v]);
            if (stride == 1) dense = static_cast<int>(v);
        }
        if (volume > most) {
            most = volume;
            found = dense;
        }
    }
    return found;
}

std::int64_t stride_along(const ir::Expr& factor, int variable, const Work& w) {
    for (const ir::Expr& r : ir::reads(factor)) {
        std::int64_t stride = 0;
        const ir::Node& n = w.parts.node(r->tensor);
        if (n.equation() || r->at.empty()) continue;
        if (is_flat(*r, w.parts) || n.shape.size() == 1) {
            stride = r->at[0].coefficient(static_cast<ir::Var>(variable));
        } else {
            const int input = w.parts.input_of[r->tensor.value];
            const auto strides =
                kernels::strides(n.shape, input < 0 ? kernels::row_major(n.shape.size()) : w.parts.kernel->inputs[input]);
            for (std::size_t d = 0; d < strides.size(); ++d)
                stride += strides[d] * r->at[d].coefficient(static_cast<ir::Var>(variable));
        }
        if (stride != 0) return std::abs(stride);
    }
    return 0;
}

Var fuse_all(Halide::Stage stage, const std::vector<Var>& loops) {
    Var all = loops.at(0);
    for (std::size_t d = 1; d < loops.size(); ++d) {
        const Var both("task" + std::to_string(d));
        stage.fuse(all, loops[d], both);
        all = both;
    }
    return all;
}

std::int64_t tasks_for(double cost) {
    // About ten microseconds a task; sixteen tasks share out well among a few threads.
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(cost / 4e4), 1, 16);
}
std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
int floor_power_of_two(std::int64_t n) { return n < 1 ? 1 : static_cast<int>(std::bit_floor(static_cast<std::uint64_t>(n))); }

}  // namespace dlc::schedules
