#include <cmath>

#include "compiler/scalars/exponential.h"
#include "compiler/scalars/lowering.h"
#include "compiler/scalars/tangent.h"

namespace dlc::ir::rows {

using namespace scalars;

DLC_ROW(Scalar, exp) = {
    .name = "exp",
    .doc = "e^a; in f32: inf from 88.73, subnormal results are 0; f32 to 1.1 ulp",
    .result = Scalar::real,
    .tangent = [](const Site& s) { return along(s, 0, [&] { return s.out; }); },
    .meaning = [](std::span<const double> x, Type) { return std::exp(x[0]); },
    .lower = by_precision<exp_single, exp_double>,
};

}  // namespace dlc::ir::rows
