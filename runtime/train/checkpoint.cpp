#include "runtime/train/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "dsl/source/diagnostic.h"
#include "runtime/data/file.h"

namespace dlc::train {
namespace {

using data::fail_file;
using nlohmann::json;

constexpr std::uint64_t kMostHeader = 100'000'000;  // the reference implementation's limit
constexpr std::string_view kMetadata = "__metadata__";

struct Format {
    std::string_view name;  // in the file
    dlc_type type;
};
constexpr Format kFormats[] = {{"BOOL", DLC_BOOL}, {"I8", DLC_I8},     {"U8", DLC_U8},   {"I32", DLC_I32}, {"I64", DLC_I64},
                               {"F16", DLC_F16},   {"BF16", DLC_BF16}, {"F32", DLC_F32}, {"F64", DLC_F64}};

/// The header as JSON; a key that comes twice at the top would hide one of its tensors.
json parse_header(const std::filesystem::path& path, std::string_view text) {
    std::set<std::string> names;
    std::string twice;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second)
            twice = parsed.get<std::string>();
        return true;
    };
    const json header = json::parse(text.begin(), text.end(), watch, false);
    if (!header.is_object()) fail_file(path, "damaged: its header is not a JSON object");
    if (!twice.empty()) fail_file(path, fmt::format("damaged: `{}` is in it twice", twice));
    return header;
}

struct Extent {
    std::uint64_t begin = 0, end = 0;
    std::string name;
};

/// One tensor's entry, its array without values, and where they lie.
std::pair<data::Array, Extent> parse_entry(const std::filesystem::path& path, const std::string& name, const json& entry,
                                           std::uint64_t room) {
    const auto damaged = [&](const std::string& what) { fail_file(path, fmt::format("damaged: `{}` {}", name, what)); };
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
        !entry["shape"].is_array() || !entry.contains("data_offsets") || !entry["data_offsets"].is_array())
        damaged("needs dtype, shape and data_offsets");
    const std::string type = entry["dtype"];
    const auto* format = std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& f) { return f.name == type; });
    if (format == std::end(kFormats))
        fail_file(path, fmt::format("`{}` has elements of type {}, which dlc does not know", name, type));
    data::Shape shape;
    for (const json& extent : entry["shape"]) {
        if (!extent.is_number_unsigned() || extent.get<std::uint64_t>() > std::uint64_t{1} << 62)
            damaged("has an extent that is none");
        shape.push_back(extent.get<std::int64_t>());
    }
    const json& offsets = entry["data_offsets"];
    if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
        damaged("has data_offsets that are not two numbers");
    const Extent extent{offsets[0], offsets[1], name};
    if (extent.begin > extent.end || extent.end > room)
        damaged(fmt::format("is said to lie at [{}, {}) of {} bytes", extent.begin, extent.end, room));
    const std::int64_t elements = data::volume(shape);
    const std::uint64_t size = static_cast<std::uint64_t>(data::size_of(format->type));
    if (elements < 0 || extent.end - extent.begin != static_cast<std::uint64_t>(elements) * size ||
        (extent.end - extent.begin) / size != static_cast<std::uint64_t>(elements))
        damaged(fmt::format("is {} but has {} bytes", data::describe(format->type, shape), extent.end - extent.begin));
    return {data::Array(format->type, shape), extent};
}

bool is_slot(std::string_view name) { return name.starts_with("optimizer/") || name.starts_with(kAverage); }

/// What keeps `arrays` from being the program's, one line each.
std::vector<std::string> differences(const Program& program, const data::NamedArrays& arrays, Restore which) {
    std::vector<std::string> found;
    std::set<std::string, std::less<>> known;
    for (const Role role : {Role::parameter, Role::state, Role::slot})
        for (const Tensor* tensor : program.all(role)) {
            known.insert(tensor->name);
            const auto array = arrays.find(tensor->name);
            const std::string wanted = data::describe(tensor->type, tensor->shape);
            if (array == arrays.end()) {
                if (which == Restore::everything || role == Role::parameter)
                    found.push_back(fmt::format("lacks `{}`, which is {} in the model", tensor->name, wanted));
            } else if (which == Restore::everything || role != Role::slot) {
                const data::Array& given = array->second;
                const bool convertible = which == Restore::parameters && data::is_real(given.type) && data::is_real(tensor->type);
                if (given.shape != tensor->shape || (given.type != tensor->type && !convertible))
                    found.push_back(
                        fmt::format("holds `{}` as {}, which is {} in the model", tensor->name, data::describe(given), wanted));
            }
        }
    for (const auto& [name, array] : arrays)
        if (!known.contains(name) && (which == Restore::everything || !is_slot(name)))
            found.push_back(fmt::format("holds `{}`, which is nothing in the model", name));
    return found;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
    json header = json::object();
    if (!checkpoint.metadata.empty()) header[kMetadata] = checkpoint.metadata;
    std::uint64_t offset = 0;
    std::vector<std::span<const std::byte>> parts(2);
    // Ascending element sizes would need padding; the largest first keeps every tensor aligned to its elements.
    std::vector<const data::NamedArrays::value_type*> order;
    for (const auto& named : checkpoint.arrays) order.push_back(&named);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return data::size_of(a->second.type) > data::size_of(b->second.type); });
    for (const auto* named : order) {
        const auto& [name, array] = *named;
        const auto* format =
            std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& f) { return f.type == array.type; });
        header[name] = {{"dtype", format->name}, {"shape", array.shape}, {"data_offsets", {offset, offset + array.bytes.size()}}};
        offset += array.bytes.size();
        parts.push_back(array.bytes);
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    const std::uint64_t length = text.size();
    parts[0] = std::as_bytes(std::span(&length, 1));
    parts[1] = std::as_bytes(std::span(text));
    data::write_file_atomically(path, parts);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
    const std::vector<std::byte> bytes = data::read_file(path);
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length)
        fail_file(path, fmt::format("truncated: {} bytes, no .safetensors file is so short", bytes.size()));
    std::memcpy(&length, bytes.data(), sizeof length);
    const std::uint64_t rest = bytes.size() - sizeof length;
    if (length > kMostHeader) fail_file(path, "not a .safetensors file: its first 8 bytes are no header's length");
    if (length > rest) fail_file(path, fmt::format("truncated: its header takes {} bytes, {} follow", length, rest));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + sizeof length, length);
    if (!text.starts_with('{')) fail_file(path, "not a .safetensors file: its header is not a JSON object");
    const json header = parse_header(path, text);
    const std::uint64_t room = rest - length;
    const std::byte* values = bytes.data() + sizeof length + length;

    Checkpoint checkpoint;
    std::vector<Extent> extents;
    for (const auto& [name, entry] : header.items()) {
        if (name == kMetadata) {
            if (!entry.is_object()) fail_file(path, "damaged: its metadata are no object");
            for (const auto& [key, value] : entry.items()) {
                if (!value.is_string()) fail_file(path, fmt::format("damaged: its metadata `{}` is no text", key));
                checkpoint.metadata[key] = value;
            }
            continue;
        }
        auto [array, extent] = parse_entry(path, name, entry, room);
        std::copy(values + extent.begin, values + extent.end, array.bytes.begin());
        checkpoint.arrays.emplace(name, std::move(array));
        extents.push_back(std::move(extent));
    }
    std::sort(extents.begin(), extents.end(),
              [](const Extent& a, const Extent& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
    std::uint64_t covered = 0;
    for (const Extent& extent : extents) {
        if (extent.begin < covered) fail_file(path, fmt::format("damaged: `{}` overlaps the tensor before it", extent.name));
        if (extent.begin > covered)
            fail_file(path,
                      fmt::format("damaged: bytes [{}, {}) before `{}` belong to no tensor", covered, extent.begin, extent.name));
        covered = extent.end;
    }
    if (covered != room) fail_file(path, fmt::format("damaged: its tensors take {} bytes, {} follow the header", covered, room));
    return checkpoint;
}

data::NamedArrays persistent(const Program& program) {
    data::NamedArrays arrays;
    for (const Role role : {Role::parameter, Role::state, Role::slot})
        for (const Tensor* tensor : program.all(role)) {
            data::Array array(tensor->type, tensor->shape);
            read(*tensor, array.bytes.data());
            arrays.emplace(tensor->name, std::move(array));
        }
    return arrays;
}

void take_averages(data::NamedArrays& arrays) {
    for (auto& [name, array] : arrays)
        if (name.starts_with(kAverage))
            if (const auto parameter = arrays.find(name.substr(kAverage.size())); parameter != arrays.end())
                parameter->second = data::converted(array, parameter->second.type);
}

void check_fits(const Program& program, const data::NamedArrays& arrays, Restore which, const std::string& origin) {
    const std::vector<std::string> found = differences(program, arrays, which);
    if (!found.empty()) {
        source::Diagnostic problem = source::error(source::code("E0451"), fmt::format("{} {}", origin, found.front()));
        constexpr std::size_t kShown = 5;
        for (std::size_t i = 1; i < std::min(found.size(), kShown); ++i) problem.notes.push_back(fmt::format("it {}", found[i]));
        if (const std::size_t more = found.size() - std::min(found.size(), kShown); more > 0)
            problem.notes.push_back(fmt::format("and {} more difference{}", more, more == 1 ? "" : "s"));
        throw source::UserError(std::move(problem));
    }
}

void restore(const Program& program, const data::NamedArrays& arrays, Restore which, const std::string& origin) {
    check_fits(program, arrays, which, origin);
    for (const Role role : {Role::parameter, Role::state, Role::slot}) {
        if (which == Restore::parameters && role == Role::slot) continue;
        for (const Tensor* tensor : program.all(role))
            if (const auto array = arrays.find(tensor->name); array != arrays.end())
                write(*tensor, data::converted(array->second, tensor->type).bytes.data());
    }
}

}  // namespace dlc::train
