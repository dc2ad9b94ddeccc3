// Sums of products of two operands: matrix products, convolutions and their gradients, by the roles of their variables.
//
//     out[batch, m, n] = scale · sum over k of a[batch, m, k] · b[batch, k, n]
//
// n holds the variable that becomes vectors.  A convolution is the same with *windows*: a is read where `stride·out + dilation·red`
// of an m and a k variable add up, which one staged copy of a serves for all of the window.
#pragma once
#include "compiler/schedules/stage.h"

namespace dlc::schedules {

struct Contraction {
    ir::Expr a, b;                    // over the space's variables
    ir::Expr scale;                   // may be empty
    std::vector<int> batch, m, n, k;  // variables, each by stride of what it mostly moves through, smallest first
    struct Window {
        int out, red;  // of m, of k
        std::int64_t stride, dilation;
    };
    std::vector<Window> windows;          // of a; only where a cannot be read in place
    bool a_flat = false, b_flat = false;  // one read at one flat position: need no copy
    std::vector<int> positions, taps;     // of the output and of k, where positions share elements of one operand: a convolution
    bool patches = false;                 // that operand is b: its panels are patches copied side by side
    bool convolves() const { return !taps.empty(); }
};
/// The roles, or nothing when the stage is no such sum.
std::optional<Contraction> contraction_of(const Work&);

/// "NT" and the like: of the operand with the outermost output variable, then of the other one, whether it is transposed from
/// a[m, k] and b[k, n] with the last index dense in memory.
std::string layouts(const Work&, const Contraction&);
/// Of a convolution: "2d".
std::string dimensions(const Contraction&);
/// Elements of these variables together.
std::int64_t volume_of(const Work&, const std::vector<int>& variables);

/// The m variable whose values share a register tile: the innermost in memory that is long enough.
int tiled_row(const Work&, const Contraction&);

/// A register tile: `rows` values of m by `vectors` vectors of n.
struct Tile {
    int rows = 1, vectors = 1;
};
/// Tiles that fit the target's registers.
std::vector<Tile> register_tiles(const Target&);
/// The tile that wastes least on an m by n result of sums over k.  `uneven`: the share of its speed that a tile keeps which does
/// not divide m and n.
Tile best_tile(const Target&, std::int64_t m, std::int64_t n, std::int64_t k, int lanes, double uneven = 1);
/// Lanes for this element type and extent: a narrow n takes a shorter vector.
int contraction_lanes(const Work&, const Contraction&);

/// Whether neighbours of b in memory are terms of the sum, along its variable `k`, and not columns, and blocks of four by four fit
/// a copy of `length` of these terms into panels of `width` columns.
bool is_transposed(const Work&, const Contraction&, int k, std::int64_t length, std::int64_t width);
/// The loops of such a copy, whose first arguments are the column within a panel and the term.
void schedule_transposed_copy(Halide::Func);

/// `a` rewritten over staged positions: windows replaced by one variable each.
struct Staged {
    ir::Expr value;  // over the space's variables and, after them, one variable per window
    ir::Box box;
    std::vector<std::int64_t> shift;  // by window: staged position = stride·out + dilation·red + shift
};
Staged stage_windows(const Work&, const Contraction&);

/// The operands as functions of all variables of the space.
class Operands {
public:
    Operands(Work&, const Contraction&);
    /// Copies a when it cannot be read in place; `defined` tells.
    Halide::Func a_copy, b_copy;
    Halide::Expr a(const Values& at);
    /// b packed in panels of `width` along n[0]; call `pack` first.
    Halide::Expr b(const Values& at);
    /// Where along n[0]: within the panel and which panel.
    Halide::Expr b_packed(const Values& at, const Halide::Expr& within, const Halide::Expr& panel);
    void pack(int width);
    /// Schedules for the copies' innermost loops; where they are computed is the caller's.
    void schedule_a(int lanes);
    void schedule_b(int lanes);

private:
    Work& work_;
    const Contraction& c_;
    std::optional<Staged> staged_;
    std::vector<Halide::Var> a_args_, b_args_;
    std::vector<int> a_vars_, b_vars_;  // variables of the space; windows from space.extents.size() on
    int width_ = 0;
};

}  // namespace dlc::schedules
