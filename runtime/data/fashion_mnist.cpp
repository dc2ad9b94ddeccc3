#include <fmt/format.h>

#include <cstdlib>

#include "dsl/source/diagnostic.h"
#include "runtime/data/file.h"
#include "runtime/data/idx.h"
#include "runtime/data/sets.h"

namespace dlc::data {
namespace {

constexpr const char* kPackagePath = "/usr/share/datasets/fashion-mnist";
constexpr std::int64_t kSide = 28, kClasses = 10;

std::shared_ptr<const Table> part(const std::filesystem::path& folder, const std::string& prefix) {
    const std::filesystem::path image_file = folder / (prefix + "-images-idx3-ubyte.gz"),
                                label_file = folder / (prefix + "-labels-idx1-ubyte.gz");
    for (const auto& file : {image_file, label_file})
        if (std::error_code error; !std::filesystem::exists(file, error))
            fail_file(file, fmt::format("not found; install the Debian package dataset-fashion-mnist (`apt-get install "
                                        "dataset-fashion-mnist`), or set DLC_DATA to a folder that has fashion-mnist/{}",
                                        file.filename().string()));
    Array images = read_idx(image_file);
    const Array classes = read_idx(label_file);
    if (images.type != DLC_U8 || images.shape.size() != 3 || images.shape[1] != kSide || images.shape[2] != kSide)
        fail_file(image_file, fmt::format("holds {}, not images u8[N, 28, 28]", describe(images)));
    if (classes.type != DLC_U8 || classes.shape.size() != 1)
        fail_file(label_file, fmt::format("holds {}, not labels u8[N]", describe(classes)));
    if (classes.shape[0] != images.shape[0])
        fail_file(label_file,
                  fmt::format("holds {} labels for the {} images of {}", classes.shape[0], images.shape[0], image_file.string()));
    Array labels(DLC_I32, classes.shape);
    for (std::size_t i = 0; i < classes.bytes.size(); ++i) {
        const int label = std::to_integer<int>(classes.bytes[i]);
        if (label >= kClasses) fail_file(label_file, fmt::format("label {} is {}, the classes are 0 to 9", i, label));
        labels.as<std::int32_t>()[i] = label;
    }
    Table table;
    table.columns.push_back({"image", std::move(images), 1.0 / 255});
    table.columns.push_back({"label", std::move(labels)});
    return std::make_shared<const Table>(std::move(table));
}

}  // namespace

DataSet fashion_mnist(const std::filesystem::path& folder) {
    return {"fashion_mnist", part(folder, "train"), part(folder, "t10k")};
}

DataSet fashion_mnist() {
    const char* root = std::getenv("DLC_DATA");
    return fashion_mnist(root && *root ? std::filesystem::path(root) / "fashion-mnist" : std::filesystem::path(kPackagePath));
}

namespace rows {
DLC_ROW(Source, fashion) = {
    .name = "fashion_mnist",
    .doc = "60 000 and 10 000 grey images of clothes in 10 classes: image f[28, 28] in [0, 1], label i32",
    .options = {},
    .load = [](const Arguments&) { return fashion_mnist(); },
};
}  // namespace rows
}  // namespace dlc::data
