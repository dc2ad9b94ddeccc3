// The model (or function) of a file, elaborated as a command wants it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/session.h"
#include "compiler/elaborate/elaborate.h"

namespace CLI {
class App;
}

namespace dlc::driver {

/// What to compile of a file: its model, or one `fn`, `layer` or model by name, with shapes for arguments whose types leave them
/// open.
struct Callable {
    std::string name;                 // empty: the model, else `main`
    std::vector<std::string> shapes;  // NAME=4,8
    void declare(CLI::App&);
};

/// A model with its recipe, sizes fixed.
struct Model {
    elaborate::ModelInfo info;
    elaborate::Recipe recipe;
    elaborate::Options options;  // `dims` completed: the leading dimension of the inputs is the batch
    std::int64_t batch = 0;
};

/// The file's model; the batch size is --dim, else the recipe's `batch`, else `fallback_batch`.  Throws Exit{1} when there is none.
Model open_model(Session&, const elaborate::Program&, elaborate::Options, const std::string& name = {},
                 std::int64_t fallback_batch = 1);
/// Where the recipe of a model is: the `train` block, else the model's name.
source::Span recipe_span(const Model&);
/// Whether the file declares a model, without reporting anything.
bool has_model(const elaborate::Program&);

elaborate::Elaborated forward(Session&, const elaborate::Program&, const Model&, bool training);
/// The whole training step.
elaborate::Elaborated step(Session&, const elaborate::Program&, const Model&);
/// A callable as asked for on the command line: forward graph only.
elaborate::Elaborated callable(Session&, const elaborate::Program&, const Callable&, const elaborate::Options&);

/// Refuses a dimension given as `option` that no type of these ports speaks of: UsageError with the nearest one.
void check_dims(const char* option, const std::vector<std::string>& given, const std::vector<elaborate::Port>&);
/// The same for --dim, also for a size that is not that of the shape given for a port.
void check_dims(const std::map<std::string, std::int64_t>& dims, const std::vector<elaborate::Port>&,
                const std::map<std::string, ir::Shape>& shapes = {});

/// `x=4,8` pairs to shapes.  Throws UsageError.
std::map<std::string, ir::Shape> parse_shapes(const std::vector<std::string>&);

/// The static value of a setting, by type; throws Exit{1} with a located E0401 when it is of another type.
std::optional<std::int64_t> integer_setting(Session&, const elaborate::Recipe&, const std::string& key);
std::optional<double> real_setting(Session&, const elaborate::Recipe&, const std::string& key);

}  // namespace dlc::driver
