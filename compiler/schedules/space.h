// Iteration spaces: a stage of a kernel, brought to the form in which its schedule is chosen.
//
// A kernel is taken apart into *stages*: every equation that reduces, and every output.  Pointwise nodes are inlined into what
// reads them.  A stage's variables are then changed until the memory it touches is simple: variables of extent 1 go, an index under
// `div` or `mod` becomes digits, neighbours that are one dimension of every operand are fused.  Storage orders disappear here: a
// read that is provably inside its tensor becomes a read at one flat position, in elements.  Schedules look only at the strides
// that remain.
#pragma once
#include <functional>
#include <map>
#include <vector>

#include "compiler/ir/cost.h"
#include "compiler/kernels/kernel.h"

namespace dlc::schedules {

/// A kernel taken apart.
struct Parts {
    /// One equation with pointwise nodes inlined: it reads leaves, constants and reducing nodes only.
    struct Stage {
        ir::NodeId node;
        ir::Expr body;
        std::vector<ir::Predicate> where;
    };
    const kernels::Kernel* kernel = nullptr;
    std::vector<Stage> reductions;  // in topological order; scatters are among them
    std::vector<Stage> outputs;     // one for each output; of an output that reduces, a read of that node
    std::vector<int> input_of;      // by node: the number of the leaf's buffer, or -1
    const ir::Node& node(ir::NodeId id) const { return kernel->body[id]; }
    const Stage* reduction(ir::NodeId) const;
    /// Outputs and reductions that read this node.
    std::size_t readers(ir::NodeId) const;
    bool in_place() const;
};
Parts take_apart(const kernels::Kernel&);

/// The iteration space of one stage, or of several outputs of one shape.
struct Space {
    std::size_t outs = 0;  // variables [0, outs) are the output's, the others are reduced
    ir::Shape extents;
    std::vector<ir::Expr> values;    // what is written, over output variables; a reduction fused into it is a read without indices
    std::vector<ir::Index> offsets;  // where, in elements from the buffer's start
    ir::NodeId reduction;            // of the reduction fused into the values, or none
    ir::Expr term;                   // its body, over all variables
    ir::Index position;              // argmax: row-major position among the reduced variables
    std::vector<ir::Predicate> where;
    std::vector<ir::Index> origin;  // each output variable by the first ones, those of the tensor
    ir::Shape original;             // the extents of those
    ir::Box box() const { return ir::box_of(extents); }
    std::int64_t out_volume() const;
    std::int64_t reduced_volume() const;
    std::optional<ir::Prefix> prefix() const;  // where the reduction is a running one
};

/// Of outputs of one shape, with no reduction fused.
Space space_of_outputs(const Parts&, std::span<const int> outputs);
/// Of a reduction on its own, stored dense in this order; its value is a read of `reduction` without indices.
Space space_of_reduction(const Parts&, const Parts::Stage&, const kernels::Order&);
/// Of a reduction with the outputs that read it at their own position fused; nullopt when their indices do not allow it.
std::optional<Space> space_of_fused(const Parts&, const Parts::Stage&, std::span<const int> outputs);

/// Simplifies the variables.  `split_innermost`: whether an output variable of stride 1 may become digits.
void simplify(Space&, const Parts&, bool split_innermost);

/// Variables first, …, last - 1, all of them outputs or all reduced, become one, the first the outermost.
void join(Space&, ir::Var first, ir::Var last, const Parts&);

/// Every index in an expression: of index values and of reads (`flat` for the position of a flat read).
void each_index(const ir::Expr&, const std::function<void(const ir::Index&, bool flat)>&);
/// Whether one position is reached with different values of an output and a reduced variable, as windows do.  At a flat position
/// strides tell: windows side by side, of a kernel as wide as its stride, share nothing.
bool shares_elements(const ir::Index&, bool flat, int out, int reduced, const Space&);
/// The same for any read and any two variables.
bool slides(const ir::Expr&, const Space&);
/// Whether a read is at one flat position of its buffer.
bool is_flat(const ir::ExprNode& read, const Parts&);
/// Joins `m (e div m) + (e mod m)` to e, at any depth of a mixed radix.
ir::Index recombine(const ir::Index&, const ir::Box&);

}  // namespace dlc::schedules
