// Ast -> Graph: names, imports, shapes, layer instances, unrolled static control flow.
//
// Elaboration runs the program once, abstractly: statics are computed, every tensor becomes a node.  What is left are index
// equations. `grad` in the program calls autodiff on the nodes made so far, so a gradient is a value like any other.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/graph.h"
#include "dsl/source/diagnostic.h"
#include "dsl/text/ast.h"

namespace dlc::elaborate {

/// A parsed file with everything it imports.
class Program;
struct Module;

/// Where `import "std/…"` is found: $DLC_STD, else beside the program (../share/dlc/std), else the source tree's dsl/std.
std::string standard_library();
/// The module of the standard library that brings the function or layer, as an import names it, or empty.
std::string declaring_module(const std::string& function);

/// Parses `path`, its imports (E0110 for a missing one, E0111 for a cycle) and the prelude `std/prelude`, which every file sees.
/// Null after errors.  Fails with source::EnvironmentError when `path` or the standard library cannot be read.
std::shared_ptr<const Program> load(source::SourceMap&, const std::string& path, source::Diagnostics&);

/// Names, functions and arguments of every declaration of the user's files, used or not, as far as they are wrong whatever the
/// shapes: E0201, E0202, E0211, E0306.
void check_declarations(const Program&, source::Diagnostics&);

/// A static value, as hyperparameters and recipes hold it.
struct Static {
    std::variant<std::int64_t, double, bool, std::string, std::vector<Static>> value;
    bool operator==(const Static&) const = default;
};
std::string print(const Static&);

struct Options {
    ir::Type real = ir::Type::f32;  // what `f` means
    bool training = true;
    std::map<std::string, text::ExprRef> overrides;  // `--set`: hyperparameter or train path -> expression
    std::map<std::string, std::int64_t> dims;        // sizes given from outside: Batch = 128, and those known from data
    double tolerance = 0;                            // `close` compares no more strictly than this
    /// What each layer with a `weight` of two dimensions or more returns, the first of several, is a further result `value` called
    /// as that weight, `dense_1.weight`, in the order in which the forward pass computes them.  Of a layer that is called several
    /// times it is the first call; layers in a `scan` have none.
    bool layer_values = false;
    /// Derivatives are going to be taken of the graph: values with a given adjoint are nodes of it (ir::Custom) until ir::plain
    /// takes them out.
    bool differentiated = false;
};

struct ParameterInfo {
    std::string path;  // `conv_1.weight`
    ir::Type type;
    ir::Shape shape;
    source::Span span;  // of its `param`
    std::string layer;  // `conv_1`, of kind `conv2d`
    std::string kind;
};
/// One row of the table `dlc check` prints: a layer, in the order of calls, before the layers it is made of.  What the model
/// computes outside of layers is the last row, of an empty path and the kind "model".
struct LayerInfo {
    std::string path, kind;
    std::vector<ir::Shape> inputs, outputs;
    std::int64_t parameters = 0;     // elements
    std::int64_t multiply_adds = 0;  // of its own equations, all its calls; what nothing depends on is not counted
    source::Span span;
};

/// One compiled function, layer or model.
struct Elaborated {
    ir::Graph graph;  // results: values, or outputs, losses, metrics; state updates; checks
    ir::Graph init;   // an `update` result for every parameter and state leaf; leaves: seed
    std::vector<ParameterInfo> parameters;
    std::vector<LayerInfo> layers;
};

/// The recipe of a `train` block with overrides applied, by key; `optimizer` and the like are calls.  The block is that of the
/// program's file, and where it has none that of the file which declares the model.  Keys: data, validation,
/// batch, initialize, optimizer, clip, gradient_noise, schedule, regularize, constrain, average, epochs, stop_early, seed; others
/// are errors (E0411; E0413 where an override names them).
struct Recipe {
    struct Argument {
        std::string name;  // empty for one given by position
        Static value;
        source::Span where;  // of the name, if there is one
    };
    struct Call {
        std::string name;
        std::vector<Argument> arguments;  // in the order written
        source::Span span;
        const Module* module;  // the file whose names `name` is one of
    };
    using Setting = std::variant<Static, Call, std::vector<Call>>;
    std::map<std::string, Setting> settings;
    std::map<std::string, source::Span> spans;
    source::Span block;  // the `train` block; empty when there is none
};

/// A comparison of recipes of one model, as `study` declares it.
struct Study {
    std::string name;
    source::Span span = {};  // of its name
    std::string model = {};
    struct Axis {
        std::string path;  // "hidden", "optimizer.lr"
        std::vector<text::ExprRef> values;
        source::Span span;  // of its path
    };
    std::vector<Axis> axes = {};
    /// What the variants put in the place of the recipe and the hyperparameters, as Options::overrides; every combination of
    /// values, the last axis fastest.
    std::vector<std::map<std::string, text::ExprRef>> variants = {};
    struct Validation {
        bool folds_of_all = false;  // `kfold`, else `holdout`
        double fraction = 0;
        std::int64_t folds = 0;
        bool stratified = true;
    };
    std::optional<Validation> validation = {};  // else that of the recipe
    std::vector<std::uint64_t> seeds = {1};
    std::string metric = {};  // a loss or metric of the model
    bool minimize = false;    // it
};

/// A tensor that comes from outside: a model's input or target, or a parameter of a function or layer.
struct Port {
    std::string name;
    bool target = false;
    text::Type type;
    source::Span span;
    bool required = true;  // false: it has a default
};
struct ModelInfo {
    std::string name;
    source::Span span;  // of its name
    using Port = elaborate::Port;
    std::vector<Port> inputs;
    std::vector<std::string> hyperparameters;
};

/// A function, layer, initializer, optimizer, model, study or test of the file itself.
struct Declared {
    std::string kind;       // "fn", "layer", "init", "optimizer", "model", "study", "test"
    std::string name;       // of a test its title
    std::string signature;  // "square(x: f[N], k: float = 2) -> y"
    std::string doc;        // its `##` lines, without their markers
    std::vector<text::Parameter> parameters;
    source::Span span;
};
std::optional<Declared> declared(const text::Declaration&);  // empty for what has no name
std::vector<Declared> declared(const Program&);              // of the file it was loaded for
/// Whether a parameter of that type is a static, known when the program is compiled.
bool is_static(const text::Type&);
/// Whether it is `fn` or a list of such, a static that is called.
bool is_function(const text::Type&);
/// How many arguments a call that makes a function leaves out: the tensors that come first.
std::size_t left_out(const std::vector<text::Parameter>&);

/// The file's only model, or the one named.
std::optional<ModelInfo> find_model(const Program&, const std::string& name, source::Diagnostics&);
/// What the model, layer or function of that name takes; its statics are not among it.  E0412 when there is none.
std::optional<std::vector<Port>> ports(const Program&, const std::string& callable, source::Diagnostics&);
/// Of that model, which the program's file declares or imports; "" for one of the file's own.
std::optional<Recipe> recipe(const Program&, const Options&, const std::string& model, source::Diagnostics&);
/// The studies of the file, names and settings checked (E0412, E0415, E0416); those with errors are left out.  Whether each value
/// of an axis fits what it is put in the place of is seen when the model is elaborated with it.
std::vector<Study> studies(const Program&, const Options&, source::Diagnostics&);

/// `shapes` gives each input's extents where the type leaves them open.  Empty after errors.
std::optional<Elaborated> elaborate(const Program&, const std::string& callable, const Options&,
                                    const std::map<std::string, ir::Shape>& shapes, source::Diagnostics&);

/// A whole training step: the model's results, gradients of the loss, the optimizer's updates of parameters and of its slots.
/// The learning rate is a leaf `lr` of kind `rate` when the recipe has a schedule.  `regularize = f(…)` adds f(w, …) to what is
/// differentiated, not to the loss that is reported, for every parameter with two dimensions or more, or those that `parameters =
/// "dense_*.weight"` chooses by path; `clip = norm(c)` or `value(c)` comes after that.  `constrain = f(…)` puts f(w, …) in the
/// place of what the optimizer leaves of the same parameters; where f has a parameter `lr` that is not given, it gets the step's
/// rate.  An optimizer that calls `gradient(point)` moves the model to the point: its results are those there.
std::optional<Elaborated> elaborate_step(const Program&, const std::string& model, const Recipe&, const Options&,
                                         const std::map<std::string, ir::Shape>& shapes, source::Diagnostics&);

struct TestCase {
    std::string title;
    source::Span span;
    // A check result for each assertion and for what is data otherwise; behind that of a comparison the values `left` and `right`
    // of its sides.  No leaves.
    ir::Graph graph;
};
std::vector<TestCase> tests(const Program&, const Options&, source::Diagnostics&);

}  // namespace dlc::elaborate
