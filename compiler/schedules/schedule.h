// A kernel class: which stages it matches, its tunable parameters, a default that needs no search, and the Halide schedule.
//
// A kernel is a set of stages (space.h): reductions, each with the outputs that can be written as it goes, and pointwise outputs.
// `build` gives every stage the schedule of the first class that matches it; a kernel's own class is that of its anchor, the
// heaviest reduction, or `pointwise` where nothing is reduced.  So a class speaks of one stage and every kernel, whatever its
// stages, has a schedule.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/row.h"
#include "compiler/kernels/kernel.h"

namespace dlc::schedules {

/// The processor code is made for.  The number of threads is no part of it: kernels are cut into tasks by their sizes alone, so one
/// object serves any number of threads and gives the same bits on each.
struct Target {
    std::string halide;     // a Halide target string without runtime: "x86-64-linux-avx2-fma-…"
    int vector_bytes = 32;  // of a register
    int registers = 16;
    std::int64_t l1_bytes = 32 << 10, l2_bytes = 1 << 20;
    ir::Digest digest() const;
};
/// This machine, by CPUID; Halide is not asked.
Target host();

struct Parameter {
    std::string name;
    std::vector<std::int64_t> choices;  // legal for this kernel and target, the default first
    std::string doc;
};
using Choice = std::map<std::string, std::int64_t>;

/// A pipeline ready to compile (lower.h).
struct Lowered;
/// One stage on its way to a schedule (stage.h).
struct Work;

struct KernelClass {
    std::string_view name;
    std::string_view doc;
    int rank = 0;  // classes are asked in order of rank, the lowest first; `loops`, the total fallback, is last
    bool (*match)(const Work&);
    /// What tells such a stage from others of the class: "NT", "2d", "max".  Null: nothing.
    std::string (*detail)(const Work&);
    /// Of the stage that gave the kernel its class.  Null: none.
    std::vector<Parameter> (*parameters)(const Work&);
    void (*build)(Work&);
    bool nests = false;  // `build` can make a scratch array for one task of its reader at a time (Work::inside)
};
/// All classes by rank (from the files of this folder).
std::span<const KernelClass* const> classes();
const KernelClass& class_of(const kernels::Kernel&, const Target&);
/// The class with its detail, as reports say it: "gemm NT", "conv 2d", "reduce rows max".
std::string describe(const kernels::Kernel&, const Target&);
/// The same of one equation by itself, everything stored row-major.
std::string describe(const ir::Graph&, ir::NodeId equation, const Target&);
std::vector<Parameter> parameters(const kernels::Kernel&, const Target&);
Choice defaults(const kernels::Kernel&, const Target&);
/// Makes the pipeline: arguments are in0, in1, …, out0, out1, … in this order.  A parameter that `choice` does not name has its
/// default.
void build(const kernels::Kernel&, const Target&, const Choice& choice, Lowered&);

}  // namespace dlc::schedules
