// What a reduction does to a derivative, shared by both modes: a sum passes it on, an extremum routes it to the element that won, a
// product multiplies it by the product of all the others.
#pragma once
#include "compiler/autodiff/derivative.h"

namespace dlc::autodiff {

/// The part of d out / d body that the reduction of `node` gives, at one point of its domain.
struct Slope {
    std::vector<ir::Predicate> where;  // it is 0 elsewhere; includes the equation's own predicates
    ir::Expr factor;                   // empty: 1
};

/// Appends what the slope reads (positions of extrema, products of the others).  Nothing for argmax and argmin: they have no slope.
std::optional<Slope> slope(ir::Builder&, ir::NodeId node);

/// A running product of more than a few elements, `y[…, k] = prod[j | j <= k](x[…, j])` or from the end, computed once more as a
/// recurrence: its derivative is one that takes a step for each element too, and is exact at zeros to any order.
struct RunningProduct {
    ir::NodeId factors;  // [steps, …the other axes], pointwise
    ir::NodeId product;  // as the node: of `factors` alone
};
std::optional<RunningProduct> running_product(ir::Builder&, ir::NodeId node);

/// The row-major position among variables `first`, `first + 1`, … of the given extents.
ir::Index flat_position(ir::Var first, const ir::Shape& extents);

}  // namespace dlc::autodiff
