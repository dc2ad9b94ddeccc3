// From a recipe to data: the set it names, its split, and feeds in the shapes a program wants.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "runtime/data/feed.h"
#include "runtime/data/sets.h"
#include "runtime/data/table.h"

namespace dlc::driver {

/// What commands take that run a trained model over examples.
struct TrainedOptions {
    ProgramOptions program;
    std::string model, weights, split = "test";
    std::uint64_t seed = 1;
    void declare(CLI::App&);
};

struct Data {
    data::DataSet set;
    data::Subset training;
    std::optional<data::Subset> validation;
    std::optional<data::Subset> test;
};

/// Loads what `data` and `validation` of the recipe say.  Throws Exit{1} (E0403 an unknown set or scheme, with a suggestion; E0404
/// none named) or source::EnvironmentError.
Data load_data(Session&, const Model&, std::uint64_t seed);

/// The fields of a batch: the program's inputs and targets; `targets` false leaves those out.
std::vector<data::Field> fields_of(train::Program&, bool targets = true);

/// Copies a batch into the program's inputs and targets, in the order of `fields_of`.
void feed_batch(train::Program&, const std::vector<data::Field>&, const data::Batch&);

/// The named subset: training, validation or test.  Throws Exit{1} (E0405) where the recipe has none.
data::Subset split_named(Session&, const Data&, const std::string& name);

/// Sets the seed leaves.
void set_seed(train::Program&, std::uint64_t seed);

/// Runs the initializers: every parameter, state and slot gets its first value.
void initialize(train::Program&, const ir::Graph& init, std::uint64_t seed);

/// Parameters and state from a .safetensors file, or from the best (else last) checkpoint of a run folder.  Throws Exit{1}.
void load_weights(train::Program&, const std::string& path);

}  // namespace dlc::driver
