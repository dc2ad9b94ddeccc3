// A kernel class: which kernels it matches, its tunable parameters, a default that needs no search, and the Halide pipeline.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/kernels/kernel.h"

namespace Halide { class Pipeline; }

namespace dlc::schedules {

/// The processor code is made for.
struct Target {
    std::string halide;        // a Halide target string without runtime: "x86-64-linux-avx2-fma-…"
    int vector_bytes = 32;     // of a register
    int registers = 16;
    int threads = 2;           // kernels are cut for this many; results never depend on it
    std::int64_t l1_bytes = 32 << 10, l2_bytes = 1 << 20;
    ir::Digest digest() const; // of all but `threads` where it does not change code
};
/// This machine, by CPUID.
Target host(int threads);

struct Parameter {
    std::string name;
    std::vector<std::int64_t> choices;  // legal for this kernel and target, the default first
    std::string doc;
};
using Choice = std::map<std::string, std::int64_t>;

/// The pipeline of one kernel, ready to compile: arguments are in0, in1, …, out0, out1, … in this order.
struct Lowered;

struct KernelClass {
    std::string_view name;
    std::string_view doc;
    int rank = 0;  // classes are asked in order of rank, the lowest first; pointwise-with-a-loop, the total fallback, is last
    bool (*match)(const kernels::Kernel&);
    std::vector<Parameter> (*parameters)(const kernels::Kernel&, const Target&);
    void (*build)(const kernels::Kernel&, const Target&, const Choice&, Lowered&);
};
/// All classes by rank (from the files of this folder).
std::span<const KernelClass* const> classes();
const KernelClass& class_of(const kernels::Kernel&);
Choice defaults(const KernelClass&, const kernels::Kernel&, const Target&);

}  // namespace dlc::schedules
