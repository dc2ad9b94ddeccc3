#include <HalideRuntime.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "runtime/halide_abi.h"

namespace hl = dlc::runtime::halide;

TEST(HalideAbi, LayoutsAreThoseOfTheRealHeader) {
    static_assert(sizeof(hl::Type) == sizeof(halide_type_t));
    static_assert(sizeof(hl::Dimension) == sizeof(halide_dimension_t));
    static_assert(sizeof(hl::Buffer) == sizeof(halide_buffer_t));
    EXPECT_EQ(offsetof(hl::Type, code), offsetof(halide_type_t, code));
    EXPECT_EQ(offsetof(hl::Type, bits), offsetof(halide_type_t, bits));
    EXPECT_EQ(offsetof(hl::Type, lanes), offsetof(halide_type_t, lanes));
    EXPECT_EQ(offsetof(hl::Dimension, min), offsetof(halide_dimension_t, min));
    EXPECT_EQ(offsetof(hl::Dimension, extent), offsetof(halide_dimension_t, extent));
    EXPECT_EQ(offsetof(hl::Dimension, stride), offsetof(halide_dimension_t, stride));
    EXPECT_EQ(offsetof(hl::Dimension, flags), offsetof(halide_dimension_t, flags));
    EXPECT_EQ(offsetof(hl::Buffer, device), offsetof(halide_buffer_t, device));
    EXPECT_EQ(offsetof(hl::Buffer, device_interface), offsetof(halide_buffer_t, device_interface));
    EXPECT_EQ(offsetof(hl::Buffer, host), offsetof(halide_buffer_t, host));
    EXPECT_EQ(offsetof(hl::Buffer, flags), offsetof(halide_buffer_t, flags));
    EXPECT_EQ(offsetof(hl::Buffer, type), offsetof(halide_buffer_t, type));
    EXPECT_EQ(offsetof(hl::Buffer, dimensions), offsetof(halide_buffer_t, dimensions));
    EXPECT_EQ(offsetof(hl::Buffer, dim), offsetof(halide_buffer_t, dim));
    EXPECT_EQ(offsetof(hl::Buffer, padding), offsetof(halide_buffer_t, padding));
}

TEST(HalideAbi, TypesAreThoseOfTheRealHeader) {
    const auto same = [](dlc_type ours, halide_type_t theirs) {
        const hl::Type type = hl::type_of(ours);
        return std::memcmp(&type, &theirs, sizeof type) == 0;
    };
    EXPECT_TRUE(same(DLC_BOOL, halide_type_t(halide_type_uint, 1)));
    EXPECT_TRUE(same(DLC_I8, halide_type_t(halide_type_int, 8)));
    EXPECT_TRUE(same(DLC_U8, halide_type_t(halide_type_uint, 8)));
    EXPECT_TRUE(same(DLC_I32, halide_type_t(halide_type_int, 32)));
    EXPECT_TRUE(same(DLC_I64, halide_type_t(halide_type_int, 64)));
    EXPECT_TRUE(same(DLC_F16, halide_type_t(halide_type_float, 16)));
    EXPECT_TRUE(same(DLC_BF16, halide_type_t(halide_type_bfloat, 16)));
    EXPECT_TRUE(same(DLC_F32, halide_type_t(halide_type_float, 32)));
    EXPECT_TRUE(same(DLC_F64, halide_type_t(halide_type_float, 64)));
}

TEST(HalideAbi, ErrorCodesAreThoseOfTheRealHeader) {
    EXPECT_EQ(int{hl::kOutOfMemory}, int{halide_error_code_out_of_memory});
    EXPECT_EQ(int{hl::kBadType}, int{halide_error_code_bad_type});
    EXPECT_EQ(int{hl::kBadDimensions}, int{halide_error_code_bad_dimensions});
    EXPECT_EQ(int{hl::kAccessOutOfBounds}, int{halide_error_code_access_out_of_bounds});
    EXPECT_EQ(int{hl::kConstraintViolated}, int{halide_error_code_constraint_violated});
    EXPECT_EQ(int{hl::kArgumentIsNull}, int{halide_error_code_buffer_argument_is_null});
    EXPECT_EQ(int{hl::kHostIsNull}, int{halide_error_code_host_is_null});
    EXPECT_EQ(int{hl::kInternal}, int{halide_error_code_internal_error});
    EXPECT_EQ(int{hl::kDeviceDirty}, int{halide_error_code_device_dirty_with_no_device_support});
    EXPECT_EQ(int{hl::kExplicitBoundsTooSmall}, int{halide_error_code_explicit_bounds_too_small});
    EXPECT_EQ(int{hl::kAllocationTooLarge}, int{halide_error_code_buffer_allocation_too_large});
    EXPECT_EQ(int{hl::kExtentsTooLarge}, int{halide_error_code_buffer_extents_too_large});
    EXPECT_EQ(int{hl::kExtentsNegative}, int{halide_error_code_buffer_extents_negative});
    EXPECT_EQ(int{hl::kRequirementFailed}, int{halide_error_code_requirement_failed});
    EXPECT_EQ(int{hl::kStorageBoundTooSmall}, int{halide_error_code_storage_bound_too_small});
    EXPECT_EQ(int{hl::kSplitFactorNotPositive}, int{halide_error_code_split_factor_not_positive});
}
