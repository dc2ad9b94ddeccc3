#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "runtime/data/file.h"
#include "runtime/data/sets.h"

namespace dlc::data {
namespace {

constexpr std::int64_t kSide = 8, kPixels = kSide * kSide, kBrightest = 16, kClasses = 10, kTraining = 1500;

/// Lines of 64 grey values and a class, as scikit-learn's digits.csv has them.
struct Digits {
    std::vector<std::uint8_t> pixels;
    std::vector<std::int32_t> labels;
};

Digits read_digits(const std::filesystem::path& file) {
    const std::vector<std::byte> bytes = unpacked(read_file(file), file);
    const char* at = reinterpret_cast<const char*>(bytes.data());
    const char* const end = at + bytes.size();
    Digits digits;
    std::int64_t line = 0;
    const auto fail = [&](const std::string& what) { fail_file(file, fmt::format("line {}: {}", line, what)); };
    while (at != end) {
        ++line;
        for (std::int64_t field = 0; field <= kPixels; ++field) {
            // scikit-learn's lines hold the integers as reals: 13.000000.
            double value = -1;
            const auto read = std::from_chars(at, end, value);
            const bool last = field == kPixels;
            const std::int64_t most = last ? kClasses - 1 : kBrightest;
            if (read.ec != std::errc() || value < 0 || value > static_cast<double>(most) ||
                value != static_cast<double>(static_cast<int>(value)))
                fail(fmt::format("field {} is no integer from 0 to {}", field + 1, most));
            at = read.ptr;
            if (last)
                digits.labels.push_back(static_cast<std::int32_t>(value));
            else
                digits.pixels.push_back(static_cast<std::uint8_t>(value));
            if (!last && (at == end || *at++ != ',')) fail(fmt::format("{} fields, not {}", field + 1, kPixels + 1));
        }
        if (at != end && *at == '\r') ++at;
        if (at != end && *at++ != '\n') fail(fmt::format("more than {} fields", kPixels + 1));
    }
    if (std::ssize(digits.labels) <= kTraining)
        fail_file(file, fmt::format("holds {} images, the set has 1797", digits.labels.size()));
    return digits;
}

std::shared_ptr<const Table> part(const Digits& digits, std::int64_t first, std::int64_t behind) {
    Table table;
    Array image(DLC_U8, {behind - first, kSide, kSide}), label(DLC_I32, {behind - first});
    std::copy(digits.pixels.begin() + first * kPixels, digits.pixels.begin() + behind * kPixels, image.as<std::uint8_t>().begin());
    std::copy(digits.labels.begin() + first, digits.labels.begin() + behind, label.as<std::int32_t>().begin());
    table.columns.push_back({"image", std::move(image), 1.0 / kBrightest});
    table.columns.push_back({"label", std::move(label)});
    return std::make_shared<const Table>(std::move(table));
}

}  // namespace

DataSet digits(const std::filesystem::path& file) {
    const Digits all = read_digits(file);
    return {"digits", part(all, 0, kTraining), part(all, kTraining, std::ssize(all.labels))};
}

namespace rows {
DLC_ROW(Source, optical_digits) = {
    .name = "digits",
    .doc = "1797 grey images of handwritten digits: image f[8, 8] in [0, 1], label i32; digits.csv, gzip or not, in $DLC_DATA",
    .options = {},
    .load =
        [](const Arguments&) {
            const char* root = std::getenv("DLC_DATA");
            const std::filesystem::path folder = root && *root ? root : ".";
            for (const char* name : {"digits.csv", "digits.csv.gz"})
                if (std::error_code ignored; std::filesystem::exists(folder / name, ignored)) return digits(folder / name);
            fail_file(
                folder / "digits.csv.gz",
                "not found; copy sklearn/datasets/data/digits.csv.gz out of the Python package scikit-learn, and set DLC_DATA to "
                "its folder");
        },
};
}  // namespace rows
}  // namespace dlc::data
