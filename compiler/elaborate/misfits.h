// What is said of names that mean nothing and of arguments that fit no parameter: the same words whether the program is being
// elaborated or a declaration that nothing uses is looked over.
#pragma once
#include <string>
#include <vector>

#include "compiler/elaborate/program.h"
#include "dsl/source/diagnostic.h"

namespace dlc::elaborate {

bool is_reduction_name(const std::string&);
/// The functions the language brings: reductions, conversions, derivatives, shapes, random numbers.
bool is_brought(const std::string& function);
/// A brought function or a scalar primitive.
bool is_known_function(const std::string& name);

/// E0201; `visible` are the names of values that could have been meant.
source::Diagnostic unknown_name(const Module&, const std::string& name, source::Span where, const std::vector<std::string>& visible,
                                bool in_equation);
/// E0202; `is_value` says that a value has this name.
source::Diagnostic unknown_function(const Module&, const text::Identifier& callee, bool is_value);
/// E0202.
source::Diagnostic unknown_initializer(const Module&, const text::Identifier& callee);
source::Diagnostic unknown_optimizer(const Module&, const text::Identifier& callee);

/// What an argument is: `minimize`, which the language brings, takes a function and an optimizer.
enum class Wanted : std::uint8_t { value, function, optimizer };
/// Of an argument of a function that the language brings; one without a name stands at `position`.
Wanted wanted(const std::string& brought, const std::optional<text::Identifier>& name, std::size_t position);
/// E0201, for a lower-case name in a type that is no static parameter.
source::Diagnostic unknown_size(const std::string& name, source::Span where, const std::vector<text::Parameter>&);
/// E0306, of a body that ends without `return`.
source::Diagnostic no_result(const text::Function&);
source::Diagnostic result_never_defined(const text::Function&, const text::ResultName&);

/// Whether it begins with a capital, as sizes do and nothing else.
bool is_size_name(const std::string&);
/// E0114: `what` says what the name would stand for.
source::Diagnostic no_size(const text::Identifier& name, const std::string& what);

/// E0112.
source::Diagnostic declared_twice(const text::Identifier& name, source::Span first);

/// Under which the adjoint of a function speaks of its results: `result` where they have no names.
std::vector<std::string> result_names(const text::Function&);

/// An argument's name, if it has one, and where it stands.
struct Passed {
    std::optional<text::Identifier> name;
    source::Span where;
};
/// E0211, for each argument without a parameter and the first parameter without an argument.
std::vector<source::Diagnostic> misfits(const std::string& callee, const std::vector<text::Parameter>&, const std::vector<Passed>&,
                                        source::Span call);
/// The same of a scalar primitive or a reduction; nothing is known of other brought functions.
std::vector<source::Diagnostic> misfits(const std::string& callee, const std::vector<Passed>&, source::Span call);

}  // namespace dlc::elaborate
