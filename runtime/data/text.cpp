#include "runtime/data/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dsl/source/diagnostic.h"
#include "runtime/data/file.h"

namespace dlc::data {
namespace {

/// The code points of UTF-8 text.  Overlong forms, surrogates and what lies beyond U+10FFFF are no UTF-8 (RFC 3629).
std::vector<char32_t> characters(const std::vector<std::byte>& bytes, const std::filesystem::path& file) {
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    std::vector<char32_t> out;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto first = std::to_integer<unsigned>(bytes[at]);
        const std::size_t size = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
        char32_t point = size == 1 ? first : size ? first & (0x7Fu >> size) : 0;
        bool valid = size > 0 && at + size <= bytes.size();
        for (std::size_t i = 1; valid && i < size; ++i) {
            const auto next = std::to_integer<unsigned>(bytes[at + i]);
            valid = (next & 0xC0) == 0x80;
            point = point << 6 | (next & 0x3F);
        }
        valid = valid && point >= kLeast[size] && point <= 0x10FFFF && !(point >= 0xD800 && point < 0xE000);
        if (!valid) fail_file(file, fmt::format("is not UTF-8 at byte {}; `bytes = true` reads any file", at));
        out.push_back(point);
        at += size;
    }
    return out;
}

std::string utf8(char32_t point) {
    std::string out;
    if (point < 0x80) return {static_cast<char>(point)};
    const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    out += static_cast<char>((0xFF00u >> (more + 1) & 0xFF) | point >> 6 * more);
    for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (point >> 6 * i & 0x3F));
    return out;
}

std::shared_ptr<const Table> windows(std::span<const std::int32_t> tokens, std::int64_t length) {
    const std::int64_t count = tokens.empty() ? 0 : (std::ssize(tokens) - 1) / length;
    Table table;
    for (const std::int64_t shift : {0, 1}) {
        Array& values = table.columns.emplace_back(Column{shift ? "next" : "text", Array(DLC_I32, {count, length})}).values;
        std::copy_n(tokens.begin() + shift, count * length, values.as<std::int32_t>().begin());
    }
    return std::make_shared<const Table>(std::move(table));
}

}  // namespace

DataSet text(const std::filesystem::path& file, const TextOptions& options) {
    const std::vector<std::byte> bytes = unpacked(read_file(file), file);
    DataSet set{"text", nullptr, nullptr};
    set.continuous = options.continuous;
    std::vector<std::int32_t> tokens;
    const auto training_part = [&](std::size_t size) {
        return size - static_cast<std::size_t>(options.test * static_cast<double>(size));
    };
    std::size_t training = 0;
    if (options.bytes) {
        for (const std::byte b : bytes) tokens.push_back(std::to_integer<std::int32_t>(b));
        training = training_part(tokens.size());
    } else {
        const std::vector<char32_t> points = characters(bytes, file);
        training = training_part(points.size());
        const std::set<char32_t> known(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(training));
        const std::vector<char32_t> sorted(known.begin(), known.end());
        set.vocabulary.emplace_back();
        for (const char32_t point : sorted) set.vocabulary.push_back(utf8(point));
        for (const char32_t point : points) {
            const auto found = std::lower_bound(sorted.begin(), sorted.end(), point);
            tokens.push_back(found != sorted.end() && *found == point ? static_cast<std::int32_t>(found - sorted.begin()) + 1 : 0);
        }
    }
    const std::span<const std::int32_t> all(tokens);
    set.training = windows(all.first(training), options.length);
    if (set.training->examples() == 0)
        throw source::UserError(source::error(
            source::code("E0453"), fmt::format("{}: {} tokens to train on hold no window of {} and the token that follows it",
                                               file.string(), training, options.length)));
    set.test = windows(all.subspan(training), options.length);
    if (set.test->examples() == 0) set.test = nullptr;
    return set;
}

std::vector<Option> text_options() {
    return {{.name = "length", .fallback = std::int64_t{64}, .least = 1, .below = 1e9},
            {.name = "test", .fallback = 0.1, .least = 0, .below = 1},
            {.name = "continuous", .fallback = false},
            {.name = "bytes", .fallback = false}};
}

TextOptions text_options(const Arguments& arguments) {
    return {arguments.integer("length"), arguments.real("test"), arguments.flag("continuous"), arguments.flag("bytes")};
}

namespace {

std::vector<Option> file_and_options() {
    std::vector<Option> options = text_options();
    options.insert(options.begin(), {.name = "file", .fallback = std::string(), .required = true});
    return options;
}

}  // namespace

namespace rows {
DLC_ROW(Source, text_file) = {
    .name = "text",
    .doc = "windows of a text file: text i32[length], and next i32[length], the token after each",
    .options = file_and_options(),
    .load = [](const Arguments& arguments) { return text(arguments.string("file"), text_options(arguments)); },
};
}  // namespace rows
}  // namespace dlc::data
