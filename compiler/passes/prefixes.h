// Reductions that are the same for all values of an output variable but for where they stop.
#pragma once
#include <optional>
#include <vector>

#include "compiler/ir/cost.h"

namespace dlc::passes {

/// Of `y[…, k…] = reduce[…, j | j <= at(k…)](…)`, k in nothing else: how far j runs.
struct Stop {
    std::size_t predicate;       // which of the conditions says so
    ir::Var variable;            // j
    bool from_end;               // j >= at
    std::vector<ir::Var> order;  // j where the first of k stands, among the output variables that terms depend on
    ir::Index at;                // over the output variables; outside of j's range no term or all of them are taken
};
/// Nothing where the equation is no such reduction, or one so short that it is as well done for each value.
std::optional<Stop> stop_of(const ir::Node&);

}  // namespace dlc::passes
