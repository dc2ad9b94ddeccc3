// Time for memory: a training step that computes values of its forward pass again for its backward pass instead of keeping them.
//
// The forward pass is cut into segments of about equal bytes where little crosses from one to the next; what crosses is kept, and
// what a segment computes between is computed again when its derivatives are taken (Chen, Xu, Zhang & Guestrin 2016,
// arXiv:1604.06174); of the last segment only what takes no sum of products.  Of several numbers of segments that is taken which
// meets the limit with the least work, and of its values no more than the limit asks for, those first that are lightest for their
// bytes.  What fits is decided by the plan itself, so the limit is met to the byte.
#pragma once
#include "compiler/kernels/kernel.h"

namespace dlc::kernels {

/// All regions.
std::int64_t memory_bytes(const Plan&);

struct Fitted {
    ir::Graph graph;
    Plan plan;
};
/// The graph and its plan as they are where that takes at most `limit` bytes beside the `reserved` ones of something else;
/// otherwise with values computed again.  Every result keeps its meaning.  A graph without a loss has no backward pass to compute
/// them for. Fails with E0505 where no choice fits: says the least that the tensors of one take.
Fitted fit(const ir::Graph&, std::int64_t limit, std::int64_t reserved = 0);

}  // namespace dlc::kernels
