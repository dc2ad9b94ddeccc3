// The trigonometric family.  f32 as vector code, with an argument reduction that is right for every f32; f64 by libm.
#pragma once
#include "compiler/scalars/lowering.h"

namespace dlc::scalars {

Code sin_single(const Code& x);
Code cos_single(const Code& x);
Code tan_single(const Code& x);
Code asin_single(const Code& x);
Code acos_single(const Code& x);
Code atan_single(const Code& x);
Code atan2_single(const Code& y, const Code& x);

Code sin_double(const Code& x);
Code cos_double(const Code& x);
Code tan_double(const Code& x);
Code asin_double(const Code& x);
Code acos_double(const Code& x);
Code atan_double(const Code& x);
Code atan2_double(const Code& y, const Code& x);

}  // namespace dlc::scalars
