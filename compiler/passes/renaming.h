// An equation's variables in another order and count.
#pragma once
#include <vector>

#include "compiler/ir/expr.h"

namespace dlc::passes {

struct Renaming {
    std::vector<ir::Index> by;
    ir::Box box;
    ir::Expr operator()(const ir::Expr& x) const { return ir::substitute(x, by, box); }
    ir::Index operator()(const ir::Index& x) const { return x.substitute(by, box); }
    ir::Predicate operator()(const ir::Predicate& p) const { return {p.kind, p.index.substitute(by, box)}; }
};
/// Variables `order` become 0, 1, …; no other is used.
Renaming renaming(const std::vector<ir::Var>& order, const ir::Shape& extents);

}  // namespace dlc::passes
