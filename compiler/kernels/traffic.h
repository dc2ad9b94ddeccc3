// What a plan moves between its kernels.
#pragma once
#include "compiler/kernels/kernel.h"

namespace dlc::kernels {

/// Bytes that a run moves if nothing stays in a cache from one call to the next: each call reads each buffer among its inputs once
/// and writes its outputs once.
std::int64_t bytes_moved(const Layout&);

}  // namespace dlc::kernels
