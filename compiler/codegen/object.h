// One kernel as a Halide module: lowered, arguments in the kernel's order, scratch counted.
#pragma once
#include <Halide.h>

#include <cstdint>
#include <string>

#include "compiler/schedules/schedule.h"

namespace dlc::codegen {

struct Scratch {
    std::int64_t shared = 0;  // bytes asked of the allocator outside parallel loops, at most at one time
    std::int64_t thread = 0;  // likewise by one worker inside them
};

/// What the generated code checks.  Kernels get extents that are constants and buffers the plan laid out, so nothing; tests check.
enum class Checks { none, all };

/// The functions of a kernel with the passes of ours that Halide needs to compile them.
Halide::Pipeline pipeline_of(const schedules::Lowered&);
/// The module of one kernel; its entry point is `name`, that for an argument array `name_argv`.  Fails with source::InternalError
/// that names the class and shows the kernel.
Halide::Module module_of(const kernels::Kernel&, const schedules::Target&, const schedules::Choice&, const std::string& name,
                         Checks = Checks::none);
Scratch scratch_of(const Halide::Module&, const std::string& name);
/// `work`, with Halide's exceptions as InternalError; in builds with DLC_VERIFY its warnings too.  Nothing is printed.
void guarded(const kernels::Kernel&, const schedules::Target&, const std::function<void()>& work);

}  // namespace dlc::codegen
