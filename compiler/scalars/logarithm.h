// The logarithm as vector code; the rows log, log1p and pow are made of it.
#pragma once
#include "compiler/scalars/lowering.h"

namespace dlc::scalars {

Code log_single(const Code& x);    // f32
Code log_double(const Code& x);    // f64
Code log1p_single(const Code& x);  // f32: log(1 + x) without cancellation
Code log1p_double(const Code& x);  // f64

}  // namespace dlc::scalars
