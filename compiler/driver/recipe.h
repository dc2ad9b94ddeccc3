// From the settings of a `train` block to the training loop's recipe.
#pragma once
#include "compiler/driver/program.h"
#include "runtime/train/trainer.h"

namespace dlc::driver {

/// Epochs, steps, seed, rates and early stopping.  A setting of the wrong form throws Exit{1} (E0401).
train::Recipe training_recipe(Session&, const Model&, const elaborate::Elaborated&);

}  // namespace dlc::driver
