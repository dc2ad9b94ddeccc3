// Stages that reduce nothing: elementwise work, copies, transposes, gathers, optimizer updates with many outputs.
#include <algorithm>
#include <numeric>

#include "compiler/ir/condition.h"
#include "compiler/schedules/stage.h"

namespace dlc::schedules {
namespace {

/// The output variable along which most of what is read is dense in memory, reductions that are written out included.  What is read
/// again for many positions, such as a number for each row, stays in the caches and weighs as little as it is long.
int read_variable(const Work& w) {
    const Space& s = w.space;
    const ir::Box box = s.box();
    std::vector<double> dense(s.outs, 0);
    const auto count = [&](const ir::Expr& read) {
        double elements = 1;
        int along = -1;
        for (std::size_t v = 0; v < s.outs; ++v) {
            const std::int64_t stride = stride_along(read, static_cast<int>(v), w);
            if (stride != 0) elements *= static_cast<double>(s.extents[v]);
            if (stride == 1) along = static_cast<int>(v);
        }
        if (along >= 0) dense[static_cast<std::size_t>(along)] += elements;
    };
    for (const ir::Expr& value : s.values) {
        for (const ir::Expr& r : ir::reads(value)) {
            const Parts::Stage* stage = w.parts.reduction(r->tensor);
            if (!stage) {
                count(r);
                continue;
            }
            std::vector<ir::Index> by = r->at;
            by.resize(ir::extents_of(w.parts.node(stage->node)).size(), ir::Index(0));
            for (const ir::Expr& inner : ir::reads(ir::substitute(stage->body, by, box))) count(inner);
        }
    }
    const int out = storage_order(s)[0];
    int best = out;
    for (std::size_t v = 0; v < s.outs; ++v) {
        if (dense[v] > dense[best] && s.extents[v] >= 4) best = static_cast<int>(v);
    }
    return best;
}

void build(Work& w) {
    // Where memory is read in one order and written in another, a long dense variable of what is read makes the vectors, and their
    // stores are scattered; with a short one, values are computed in the order of reading, a task at a time, and then copied.
    const int written = w.space.outs > 0 ? storage_order(w.space)[0] : -1;
    const int read = w.space.outs > 1 && !w.parts.in_place() ? read_variable(w) : written;
    const bool scatters = read != written && w.space.extents[read] >= w.lanes();
    Result r = define(w, {}, read != written && !scatters ? read : -1);
    if (scatters) r.vector = read;
    schedule_pointwise(w, r);
    for (Halide::Func& f : w.computes) {
        if (r.level) {
            f.compute_at(r.func, *r.level);
        } else {
            f.compute_root();
        }
    }
}

/// Selects on residues of the outputs whose branches are reads, sums of reads, or 0.
bool is_interleave(const ir::Expr& e) {
    const auto is_piece = [](const auto& self, const ir::Expr& x) -> bool {
        return x->kind == ir::ExprNode::read || (x->is("add") && self(self, x->args[0]) && self(self, x->args[1]));
    };
    if (!e->is("select")) return false;
    const auto conditions = ir::as_predicates(e->args[0]);
    if (!conditions || conditions->empty()) return false;
    if (std::any_of(conditions->begin(), conditions->end(), [](const ir::Predicate& p) { return p.kind != ir::Predicate::eq; }))
        return false;
    const ir::Expr& rest = e->args[2];
    return is_piece(is_piece, e->args[1]) &&
           (rest->kind == ir::ExprNode::constant || is_piece(is_piece, rest) || is_interleave(rest));
}

/// What one value is: the same memory ("view"), its dimensions in another order ("transpose"), a part or repetition of it ("copy"),
/// a look-up ("gather"), pieces put together ("interleave"), a reduction of a few terms ("max of 4").
std::string detail(const Work& w) {
    if (w.space.values.size() != 1) return "";
    Space s = w.space;
    simplify(s, w.parts, true);
    const ir::Expr& value = s.values[0];
    const std::vector<ir::Expr> reads = ir::reads(value);
    for (const ir::Expr& r : reads) {
        if (const Parts::Stage* stage = w.parts.reduction(r->tensor)) {
            const ir::Equation& e = *w.parts.node(stage->node).equation();
            if (e.scatter) continue;
            return std::string(ir::name(e.reduce)) + " of " + std::to_string(ir::volume(e.reductions));
        }
        if (std::ranges::any_of(r->at, &ir::Index::has_get)) return "gather";
    }
    if (is_interleave(value)) return "interleave";
    if (value->kind != ir::ExprNode::read || w.parts.reduction(value->tensor)) return "";
    const bool inside = value->at.size() == 1 && !value->otherwise;
    if (!inside) return "copy";
    const ir::Index& at = value->at[0];
    if ((at - s.offsets[0]).is_constant()) return "view";
    std::vector<int> by_stride(s.outs);
    std::iota(by_stride.begin(), by_stride.end(), 0);
    const auto stride = [&](int v) { return at.coefficient(static_cast<ir::Var>(v)); };
    std::sort(by_stride.begin(), by_stride.end(), [&](int u, int v) { return stride(u) < stride(v); });
    std::int64_t unit = 1;
    for (const int v : by_stride) {
        if (stride(v) != unit) return "copy";
        unit *= s.extents[v];
    }
    return "transpose";
}

}  // namespace

namespace rows {

DLC_ROW(KernelClass, pointwise) = {
    .name = "pointwise",
    .doc = "no reduction: vectors along the innermost variable, tasks over the others",
    .rank = 10,
    .match = [](const Work& w) { return !w.reduction; },
    .detail = detail,
    .parameters = nullptr,
    .build = build,
};

}  // namespace rows
}  // namespace dlc::schedules
