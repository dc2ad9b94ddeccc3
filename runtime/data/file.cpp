#include "runtime/data/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "dsl/source/diagnostic.h"

namespace dlc::data {
namespace {

constexpr std::string_view kSuffix = ".dlc-tmp";  // ".NAME.PID.dlc-tmp"

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int close() {
        const int fd = fd_;
        fd_ = -1;
        return ::close(fd);
    }

private:
    int fd_;
};

/// What a failed write means to the user.
[[noreturn]] void fail_write(const std::filesystem::path& path, int error, std::size_t bytes) {
    switch (error) {
        case ENOSPC:
        case EDQUOT: fail_file(path, fmt::format("no space left to write its {} bytes ({})", bytes, std::strerror(error)));
        case EFBIG: fail_file(path, fmt::format("its {} bytes are more than a file may have here (see `ulimit -f`)", bytes));
        case EACCES:
        case EPERM:
        case EROFS:
            fail_file(path, fmt::format("cannot write: the folder {} is not writable ({})",
                                        path.has_parent_path() ? path.parent_path().string() : ".", std::strerror(error)));
        case ENOENT:
        case ENOTDIR:
            fail_file(path,
                      fmt::format("cannot write: {} is not a folder", path.has_parent_path() ? path.parent_path().string() : "."));
        default: fail_file(path, fmt::format("cannot write: {}", std::strerror(error)));
    }
}

/// What a chain of links ends at, which need not exist.
std::filesystem::path followed(std::filesystem::path path) {
    std::error_code ignored;
    for (int links = 0; links < 40 && std::filesystem::is_symlink(path, ignored); ++links)
        path = path.parent_path() / std::filesystem::read_symlink(path, ignored);  // an absolute link replaces the whole
    return path;
}

/// 0, or the number of the error.
int write_all(int file, std::span<const std::span<const std::byte>> parts) {
    for (std::span<const std::byte> part : parts)
        while (!part.empty()) {
            const ssize_t written = ::write(file, part.data(), part.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return errno;
            part = part.subspan(static_cast<std::size_t>(written));
        }
    return 0;
}

}  // namespace

void fail_data(const std::filesystem::path& path, const std::string& what) {
    throw source::UserError(source::error(source::code("E0457"), fmt::format("{}: {}", path.string(), what)));
}
void fail_file(const std::filesystem::path& path, const std::string& what) {
    throw source::EnvironmentError(fmt::format("{}: {}", path.string(), what));
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) fail_file(path, fmt::format("cannot open: {}", std::strerror(errno)));
    struct stat facts;
    if (::fstat(file.get(), &facts) != 0) fail_file(path, fmt::format("cannot read: {}", std::strerror(errno)));
    if (S_ISDIR(facts.st_mode)) fail_file(path, "is a folder, not a file");
    std::vector<std::byte> bytes(S_ISREG(facts.st_mode) ? static_cast<std::size_t>(facts.st_size) : 0);
    std::size_t have = 0;
    while (true) {
        if (have == bytes.size()) {
            std::byte probe;  // the end, or a file that grew or has no size
            const ssize_t more = ::read(file.get(), &probe, 1);
            if (more == 0) return bytes;
            if (more > 0) {
                bytes.resize(std::max<std::size_t>(4096, bytes.size() * 2));
                bytes[have++] = probe;
                continue;
            }
        }
        const ssize_t got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_file(path, fmt::format("cannot read: {}", std::strerror(errno)));
        if (got == 0) {
            bytes.resize(have);
            return bytes;
        }
        have += static_cast<std::size_t>(got);
    }
}

std::vector<std::byte> unpacked(std::vector<std::byte> packed, const std::filesystem::path& path) {
    if (packed.size() < 2 || packed[0] != std::byte{0x1f} || packed[1] != std::byte{0x8b}) return packed;
    struct Inflater {
        z_stream z = {};
        Inflater() { DLC_ASSERT(inflateInit2(&z, 16 + MAX_WBITS) == Z_OK, "zlib starts"); }
        ~Inflater() { inflateEnd(&z); }
    } inflater;
    z_stream& z = inflater.z;
    std::vector<std::byte> result(packed.size() * 4);
    std::size_t have = 0, taken = 0;
    bool finished = false;  // a member
    while (true) {
        if (z.avail_in == 0) {
            const std::size_t chunk = std::min<std::size_t>(packed.size() - taken, 1u << 30);
            z.next_in = reinterpret_cast<Bytef*>(packed.data() + taken);
            z.avail_in = static_cast<uInt>(chunk);
            taken += chunk;
        }
        if (finished) {
            if (z.avail_in == 0) break;
            inflateReset(&z);  // another member follows
            finished = false;
        }
        if (have == result.size()) result.resize(result.size() * 2);
        const std::size_t room = std::min<std::size_t>(result.size() - have, 1u << 30);
        z.next_out = reinterpret_cast<Bytef*>(result.data() + have);
        z.avail_out = static_cast<uInt>(room);
        const int status = inflate(&z, Z_NO_FLUSH);
        have += room - z.avail_out;
        if (status == Z_STREAM_END)
            finished = true;
        else if (status == Z_BUF_ERROR || (status == Z_OK && z.avail_in == 0 && taken == packed.size() && z.avail_out > 0))
            fail_file(path, fmt::format("truncated: the gzip data end after {} unpacked bytes", have));
        else if (status != Z_OK)
            fail_file(path, fmt::format("damaged gzip data after {} unpacked bytes ({})", have, z.msg ? z.msg : "bad stream"));
    }
    result.resize(have);
    return result;
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts) {
    std::size_t total = 0;
    for (const auto& part : parts) total += part.size();
    const std::filesystem::path target = followed(path);
    struct stat facts;
    if (::stat(target.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode)) {
        if (S_ISDIR(facts.st_mode)) fail_file(path, "is a folder, not a file");
        Descriptor device(::open(target.c_str(), O_WRONLY | O_CLOEXEC));
        if (const int error = device ? write_all(device.get(), parts) : errno) fail_write(path, error, total);
        if (device.close() != 0) fail_write(path, errno, total);
        return;
    }
    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
    const std::filesystem::path temporary = folder / fmt::format(".{}.{}{}", target.filename().string(), ::getpid(), kSuffix);
    const auto fail = [&](int error) {
        ::unlink(temporary.c_str());
        fail_write(path, error, total);
    };
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file) fail(errno);
    if (const int error = write_all(file.get(), parts)) fail(error);
    if (::fsync(file.get()) != 0 || file.close() != 0) fail(errno);
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail(errno);
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || (::fsync(directory.get()) != 0 && errno != EINVAL)) fail_write(path, errno, total);
}

void remove_leftovers(const std::filesystem::path& folder) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with('.') || !name.ends_with(kSuffix)) continue;
        const std::string stem = name.substr(0, name.size() - kSuffix.size());
        const std::size_t dot = stem.rfind('.');
        pid_t owner = 0;
        const auto [end, error] = std::from_chars(stem.data() + dot + 1, stem.data() + stem.size(), owner);
        if (error != std::errc{} || end != stem.data() + stem.size() || owner <= 0) continue;
        if (::kill(owner, 0) == 0 || errno != ESRCH) continue;  // its writer is alive
        std::filesystem::remove(entry.path(), ignored);
    }
}

}  // namespace dlc::data
