// Reductions of one operand: along rows, along columns, or of everything.
//
// Two levels stand between the terms and the result, both fixed by the extents alone, so the result is the same on any number of
// threads: *lanes* give independent vector accumulators along a reduced variable that is dense in memory, *chunks* cut a reduced
// variable into tasks.  Lanes and chunks are combined two by two.  This is also what keeps rounding small.
#pragma once
#include "compiler/schedules/stage.h"

namespace dlc::schedules {

struct ReductionPlan {
    int lane_variable = -1;   // reduced, dense in memory; -1: vectors run along the innermost output variable
    int vectors = 4;          // of lanes
    int chunk_variable = -1;  // reduced; -1: one chunk
    std::int64_t chunks = 1;
    int vector_variable = -1;  // without lanes, the output variable that vectors run along; -1: the innermost
    bool together = false;     // then also: all others of the output side by side for one vector, as the taps of a kernel are
};
/// The operator; before it "window" when outputs share elements of what is read ("depthwise" when these are weighted), "scan" when
/// an output decides which terms count.
std::string reduction_detail(const Work&);
/// The reduced variable that a chunk cuts best: the longest that is not `but`, else `but`.
int longest_reduced(const Work&, int but);
void build_reduction(Work&, const ReductionPlan&);

}  // namespace dlc::schedules
