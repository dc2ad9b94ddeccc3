#include "compiler/codegen/cache.h"

#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <system_error>

#include "compiler/codegen/compile.h"
#include "dsl/source/diagnostic.h"
#include "runtime/kernel_runtime.h"

namespace dlc::codegen {
namespace {

/// Behind what an entry holds; the loader of shared objects ignores what follows one.
struct Seal {
    ir::Digest checksum;
    char magic[8] = {'d', 'l', 'c', '-', 'e', 'n', 't', '1'};
};

/// Behind a shared object.
struct ScratchBytes {
    std::int64_t shared, thread;
};
constexpr std::string_view kKernel = ".so";

/// Appends the object's bytes.
template <class T>
void append(std::string& bytes, const T& object) {
    bytes.append(reinterpret_cast<const char*>(&object), sizeof object);
}
/// Takes an object off the end; nothing where there are too few bytes.
template <class T>
std::optional<T> detach(std::string& bytes) {
    if (bytes.size() < sizeof(T)) return {};
    T object;
    std::memcpy(&object, bytes.data() + bytes.size() - sizeof object, sizeof object);
    bytes.resize(bytes.size() - sizeof object);
    return object;
}

std::optional<std::string> contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in) return std::nullopt;
    std::string bytes(static_cast<std::size_t>(in.tellg()), '\0');
    in.seekg(0);
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return std::nullopt;
    return bytes;
}

}  // namespace

Cache::Cache(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::error_code failure;
    if (folder_.empty()) {
        std::string name = (std::filesystem::temp_directory_path(failure) / "dlc-XXXXXX").string();
        if (!mkdtemp(name.data())) {
            throw source::EnvironmentError("cannot make a folder for compiled kernels like `" + name +
                                           "`: " + std::strerror(errno) + "; set TMPDIR to a folder that can be written");
        }
        folder_ = name;
        temporary_ = true;
        return;
    }
    std::filesystem::create_directories(folder_, failure);
    if (failure || access(folder_.c_str(), W_OK | X_OK) != 0) {
        throw source::EnvironmentError("the kernel cache `" + folder_.string() +
                                       "` cannot be written: " + (failure ? failure.message() : std::strerror(errno)) +
                                       "; set XDG_CACHE_HOME to a folder that can");
    }
}

Cache::~Cache() {
    std::error_code ignored;
    if (temporary_) std::filesystem::remove_all(folder_, ignored);
}

std::string Cache::symbol(const ir::Digest& key) { return "dlc_" + key.hex(); }

std::filesystem::path Cache::path(const ir::Digest& key, std::string_view kind) const {
    return folder_ / (key.hex() + std::string(kind));
}

std::optional<std::string> Cache::read(const ir::Digest& key, std::string_view kind) const {
    std::optional<std::string> bytes = contents(path(key, kind));
    const std::optional<Seal> seal = bytes ? detach<Seal>(*bytes) : std::nullopt;
    if (!seal || std::memcmp(seal->magic, Seal{}.magic, sizeof seal->magic) != 0) return {};
    if (ir::digest(*bytes) != seal->checksum) return {};
    return bytes;
}

void Cache::write(const ir::Digest& key, std::string_view kind, std::string content) const {
    append(content, Seal{ir::digest(content)});
    const std::filesystem::path file = fresh(kind);
    std::ofstream out(file, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    std::error_code failure;
    if (out) std::filesystem::rename(file, path(key, kind), failure);
    if (!out || failure) {
        std::filesystem::remove(file, failure);
        throw source::EnvironmentError("cannot write the kernel cache `" + folder_.string() + "`: is the disk full?");
    }
}

std::optional<Cache::Loaded> Cache::load(const ir::Digest& key) const {
    runtime::keep_kernel_runtime();
    std::optional<std::string> bytes = read(key, kKernel);
    const std::optional<ScratchBytes> scratch = bytes ? detach<ScratchBytes>(*bytes) : std::nullopt;
    if (!scratch) return {};
    void* handle = dlopen(path(key, kKernel).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        throw source::EnvironmentError(std::string("a compiled kernel cannot be loaded: ") + dlerror() +
                                       "; is the kernel cache on a file system mounted noexec?");
    }
    std::shared_ptr<void> library(handle, [](void* h) { dlclose(h); });
    void* run = dlsym(handle, (symbol(key) + "_argv").c_str());
    if (!run) return std::nullopt;
    dlc_kernel kernel = {};
    kernel.run = reinterpret_cast<dlc_kernel_function>(run);
    kernel.scratch_shared = scratch->shared;
    kernel.scratch_thread = scratch->thread;
    return Loaded{kernel, std::move(library)};
}

void Cache::check_room() const {
    constexpr std::uint64_t kRoom = 8 << 20;  // for what a few threads compile at once
    struct statvfs disk;
    struct rlimit limit;
    if (statvfs(folder_.c_str(), &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < kRoom) {
        throw source::EnvironmentError("the disk of the kernel cache `" + folder_.string() +
                                       "` is full: " + std::to_string((std::uint64_t{disk.f_bavail} * disk.f_frsize) >> 10) +
                                       " KiB are left, compiling takes up to 8 MiB; make room or set XDG_CACHE_HOME");
    }
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < kRoom) {
        throw source::EnvironmentError("kernels cannot be compiled: files may have " + std::to_string(limit.rlim_cur >> 10) +
                                       " KiB here, compiling takes up to 8 MiB; raise `ulimit -f`");
    }
}

std::filesystem::path Cache::fresh(std::string_view suffix) const {
    static std::atomic<unsigned> count{0};
    return folder_ / ("tmp-" + std::to_string(getpid()) + "-" + std::to_string(count++) + std::string(suffix));
}

void Cache::store(const ir::Digest& key, const std::filesystem::path& file, std::int64_t scratch_shared,
                  std::int64_t scratch_thread) const {
    std::optional<std::string> code = contents(file);
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (!code) throw source::EnvironmentError("cannot read back what was linked to `" + file.string() + "`: is the disk full?");
    append(*code, ScratchBytes{scratch_shared, scratch_thread});
    write(key, kKernel, *std::move(code));
}

std::filesystem::path default_cache() {
    if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg) return std::filesystem::path(xdg) / "dlc" / "kernels";
    if (const char* home = std::getenv("HOME"); home && *home) return std::filesystem::path(home) / ".cache" / "dlc" / "kernels";
    return {};
}

}  // namespace dlc::codegen
