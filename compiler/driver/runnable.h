// A graph brought to machine code and laid out in memory: leaves and results by name.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "compiler/codegen/compile.h"
#include "compiler/ir/interpreter.h"
#include "compiler/kernels/kernel.h"
#include "runtime/train/plan_program.h"

namespace dlc::driver {

/// How many threads a count means; 0: one for each processor.
int thread_count(int count);
/// The pool all runnables of this process share, made at the first call with that many threads.
runtime::ThreadPool& threads(int count);

struct CompileSettings {
    int threads = 0;
    bool cache = true;  // on disk
    std::function<void(std::size_t done, std::size_t total, bool from_cache)> progress = {};
    std::function<schedules::Choice(const kernels::Kernel&)> choose = {};  // parameters of kernel classes other than the defaults
    std::optional<std::int64_t> memory_limit = {};  // bytes that the program may take; values are computed again where it must
};

/// What a memory limit changed.
struct Recomputation {
    std::int64_t workspace = 0, workspace_without = 0;          // bytes, with the limit and without
    std::int64_t multiply_adds = 0, multiply_adds_without = 0;  // of one run
};

/// Where the seconds between a graph and its first run went.
struct CompileTimes {
    double passes = 0, plan = 0, codegen = 0, memory = 0;
    std::size_t kernels = 0, from_cache = 0;
    bool plan_from_cache = false;  // then there were no passes
};

/// A typed view of one tensor's memory, row-major.
struct TensorView {
    ir::Type type;
    const ir::Shape* shape;
    std::span<std::byte> bytes;
};
/// Element `i` as a double, and the other way round: integers are exact to 2^53, reals are rounded to the type.
double load(const TensorView&, std::size_t i);
void store(const TensorView&, std::size_t i, double value);
ir::Tensor to_tensor(const TensorView&);
/// Fails an assertion when the shapes differ.
void assign(const TensorView&, const ir::Tensor&);

class Runnable {
public:
    /// Runs the passes, plans, compiles and allocates; what the cache has of that is taken from there.  Every leaf starts as zeros.
    /// Fails with source::UserError where there is no memory for that (E0504), or it cannot be done within the limit (E0505).
    Runnable(const ir::Graph&, const CompileSettings&);
    ~Runnable();
    Runnable(Runnable&&) noexcept;

    const kernels::Layout& layout() const;
    const CompileTimes& times() const;
    /// Empty where there was no limit or everything fits as it is.
    const std::optional<Recomputation>& recomputation() const;
    const dlc_plan& c_plan() const;

    /// The leaf's memory; empty bytes when the passes found that nothing depends on it.  False from `has_leaf`: there is none.
    TensorView leaf(const std::string& name);
    bool has_leaf(const std::string& name) const;
    TensorView result(std::size_t number);  // of layout().results
    TensorView result(const std::string& name);
    train::PlanProgram& program();
    /// Runs every kernel and then looks at the checks.  Fails with source::UserError (E0502) when one does not hold.
    void run();
    std::int64_t memory_bytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace dlc::driver
