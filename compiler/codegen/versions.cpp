#include "compiler/codegen/versions.h"

#include <Halide.h>

#include <string_view>

namespace dlc::codegen {

// Made by the build: cmake/CodeDigest.cmake.
extern const char* const kCodeDigest;
extern const char* const kPlanDigest;

ir::Digest kernel_versions() {
    ir::Hasher h;
    h.add("kernel cache 3");
    h.add(std::uint64_t{HALIDE_VERSION_MAJOR}).add(std::uint64_t{HALIDE_VERSION_MINOR}).add(std::uint64_t{HALIDE_VERSION_PATCH});
    return h.add(std::string_view(kCodeDigest)).done();
}

ir::Digest plan_versions() { return ir::Hasher().add(kernel_versions()).add(std::string_view(kPlanDigest)).done(); }

}  // namespace dlc::codegen
