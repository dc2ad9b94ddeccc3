// The abstract interpreter over the syntax tree.
//
// It runs the program once.  `Scope` is one activation of a body: its names, and, while an index equation is being read, the
// equation's variables (`Frame`).  An expression is evaluated in one of two ways, told apart by `Scope::frame`: as a whole-tensor
// expression (none), or as one number of an equation.  Inside an equation whatever mentions no index is evaluated as a whole, once.
//
// A reduction inside a body becomes an equation of its own over the indices it uses, read at those.  A function that makes tensors
// of what differs from point to point, a vector along an index or a number of each element, is elaborated once, for one point, in a
// graph of its own, and that graph is batched (points.cpp).  The methods are spread over the files of this folder by subject;
// README.md lists them.
#pragma once
#include <deque>
#include <functional>
#include <set>
#include <span>
#include <unordered_map>

#include "compiler/elaborate/value.h"
#include "compiler/ir/arith.h"
#include "compiler/ir/batch.h"
#include "compiler/ir/graph.h"
#include "compiler/ir/loop.h"

namespace dlc::elaborate {

/// The variables of the equation being read, and what is known to hold where the reader stands.
struct Frame {
    std::vector<std::int64_t> extents;
    std::vector<std::string> names;
    std::vector<ir::Predicate> known;  // of conditions and branches around
    std::vector<ir::Expr> conditions;  // the same and the data-dependent ones, as numbers
    ir::Var add(std::string name, std::int64_t extent);
    ir::Box box() const;
};

/// An index, or a pack of them, in scope.  An axis of extent 1 has the position 0 and no variable, unless it is kept.
struct IndexBinding {
    bool pack = false;
    bool known = false;  // its extents are
    std::vector<ir::Index> at;
    std::vector<std::int64_t> extents;
    source::Span where;
};

/// An index to be bound.
struct IndexWish {
    std::string name;  // ".." for the anonymous pack
    bool pack = false;
    const text::Expr* bound = nullptr;
    source::Span where;
    bool keep = false;                           // gets a variable even where the extent is 1
    std::optional<std::int64_t> otherwise = {};  // its extent when no read gives one
    bool defines = false;                        // an axis of what an equation defines: a bound below 0 is no size of it
};

/// Whose parameters and states are being made: an instance of a layer, a model, a test.
struct Activation {
    enum Kind { function, layer, model, optimizer, initializer, test } kind = function;
    std::string path;
    std::map<std::string, int> counters = {};  // instances of a layer so far, by its name
    std::set<std::string> taken = {};
    struct Loop {
        std::string index;
        bool single = false;  // its body holds one layer call: the index alone names the instance
    };
    std::vector<Loop> loops = {};
};

struct Axis {
    std::size_t at = 0, count = 0;
};

/// A tensor for each point of the equation, as a function applied along an index gives it.
using Along = ir::Family;

struct Scope {
    const Module* module = nullptr;
    Activation* activation = nullptr;
    std::map<std::string, Value, std::less<>> values = {};
    std::map<std::string, IndexBinding, std::less<>> indices = {};
    Frame* frame = nullptr;
    std::optional<Axis> axis = {};  // inside `..(…)`: which axis
    std::optional<std::vector<Value>> returned = {};
    std::optional<std::vector<Value>> yielded = {};
    bool scanning = false;                                      // the body of a `scan`
    std::set<std::string> declared = {};                        // parameters and states of this activation
    std::unordered_map<const text::Expr*, Value> hoisted = {};  // whole-tensor parts of the statement at hand
    std::unordered_map<const text::Expr*, std::optional<Along>> along = {};
};

/// The equation a reduction makes, before it is known where its result goes.
struct Reduced {
    ir::Reduce kind = ir::Reduce::sum;
    ir::Expr body;
    std::vector<ir::Predicate> where;
    std::vector<ir::Var> variables;
    enum Finish { as_is, mean, any, all } finish = as_is;
    ir::Expr count;  // mean: the number of terms, 1 for each
};

struct CallSite {
    source::Span where;
    std::string name;
};

/// How a step treats its parameters (optimizers.cpp): the value the model sees for a parameter leaf.
using ParameterView = std::function<ir::NodeId(const std::string& path, ir::NodeId leaf)>;

class Elaborator {
public:
    Elaborator(const Program&, const Options&, source::Diagnostics&);

    // ------------------------------------------------ models.cpp: entry points
    /// A model, or a function or layer on its own: its tensors are the inputs.
    std::optional<Elaborated> callable(const Definition&, const std::map<std::string, ir::Shape>& shapes);
    /// optimizers.cpp
    std::optional<Elaborated> step(const Definition& model, const Recipe&, const std::map<std::string, ir::Shape>& shapes);
    TestCase test(const text::Test&, source::Span where);
    /// recipe.cpp
    std::optional<Static> static_value(const text::Expr&, const Module&);
    bool is_number_function(const std::string& name) const;
    /// builtins.cpp
    static const std::vector<std::string>& brought_names();

private:
    // ------------------------------------------------ diagnostics (expressions.cpp)
    Value fail(source::Diagnostic);
    void report(source::Diagnostic);
    bool failed_since(std::size_t before) const { return diagnostics_.errors() > before; }
    std::string describe(const Value&) const;                 // "f[3, 4]", "the number 3", "the list [1, 2]"
    std::string type_text(ir::Type, const ir::Shape&) const;  // "f[3, 4]"
    ir::Origin origin(const std::string& name = {}) const;
    source::Span users_call() const;  // the innermost call in the user's files; empty where there is none

    // ------------------------------------------------ statements.cpp
    enum class Flow { next, returned, failed };  // failed: an `assert`, behind which nothing makes sense
    Flow run(Scope&, const text::Block&);
    Flow run(Scope&, const text::Stmt&);
    Flow run_statement(Scope&, const text::Stmt&);
    Flow run_for(Scope&, const text::For&, source::Span where);
    void run_yield(Scope&, const text::Yield&, source::Span where);
    /// Whether it holds as far as is known.
    bool run_assert(Scope&, const text::Assert&, source::Span where);
    void check_assertion(Scope&, const text::Expr& condition, const std::optional<std::string>& message);
    void define(Scope&, const text::Identifier&, Value);
    std::optional<bool> static_bool(Scope&, const text::Expr&, const char* what);
    std::size_t layer_calls(const Scope&, const text::Block&) const;

    // ------------------------------------------------ expressions.cpp
    Value eval(Scope&, const text::Expr&);
    Value eval_whole(Scope&, const text::Expr&);  // outside any equation
    Value eval_node(Scope&, const text::Expr&);
    Value eval_name(Scope&, const text::Name&, source::Span where);
    Value eval_if(Scope&, const text::If&, source::Span where);
    Value eval_list(Scope&, const text::List&);
    Value compare(Scope&, const text::Compare&, source::Span where);
    Value compare(Scope&, text::Compare::Op, const Value&, const Value&, source::Span where, source::Span a, source::Span b);
    Value logical(Scope&, bool is_and, const Value&, const Value&, source::Span where);
    Value logical_not(Scope&, const Value&, source::Span where);
    Value negate(Scope&, const Value&, source::Span where);
    Value arithmetic(Scope&, text::Binary::Op, const Value&, const Value&, source::Span where, source::Span a, source::Span b);
    Value static_arithmetic(text::Binary::Op, const Value&, const Value&, source::Span where);
    Value power(Scope&, const Value&, const Value&, source::Span where, source::Span a, source::Span b);
    Value choose(Scope&, const Value& condition, const Value& then, const Value& otherwise, source::Span where);
    /// A scalar primitive applied to numbers or, element by element, to tensors.
    Value apply(Scope&, const ir::Scalar&, const std::vector<Value>&, const std::vector<source::Span>&);
    bool mentions_index(const Scope&, const text::Expr&) const;

    // ------------------------------------------------ tensors.cpp: between the forms of a value
    std::optional<Element> element(Scope&, const Value&, source::Span where);
    /// The operands with one shape and types as literals beside tensors have them; empty after an error.
    std::optional<std::vector<Element>> elements(Scope&, const std::vector<Value>&, const std::vector<source::Span>&);
    Value from_element(Element);
    ir::NodeId node(const Value&, source::Span where, const std::string& name = {});  // empty after an error
    std::optional<ir::Shape> shape_of(const Value&) const;
    std::optional<ir::Type> type_of(const Value&) const;
    std::optional<ir::NodeId> node_of_list(const List&, source::Span where);
    ir::Type literal_type(const Value&, std::optional<ir::Type> beside) const;
    Element broadcast(const Element&, const ir::Shape&);
    Value convert(Scope&, const Value&, ir::Type, source::Span where);
    std::optional<std::int64_t> size(Scope&, const text::Expr&, const std::string& what);
    bool fits(std::int64_t extent, source::Span where);  // reports an extent that no dimension can have
    std::optional<std::int64_t> size(const Value&, source::Span where, const std::string& what);
    std::optional<ir::Shape> shape_argument(const Value&, source::Span where, std::optional<std::int64_t> volume = {});

    // ------------------------------------------------ indices.cpp: which values an index runs through
    bool bind_indices(Scope&, std::span<const IndexWish>, const std::vector<const text::Expr*>& bodies);
    std::optional<std::size_t> pack_length(const Scope&, const text::Expr&) const;
    std::vector<IndexWish> implicit_indices(Scope&, const text::Reduce&);
    const Value& hoist(Scope&, const text::Expr&);

    // ------------------------------------------------ equations.cpp
    void run_equation(Scope&, const text::Equation&, source::Span where);
    Value eval_reduce(Scope&, const text::Reduce&, const text::Expr& at);
    std::optional<Reduced> reduce(Scope&, const text::Reduce&, source::Span where);
    std::optional<Element> condition(Scope&, const text::Condition&, std::vector<Element>& all);
    bool select_some(Frame&, const Reduced&, const std::vector<ir::Expr>& data_dependent, const std::string& name,
                     source::Span where);
    ir::Expr finish(Frame&, const Reduced&, source::Span where);
    ir::NodeId build(const Frame&, const std::vector<std::pair<ir::Index, std::int64_t>>& outputs, const Reduced&, ir::Origin);
    ir::NodeId build_over(const Frame&, ir::Shape, std::vector<ir::Index> by, const Reduced&, ir::Origin);
    const std::optional<Along>& along(Scope&, const text::Expr&);
    std::optional<Along> apply_along(Scope&, const text::Reduce&, source::Span where);
    Value reduce_all(Scope&, const std::string& name, const Value&, source::Span where);
    /// The reduction that a name calls: its own name, or that of a parameter for which one was given.  Empty for other names.
    std::string reduction(const Scope&, const std::string& name) const;
    struct LeftSide;
    bool solve_left(Scope&, const LeftSide&, ir::Shape&, std::vector<ir::Index>& by);
    void accumulate(Scope&, const text::Equation&, const LeftSide&, const ir::Expr& body, source::Span where);

    // ------------------------------------------------ reads.cpp
    Value eval_read(Scope&, const text::Read&, const text::Expr& at);
    /// Whether it is one whole number that is data, or the step of a `scan` around.
    bool is_position(const Value&) const;
    Value view(Scope&, const text::Read&, const Value& base, const text::Expr& at);
    Value read_element(Scope&, const text::Read&, const text::Expr& at);
    Value view_list(Scope&, const text::Read&, const List&);
    bool positions(Scope&, const std::vector<text::Item>&, const ir::Shape&, const std::string& name, source::Span where,
                   std::vector<ir::Index>& at, std::vector<source::Span>& spans);
    bool wrong_rank(const std::vector<text::Item>&, const ir::Shape&, const std::string& name, source::Span where);  // reports
    std::pair<const text::Expr*, std::vector<text::Item>> read_chain(const Scope&, const text::Read&) const;
    std::optional<ir::Index> index_of(Scope&, const Value&, source::Span where);
    /// Whether 0 <= index < extent wherever the frame stands: proved, proved by conditions only, or not.
    enum class Proof { always, conditionally, none, depends_on_data };
    Proof in_range(const Frame&, const ir::Index&, std::int64_t extent) const;
    void outside(Frame&, const std::vector<ir::Index>& position, const ir::Shape&) const;
    void check_at_run_time(Frame&, const ir::Index&, std::int64_t extent, const std::string& what, source::Span where);
    /// That `wrong` holds at no point of the frame where the conditions around do.
    void check_nowhere(Frame&, const ir::Expr& wrong, const std::string& what, source::Span where);

    // ------------------------------------------------ scans.cpp
    struct Looped;  // what a body begins with
    /// A `scan` whose body is being read.
    struct OpenScan {
        struct Counter {
            ir::NodeId leaf;
            std::int64_t low, steps;
        };
        const ir::Builder* inside;
        std::uint32_t checkpoint = 0;  // around it
        ir::NodeId time = {};          // counts from 0
        std::int64_t steps = 0;
        std::vector<Counter> counters = {};
        std::vector<ir::Result> checks = {};  // of one step
    };
    Value eval_scan(Scope&, const text::Scan&, source::Span where);
    std::optional<std::int64_t> bind_sources(Scope&, Scope& body, const text::Scan&, Looped&);
    ir::NodeId loop_leaf(Looped&, ir::LeafKind, ir::NodeId outer, ir::Type, ir::Shape, const std::string& name);
    ir::NodeId count_steps(Looped&, std::int64_t steps, std::int64_t low, const std::string& name);
    ir::NodeId first_value(Scope&, const text::ScanCarry&);
    ir::NodeId cut_gradient(ir::NodeId carry, std::int64_t window);
    /// Whether a checkpoint begins between the statement at hand and the `scan` around it, if there is one.
    bool in_own_checkpoint() const { return checkpoint_ != checkpoint_around(); }
    std::uint32_t checkpoint_around() const { return scans_.empty() ? 0 : scans_.back().checkpoint; }
    Value cut_out(Looped&, const OpenScan&, std::vector<ir::NodeId> wanted);
    ir::LoopBody body_of(Looped&, const OpenScan&, std::vector<ir::NodeId>& wanted);
    std::vector<ir::NodeId> slice_reads(Looped&, const OpenScan&);
    ir::Expr sliced(Looped&, const OpenScan&, const ir::ExprNode& read, const ir::Shape& extents);
    /// A branch of an `if` on one number that is data.
    struct Branch {
        const ir::Builder* inside;
        std::size_t scans;  // around it
        ir::Expr taken;
    };
    /// A count that must be 0 when the program runs, if the branches around are taken.
    void add_check(std::string message, ir::NodeId violations, source::Span where, source::Span inside = {});

    // ------------------------------------------------ calls.cpp
    Value eval_call(Scope&, const text::Identifier& name, const std::vector<text::Argument>&, const text::Expr* piped,
                    source::Span where);
    /// The arguments of a call of `f`; the first without a name is that of the parameter at `position`.
    std::optional<std::vector<Given>> evaluate(Scope&, const std::vector<text::Argument>&, const text::Expr* piped,
                                               const Callable& f, std::size_t position = 0);
    Value call(Scope&, const Definition&, std::vector<Given>, source::Span where, std::optional<std::string> path = {});
    Value call_brought(Scope&, const text::Identifier& callee, std::vector<Given>, source::Span where);
    std::string instance_path(Activation&, const std::string& layer);
    Value run_body(Scope&, const Definition&, source::Span where);
    void record_layer(const Definition&, const std::string& path, const std::vector<ir::Shape>& inputs, const Value& result,
                      std::size_t row, source::Span where);
    void count_multiply_adds(const ir::Graph&);
    void name_value(const std::string& layer, const Value& result, source::Span where);

    // ------------------------------------------------ adjoints.cpp
    struct AdjointBlock;
    /// The arguments of the call at hand that have a derivative, as nodes.
    std::optional<std::map<std::string, ir::NodeId>> arguments_with_adjoints(Scope&, const text::Function&, source::Span where);
    /// The results of the body as values that have the derivative of the block; `s` is the body's scope at its end.
    Value with_adjoint(Scope& s, const text::Function&, const std::map<std::string, ir::NodeId>& arguments,
                       std::vector<Value> results, source::Span where);
    Value seen(AdjointBlock&, const Value&, const std::string& name, source::Span where);
    Value custom_results(AdjointBlock&, const std::map<std::string, ir::NodeId>& targets,
                         const std::vector<std::pair<std::string, ir::NodeId>>& adjoints, std::vector<Value> results,
                         const std::vector<std::size_t>& real, const std::vector<std::string>& names);

    // ------------------------------------------------ callables.cpp
    /// What a name calls: a value, a function or layer in sight, what the language brings.  Empty after an error.
    std::optional<Callable> callee(const Scope&, const text::Identifier&);
    /// An argument where a function is expected: a `Callable` or a list of such, if it is one.
    Value eval_function(Scope&, const text::Expr&);
    /// An argument where an optimizer is expected: its name, or a call with its settings.
    Value eval_optimizer(Scope&, const text::Expr&);
    Value call(Scope&, const Callable&, std::vector<Given>, source::Span where);
    void shared(Scope&, const text::Definition&);

    // ------------------------------------------------ points.cpp: functions at each point of a frame or of a shape
    bool makes_tensors(const text::Function&);
    /// The value of a call with arguments that differ from point to point; empty where the call is none such.
    std::optional<Value> call_at_points(Scope& caller, const Definition&, const std::vector<Given>&, source::Span where);
    /// The results of `f`, each for every point of the box, which is the frame's where there is one; `families` says which of the
    /// arguments differ.  Empty after an error.
    std::vector<ir::Family> at_points(Scope& caller, const Definition& f, std::vector<Given>, const Frame*,
                                      const ir::Shape& extents, const std::vector<std::optional<ir::Family>>& families,
                                      source::Span where);
    /// What stands for the arguments of the function that is being elaborated for one point.
    struct OnePoint {
        const ir::Builder* inside;
        const ir::Builder* outside;
        std::map<ir::NodeId, std::vector<ir::NodeId>> made_of;  // by leaf: nodes outside
    };
    std::vector<OnePoint> points_;
    std::size_t named_ = 0;  // nodes there are when a call at points begins
    /// Whether `of` depends on `by` only outside of such a function, where a derivative does not see it; then says so.
    bool sees_all(const Given& of_given, ir::NodeId of, const std::vector<ir::NodeId>& by);
    ir::Family family(const Frame&, const ir::Expr& number);
    std::optional<Along> family_of_list(Scope&, const List&, source::Span where);
    /// Of a value that differs from point to point; empty after an error.
    std::optional<Along> family_of(Scope&, const Value&, source::Span where);
    bool differs(const Value&) const;
    Value at_point(const Along&);

    /// Arguments to parameters, sizes solved.  `lifted` gets the parameters `x: f` that were given more than one number.
    bool bind_arguments(Scope& callee, const std::string& name, const std::vector<text::Parameter>&, std::vector<Given>,
                        source::Span call, std::vector<std::string>* lifted, std::map<std::string, ir::Type>* scalars = nullptr);
    friend class Binding;

    // ------------------------------------------------ builtins.cpp, random.cpp
    using Builtin = Value (Elaborator::*)(Scope&, std::vector<Given>&, source::Span);
    static const std::map<std::string, Builtin, std::less<>>& builtins();
    bool arrange(const std::string& function, std::vector<Given>&, std::initializer_list<const char*> names, std::size_t required,
                 source::Span where);
    Value builtin_grad(Scope&, std::vector<Given>&, source::Span);
    Value builtin_jvp(Scope&, std::vector<Given>&, source::Span);
    Value builtin_jacobian(Scope&, std::vector<Given>&, source::Span);
    ir::NodeId differentiated(const Given&, const std::string& function);
    std::vector<ir::NodeId> differentiated_by(const Given&, const std::string& function, bool& several);
    Value builtin_checkpoint(Scope&, std::vector<Given>&, source::Span);
    Value builtin_zeros(Scope&, std::vector<Given>&, source::Span);
    Value builtin_ones(Scope&, std::vector<Given>&, source::Span);
    Value builtin_full(double, const char*, std::vector<Given>&, source::Span);
    Value builtin_reshape(Scope&, std::vector<Given>&, source::Span);
    Value builtin_shape(Scope&, std::vector<Given>&, source::Span);
    Value builtin_close(Scope&, std::vector<Given>&, source::Span);
    Value no_distribution(const std::string& what, const Given&);
    Value builtin_uniform(Scope&, std::vector<Given>&, source::Span);
    Value builtin_normal(Scope&, std::vector<Given>&, source::Span);
    Value builtin_bernoulli(Scope&, std::vector<Given>&, source::Span);
    Value builtin_orthogonal(Scope&, std::vector<Given>&, source::Span);
    Value builtin_gradient(Scope&, std::vector<Given>&, source::Span);
    Value builtin_minimize(Scope&, std::vector<Given>&, source::Span);
    Value cast(Scope&, const std::string& type, std::vector<Given>&, source::Span);
    std::optional<ir::Shape> drawn_shape(Scope&, const std::vector<Given>&, std::size_t at, const char* name, source::Span);
    ir::Expr draw(const Scope&, const ir::Shape&);  // one uniform number for each position of a shape

    // ------------------------------------------------ parameters.cpp
    void declare_parameter(Scope&, const text::Param&, source::Span where);
    void declare_state(Scope&, const text::State&, source::Span where);
    void update(Scope&, const text::Update&, source::Span where);
    /// What a tensor of type `f` is kept as from step to step: where `f` has 16 bits, steps would be lost in their rounding.
    ir::Type kept_type(ir::Type) const;
    void keep(Scope&, const text::Identifier& name, const std::string& leaf, const std::string& path, ir::Type declared,
              const ir::Shape&, const text::Expr* initializer, ir::LeafKind, source::Span where);
    /// The value of an initializer expression for a tensor of that shape, in the graph being built.
    ir::NodeId initial(Scope&, const text::Expr* initializer, ir::Type, const ir::Shape&, const std::string& path,
                       source::Span where);
    std::optional<std::pair<ir::Type, ir::Shape>> tensor_type(Scope&, const text::Type&);
    ir::Type element_type(const text::Identifier&);
    std::string join(const std::string& path, const std::string& name) const;

    // ------------------------------------------------ models.cpp, optimizers.cpp
    bool run_model(const Definition&, const std::map<std::string, ir::Shape>& shapes, Scope&);
    void declare_port(Scope&, const text::Input&, source::Span where);
    void result(Scope&, const text::Definition&, source::Span where);
    bool bind_statics(Scope&, const Definition&);
    Elaborated finish();
    /// The graph without what only elaboration needs.
    static ir::Graph without_placeholders(const ir::Graph&);
    std::optional<std::vector<Given>> recipe_arguments(const Recipe::Call&, const Definition*);
    struct Optimizing;
    bool run_optimizer(Optimizing&, const std::string& path, ir::NodeId leaf, ir::NodeId gradient);

    // ------------------------------------------------ weights.cpp
    struct Trained {  // a parameter of the step
        std::string path;
        ir::NodeId leaf, view;  // what the model sees of it
    };
    /// A setting that is a function of one weight, with the weights it is for.
    struct OfWeights {
        const Definition* function = nullptr;
        std::vector<Given> arguments;  // behind the weight
        std::set<std::string> paths;
        source::Span where;
    };
    /// Reads such a setting; where the recipe has none, its `paths` are empty.
    bool of_weights(const Recipe&, const std::string& key, const char* example, const std::vector<Trained>&, OfWeights&);
    /// The function of a weight; a parameter `lr` that is not given gets `rate`, if there is one.
    Value apply(const OfWeights&, ir::NodeId weight, const Value* rate);
    ir::NodeId penalized(const OfWeights&, const std::vector<Trained>&, ir::NodeId objective);
    bool constrain(const OfWeights&, const std::string& path, const Value& rate);
    /// A setting that is a call with numbers, which are those of its form unless they are given.
    struct Numbers {
        std::string name;
        std::vector<std::pair<std::string, double>> values;
    };
    std::optional<Numbers> numbers(const Recipe&, const std::string& key, const char* form, const std::vector<Numbers>& forms);
    bool add_noise(const Recipe&, const std::vector<Trained>&, ir::NodeId t, std::vector<ir::NodeId>& gradients);
    bool average(const Recipe&, const std::vector<Trained>&, ir::NodeId t);
    bool clip(const Recipe::Setting&, source::Span where, std::vector<ir::NodeId>& gradients);

    const Program& program_;
    const Options& options_;
    ir::Type real_;  // what `f` means where we are
    source::Diagnostics& diagnostics_;
    ir::Builder main_{ir::Builder::Sharing::off};
    ir::Builder init_{ir::Builder::Sharing::off};
    ir::Builder* b_ = &main_;         // the graph being built
    std::deque<ir::Builder> bodies_;  // of functions elaborated for one point; kept, for lists remember their nodes by builder
    std::map<const text::Function*, bool> makes_tensors_;

    std::vector<OpenScan> scans_;   // around the statement at hand, the innermost last
    std::vector<Branch> branches_;  // around the expression at hand
    int loop_leaves_ = 0;
    std::vector<CallSite> calls_;
    source::Span statement_;
    std::string binding_;                             // the name the statement at hand defines
    std::string path_;                                // of the instance at hand, for origins
    std::uint32_t checkpoint_ = 0, checkpoints_ = 0;  // the `checkpoint(…)` at hand, how many there were

    struct Kept {  // a parameter or state leaf
        ir::NodeId leaf;
        Value now;  // its value here: after `<-` the new one
        bool updated = false;
        bool parameter = false;
        source::Span where;
        ir::Shape shape;
        ir::Type type;
    };
    std::map<std::string, Kept, std::less<>> kept_;  // by leaf name
    std::vector<std::string> kept_order_;
    std::vector<ParameterInfo> parameters_;
    std::vector<LayerInfo> layers_;
    std::map<std::string, std::string> layer_kinds_;  // by path
    std::map<std::string, int> draws_;                // random tensors made so far, by path
    ParameterView parameter_view_;
    bool testing_ = false;
    const ir::Shape* drawn_ = nullptr;  // in an initializer: the shape of the tensor being made
    ir::NodeId loss_;
    std::string model_;  // the one that is run
    std::map<std::string, ir::Shape> port_shapes_;
    Optimizing* optimizing_ = nullptr;                     // while an optimizer's program runs
    bool unrolling_ = false;                               // it runs within `minimize`: its states are values
    int minimized_ = 0;                                    // calls of `minimize` so far
    std::optional<std::pair<Element, Element>> compared_;  // what the last `==` or `close` of a test compares
    std::set<std::string> checked_;                        // run-time checks already made
};

}  // namespace dlc::elaborate
