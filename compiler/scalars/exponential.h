// The exponential family as vector code; the rows exp, expm1, sigmoid, tanh, sinh, cosh, pow and erf are made of it.
#pragma once
#include "compiler/scalars/lowering.h"

namespace dlc::scalars {

Code exp_single(const Code& x);  // f32; results below 2^-126 are 0
Code exp_double(const Code& x);  // f64; results below 2^-1022 are 0
/// e^x = power (1 + rest): power a power of two, |rest| < 0.42.  For x where e^x is a normal number below 2^127.5.
struct Scaled {
    Code power, rest;
};
Scaled exp_scaled(const Code& x);  // either width
/// 1 + e^x, rounded once, for the same x.
Code one_plus_exp(const Code& x);
Code exp_inside(const Code& x);    // either, where e^x is a normal number; no test for other arguments
Code expm1_single(const Code& x);  // f32: e^x - 1 without cancellation
Code expm1_double(const Code& x);  // f64

}  // namespace dlc::scalars
