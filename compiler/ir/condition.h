// Bool expressions read back as predicates: the inverse of `holds`.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "compiler/ir/expr.h"

namespace dlc::ir {

/// An integer expression as an index: constants, index values, sums, differences, integer multiples of these.  Reads are left alone
/// (nothing is returned): the value of a tensor is a condition of another kind.
std::optional<Index> as_index(const Expr&);
/// The predicates whose conjunction is the condition, sorted; none for `true`.  Nothing is returned for a condition that is no
/// conjunction of comparisons of indices.
std::optional<std::vector<Predicate>> as_predicates(const Expr& condition);
/// The predicate that holds where this one does not.
Predicate negated(const Predicate&);

}  // namespace dlc::ir
