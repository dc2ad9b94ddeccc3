// Layer-sequential unit-variance initialization (Mishkin & Matas 2016, "All you need is a good init", algorithm 1).
#pragma once
#include <string>
#include <vector>

#include "runtime/data/feed.h"
#include "runtime/train/program.h"

namespace dlc::train {

struct Lsuv {
    double tolerance = 0.1;   // of |variance - 1|
    std::int64_t steps = 10;  // divisions of one weight at most
};

/// A weight that was brought to scale, and the variance of what its layer returns.
struct Scaled {
    std::string weight;
    double before = 0, after = 0;
    std::int64_t steps = 0;
};

/// For each of `weights` in turn: runs `forward` on the first batch of `training`, divides the weight by the standard deviation of
/// its layer's value over the batch, and repeats until the variance is 1 within the tolerance.  `forward` has parameters and states
/// as `step` has, and for each weight an output of its name, the layer's value; the weights, and their averages where these are
/// kept, are changed in `step`.  Fails with E0456 where a value does not vary or is not finite, with CheckFailed.
std::vector<Scaled> lsuv(Program& step, Program& forward, data::Feed& training, const std::vector<std::string>& weights,
                         const Lsuv&);

}  // namespace dlc::train
