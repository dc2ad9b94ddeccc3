// Stages that reduce nothing: elementwise work, copies, transposes, gathers, optimizer updates with many outputs.
#include <algorithm>

#include "compiler/schedules/stage.h"

namespace dlc::schedules {
namespace {

/// The output variable along which most of what is read is dense in memory, reductions that are written out included.
int read_variable(const Work& w) {
    const Space& s = w.space;
    const ir::Box box = s.box();
    std::vector<int> dense(s.outs, 0);
    const auto count = [&](const ir::Expr& read) {
        for (std::size_t v = 0; v < s.outs; ++v) dense[v] += stride_along(read, static_cast<int>(v), w) == 1;
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
    if (w.computes.defined() && r.level) {
        w.computes.compute_at(r.func, *r.level);
    } else if (w.computes.defined()) {
        w.computes.compute_root();
    }
}

}  // namespace

namespace rows {

DLC_ROW(KernelClass, pointwise) = {
    .name = "pointwise",
    .doc = "no reduction: vectors along the innermost variable, tasks over the others",
    .rank = 10,
    .match = [](const Work& w) { return !w.reduction; },
    .parameters = nullptr,
    .build = build,
};

}  // namespace rows
}  // namespace dlc::schedules
