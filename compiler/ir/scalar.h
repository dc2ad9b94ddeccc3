// A scalar primitive: a function of numbers, everything the compiler knows about it in one value, written in one file of
// compiler/scalars/.  No stage names a primitive except through this table; the few that stages need by name are in arith.h.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "compiler/ir/type.h"

namespace Halide {
class Expr;
}

namespace dlc::ir {

class Expr;

/// One application seen by a derivative: its arguments, its value, and the derivative of each argument (empty: it is 0).
struct Site {
    std::span<const Expr> args;
    const Expr& out;
    std::span<const Expr> dargs;
};

/// Where a primitive is tested and its derivative exists.
struct Domain {
    double low = -4, high = 4;
};

struct Scalar {
    std::string_view name;
    std::string_view doc;  // one line: what, special values, accuracy in float32
    int arity = 1;
    enum Result : unsigned char {
        same,     // the common type of the arguments
        boolean,  // a comparison
        real,     // the common type, integers become the type given to `call`
        second,   // of the second argument: `if c then a else b`
        given,    // the type given to `call`: conversions, random numbers
    } result = same;
    bool infix = false;  // printed as `a name b`
    bool commutative = false;
    /// Whether a finite argument in range may give an infinite or undefined value: such a factor must not be multiplied by a
    /// zero that stands for "outside" (0 * -inf).
    bool partial = false;
    std::vector<Domain> domain = {};  // per argument; empty: the default domain for each
    /// d out, a sum over the arguments.  A null function: the derivative is 0 everywhere (comparisons, floor).  A branch not taken
    /// contributes exactly 0: primitives that choose do so on derivatives too, never by multiplying with 0.
    Expr (*tangent)(const Site&) = nullptr;
    /// Its value over double.  Integers arrive as doubles and are exact to 2^53.
    double (*meaning)(std::span<const double>, Type result) = nullptr;
    /// The code.  Arguments have been brought to one type where `result` says so.
    Halide::Expr (*lower)(std::span<const Halide::Expr>, Type result) = nullptr;
};

/// The primitive of that name, or null.  Defined by the table that CMake makes from the files of compiler/scalars/.
const Scalar* find_scalar(std::string_view name);
std::span<const Scalar* const> all_scalars();

}  // namespace dlc::ir
