// Runs one kernel as the compiler would (object, linker, executor) or with every check of Halide's on, and compares with the
// interpreter.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "compiler/codegen/compile.h"
#include "compiler/ir/interpreter.h"
#include "compiler/kernels/kernel.h"
#include "compiler/schedules/schedule.h"

namespace dlc::test {

using Values = std::map<std::string, ir::Tensor>;

/// Leaves in0, … and results out0, … of the graph, all row-major, nothing in place.
kernels::Kernel kernel_of(ir::Graph);
/// Values for the leaves; integers lie in [0, below).
Values random_values(const kernels::Kernel&, std::mt19937& random, std::int64_t below = 4);

/// The target of this machine, and one without its widest vectors.
schedules::Target wide();
schedules::Target narrow();
/// Every register file this machine has: with AVX-512, with AVX2, and with SSE alone.
std::vector<schedules::Target> targets();

/// Compiled, linked, loaded; then executed on each of these numbers of threads.  Fails when memory between buffers was written, or
/// an input that is not written in place.
std::vector<Values> run(const kernels::Kernel&, const Values& inputs, const schedules::Target&, std::vector<int> threads,
                        const schedules::Choice& = {});
/// In this process, with Halide's checks of every access on; inputs, outputs and heap arrays end at a page that cannot be touched.
Values run_checked(const kernels::Kernel&, const Values& inputs, const schedules::Target&, const schedules::Choice& = {});

/// Each result within `relative` of the interpreter's, scaled by the largest value of the result.
void expect_meaning(const kernels::Kernel&, const Values& inputs, const Values& results, double relative);
/// The same against known results; and two runs against each other.
void expect_values(const kernels::Kernel&, const Values& wanted, const Values& results, double relative);
void expect_same_bits(const Values&, const Values&);
/// Everything above for random inputs: checked for both targets; compiled for this machine's on one and three threads, which must
/// agree bit for bit.
void expect_right(const kernels::Kernel&, std::mt19937& random, double relative = 1e-5, std::int64_t below = 4);

}  // namespace dlc::test
