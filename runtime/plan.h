/* A plan as data: ordered kernel calls on offsets of caller-owned memory.  Plain C, no compiler behind it: the same structures
 * describe a plan that was compiled in this process and one inside a static library. */
#ifndef DLC_RUNTIME_PLAN_H
#define DLC_RUNTIME_PLAN_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What lies in DLC_CONSTANT is written once, by who makes the executor, and only read by the calls. */
enum dlc_region { DLC_PARAMETER, DLC_STATE, DLC_INPUT, DLC_OUTPUT, DLC_WORKSPACE, DLC_CONSTANT, DLC_REGIONS };
enum dlc_type { DLC_BOOL, DLC_I8, DLC_U8, DLC_I32, DLC_I64, DLC_F16, DLC_BF16, DLC_F32, DLC_F64 };

/* A dense tensor in a region.  Dimensions are listed innermost (fastest) first, as the kernels want them. */
struct dlc_buffer {
    int32_t region; /* enum dlc_region */
    int32_t type;   /* enum dlc_type */
    int32_t dimensions;
    const int32_t* extents; /* by dimension, in the kernel's own order of arguments */
    const int32_t* strides; /* elements */
    int64_t offset;         /* bytes from the region's start */
    int64_t bytes;
};

/* Arguments are pointers to `struct halide_buffer_t`, inputs first, outputs after.  0 is success. */
typedef int (*dlc_kernel_function)(void** arguments);

/* What one allocation of `asked` bytes takes of a kernel's scratch. */
#define DLC_SCRATCH_ALIGNMENT 128
static inline int64_t dlc_scratch_bytes(int64_t asked) {
    return (asked + 64 + DLC_SCRATCH_ALIGNMENT - 1) / DLC_SCRATCH_ALIGNMENT * DLC_SCRATCH_ALIGNMENT;
}

/* Scratch is the largest sum of dlc_scratch_bytes over allocations that live inside one another; a loop nested in a parallel loop
 * runs on the thread that reached it, so what it allocates belongs to scratch_thread as well. */
struct dlc_kernel {
    dlc_kernel_function run;
    int64_t scratch_shared; /* bytes it asks of the allocator outside parallel loops */
    int64_t scratch_thread; /* bytes each worker asks inside them */
};

struct dlc_call {
    int32_t kernel;
    int32_t arguments;      /* number of buffers */
    const int32_t* buffers; /* inputs first, outputs after */
};

/* The calls [first, last) run `steps` times, t from 0 up, or backwards from steps - 1 down.  Loops nest; an outer one is listed
 * before those inside it, otherwise they stand in the order of their calls. */
struct dlc_loop {
    int32_t first, last;
    int32_t backwards;
    int64_t steps;
};
/* Within a loop a buffer lies `bytes` further with each t: a row of a tensor that holds all steps. */
struct dlc_move {
    int32_t loop, buffer;
    int64_t bytes;
};

struct dlc_plan {
    int32_t kernels, buffers, calls, loops, moves;
    const struct dlc_kernel* kernel;
    const struct dlc_buffer* buffer;
    const struct dlc_call* call;
    const struct dlc_loop* loop;
    const struct dlc_move* move; /* by loop */
    int64_t region_bytes[DLC_REGIONS];
};

#ifdef __cplusplus
}
#endif
#endif
