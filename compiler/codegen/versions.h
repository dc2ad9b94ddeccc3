// What compiles, as a part of the keys of what is cached: docs/decisions/0005-cache-identity.md.
#pragma once
#include "compiler/ir/digest.h"

namespace dlc::codegen {

/// Halide, and the sources that turn a kernel into its input.
ir::Digest kernel_versions();
/// Those, and the sources that turn a graph into kernels.
ir::Digest plan_versions();

}  // namespace dlc::codegen
