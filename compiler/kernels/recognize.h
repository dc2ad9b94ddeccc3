// What kind of computation an equation is: which index appears in which operand decides, names do not.
//
// An equation is first brought into *viewed* form: an output variable read only through `div m` and `mod m` is two, a view of the
// same memory, and so is a dense mixed radix `n1 n2 v0 + n2 v1 + v2` in a read, which counts as the indices v0, v1, v2.  Roles
// speak of the viewed form's variables.  The product's factors are then grouped by the variables they use.  One group is a
// reduction (or a window reduction), two groups without windows a matrix product, two with windows a convolution; factors without
// reduction variables are the epilogue, factors whose variables lie within another's are that one's prologue.
#pragma once
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::kernels {

enum class Form : std::uint8_t {
    view,        // the same elements in the same order
    transpose,   // one plain read, dimensions permuted
    copy,        // one read at any affine indices, `else` allowed
    gather,      // a read at a data-dependent position, nothing reduced
    interleave,  // select on residues of output indices: the pieces of a strided gradient
    pointwise,   // anything else that reduces nothing
    gemm,
    gemv,
    dot,
    conv,                  // also a gradient with respect to the input
    conv_weight_gradient,  // the same equation with a large "kernel": reduce over space
    window,                // one group with an index made of several variables: pooling
    scan,                  // a reduction whose conditions compare an output with a reduction variable
    reduce_rows,           // the innermost dimension of the operand in memory is reduced
    reduce_columns,
    reduce_product,  // a reduction of a product that is none of the above; `rows` tells the innermost dimension
    scatter,
    library,  // not an equation
};

/// One dimension of a windowed operand: position = stride * out + dilation * red + offset.
struct Window {
    ir::Var out = 0, red = 0;
    std::int64_t stride = 1, dilation = 1, offset = 0;  // dilation < 0: a flipped kernel; offset: minus the padding
    std::size_t dim = 0;                                // of the windowed operand
};

/// A factor that decides the class, with those that ride on it.
struct Operand {
    ir::Expr factor;                 // a read when the class is a gemm, gemv, dot or convolution
    std::vector<ir::Expr> prologue;  // further factors over a subset of its variables; a condition is a factor of 1 or 0
};

struct Recognized {
    Form form = Form::pointwise;
    /// As reports and tests say it: "gemm NT", "conv 2d", "conv weight gradient depthwise 1d", "reduce rows", "window argmax", …
    std::string name;
    ir::Reduce reduce = ir::Reduce::none;
    bool routed = false;  // what is reduced is chosen by data: max-pooling backward
    bool rows = false;    // of a reduction: the innermost dimension of `a` in memory is reduced

    /// The equation over the viewed variables and the extents of its outputs; output i of the node is the dense merge, outermost
    /// first, of the outputs `splits[i]`.  Reads stand at their tensors' own dimensions.
    ir::Equation equation;
    ir::Shape outputs;
    std::vector<std::vector<ir::Var>> splits;

    /// Roles of the variables of the viewed equation (gemm, gemv, dot, conv and its kin).  batch: in both operands and the output
    /// (the groups of a convolution); m: `a` and the output (the positions of a convolution are in `windows`, not here); n: `b` and
    /// the output; k: both operands, reduced (the channels of a convolution, without the windows' variables).
    std::vector<ir::Var> batch, m, n, k;
    /// gemm and kin: `a` holds the first output variable that is not batch.  Convolutions: `a` is the windowed operand (the input),
    /// `b` the kernel.  One group: `a` alone.
    Operand a, b;
    std::vector<Window> windows;
    std::vector<ir::Expr> epilogue;       // factors that use no reduction variable
    char layout_a = 'N', layout_b = 'N';  // gemm: 'N' when a's last dimension is k (b's is n), else 'T'
};

/// Never fails: what nothing else matches is pointwise or a reduction of a product.  Conditions (`equation.where`) do not keep an
/// equation from being a gemm or a convolution; whoever schedules it must look.
Recognized recognize(const ir::Graph&, ir::NodeId);

}  // namespace dlc::kernels
