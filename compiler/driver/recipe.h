// From the settings of a `train` block to the training loop's recipe.
#pragma once
#include "compiler/driver/program.h"
#include "runtime/train/lsuv.h"
#include "runtime/train/trainer.h"

namespace dlc::driver {

/// What the command line says in the recipe's place.
struct Overrides {
    std::optional<std::int64_t> epochs, steps;
    std::optional<std::uint64_t> seed;
};

/// Epochs, steps, seed, rates and early stopping.  A setting of the wrong form throws Exit{1} (E0401), one that watches what the
/// model does not have E0455.
///
///     stop_early = patience(3, on = "validation.accuracy", least = 1e-3, mode = "max")   losses are minimised, metrics maximised
///     schedule   = cosine(last = 1e-5, warmup = 100)    and the other rows of train::schedules(); without `steps` or `epochs` it
///                                                       spans the whole run
train::Recipe training_recipe(Session&, const Model&, const elaborate::Elaborated&, std::int64_t steps_per_epoch, const Overrides&);

/// What `initialize = lsuv(tolerance = 0.1, steps = 10)` runs before the first step.
struct LayerScales {
    train::Lsuv settings;
    ir::Graph forward;                 // in training, with the value of each layer under the name of its weight
    std::vector<std::string> weights;  // in the order in which the forward pass computes their layers
};
/// Empty without the setting.  Throws Exit{1} (E0401) where it has another form or no layer has a weight.
std::optional<LayerScales> layer_scales(Session&, const elaborate::Program&, const Model&);

/// The recipe's `seed`, else 1.
std::uint64_t seed_of(Session&, const Model&);

}  // namespace dlc::driver
