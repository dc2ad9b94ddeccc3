#include "runtime/kernel_runtime.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "runtime/lane.h"
#include "runtime/thread_pool.h"

using namespace dlc::runtime;

namespace {

/// Notes an error of the run on this thread; outside a run it goes to standard error, there is no one else to tell.
template <class... Arguments>
int fail(int code, const char* format, Arguments... arguments) {
    if (Frame* frame = current_lane().frame) {
        frame->errors->report(format, arguments...);
    } else {
        std::fprintf(stderr, format, arguments...);
        std::fputc('\n', stderr);
    }
    return code;
}

/// A parallel loop of a kernel.
struct Loop {
    Frame* frame;
    halide::Task task;
    void* user_context;
    std::uint8_t* closure;
};

int run_task(void* context, int number, void*) {
    const Loop& loop = *static_cast<const Loop*>(context);
    Lane& lane = current_lane();
    const Lane before = lane;
    if (before.frame == loop.frame && before.stack == &loop.frame->thread_stacks[ThreadPool::lane()])
        return loop.task(loop.user_context, number, loop.closure);  // nested: what this thread holds stays below
    lane = {loop.frame, &loop.frame->thread_stacks[ThreadPool::lane()]};
    const int code = loop.task(loop.user_context, number, loop.closure);
    lane = before;
    return code;
}

}  // namespace

void dlc::runtime::keep_kernel_runtime() {}

extern "C" {

void* halide_malloc(void*, std::size_t bytes) {
    const Lane& lane = current_lane();
    if (!lane.frame) return std::aligned_alloc(DLC_SCRATCH_ALIGNMENT, static_cast<std::size_t>(dlc_scratch_bytes(bytes)));
    void* memory = bytes > INT64_MAX / 2 ? nullptr : lane.stack->allocate(static_cast<std::int64_t>(bytes));
    if (!memory)
        fail(halide::kOutOfMemory, "a kernel asks for %zu bytes of scratch beyond the %" PRId64 " it declared", bytes,
             lane.stack->capacity());
    return memory;
}

void halide_free(void*, void* memory) {
    const Lane& lane = current_lane();
    if (!memory) return;
    if (!lane.frame)
        std::free(memory);
    else if (!lane.stack->free(memory))
        fail(halide::kInternal, "a kernel frees memory that it was not given");
}

int halide_do_task(void* user_context, halide::Task task, int number, std::uint8_t* closure) {
    return task(user_context, number, closure);
}

int halide_do_par_for(void* user_context, halide::Task task, int begin, int count, std::uint8_t* closure) {
    Frame* frame = current_lane().frame;
    if (!frame) {
        int first = 0;
        for (int i = 0; i < count; ++i)
            if (const int code = task(user_context, begin + i, closure); first == 0) first = code;
        return first;
    }
    Loop loop{frame, task, user_context, closure};
    return frame->pool->parallel_for(run_task, &loop, begin, count, nullptr);
}

void halide_error(void*, const char* message) { fail(halide::kGeneric, "%s", message); }

void halide_print(void*, const char* message) { std::fputs(message, stderr); }

int halide_error_bounds_inference_call_failed(void*, const char* stage, int code) {
    return fail(code, "bounds inference of %s failed with code %d", stage, code);
}
int halide_error_extern_stage_failed(void*, const char* stage, int code) {
    return fail(code, "stage %s failed with code %d", stage, code);
}
int halide_error_explicit_bounds_too_small(void*, const char* func, const char* var, int low, int high, int low_needed,
                                           int high_needed) {
    return fail(halide::kExplicitBoundsTooSmall, "%s of %s runs over [%d, %d] but [%d, %d] is needed", var, func, low, high,
                low_needed, high_needed);
}
int halide_error_bad_type(void*, const char* func, std::uint32_t given, std::uint32_t wanted) {
    return fail(halide::kBadType, "%s has type code %#x instead of %#x", func, given, wanted);
}
int halide_error_bad_dimensions(void*, const char* func, std::int32_t given, std::int32_t wanted) {
    return fail(halide::kBadDimensions, "%s has %d dimensions instead of %d", func, given, wanted);
}
int halide_error_access_out_of_bounds(void*, const char* func, int dimension, int low, int high, int low_valid, int high_valid) {
    return fail(halide::kAccessOutOfBounds, "%s is accessed at [%d, %d] in dimension %d, which holds [%d, %d]", func, low, high,
                dimension, low_valid, high_valid);
}
int halide_error_buffer_allocation_too_large(void*, const char* buffer, std::uint64_t bytes, std::uint64_t most) {
    return fail(halide::kAllocationTooLarge, "%s takes %" PRIu64 " bytes, at most %" PRIu64 " can be addressed", buffer, bytes,
                most);
}
int halide_error_buffer_extents_negative(void*, const char* buffer, int dimension, int extent) {
    return fail(halide::kExtentsNegative, "%s has extent %d in dimension %d", buffer, extent, dimension);
}
int halide_error_buffer_extents_too_large(void*, const char* buffer, std::int64_t elements, std::int64_t most) {
    return fail(halide::kExtentsTooLarge, "%s has %" PRId64 " elements, at most %" PRId64 " can be addressed", buffer, elements,
                most);
}
int halide_error_constraints_make_required_region_smaller(void*, const char* buffer, int dimension, int min, int extent,
                                                          int min_needed, int extent_needed) {
    return fail(halide::kConstraintsShrinkRegion, "constraints give %s [%d, %d) in dimension %d but [%d, %d) is needed", buffer,
                min, min + extent, dimension, min_needed, min_needed + extent_needed);
}
int halide_error_constraint_violated(void*, const char* var, int value, const char* constrained, int wanted) {
    return fail(halide::kConstraintViolated, "%s is %d but %s is %d", var, value, constrained, wanted);
}
int halide_error_param_too_small_i64(void*, const char* name, std::int64_t value, std::int64_t least) {
    return fail(halide::kParamTooSmall, "%s is %" PRId64 ", at least %" PRId64 " is needed", name, value, least);
}
int halide_error_param_too_small_u64(void*, const char* name, std::uint64_t value, std::uint64_t least) {
    return fail(halide::kParamTooSmall, "%s is %" PRIu64 ", at least %" PRIu64 " is needed", name, value, least);
}
int halide_error_param_too_small_f64(void*, const char* name, double value, double least) {
    return fail(halide::kParamTooSmall, "%s is %g, at least %g is needed", name, value, least);
}
int halide_error_param_too_large_i64(void*, const char* name, std::int64_t value, std::int64_t most) {
    return fail(halide::kParamTooLarge, "%s is %" PRId64 ", at most %" PRId64 " is allowed", name, value, most);
}
int halide_error_param_too_large_u64(void*, const char* name, std::uint64_t value, std::uint64_t most) {
    return fail(halide::kParamTooLarge, "%s is %" PRIu64 ", at most %" PRIu64 " is allowed", name, value, most);
}
int halide_error_param_too_large_f64(void*, const char* name, double value, double most) {
    return fail(halide::kParamTooLarge, "%s is %g, at most %g is allowed", name, value, most);
}
int halide_error_out_of_memory(void*) { return fail(halide::kOutOfMemory, "out of memory%s", ""); }
int halide_error_buffer_argument_is_null(void*, const char* buffer) {
    return fail(halide::kArgumentIsNull, "argument %s is null", buffer);
}
int halide_error_unaligned_host_ptr(void*, const char* func, int alignment) {
    return fail(halide::kUnaligned, "%s is not aligned to %d bytes", func, alignment);
}
int halide_error_host_is_null(void*, const char* func) { return fail(halide::kHostIsNull, "%s has no memory", func); }
int halide_error_bad_fold(void*, const char* func, const char* var, const char* loop) {
    return fail(halide::kBadFold, "%s cannot be folded over %s in the loop over %s", func, var, loop);
}
int halide_error_bad_extern_fold(void*, const char* func, int dimension, int min, int extent, int valid_min, int factor) {
    return fail(halide::kBadExternFold, "%s is folded by %d in dimension %d from %d, [%d, %d) does not fit", func, factor,
                dimension, valid_min, min, min + extent);
}
int halide_error_fold_factor_too_small(void*, const char* func, const char* var, int factor, const char* loop, int needed) {
    return fail(halide::kFoldFactorTooSmall, "%s is folded over %s by %d, the loop over %s needs %d", func, var, factor, loop,
                needed);
}
int halide_error_requirement_failed(void*, const char* condition, const char* message) {
    return fail(halide::kRequirementFailed, "%s does not hold: %s", condition, message);
}
int halide_error_specialize_fail(void*, const char* message) {
    return fail(halide::kSpecializeFail, "no specialisation fits: %s", message);
}
int halide_error_no_device_interface(void*) { return fail(halide::kNoDeviceInterface, "a buffer has no %s interface", "device"); }
int halide_error_device_interface_no_device(void*) {
    return fail(halide::kDeviceInterfaceNoDevice, "a buffer has an interface but no %s", "device");
}
int halide_error_host_and_device_dirty(void*) {
    return fail(halide::kHostAndDeviceDirty, "a buffer was changed on both the host and the %s", "device");
}
int halide_error_buffer_is_null(void*, const char* routine) {
    return fail(halide::kBufferIsNull, "%s was given no buffer", routine);
}
int halide_error_device_dirty_with_no_device_support(void*, const char* buffer) {
    return fail(halide::kDeviceDirty, "%s was changed on a device, which this kernel does not know", buffer);
}
int halide_error_storage_bound_too_small(void*, const char* func, const char* var, int given, int needed) {
    return fail(halide::kStorageBoundTooSmall, "%s stores %d along %s, %d are needed", func, given, var, needed);
}
int halide_error_device_crop_failed(void*) { return fail(halide::kDeviceCropFailed, "a %s buffer could not be cropped", "device"); }
int halide_error_split_factor_not_positive(void*, const char* func, const char* original, const char* outer, const char* inner,
                                           const char* text, int factor) {
    return fail(halide::kSplitFactorNotPositive, "%s splits %s into %s and %s by %s = %d", func, original, outer, inner, text,
                factor);
}
int halide_error_vscale_invalid(void*, const char* func, int given, int wanted) {
    return fail(halide::kVscaleInvalid, "%s runs with vscale %d instead of %d", func, given, wanted);
}

}  // extern "C"
