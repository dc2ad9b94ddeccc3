// Solves linear systems over the integers inside a box, for all right sides at once.
//
// The rows `sum coefficient * v == rhs` have unknowns v, the variables of a scatter's domain, and right sides over parameters, the
// positions written.  The solution is what a gather needs: every unknown as an index expression of the parameters and of free
// variables that each run through a full interval.  There is seldom one way; `solve` returns all that are worth comparing and the
// caller weighs them, since the price of a bound depends on the body it guards.  docs/autodiff.md has the mathematics.
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "compiler/ir/index.h"

namespace dlc::passes::gather {

struct Row {
    std::map<ir::Var, std::int64_t> coefficients;  // of unknowns, none 0
    ir::Index rhs;                                 // over parameters
};

/// One affine family of solutions.
struct Family {
    std::map<ir::Var, ir::Index> values;   // of each unknown of the system, over parameters and free variables
    std::map<ir::Var, std::int64_t> free;  // free variables and their extents
    std::vector<ir::Index> zero;           // must be 0 for a solution to exist
    std::vector<ir::Var> bounded;          // eliminated unknowns: their values must lie in [0, extent)
};

enum class Method { unit, digit, phase, spread, guard };

/// A way to write all solutions.  Parameter p with a modulus m is split in phases, p = m * p' + phase, and its variable stands for
/// p' in the families of that phase; phases without a family have no solution.
struct Alternative {
    std::map<ir::Var, std::int64_t> moduli;
    struct Case {
        std::vector<std::int64_t> phase;  // one for each modulus, in order
        std::vector<Family> families;     // disjoint
    };
    std::vector<Case> cases;
    Method method = Method::unit;
};

struct Rules {
    bool phases = true;       // parameters may be split
    bool digits = true;       // a row may become a division
    bool bare_digits = true;  // also `c * v == rhs` alone, with a condition on the parameters
};

/// `box` gives the ranges of parameters and, from 0, of unknowns.  Nothing: no right side has a solution.  No alternative: the
/// numbers are too large for any.
std::optional<std::vector<Alternative>> solve(std::vector<Row> rows, const ir::Box& box, const Rules& rules);

/// Every variable as itself.
std::vector<ir::Index> identity_map(std::size_t variables);

}  // namespace dlc::passes::gather
