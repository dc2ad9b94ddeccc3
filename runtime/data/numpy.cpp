#include "runtime/data/numpy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "runtime/data/file.h"
#include "runtime/data/zip.h"

namespace dlc::data {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Format {
    std::string_view code;  // NumPy's, without byte order
    dlc_type type;
    std::size_t bytes;  // in the file
};
constexpr Format kFormats[] = {
    {"b1", DLC_BOOL, 1}, {"i1", DLC_I8, 1},  {"u1", DLC_U8, 1},  {"i4", DLC_I32, 4}, {"i8", DLC_I64, 8}, {"f2", DLC_F16, 2},
    {"f4", DLC_F32, 4},  {"f8", DLC_F64, 8}, {"i2", DLC_I32, 2}, {"u2", DLC_I32, 2}, {"u4", DLC_I64, 4}, {"u8", DLC_I64, 8},
};

/// The literal of a Python dictionary with the three keys a header has.
class Header {
public:
    Header(std::string_view text, const std::filesystem::path& path) : text_(text), path_(path) {
        expect('{');
        while (!accept('}')) {
            const std::string key = string();
            expect(':');
            if (key == "descr") {
                if (peek() == '[') fail_data(path_, "holds records (a structured dtype), not numbers");
                descr = string();
            } else if (key == "fortran_order") {
                fortran = boolean();
            } else if (key == "shape") {
                shape = tuple();
            } else {
                fail_data(path_, fmt::format("damaged .npy header: unknown key '{}'", key));
            }
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        if (!descr || !fortran || !shape) fail_data(path_, "damaged .npy header: it needs descr, fortran_order and shape");
    }
    std::optional<std::string> descr;
    std::optional<bool> fortran;
    std::optional<Shape> shape;

private:
    char peek() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool accept(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail_data(path_, fmt::format("damaged .npy header: `{}` is missing at byte {}", c, at_));
    }
    std::string string() {
        const char quote = peek();
        if (quote != '\'' && quote != '"') expect('\'');
        const std::size_t begin = ++at_, end = text_.find(quote, begin);
        if (end == std::string_view::npos) fail_data(path_, "damaged .npy header: a string does not end");
        at_ = end + 1;
        return std::string(text_.substr(begin, end - begin));
    }
    bool boolean() {
        peek();
        for (const std::string_view word : {"True", "False"})
            if (text_.substr(at_).starts_with(word)) {
                at_ += word.size();
                return word == "True";
            }
        fail_data(path_, "damaged .npy header: fortran_order is neither True nor False");
    }
    Shape tuple() {
        Shape result;
        expect('(');
        while (!accept(')')) {
            peek();
            std::int64_t extent = 0;
            const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
            if (error != std::errc{} || extent < 0) fail_data(path_, fmt::format("damaged .npy header: no extent at byte {}", at_));
            at_ = static_cast<std::size_t>(end - text_.data());
            result.push_back(extent);
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return result;
    }

    std::string_view text_;
    const std::filesystem::path& path_;
    std::size_t at_ = 0;
};

/// One element in the machine's byte order, widened where our types lack the stored one.
template <class Stored, class T>
void widen(std::span<const std::byte> from, Array& to, const std::filesystem::path& path) {
    for (std::size_t i = 0; i < to.bytes.size() / sizeof(T); ++i) {
        Stored value;
        std::memcpy(&value, from.data() + i * sizeof value, sizeof value);
        if constexpr (sizeof(Stored) == sizeof(T))
            if (value > static_cast<Stored>(std::numeric_limits<T>::max()))
                fail_data(path, fmt::format("element {} is {}, more than an i64 holds", i, value));
        to.as<T>()[i] = static_cast<T>(value);
    }
}

Array parse(std::span<const std::byte> bytes, const std::filesystem::path& path) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(kMagic)) fail_data(path, "not an .npy file: it does not start with \\x93NUMPY");
    if (bytes.size() < 10) fail_data(path, fmt::format("truncated: {} bytes", bytes.size()));
    const int version = std::to_integer<int>(bytes[6]);
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    if (version < 1 || version > 3) fail_data(path, fmt::format("version {} of the .npy format is unknown", version));
    std::uint32_t length = 0;
    if (bytes.size() < 8 + length_bytes) fail_data(path, fmt::format("truncated: {} bytes", bytes.size()));
    std::memcpy(&length, bytes.data() + 8, length_bytes);
    const std::size_t begin = 8 + length_bytes + length;
    if (begin > bytes.size()) fail_data(path, fmt::format("truncated: {} bytes, its header alone takes {}", bytes.size(), begin));
    const Header header(text.substr(8 + length_bytes, length), path);

    const std::string_view descr = *header.descr;
    const char order = descr.empty() ? '\0' : descr.front();
    const Format* format = nullptr;
    for (const Format& known : kFormats)
        if (descr.size() > 1 && descr.substr(1) == known.code && std::string_view("<>|=").find(order) != std::string_view::npos)
            format = &known;
    if (!format)
        fail_data(path, fmt::format("element type '{}' is not one of bool, i1, u1, i2, u2, i4, u4, i8, u8, f2, f4, f8", descr));
    const std::int64_t elements = volume(*header.shape);
    if (elements < 0) fail_data(path, fmt::format("damaged .npy header: its shape is {}", describe(format->type, *header.shape)));
    const std::size_t room = bytes.size() - begin;
    if (room / format->bytes < static_cast<std::size_t>(elements))
        fail_data(path, fmt::format("truncated: {} elements of {} bytes, but only {} bytes follow the header", elements,
                                    format->bytes, room));
    const std::size_t needed = static_cast<std::size_t>(elements) * format->bytes;
    if (room != needed) fail_data(path, fmt::format("damaged: {} bytes follow the header instead of {}", room, needed));

    std::vector<std::byte> swapped;
    std::span<const std::byte> values = bytes.subspan(begin, needed);
    if (order == '>' && format->bytes > 1) {
        swapped.assign(values.begin(), values.end());
        for (std::size_t i = 0; i < needed; i += format->bytes)
            std::reverse(swapped.begin() + static_cast<std::ptrdiff_t>(i),
                         swapped.begin() + static_cast<std::ptrdiff_t>(i + format->bytes));
        values = swapped;
    }
    Array array(format->type, *header.shape);
    if (format->code == "i2")
        widen<std::int16_t, std::int32_t>(values, array, path);
    else if (format->code == "u2")
        widen<std::uint16_t, std::int32_t>(values, array, path);
    else if (format->code == "u4")
        widen<std::uint32_t, std::int64_t>(values, array, path);
    else if (format->code == "u8")
        widen<std::uint64_t, std::int64_t>(values, array, path);
    else
        std::copy(values.begin(), values.end(), array.bytes.begin());
    if (!*header.fortran || array.shape.size() < 2 || elements == 0) return array;

    Array ordered(array.type, array.shape);
    const std::size_t size = static_cast<std::size_t>(size_of(array.type)), rank = array.shape.size();
    std::vector<std::int64_t> at(rank, 0), stride(rank, 1);
    for (std::size_t d = 1; d < rank; ++d) stride[d] = stride[d - 1] * array.shape[d - 1];
    for (std::int64_t i = 0; i < elements; ++i) {
        std::int64_t from = 0;
        for (std::size_t d = 0; d < rank; ++d) from += at[d] * stride[d];
        std::memcpy(ordered.bytes.data() + static_cast<std::size_t>(i) * size,
                    array.bytes.data() + static_cast<std::size_t>(from) * size, size);
        for (std::size_t d = rank; d-- > 0 && ++at[d] == array.shape[d];) at[d] = 0;
    }
    return ordered;
}

std::vector<std::byte> serialized(const Array& given) {
    const Array array = given.type == DLC_BF16 ? converted(given, DLC_F32) : given;
    std::string_view code;
    for (const Format& format : kFormats)
        if (code.empty() && format.type == array.type) code = format.code;
    std::string header =
        fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': (", size_of(array.type) == 1 ? '|' : '<', code);
    for (const std::int64_t extent : array.shape) header += fmt::format("{}, ", extent);
    if (array.shape.size() > 1) header.resize(header.size() - 2);
    if (array.shape.size() == 1) header.pop_back();
    header += "), }";
    // Magic, version, length, header and newline together are a multiple of 64, for mapped files.
    const std::size_t length_bytes = header.size() + 64 < 65536 ? 2 : 4;
    header.append(63 - (8 + length_bytes + header.size()) % 64, ' ');
    header += '\n';
    std::string head(kMagic);
    head += static_cast<char>(length_bytes == 2 ? 1 : 2);
    head += '\0';
    const std::uint32_t length = static_cast<std::uint32_t>(header.size());
    head.append(reinterpret_cast<const char*>(&length), length_bytes);
    head += header;
    std::vector<std::byte> bytes(head.size() + array.bytes.size());
    std::memcpy(bytes.data(), head.data(), head.size());
    std::copy(array.bytes.begin(), array.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(head.size()));
    return bytes;
}

}  // namespace

Array read_npy(const std::filesystem::path& path) { return parse(read_file(path), path); }

NamedArrays read_npz(const std::filesystem::path& path) {
    NamedArrays arrays;
    for (const ZipEntry& entry : read_zip(path)) {
        if (entry.name.ends_with('/')) continue;  // a folder; its files carry their own paths
        if (!entry.name.ends_with(".npy")) fail_data(path, fmt::format("`{}` in it is not an .npy file", entry.name));
        const std::string name = entry.name.substr(0, entry.name.size() - 4);
        if (!arrays.emplace(name, parse(entry.bytes, fmt::format("{}[{}]", path.string(), name))).second)
            fail_data(path, fmt::format("holds `{}` twice", name));
    }
    return arrays;
}

void write_npy(const std::filesystem::path& path, const Array& array) {
    const std::vector<std::byte> bytes = serialized(array);
    const std::span<const std::byte> parts[] = {bytes};
    write_file_atomically(path, parts);
}

void write_npz(const std::filesystem::path& path, const NamedArrays& arrays, Packing packing) {
    std::vector<ZipEntry> entries;
    for (const auto& [name, array] : arrays) entries.push_back({name + ".npy", serialized(array)});
    write_zip(path, entries, packing == Packing::deflated);
}

}  // namespace dlc::data
