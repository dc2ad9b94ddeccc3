// What an expression of the language is worth while a program is elaborated.
//
// A static is known now.  A tensor is a node of the graph.  An `Element` is a number that depends on where one stands: inside an
// index equation on the equation's variables (`framed`), in a whole-tensor expression on the position in a tensor of `shape` that
// is not a node yet, so that `a * b + c` becomes one equation and not two.  A `Family` is a tensor that depends on where one
// stands.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/elaborate/elaborate.h"
#include "compiler/elaborate/program.h"
#include "compiler/ir/batch.h"

namespace dlc::elaborate {

struct Value;

/// Already reported; says nothing more.
struct Poison {};

/// A list of values.  Used as a tensor it becomes one node, the same each time, so that `grad(f(x), x)` speaks of one tensor.
struct List {
    struct Data;
    std::shared_ptr<Data> data;
    const std::vector<Value>& items() const;
};

struct Tensor {
    ir::NodeId node;
    std::optional<double> known = {};  // its one number, where it is the entry of a list
};

struct Element {
    ir::Shape shape;  // empty when framed
    ir::Expr expr;
    bool framed = false;
    std::optional<ir::Index> index = {};                        // the same value as an index, where it is one
    std::optional<std::vector<ir::Predicate>> conditions = {};  // a bool: the same as a conjunction on indices, where it is one
    std::optional<double> known = {};                           // as a tensor's
};

/// A real number, exact to double.
Element number_element(double);

/// One number everywhere: `b: f[O] = 0`.  Never a node unless it has to be, so `+ 0` and `* 1` vanish.
struct Fill {
    double value = 0;
    ir::Type type = ir::Type::f32;
    ir::Shape shape;
};

/// The results of a function with several.
struct Tuple {
    std::vector<Value> values;
};

/// Something to call: a function, a layer or what the language brings, with the last of its arguments where these are given
/// already.  `shared net = layer(args)` gives it a path, so that every call has the same parameters.
struct Callable {
    text::Identifier name;
    const Definition* definition = nullptr;  // none of what the language brings
    std::shared_ptr<const std::vector<struct Given>> arguments = {};
    std::optional<std::string> path = {};
};

struct Value {
    std::variant<Poison, std::int64_t, double, bool, std::string, List, Tensor, Element, ir::Family, Fill, Tuple, Callable> what;

    template <class T>
    const T* as() const {
        return std::get_if<T>(&what);
    }
    template <class T>
    bool is() const {
        return std::holds_alternative<T>(what);
    }
    bool poison() const { return is<Poison>(); }
    bool is_function() const;  // something to call, or a list of such
    bool is_number() const { return is<std::int64_t>() || is<double>() || is<bool>(); }
    bool is_static() const;  // number, string or list of such
    double number() const;   // of a number; a bool is 0 or 1
    /// The number that it is, as a static or as an entry of a list.
    std::optional<double> known() const;
};

struct List::Data {
    std::vector<Value> items;
    bool tensor = false;  // of reals and named by a statement: its entries are elements, so that a gradient can follow them
    std::map<const ir::Builder*, ir::NodeId> nodes;
};
List list_of(std::vector<Value> items);
/// A list of numbers or of such lists, with a real among them.
bool is_real_list(const Value&);

/// An argument of a call, evaluated.
struct Given {
    std::optional<text::Identifier> name;
    Value value;
    source::Span where;
};

Value from_static(const Static&);
/// Empty when the value is no static.
std::optional<Static> to_static(const Value&);
/// As a user writes it: `3`, `0.5`, `[1, 2]`.
std::string print_number(double);
/// "3 elements" for 3, "1 element" for 1.
std::string counted(std::int64_t n, const std::string& noun);

}  // namespace dlc::elaborate
