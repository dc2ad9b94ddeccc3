// The names that a `train` block knows, for what overrides or varies its settings.
#pragma once
#include <string>
#include <vector>

#include "compiler/elaborate/elaborate.h"

namespace dlc::elaborate {

const std::vector<std::string>& setting_names();
/// What the arguments of a call in the place of `setting` are called, in order; empty where the training loop alone knows.
std::vector<std::string> argument_names(const std::string& setting, const Recipe::Call&);

}  // namespace dlc::elaborate
