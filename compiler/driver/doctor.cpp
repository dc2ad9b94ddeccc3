// dlc doctor: what this machine can do, what is missing, and how to get it.
#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "compiler/codegen/compile.h"
#include "compiler/driver/session.h"
#include "compiler/driver/terminal.h"
#include "compiler/driver/version.h"
#include "compiler/ir/row.h"
#include "compiler/schedules/schedule.h"

namespace dlc::driver {
namespace {

namespace fs = std::filesystem;

struct Finding {
    enum State { ok, note, missing } state;
    std::string what, detail;
};

bool loads(const char* library) {
    void* handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    if (handle) dlclose(handle);
    return handle != nullptr;
}

Finding cuda() {
    if (loads("libcuda.so")) return {Finding::ok, "CUDA driver", "libcuda.so"};
    if (loads("libcuda.so.1"))
        return {Finding::missing, "CUDA driver",
                "only libcuda.so.1 is here; GPU code looks for libcuda.so: add a link of that name beside it"};
    return {Finding::note, "CUDA driver", "none; models run on the CPU"};
}

Finding cache(const fs::path& folder) {
    std::error_code error;
    std::int64_t bytes = 0, files = 0;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->is_regular_file(error)) bytes += std::int64_t(it->file_size(error)), ++files;
    }
    fs::path existing = folder;
    while (!existing.empty() && !fs::exists(existing, error)) existing = existing.parent_path();
    if (access(existing.c_str(), W_OK) != 0)
        return {Finding::missing, "kernel cache", folder.string() + " cannot be written: set XDG_CACHE_HOME to a folder that can"};
    struct statvfs space;
    const std::int64_t available =
        statvfs(existing.c_str(), &space) == 0 ? std::int64_t(space.f_bavail) * std::int64_t(space.f_frsize) : 0;
    return {available < (64 << 20) ? Finding::missing : Finding::ok, "kernel cache",
            fmt::format("{}, {} files, {}; {} free", folder.string(), files, human_bytes(bytes), human_bytes(available))};
}

Finding data() {
    const char* given = std::getenv("DLC_DATA");
    const fs::path folder = given ? fs::path(given) / "fashion-mnist" : fs::path("/usr/share/datasets/fashion-mnist");
    std::error_code error;
    if (fs::exists(folder / "train-images-idx3-ubyte.gz", error)) return {Finding::ok, "Fashion-MNIST", folder.string()};
    return {Finding::missing, "Fashion-MNIST",
            "apt-get install dataset-fashion-mnist, or set DLC_DATA to a folder that holds fashion-mnist/"};
}

Finding standard_library() {
    const std::string folder = elaborate::standard_library();
    std::error_code error;
    if (fs::exists(fs::path(folder) / "nn.dlm", error)) return {Finding::ok, "standard library", folder};
    return {Finding::missing, "standard library", folder + " holds no nn.dlm: set DLC_STD to the folder that does"};
}

Finding linker() {
    for (const char* path : {"/usr/bin/ld", "/usr/bin/cc", "/usr/local/bin/ld"}) {
        if (access(path, X_OK) == 0) return {Finding::ok, "linker", path};
    }
    return {Finding::note, "linker", "none; kernels are compiled in memory and not cached: apt-get install binutils"};
}

void diagnose(const Global& global, int& exit_code) {
    const int threads = global.threads ? global.threads : int(std::thread::hardware_concurrency());
    const schedules::Target target = schedules::host();
    std::vector<Finding> findings{
        {Finding::ok, "dlc", kVersion},
        {target.vector_bytes >= 32 ? Finding::ok : Finding::missing, "processor",
         fmt::format("{} threads, {}-bit vectors, {} registers, {} L2 ({})", threads, target.vector_bytes * 8, target.registers,
                     human_bytes(target.l2_bytes), target.halide)},
        cuda(),
        linker(),
        standard_library(),
        data(),
        cache(codegen::default_cache())};
    const char* states[] = {"ok", "note", "missing"};
    nlohmann::json json{{"schema", "dlc.doctor/1"}};
    for (const Finding& f : findings) {
        json["findings"].push_back({{"state", states[f.state]}, {"what", f.what}, {"detail", f.detail}});
        if (!global.json && (!global.quiet || f.state == Finding::missing))
            fmt::print("  {:<8} {:<17} {}\n", states[f.state], f.what, f.detail);
        if (f.state == Finding::missing) exit_code = 3;
    }
    if (global.json) fmt::print("{}\n", json.dump(2));
}

void declare(CLI::App& app, Global& global, int& exit_code) {
    app.callback([&] { diagnose(global, exit_code); });
}

}  // namespace

namespace rows {
DLC_ROW(Command, doctor) = {"doctor", "what this machine can do, what is missing and how to get it", "dlc doctor", declare};
}  // namespace rows
}  // namespace dlc::driver
