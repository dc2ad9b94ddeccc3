#include "runtime/data/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "runtime/data/file.h"

namespace dlc::data {
namespace {

struct Element {
    dlc_type type;
    std::size_t bytes;  // in the file
};

std::optional<Element> element(std::byte code) {
    switch (std::to_integer<int>(code)) {
        case 0x08: return Element{DLC_U8, 1};
        case 0x09: return Element{DLC_I8, 1};
        case 0x0b: return Element{DLC_I32, 2};
        case 0x0c: return Element{DLC_I32, 4};
        case 0x0d: return Element{DLC_F32, 4};
        case 0x0e: return Element{DLC_F64, 8};
        default: return std::nullopt;
    }
}

std::uint32_t big_endian_32(const std::byte* at) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(at[i]);
    return value;
}

}  // namespace

Array read_idx(const std::filesystem::path& path) {
    const std::vector<std::byte> bytes = unpacked(read_file(path), path);
    if (bytes.size() < 4)
        fail_file(path, fmt::format("truncated: {} bytes, an IDX file starts with 4 bytes of magic", bytes.size()));
    const std::optional<Element> stored = element(bytes[2]);
    if (bytes[0] != std::byte{0} || bytes[1] != std::byte{0} || !stored)
        fail_file(path, fmt::format(
                            "not an IDX file: it starts with {:02x} {:02x} {:02x} {:02x}, an IDX file with 00 00, an element type "
                            "and a number of dimensions",
                            std::to_integer<int>(bytes[0]), std::to_integer<int>(bytes[1]), std::to_integer<int>(bytes[2]),
                            std::to_integer<int>(bytes[3])));
    const std::size_t rank = std::to_integer<std::size_t>(bytes[3]), header = 4 + 4 * rank;
    if (bytes.size() < header)
        fail_file(path, fmt::format("truncated: {} bytes, the header of {} dimensions takes {}", bytes.size(), rank, header));
    Shape shape(rank);
    for (std::size_t d = 0; d < rank; ++d) shape[d] = big_endian_32(bytes.data() + 4 + 4 * d);
    const std::int64_t elements = volume(shape);
    if (elements < 0) fail_file(path, fmt::format("damaged: its header says {}", describe(stored->type, shape)));
    const std::size_t room = bytes.size() - header, needed = static_cast<std::size_t>(elements);
    if (room / stored->bytes < needed)
        fail_file(path, fmt::format("truncated: {} takes {} bytes after the header, it has {}", describe(stored->type, shape),
                                    needed * stored->bytes, room));
    if (room > needed * stored->bytes)
        fail_file(path, fmt::format("damaged: {} takes {} bytes after the header, it has {}", describe(stored->type, shape),
                                    needed * stored->bytes, room));
    Array array(stored->type, shape);
    const std::byte* from = bytes.data() + header;
    if (stored->bytes == 1) {
        std::copy_n(from, needed, array.bytes.begin());
    } else if (stored->bytes == 2) {
        for (std::size_t i = 0; i < needed; ++i)
            array.as<std::int32_t>()[i] =
                static_cast<std::int16_t>(std::to_integer<int>(from[2 * i]) << 8 | std::to_integer<int>(from[2 * i + 1]));
    } else {
        for (std::size_t i = 0; i < needed; ++i)
            std::reverse_copy(from + i * stored->bytes, from + (i + 1) * stored->bytes,
                              array.bytes.begin() + static_cast<std::ptrdiff_t>(i * stored->bytes));
    }
    return array;
}

}  // namespace dlc::data
