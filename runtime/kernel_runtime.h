// The C functions that compiled kernels call by name.  They are linked into every program that runs kernels, so no Halide runtime
// is.
#pragma once
#include "runtime/halide_abi.h"

extern "C" {

/// From the scratch of the run on this thread; null, and the run fails, when the kernel asks for more than it declared.  Outside a
/// run there is no scratch and the heap serves.
void* halide_malloc(void* user_context, std::size_t bytes);
void halide_free(void* user_context, void*);
/// Over the run's thread pool; in order on this thread outside a run.
int halide_do_par_for(void* user_context, dlc::runtime::halide::Task, int begin, int count, std::uint8_t* closure);
int halide_do_task(void* user_context, dlc::runtime::halide::Task, int number, std::uint8_t* closure);

}  // extern "C"

namespace dlc::runtime {

/// Called by the executor, so that a linker keeps the functions above.
void keep_kernel_runtime();

}  // namespace dlc::runtime
