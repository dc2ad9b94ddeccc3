// Values that do not matter: the shift of a softmax.
//
// `exp(z - m) / sum exp(z - m)` is the same for every m, so the derivative along m is 0.  Left to the rules, it comes out as a sum
// of terms that cancel up to rounding and are routed to the position of a maximum.  Here it is proved instead: adding t to m adds k
// t to a value or multiplies it by e^(k t), for a k that follows through differences, exponentials, sums and quotients; where k is
// 0 the value does not depend on m.
#pragma once
#include <span>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::autodiff {

/// Whether adding any amount to each element of `shift` leaves every one of `values` as it is.  False where that is not proved.
bool is_immaterial(const ir::Builder&, ir::NodeId shift, std::span<const ir::NodeId> values);

}  // namespace dlc::autodiff
