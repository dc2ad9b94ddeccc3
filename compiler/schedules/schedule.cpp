#include "compiler/schedules/schedule.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "compiler/kernels/extract.h"
#include "compiler/schedules/contraction.h"
#include "compiler/schedules/row_pass.h"
#include "compiler/schedules/written_out.h"
#include "dsl/source/diagnostic.h"

namespace dlc::schedules {

extern const KernelClass* const kKernelClassRows[];

namespace {

/// The stages of a kernel in the order in which they are built; lowering is not involved.
struct Stages {
    std::vector<const Parts::Stage*> written_out;
    std::vector<Work> works;
};

/// Scratch lies in memory as the kernel's outputs of its rank do.
kernels::Order scratch_order(const Parts& parts, const Parts::Stage& r) {
    const std::size_t rank = parts.node(r.node).shape.size();
    for (const kernels::Order& order : parts.kernel->outputs) {
        if (order.size() == rank) return order;
    }
    return kernels::row_major(rank);
}

const KernelClass& class_of(const Work& w);
bool nests(const Work& product, const Work& reader);

Stages stages_of(const Parts& parts, const Target& target) {
    Stages all;
    std::vector<bool> taken(parts.outputs.size(), false);
    std::map<ir::NodeId, std::vector<int>> fused;  // outputs written as a reduction goes
    std::vector<const Parts::Stage*> heavy_first;
    for (const Parts::Stage& r : parts.reductions) {
        if (written_out(parts, r, target)) {
            all.written_out.push_back(&r);
        } else {
            heavy_first.push_back(&r);
        }
    }
    const auto volume = [&](const Parts::Stage* r) { return ir::evaluations(parts.node(r->node)); };
    std::stable_sort(heavy_first.begin(), heavy_first.end(), [&](auto* a, auto* b) { return volume(a) > volume(b); });
    std::map<ir::NodeId, Space> spaces;
    for (const Parts::Stage* r : heavy_first) {
        if (parts.in_place() || parts.node(r->node).equation()->scatter) continue;
        std::vector<int> mine;
        bool free = true;
        for (std::size_t o = 0; o < parts.outputs.size(); ++o) {
            const auto read = ir::tensors(parts.outputs[o].body);
            if (std::find(read.begin(), read.end(), r->node) == read.end()) continue;
            free = free && !taken[o];
            mine.push_back(static_cast<int>(o));
        }
        if (!free || mine.empty() || parts.readers(r->node) != mine.size()) continue;
        if (auto space = space_of_fused(parts, *r, mine)) {
            for (const int o : mine) taken[o] = true;
            fused[r->node] = mine;
            spaces.emplace(r->node, std::move(*space));
        }
    }
    // Scratch first, in topological order; fused stages may read scratch.
    for (const bool scratch : {true, false}) {
        for (const Parts::Stage& r : parts.reductions) {
            if (fused.contains(r.node) == scratch) continue;
            if (std::find(all.written_out.begin(), all.written_out.end(), &r) != all.written_out.end()) continue;
            Work w{parts, target, scratch ? space_of_reduction(parts, r, scratch_order(parts, r)) : spaces.at(r.node), &r, {}};
            if (!scratch) w.outputs = fused.at(r.node);
            if (!parts.node(r.node).equation()->scatter) simplify(w.space, parts, true);
            all.works.push_back(std::move(w));
        }
    }
    // The remaining outputs, those of one shape together.
    for (std::size_t o = 0; o < parts.outputs.size(); ++o) {
        if (taken[o]) continue;
        std::vector<int> group;
        for (std::size_t p = o; p < parts.outputs.size(); ++p) {
            if (!taken[p] && parts.node(parts.outputs[p].node).shape == parts.node(parts.outputs[o].node).shape) {
                taken[p] = true;
                group.push_back(static_cast<int>(p));
            }
        }
        Work w{parts, target, space_of_outputs(parts, group), nullptr, group};
        simplify(w.space, parts, false);
        all.works.push_back(std::move(w));
    }
    if (all.works.size() == 2 && nests(all.works[0], all.works[1])) all.works[0].inside = true;
    return all;
}

const KernelClass& class_of(const Work& w) {
    for (const KernelClass* c : classes()) {
        if (c->match(w)) return *c;
    }
    DLC_ASSERT(false, "the classes `pointwise` and `loops` match every stage");
    return *classes().front();
}

/// Whether a product that one pointwise stage reads, as pooling does, is made for one value of its outermost variable at a time and
/// never leaves the cache.
bool nests(const Work& product, const Work& reader) {
    if (!product.outputs.empty() || reader.reduction || reader.space.outs < 2 || product.space.outs < 3 || product.parts.in_place())
        return false;
    if (product.space.out_volume() * 4 < product.target.l2_bytes / 4 || !class_of(product).nests) return false;
    const Contraction c = *contraction_of(product);
    const int outermost = storage_order(product.space).back();
    const std::int64_t extent = product.space.extents[outermost];
    return !c.m.empty() && tiled_row(product, c) != outermost && c.n[0] != outermost && extent >= 16 &&
           extent == reader.space.extents[storage_order(reader.space).back()];
}

/// The stage that gives the kernel its class: the heaviest reduction, or the only kind of stage there is without one.
const Work& anchor(const Stages& s) {
    return *std::max_element(s.works.begin(), s.works.end(), [](const Work& a, const Work& b) {
        return std::pair(a.reduction != nullptr, a.cost()) < std::pair(b.reduction != nullptr, b.cost());
    });
}

std::string describe(const Work& w) {
    const KernelClass& c = class_of(w);
    const std::string detail = c.detail ? c.detail(w) : "";
    return std::string(c.name) + (detail.empty() ? "" : " " + detail);
}

/// A read of a pointwise neighbour in another output of the kernel would see the new value where buffers coincide.
void check_in_place(const Parts& parts, const Stages& stages) {
    for (std::size_t o = 0; o < parts.kernel->alias.size(); ++o) {
        const int input = parts.kernel->alias[o];
        if (input < 0) continue;
        for (const Work& w : stages.works) {
            const bool writes = std::find(w.outputs.begin(), w.outputs.end(), static_cast<int>(o)) != w.outputs.end();
            if (writes || w.outputs.empty()) continue;
            for (const int p : w.outputs) {
                for (const ir::NodeId t : ir::tensors(parts.outputs[p].body)) {
                    DLC_ASSERT(parts.input_of[t.value] != input, "a buffer written in place is read only where it is written");
                }
            }
        }
    }
}

}  // namespace

std::span<const KernelClass* const> classes() {
    static const std::vector<const KernelClass*> all = [] {
        std::vector<const KernelClass*> rows;
        for (auto row = kKernelClassRows; *row; ++row) rows.push_back(*row);
        std::stable_sort(rows.begin(), rows.end(), [](auto* a, auto* b) { return a->rank < b->rank; });
        return rows;
    }();
    return all;
}

const KernelClass& class_of(const kernels::Kernel& k, const Target& target) {
    const Parts parts = take_apart(k);
    const Stages stages = stages_of(parts, target);
    return class_of(anchor(stages));
}

std::string describe(const kernels::Kernel& k, const Target& target) {
    const Parts parts = take_apart(k);
    const Stages stages = stages_of(parts, target);
    return describe(anchor(stages));
}

std::string describe(const ir::Graph& graph, ir::NodeId equation, const Target& target) {
    DLC_ASSERT(graph[equation].equation(), "only equations have a class");
    kernels::Extracted alone = kernels::extract(graph, {{equation}, {equation}});
    kernels::Kernel k{std::move(alone.body), {}, {kernels::row_major(graph[equation].shape.size())}, {-1}};
    for (const ir::NodeId input : alone.inputs) k.inputs.push_back(kernels::row_major(graph[input].shape.size()));
    const Parts parts = take_apart(k);
    if (parts.reductions.empty()) return describe(stages_of(parts, target).works.front());
    const Parts::Stage& r = parts.reductions.front();
    Work w{parts, target, space_of_reduction(parts, r, k.outputs.front()), &r, {}};
    if (!graph[equation].equation()->scatter) simplify(w.space, parts, true);
    return describe(w);
}

std::vector<Parameter> parameters(const kernels::Kernel& k, const Target& target) {
    const Parts parts = take_apart(k);
    const Stages stages = stages_of(parts, target);
    const Work& w = anchor(stages);
    const KernelClass& c = class_of(w);
    return c.parameters ? c.parameters(w) : std::vector<Parameter>{};
}

Choice defaults(const kernels::Kernel& k, const Target& target) {
    Choice choice;
    for (const Parameter& p : parameters(k, target)) choice[p.name] = p.choices.front();
    return choice;
}

void build(const kernels::Kernel& k, const Target& target, const Choice& choice, Lowered& lowered) {
    const Parts parts = take_apart(k);
    Stages stages = stages_of(parts, target);
    check_in_place(parts, stages);
    lowered.outputs.resize(k.outputs.size());
    Lowering lowering(parts, lowered);
    for (const Parts::Stage* s : stages.written_out) write_out(parts, *s, lowering);
    if (auto rows = stages.written_out.empty() ? RowPass::of(parts, target) : std::nullopt) {
        for (Work& w : rows->works()) {
            w.choice = choice;
            w.lowering = &lowering;
            w.lowered = &lowered;
        }
        rows->build();
        return;
    }
    const Work* main = &anchor(stages);
    for (Work& w : stages.works) {
        if (&w == main) w.choice = choice;
        w.lowering = &lowering;
        w.lowered = &lowered;
        class_of(w).build(w);
        if (w.inside) stages.works.back().computes = w.computes;
    }
}

ir::Digest Target::digest() const {
    ir::Hasher h;
    h.add(halide).add(static_cast<std::uint64_t>(vector_bytes)).add(static_cast<std::uint64_t>(registers));
    h.add(static_cast<std::uint64_t>(l1_bytes)).add(static_cast<std::uint64_t>(l2_bytes));
    return h.done();
}

Target host() {
    Target t;
    const long l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE), l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    if (l1 > 0) t.l1_bytes = l1;
    if (l2 > 0) t.l2_bytes = l2;
#if defined(__x86_64__)
    __builtin_cpu_init();
    t.halide = "x86-64-linux-sse41";
    t.vector_bytes = 16;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        t.halide += "-avx-avx2-f16c-fma";
        t.vector_bytes = 32;
    }
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
        t.halide += "-avx512-avx512_skylake";
        t.vector_bytes = 64;
        t.registers = 32;
    }
#elif defined(__aarch64__)
    t.halide = "arm-64-linux";
    t.vector_bytes = 16;
    t.registers = 32;
#else
#error "no Halide target is known for this processor"
#endif
    return t;
}

}  // namespace dlc::schedules
