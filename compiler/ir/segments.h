// A recurrence in segments, for derivatives in memory of the root of its length.
//
// A derivative of a loop reads what each step computed.  Cut into about √T segments of about √T steps, a loop of T steps is a loop
// over segments around a loop over the steps of one.  The inner one is made in a checkpoint: of the whole sequence only the carries
// at the segments' beginnings are kept, and the values of one segment at a time, computed again (Chen et al. 2016, section 4).
#pragma once
#include <cstdint>
#include <vector>

#include "compiler/ir/loop.h"

namespace dlc::ir {

/// The steps of one segment: a divisor of `steps` near its root if there is one, else the root, and the last segment is shorter.
std::int64_t segment_length(std::int64_t steps);

struct Segmented {
    std::vector<NodeId> stacks;  // of the values the body yields
    std::vector<NodeId> totals;  // of counts: their sums over the steps
};

/// The loop of `body` over `steps` > 0 steps, in segments.  The first of its yields are values, the last `counts` of them numbers
/// to be added up.  The steps of a segment are in checkpoint `checkpoint`; what is kept is in the one `around`, 0 for none.
Segmented segmented(Builder&, const LoopBody& body, std::int64_t steps, std::size_t counts, std::uint32_t checkpoint,
                    std::uint32_t around);

}  // namespace dlc::ir
