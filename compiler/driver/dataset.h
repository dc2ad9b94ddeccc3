// From a recipe to data: the set it names, its split, and feeds in the shapes a program wants.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/program.h"
#include "compiler/driver/runnable.h"
#include "runtime/data/feed.h"
#include "runtime/data/sets.h"
#include "runtime/data/table.h"
#include "runtime/train/trainer.h"

namespace dlc::driver {

/// What commands take that run a trained model over examples.
struct TrainedOptions {
    ProgramOptions program;
    std::string model, weights, split = "test";
    std::optional<std::uint64_t> seed;
    bool raw = false;  // parameters, not averages of them
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

/// The arguments of a call of `callee` ("data set `text`").  Throws Exit{1} (`code`) for a list.
data::GivenArguments given_arguments(Session&, const elaborate::Recipe::Call&, const std::string& callee, source::Code code);

/// The fields of a batch, in the sizes of the leaves of `declared`: the inputs and targets that the program reads, and of those
/// that nothing depends on the ones that are there to be checked (`has`); when it reads none, all, of which the examples are
/// counted.
std::vector<data::Field> fields_of(const train::Program&, const ir::Graph& declared,
                                   const std::function<bool(const std::string&)>& has);
/// The same for a table.
std::vector<data::Field> fields_of(const train::Program&, const ir::Graph& declared, const data::Table&);

/// The named subset: training, validation or test.  Throws Exit{1} (E0405) where the recipe has none.
data::Subset split_named(Session&, const Data&, const std::string& name);

/// The examples of a subset that losses and metrics are taken over, in the order in which a program is given them: where they go on
/// from one to the next, so do the rows of batches, because a state that is carried belongs to its row.
data::Subset evaluated(const Data&, data::Subset, std::int64_t batch);

/// Sets the seed leaves.
void set_seed(train::Program&, std::uint64_t seed);

/// Of parameters that have averages: themselves, or those.
enum class Weights { raw, averaged };
/// Parameters and state of a training run, or any others.
struct TrainedWeights {
    std::string file;
    data::NamedArrays arrays;
    std::map<std::string, std::string> metadata;
};
/// From a .safetensors file, or from the best (else last) checkpoint of a run folder.  `averaged`: averages take their parameters'
/// place where the file holds any.
TrainedWeights read_weights(const std::string& path, Weights);
/// Copies them into the program; parameters of `declared` that the program does without are left out.
void load_weights(const train::Program&, const ir::Graph& declared, const TrainedWeights&);

/// The seed of the run that is looked at: as given, else that of the weights, else the recipe's.
std::uint64_t seed_of(Session&, const Model&, const TrainedOptions&, const std::map<std::string, std::string>& metadata);

source::Diagnostic located(const Model&, const std::string& file, source::Diagnostic);
/// Where the checks of that name are in the program.
source::Diagnostic located(const std::vector<ir::Result>&, const train::CheckFailed&);
/// Runs `body`; a check of the graph that fails is shown at its line.
template <class Body>
auto guard_checks(const ir::Graph& graph, Body&& body) {
    try {
        return body();
    } catch (const train::CheckFailed& e) { throw source::UserError(located(graph.results(), e)); }
}

/// Runs `body`; an error about the data that points nowhere (E0452, E0453, E0457) is shown at the setting at fault.  `file` is
/// named where arrays were given in one instead.
template <class Body>
auto guard_data(const Model& model, const std::string& file, Body&& body) {
    try {
        return body();
    } catch (const source::UserError& e) { throw source::UserError(located(model, file, e.diagnostic)); }
}

}  // namespace dlc::driver
