// A folder for a cache, and the smallest kernels.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "compiler/ir/arith.h"
#include "compiler/kernels/kernel.h"

namespace dlc::codegen {

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "dlc-test-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> all;
        for (const auto& entry : std::filesystem::directory_iterator(path)) all.push_back(entry.path());
        return all;
    }
    std::filesystem::path path;
};

/// out = in * factor over n numbers.
inline kernels::Kernel scaled(double factor, std::int64_t n = 16) {
    ir::Builder b;
    const ir::NodeId x = b.leaf(ir::LeafKind::input, "in0", ir::Type::f32, {n});
    b.result({ir::Result::value, "out0", b.pointwise(ir::Type::f32, {n}, b.read_all(x) * factor), {}, {}});
    kernels::Kernel k;
    k.body = std::move(b).finish();
    k.inputs = k.outputs = {{0}};
    k.alias = {-1};
    return k;
}
/// Kernels that nothing calls.
inline kernels::Plan plan_of(std::vector<kernels::Kernel> kernels) {
    kernels::Plan plan;
    plan.kernels = std::move(kernels);
    return plan;
}

/// Changes one bit of a file.
inline void damage(const std::filesystem::path& path, std::int64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(at);
    file.put(byte);
}

}  // namespace dlc::codegen
