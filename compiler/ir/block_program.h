// One equation compiled for evaluation: instructions over blocks of points.
//
// A block is up to 256 consecutive points of some of the equation's variables, its lanes; the other variables are stepped through
// one point at a time.  Where the outputs are many they are the lanes and the reduction is stepped; where they are few it is the
// other way round; a scatter has lanes only.  Every register holds one number a lane.  What does not depend on the stepped
// variables is computed once a block. An affine index is `base[lane] + offset`, with the base made once a block and the offset once
// a step.
//
// Reads that may leave their tensor are evaluated under a mask, the points at which the expression is asked for: where the
// predicates hold, on the chosen side of a `select`, outside for an `else`.  All else is evaluated at every lane, which has no
// effect where it is not asked for.
#pragma once
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "compiler/ir/interpreter.h"

namespace dlc::ir {

class BlockProgram {
public:
    /// `value_of` gives the tensors the equation reads; they outlive the program.
    BlockProgram(const Node& equation, const std::function<const Tensor&(NodeId)>& value_of);
    /// The equation's value.  Fails with source::UserError (E0502) where a read or a scatter leaves its tensor.
    std::vector<double> run();

private:
    static constexpr std::int64_t kLanes = 256;

    struct Linear;
    struct AtomValue;
    struct Dimension {
        int linear;
        std::int64_t extent;
    };
    struct Instruction;

    struct Linear {
        std::int64_t constant = 0;
        std::vector<std::pair<int, std::int64_t>> lanes, stepped;           // (slot of a variable, coefficient)
        std::vector<std::pair<int, std::int64_t>> block_atoms, step_atoms;  // (slot of an atom, coefficient)
        std::vector<std::int64_t> base;                                     // a lane
        bool strided = false;                                               // base[l] == base[0] + stride * l
        std::int64_t stride = 0;
        std::int64_t offset = 0;
        std::vector<std::int64_t> whole;  // base + offset + atoms of the step, where there are some
        bool changes() const { return !stepped.empty() || !step_atoms.empty(); }
    };
    struct AtomValue {
        Atom::Kind kind = Atom::div;
        int dividend = 0;  // linear
        std::int64_t modulus = 1;
        const Tensor* tensor = nullptr;
        int flat = 0;  // linear
        std::vector<Dimension> dimensions;
        bool changes = false;
        std::vector<std::int64_t> values;
    };
    struct Instruction {
        enum Op { read, checked_read, else_read, outside, index, chosen, select, add, sub, mul, call } op = call;
        bool changes = false;  // with the step
        int out = 0;           // register, or mask for `outside` and `chosen`
        std::vector<int> args;
        int linear = 0;
        const Tensor* tensor = nullptr;
        std::vector<Dimension> dimensions;  // those that may be left
        int mask = 0;                       // under which it is asked for
        bool negated = false;               // `chosen`: where the condition fails
        const Scalar* scalar = nullptr;
        Type type = Type::f64;
    };
    struct Mask {
        std::vector<unsigned char> on;
        bool all = true, any = true;
    };

    void choose_lanes();
    int linear(const Index&);
    int atom(const Atom&);
    int flat(const std::vector<Index>& at, const Shape&);
    bool inside(const Index&, std::int64_t extent) const;
    std::vector<Dimension> leavable(const std::vector<Index>& at, const Shape&);
    bool asks(const Expr&);  // whether it holds a read that may fail
    int compile(const Expr&, int mask);
    int emit(Instruction);
    bool changes(int linear) const { return linears_[static_cast<std::size_t>(linear)].changes(); }
    bool changes(const std::vector<Dimension>&) const;

    void start_block(std::int64_t first, std::int64_t count);
    void start_step();
    void evaluate(AtomValue&);
    bool evaluate_where();
    void execute(const Instruction&);
    void execute(bool changing);
    void accumulate_lanes(std::int64_t step);
    void accumulate_step(std::int64_t first, std::int64_t step);
    void scatter(std::vector<double>& out);
    /// Calls use(lane, position) for every lane.
    template <class Use>
    void each(const Linear&, const Use&) const;
    std::int64_t position(const Linear& linear, std::int64_t lane) const {
        const auto l = static_cast<std::size_t>(lane);
        return linear.step_atoms.empty() ? linear.base[l] + linear.offset : linear.whole[l];
    }
    double* reg(int r) { return registers_.data() + static_cast<std::ptrdiff_t>(r) * kLanes; }
    [[noreturn]] void fail_outside(const char* what, const std::vector<Dimension>&, std::int64_t lane) const;

    const Node& node_;
    const Equation& equation_;
    std::function<const Tensor&(NodeId)> value_of_;
    Shape extents_;
    Box box_;
    bool outputs_are_lanes_ = true;
    std::vector<int> slot_;  // of a variable among the lanes', else -1 - its slot among the stepped
    Shape lane_extents_, step_extents_;

    std::vector<Linear> linears_;
    std::vector<AtomValue> atoms_;
    std::vector<std::pair<bool, int>> order_;  // (is an atom, slot): each after what it uses
    std::map<Index, int> known_linears_;
    std::map<Atom, int> known_atoms_;
    std::vector<std::pair<Predicate::Kind, int>> where_;
    std::vector<Dimension> map_;
    int map_flat_ = 0;
    std::vector<Instruction> block_, step_;
    std::map<std::pair<Digest, int>, int> compiled_;
    std::unordered_map<Digest, bool> asks_;
    std::vector<int> outer_mask_;  // the mask that holds wherever this one does
    std::vector<Mask> masks_;
    std::vector<bool> register_changes_;  // with the step
    std::vector<std::pair<int, double>> constants_;
    std::vector<double> registers_;
    int result_ = 0;

    std::int64_t count_ = 0;  // lanes of this block
    std::vector<std::vector<std::int64_t>> lane_values_;
    std::vector<std::int64_t> step_values_;
    std::vector<double> best_;
    std::vector<std::int64_t> best_at_;
};

}  // namespace dlc::ir
