// The derivative of a body, the expression inside one equation.
#pragma once
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::autodiff {

using ShapeOf = std::function<const ir::Shape&(ir::NodeId)>;

/// d body when each read changes by `of(read)`; both are empty where nothing changes.  A read with `else` changes by its own amount
/// inside its tensor and by the amount of the `else` outside.  `box` holds the body's variables.
ir::Expr tangent(const ir::Expr& body, const std::function<ir::Expr(const ir::Expr& read)>& of, const ShapeOf&, const ir::Box& box);

/// A summand of an adjoint: it exists where the predicates hold.
struct Summand {
    std::vector<ir::Predicate> where;
    ir::Expr body;
};
/// seed * derivative as few summands: conditions on indices become predicates, other conditions stay around the product, so that a
/// branch not taken contributes 0 whatever the seed; equal terms are counted and terms with equal predicates added, with the seed
/// as a factor of the sum.
std::vector<Summand> summands(const ir::Expr& seed, const ir::Expr& derivative);

/// The origin of what belongs to the derivative of `value`, whose name it takes: `d_` makes the adjoint of `h` `d_h`.  `equation`
/// is the one differentiated, whose places it has.
ir::Origin named_after(std::string_view prefix, const ir::Node& value, const ir::Node& equation);

}  // namespace dlc::autodiff
