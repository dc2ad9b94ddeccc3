// From the recipe's `augment` to what the feed of the training data does.
#pragma once
#include <vector>

#include "compiler/driver/program.h"
#include "runtime/data/augment.h"

namespace dlc::driver {

/// `augment = [shift(2), flip()]`, or one call alone.  Each is for the input that `on` names, else for the only one that it could
/// be for: of reals, with two axes an example or more (one, for `noise`).  Throws Exit{1} (E0401) for what is no augmentation, does
/// not fit its input, or could be for several.
std::vector<data::Augment> augments(Session&, const Model&, const ir::Graph& step);

}  // namespace dlc::driver
