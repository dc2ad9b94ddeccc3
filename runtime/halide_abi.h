// The part of Halide 21's C interface that compiled kernels rely on, declared here so that the runtime stands alone.  A test holds
// the layouts against the real header.
#pragma once
#include <cstddef>
#include <cstdint>

#include "runtime/plan.h"

namespace dlc::runtime::halide {

enum TypeCode : std::uint8_t { kInt = 0, kUint = 1, kFloat = 2, kBfloat = 4 };

struct Type {
    std::uint8_t code;
    std::uint8_t bits;
    std::uint16_t lanes;
};

struct Dimension {
    std::int32_t min, extent, stride;
    std::uint32_t flags;
};

struct Buffer {
    std::uint64_t device;
    const void* device_interface;
    std::byte* host;
    std::uint64_t flags;
    Type type;
    std::int32_t dimensions;
    Dimension* dim;
    void* padding;
};

enum Error : int {
    kGeneric = -1,
    kExplicitBoundsTooSmall = -2,
    kBadType = -3,
    kAccessOutOfBounds = -4,
    kAllocationTooLarge = -5,
    kExtentsTooLarge = -6,
    kConstraintsShrinkRegion = -7,
    kConstraintViolated = -8,
    kParamTooSmall = -9,
    kParamTooLarge = -10,
    kOutOfMemory = -11,
    kArgumentIsNull = -12,
    kInternal = -22,
    kUnaligned = -24,
    kBadFold = -25,
    kFoldFactorTooSmall = -26,
    kRequirementFailed = -27,
    kExtentsNegative = -28,
    kSpecializeFail = -31,
    kHostIsNull = -34,
    kBadExternFold = -35,
    kDeviceInterfaceNoDevice = -36,
    kHostAndDeviceDirty = -37,
    kBufferIsNull = -38,
    kNoDeviceInterface = -19,
    kDeviceCropFailed = -41,
    kBadDimensions = -43,
    kDeviceDirty = -44,
    kStorageBoundTooSmall = -45,
    kSplitFactorNotPositive = -46,
    kVscaleInvalid = -47,
};

constexpr Type type_of(dlc_type type) {
    switch (type) {
        case DLC_BOOL: return {kUint, 1, 1};
        case DLC_I8: return {kInt, 8, 1};
        case DLC_U8: return {kUint, 8, 1};
        case DLC_I32: return {kInt, 32, 1};
        case DLC_I64: return {kInt, 64, 1};
        case DLC_F16: return {kFloat, 16, 1};
        case DLC_BF16: return {kBfloat, 16, 1};
        case DLC_F32: return {kFloat, 32, 1};
        case DLC_F64: return {kFloat, 64, 1};
    }
    return {};
}

using Task = int (*)(void* user_context, int number, std::uint8_t* closure);

}  // namespace dlc::runtime::halide
