#include "runtime/data/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "dsl/source/diagnostic.h"
#include "runtime/data/file.h"

namespace dlc::data {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr std::uint16_t kStored = 0, kDeflated = 8, kExtra64 = 1;

/// Little-endian numbers at offsets of a file, every access checked.
class Reader {
public:
    Reader(const std::filesystem::path& path, std::span<const std::byte> bytes) : path_(path), bytes_(bytes) {}
    std::span<const std::byte> at(std::uint64_t offset, std::uint64_t size) const {
        if (offset > bytes_.size() || size > bytes_.size() - offset)
            fail_data(path_, fmt::format("truncated or damaged zip file: {} bytes are said to lie at offset {}, the file has {}",
                                         size, offset, bytes_.size()));
        return bytes_.subspan(offset, size);
    }
    template <class T>
    T number(std::uint64_t offset) const {
        T value;
        std::memcpy(&value, at(offset, sizeof value).data(), sizeof value);
        return value;
    }
    std::uint16_t u16(std::uint64_t offset) const { return number<std::uint16_t>(offset); }
    std::uint32_t u32(std::uint64_t offset) const { return number<std::uint32_t>(offset); }
    std::uint64_t u64(std::uint64_t offset) const { return number<std::uint64_t>(offset); }

private:
    const std::filesystem::path& path_;
    std::span<const std::byte> bytes_;
};

std::uint32_t checksum(std::span<const std::byte> bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::vector<std::byte> inflated(std::span<const std::byte> packed, std::uint64_t size, const std::filesystem::path& path,
                                const std::string& name) {
    // A deflated byte never gives more than 1032.
    if (size / 1032 > packed.size())
        fail_data(path, fmt::format("`{}` claims {} bytes in {} packed ones", name, size, packed.size()));
    std::vector<std::byte> result(std::max<std::uint64_t>(size, 1));  // zlib wants somewhere to write even nothing
    z_stream z = {};
    DLC_ASSERT(inflateInit2(&z, -MAX_WBITS) == Z_OK, "zlib starts");
    std::uint64_t in = 0, out = 0;
    int status = Z_OK;
    while (status == Z_OK) {
        const std::uint64_t give = std::min<std::uint64_t>(packed.size() - in, 1u << 30),
                            room = std::min<std::uint64_t>(size - out, 1u << 30);
        z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + in));
        z.avail_in = static_cast<uInt>(give);
        z.next_out = reinterpret_cast<Bytef*>(result.data() + out);
        z.avail_out = static_cast<uInt>(room);
        status = inflate(&z, Z_NO_FLUSH);
        in += give - z.avail_in;
        out += room - z.avail_out;
    }
    inflateEnd(&z);
    if (status != Z_STREAM_END || out != size)
        fail_data(path, fmt::format("`{}` is damaged: {} of {} bytes could be unpacked", name, out, size));
    result.resize(size);
    return result;
}

struct Directory {
    std::uint64_t entries, offset;
};

Directory find_directory(const Reader& file, const std::filesystem::path& path, std::uint64_t size) {
    // The end record is 22 bytes and a comment of at most 64 KiB, at the very end.
    const std::uint64_t furthest = size < 22 + 65535 ? 0 : size - 22 - 65535;
    for (std::uint64_t at = size < 22 ? 0 : size - 22 + 1; at-- > furthest && size >= 22;) {
        if (file.u32(at) != kEnd || at + 22 + file.u16(at + 20) != size) continue;
        if (at >= 20 && file.u32(at - 20) == kLocator64) {
            const std::uint64_t end64 = file.u64(at - 20 + 8);
            if (file.u32(end64) != kEnd64) fail_data(path, "damaged zip file: no zip64 directory where one is said to be");
            return {file.u64(end64 + 32), file.u64(end64 + 48)};
        }
        return {file.u16(at + 10), file.u32(at + 16)};
    }
    fail_data(path, size >= 4 && (file.u32(0) == kLocal) ? "truncated: a zip file without its directory" : "not a zip file");
}

template <class T>
void append(std::vector<std::byte>& to, T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    to.insert(to.end(), bytes, bytes + sizeof value);
}

}  // namespace

std::vector<ZipEntry> read_zip(const std::filesystem::path& path) {
    const std::vector<std::byte> bytes = read_file(path);
    const Reader file(path, bytes);
    const Directory directory = find_directory(file, path, bytes.size());
    std::vector<ZipEntry> entries;
    std::uint64_t at = directory.offset;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        if (file.u32(at) != kCentral) fail_data(path, fmt::format("damaged zip file: entry {} of its directory is none", i));
        const std::uint16_t flags = file.u16(at + 8), method = file.u16(at + 10);
        const std::uint32_t crc = file.u32(at + 16);
        std::uint64_t packed = file.u32(at + 20), size = file.u32(at + 24), local = file.u32(at + 42);
        const std::uint64_t name_bytes = file.u16(at + 28), extra_bytes = file.u16(at + 30), comment_bytes = file.u16(at + 32);
        const auto name_at = file.at(at + 46, name_bytes);
        const std::string name(reinterpret_cast<const char*>(name_at.data()), name_at.size());
        std::uint64_t extra = at + 46 + name_bytes;
        const std::uint64_t extra_end = extra + extra_bytes;
        while (extra + 4 <= extra_end) {
            if (file.u16(extra) == kExtra64) {
                std::uint64_t field = extra + 4;  // holds those of the three that did not fit, in this order
                for (std::uint64_t* value : {&size, &packed, &local})
                    if (*value == std::numeric_limits<std::uint32_t>::max()) {
                        *value = file.u64(field);
                        field += 8;
                    }
            }
            extra += 4 + file.u16(extra + 2);
        }
        if (flags & 1) fail_data(path, fmt::format("`{}` is encrypted", name));
        if (file.u32(local) != kLocal) fail_data(path, fmt::format("damaged zip file: `{}` is not where the directory says", name));
        const auto body = file.at(local + 30 + file.u16(local + 26) + file.u16(local + 28), packed);
        ZipEntry entry{name, {}};
        if (method == kStored) {
            if (packed != size)
                fail_data(path, fmt::format("damaged zip file: `{}` is stored in {} bytes but has {}", name, packed, size));
            entry.bytes.assign(body.begin(), body.end());
        } else if (method == kDeflated) {
            entry.bytes = inflated(body, size, path, name);
        } else {
            fail_data(path, fmt::format("`{}` is packed by method {}; only stored (0) and deflated (8) are read", name, method));
        }
        if (checksum(entry.bytes) != crc) fail_data(path, fmt::format("`{}` is damaged: its checksum does not match", name));
        entries.push_back(std::move(entry));
        at = extra_end + comment_bytes;
    }
    return entries;
}

void write_zip(const std::filesystem::path& path, std::span<const ZipEntry> entries, bool deflate_entries) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max() - 1;
    std::vector<std::vector<std::byte>> heads, bodies;
    std::vector<std::byte> directory;
    std::uint64_t offset = 0;
    for (const ZipEntry& entry : entries) {
        std::vector<std::byte>& packed = bodies.emplace_back();
        bool deflated = deflate_entries && entry.bytes.size() < kMost;
        if (deflated) {
            z_stream z = {};
            DLC_ASSERT(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib starts");
            packed.resize(deflateBound(&z, entry.bytes.size()));
            z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry.bytes.data()));
            z.avail_in = static_cast<uInt>(entry.bytes.size());
            z.next_out = reinterpret_cast<Bytef*>(packed.data());
            z.avail_out = static_cast<uInt>(packed.size());
            DLC_ASSERT(deflate(&z, Z_FINISH) == Z_STREAM_END, "the bound is one");
            packed.resize(z.total_out);
            deflateEnd(&z);
        }
        const std::uint64_t size = deflated ? packed.size() : entry.bytes.size();
        if (size > kMost || offset > kMost - size - 4096 || entries.size() > 65534)
            fail_file(path, "the arrays take more than the 4 GiB of a plain zip file; write fewer at a time");
        const auto fields = [&](std::vector<std::byte>& to) {
            append<std::uint16_t>(to, 20);     // version
            append<std::uint16_t>(to, 0x800);  // names are UTF-8
            append<std::uint16_t>(to, deflated ? kDeflated : kStored);
            append<std::uint32_t>(to, 0x00210000);  // 1980-01-01, so that equal arrays give equal files
            append<std::uint32_t>(to, checksum(entry.bytes));
            append<std::uint32_t>(to, static_cast<std::uint32_t>(size));
            append<std::uint32_t>(to, static_cast<std::uint32_t>(entry.bytes.size()));
            append<std::uint16_t>(to, static_cast<std::uint16_t>(entry.name.size()));
            append<std::uint16_t>(to, 0);
        };
        const auto* name = reinterpret_cast<const std::byte*>(entry.name.data());
        std::vector<std::byte>& head = heads.emplace_back();
        append(head, kLocal);
        fields(head);
        head.insert(head.end(), name, name + entry.name.size());
        append(directory, kCentral);
        append<std::uint16_t>(directory, 20);
        fields(directory);
        append<std::uint16_t>(directory, 0);  // comment
        append<std::uint16_t>(directory, 0);  // disk
        append<std::uint16_t>(directory, 0);  // attributes
        append<std::uint32_t>(directory, 0);
        append<std::uint32_t>(directory, static_cast<std::uint32_t>(offset));
        directory.insert(directory.end(), name, name + entry.name.size());
        offset += head.size() + size;
    }
    const std::uint32_t directory_bytes = static_cast<std::uint32_t>(directory.size());
    append(directory, kEnd);
    append<std::uint32_t>(directory, 0);
    append<std::uint16_t>(directory, static_cast<std::uint16_t>(entries.size()));
    append<std::uint16_t>(directory, static_cast<std::uint16_t>(entries.size()));
    append<std::uint32_t>(directory, directory_bytes);
    append<std::uint32_t>(directory, static_cast<std::uint32_t>(offset));
    append<std::uint16_t>(directory, 0);
    std::vector<std::span<const std::byte>> parts;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        parts.push_back(heads[i]);
        parts.push_back(bodies[i].empty() ? std::span<const std::byte>(entries[i].bytes) : bodies[i]);
    }
    parts.push_back(directory);
    write_file_atomically(path, parts);
}

}  // namespace dlc::data
