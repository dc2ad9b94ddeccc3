// From index equations to Halide: indices, conditions, scalar expressions.
//
// Every buffer is one flat Halide dimension; positions are computed here, from storage orders, so a read that was brought to one
// flat index (space.h) becomes one load at one affine address.  A read that may leave its tensor loads from the nearest position
// inside and then chooses; both the clamp and the choice are marked likely, so Halide splits loops at the border and the interior
// is a plain vector load.
#pragma once
#include <Halide.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compiler/schedules/schedule.h"
#include "compiler/schedules/space.h"

namespace dlc::schedules {

/// A pipeline ready to compile.
struct Lowered {
    struct Output {
        std::string name;                       // of the argument it became
        std::vector<halide_dimension_t> shape;  // the dimensions it is written in: others than the tensor's, the same memory
    };
    std::vector<Halide::ImageParam> inputs;
    std::vector<Halide::Func> functions;  // may be tuples
    std::vector<Output> outputs;
};

/// Element type in memory: a bool is a byte, f16 and bf16 are their bits.
Halide::Type stored_type(ir::Type);
/// The value as stored, and back.
Halide::Expr stored(const Halide::Expr&, ir::Type);
Halide::Expr loaded(const Halide::Expr&, ir::Type);

/// Values of variables, by number.
using Values = std::vector<Halide::Expr>;

class Lowering {
public:
    /// Makes the inputs of `lowered`.
    Lowering(const Parts&, Lowered& lowered);
    const Parts& parts() const { return parts_; }

    /// How a reducing node is read: `at` as in the read (empty: the value at this point, of a fused reduction).  An input may have
    /// one too, for its reads that are not flat: a copy in another order.
    using Reader = std::function<Halide::Expr(const Values& at)>;
    void provide(ir::NodeId, Reader);
    /// How an expression is read instead of computed, in stages whose variables are those it is written with.
    void provide(const ir::Expr&, Reader);

    Halide::Expr value(const ir::Expr&, const Values& variables, const ir::Box&);
    /// The same, computed even if it is provided.
    Halide::Expr computed(const ir::Expr&, const Values& variables, const ir::Box&);
    Halide::Expr index(const ir::Index&, const Values& variables, const ir::Box&);
    /// `true` for none.
    Halide::Expr holds(std::span<const ir::Predicate>, const Values& variables, const ir::Box&);

private:
    class Scope;
    Halide::Expr element(ir::NodeId, const Halide::Expr& position);
    const Parts& parts_;
    Lowered& lowered_;
    std::map<ir::NodeId, Reader> readers_;
    std::map<ir::Digest, Reader> shared_;
    std::map<ir::NodeId, Halide::Buffer<>> constants_;
};

/// The running value of a reduction: one component, or value and position for argmax and argmin.  NaN wins; ties go to the
/// smaller position, in whatever order terms arrive.
class Accumulator {
public:
    Accumulator(ir::Reduce reduce, ir::Type result, ir::Type term) : reduce_(reduce), result_(result), term_(term) {}
    Halide::Tuple identity() const;
    Halide::Tuple step(const Halide::Tuple& so_far, const Halide::Tuple& term) const;
    /// A term where `condition` holds, else the identity.  `value` is converted.
    Halide::Tuple term(const Halide::Expr& value, const Halide::Expr& position, const Halide::Expr& condition) const;
    /// What the reduction is worth.
    Halide::Expr result(const Halide::Tuple&) const;
    bool located() const { return reduce_ == ir::Reduce::argmax || reduce_ == ir::Reduce::argmin; }

private:
    Halide::Type type() const;
    ir::Reduce reduce_;
    ir::Type result_, term_;
};
/// The accumulator of a reducing node.
Accumulator accumulator_of(const Parts&, const Parts::Stage&);

}  // namespace dlc::schedules
