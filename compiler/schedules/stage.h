// One stage and what its schedule is made of: the Halide functions that hold results, cutting for threads, vectors.
#pragma once
#include <Halide.h>

#include "compiler/schedules/lower.h"

namespace dlc::schedules {

struct Work {
    const Parts& parts;
    const Target& target;
    Space space;                              // simplified
    const Parts::Stage* reduction = nullptr;  // none: a pointwise stage
    std::vector<int> outputs;                 // none: a scratch array, read by later stages
    bool inside = false;                      // a scratch array that its reader computes as it goes
    bool of_row = false;  // of a row pass (row_pass.h): variable 0 is the row, `row_variable` its name everywhere
    Choice choice = {};
    Lowering* lowering = nullptr;  // null while only the class is asked for
    Lowered* lowered = nullptr;
    std::vector<Halide::Func> computes = {};  // of a stage that is `inside`, what its reader computes; of the reader the same

    ir::Reduce reduce() const;
    std::int64_t choose(std::string_view parameter, std::int64_t otherwise) const;
    /// Lanes of a vector of the widest real type the stage computes with.
    int lanes() const;
    /// Scalar operations, roughly.
    double cost() const;
};

/// The row, in all stages of a row pass.
Halide::Var row_variable();

/// The function a stage writes: one component for each value of the space, arguments innermost in memory first.
struct Result {
    Halide::Func func;
    std::vector<Halide::Var> vars;     // by output variable of the space
    std::vector<int> order;            // output variables, innermost first
    int vector = -1;                   // the output variable that becomes vectors, if not the innermost
    Halide::Func staged;               // defined: holds the values in another order of memory, for `func` to copy
    std::optional<Halide::Var> level;  // the loop over the outermost variable, once scheduled
    Halide::Var var(std::size_t i) const { return vars[order[i]]; }
};
/// Defines it.  `fused` answers the value of the fused reduction at this point.  An output's bounds and strides are fixed; a
/// scratch array is computed at root and can be read by later stages.
/// With `staged_by`, an output variable, the values go first to a function in which that variable is the innermost.
Result define(Work&, const std::function<Halide::Expr(const Values&)>& fused = {}, int staged_by = -1);
/// The out variables by the stride of the first value, innermost first.
std::vector<int> storage_order(const Space&);

/// Vectors along the innermost variable, tasks over the outermost ones; for stages without a reduction at their core.
void schedule_pointwise(const Work&, Result&);

/// The reduction's terms over its variables, `Values` by variable of the space.
Halide::Tuple term_at(Work&, const Values&, const Halide::Expr& condition = Halide::Expr());
/// The same inside an update over `r`.  It names `r` even where no term depends on it: Halide runs an update that does not once.
Halide::Tuple term_over(const Halide::RDom& r, Work&, const Values&, const Halide::Expr& condition = Halide::Expr());
/// What a function holds at a position, and giving it a value there, for one component as for several.
Halide::Tuple held(const Halide::Func&, const std::vector<Halide::Expr>& at);
void assign(Halide::Func, const std::vector<Halide::Expr>& at, const Halide::Tuple& value);
/// `count` terms combined two by two, in a fixed order.
Halide::Tuple combine(const Accumulator&, int count, const std::function<Halide::Tuple(int)>& term);
/// Position `at` of a variable of this extent: itself when `inside`, else clamped, with the condition in `holds`.
Halide::Expr bounded(const Halide::Expr& at, std::int64_t extent, bool inside, Halide::Expr& holds);
/// The read that moves along most variables, and which of them is innermost in memory: -1 when none moves by one element.
int dense_variable(const Work&);

/// Elements between neighbours along a variable: of the flat read that the factor is, or of its first read; 0 when it does not
/// move.
std::int64_t stride_along(const ir::Expr& factor, int variable, const Work&);

/// Loops next to each other, innermost first and at least one, become one; returns it.
Halide::Var fuse_all(Halide::Stage, const std::vector<Halide::Var>& loops);
/// Into how many tasks a stage of this cost (scalar operations, not counting vectors) is cut: enough to share, each worth starting.
std::int64_t tasks_for(double cost);
std::int64_t ceil_div(std::int64_t a, std::int64_t b);
int floor_power_of_two(std::int64_t);

}  // namespace dlc::schedules
