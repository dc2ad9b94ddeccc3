// The derivatives of log gamma, to any order.
#pragma once
#include "compiler/scalars/lowering.h"

namespace dlc::scalars {

/// The derivative of order `order` >= 0 of digamma at x; NaN unless x > 0.
double polygamma(int order, double x);
/// The same as code of the given real type, computed in f64.
Code polygamma(int order, const Code& x, ir::Type result);

}  // namespace dlc::scalars
