#include "runtime/data/idx.h"

#include <cmath>
#include <cstdlib>

#include "runtime/data/sets.h"
#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

namespace {

std::string idx(char type, std::initializer_list<unsigned> shape, const std::string& values) {
    std::string bytes{'\0', '\0', type, static_cast<char>(shape.size())};
    for (const unsigned extent : shape)
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift);
    return bytes + values;
}

}  // namespace

TEST(Idx, ReadsEveryElementType) {
    const TemporaryFolder folder;
    const Array bytes = read_idx(folder.write("u8.gz", gzip(idx(0x08, {2, 2}, "\x01\x02\x03\xff"))));
    EXPECT_EQ(describe(bytes), "u8[2, 2]");
    EXPECT_EQ(bytes.as<std::uint8_t>()[3], 255);
    const Array shorts = read_idx(folder.write("i16", idx(0x0b, {2}, std::string("\x01\x02\xff\xfe", 4))));
    EXPECT_EQ(describe(shorts), "i32[2]");
    EXPECT_EQ(shorts.as<std::int32_t>()[0], 258);
    EXPECT_EQ(shorts.as<std::int32_t>()[1], -2);
    const Array ints = read_idx(folder.write("i32", idx(0x0c, {1}, std::string("\xff\xff\xff\xfd", 4))));
    EXPECT_EQ(ints.as<std::int32_t>()[0], -3);
    const Array floats = read_idx(folder.write("f32", idx(0x0d, {1}, std::string("\x3f\xc0\x00\x00", 4))));
    EXPECT_EQ(floats.as<float>()[0], 1.5f);
    const Array doubles = read_idx(folder.write("f64", idx(0x0e, {1}, std::string("\xbf\xf8\x00\x00\x00\x00\x00\x00", 8))));
    EXPECT_EQ(doubles.as<double>()[0], -1.5);
}

TEST(Idx, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& bytes) {
        return environment_error(folder, [&] { read_idx(folder.write("x", bytes)); });
    };
    EXPECT_EQ(error(idx(0x08, {2, 3}, "abcde")), "x: truncated: u8[2, 3] takes 6 bytes after the header, it has 5");
    EXPECT_EQ(error(idx(0x08, {2, 3}, "abcdefg")), "x: damaged: u8[2, 3] takes 6 bytes after the header, it has 7");
    EXPECT_EQ(error(idx(0x08, {2, 3}, "").substr(0, 7)), "x: truncated: 7 bytes, the header of 2 dimensions takes 12");
    EXPECT_EQ(error("ab"), "x: truncated: 2 bytes, an IDX file starts with 4 bytes of magic");
    EXPECT_EQ(error("\x89PNG...."),
              "x: not an IDX file: it starts with 89 50 4e 47, an IDX file with 00 00, an element type and a number of dimensions");
    EXPECT_EQ(error(idx(0x08, {0xffffffff, 0xffffffff, 0xffffffff}, "")),
              "x: damaged: its header says u8[4294967295, 4294967295, 4294967295]");
    const std::string packed = gzip(idx(0x08, {1000}, std::string(1000, 'a') + "bcd"));
    EXPECT_EQ(error(packed.substr(0, packed.size() / 2)).substr(0, 33), "x: truncated: the gzip data end a");
    std::string damaged = gzip(idx(0x08, {3}, "abc"));
    damaged[damaged.size() - 6] ^= 1;  // its checksum
    EXPECT_NE(error(damaged).find("damaged gzip data"), std::string::npos);
    EXPECT_EQ(environment_error(folder, [&] { read_idx(folder / "none"); }), "none: cannot open: No such file or directory");
    EXPECT_EQ(environment_error(folder, [&] { read_idx(folder.path / "."); }), ".: is a folder, not a file");
}

TEST(PropertyIdx, NoPrefixOfAFileIsBelieved) {
    const TemporaryFolder folder;
    const std::string plain = idx(0x08, {4, 5}, std::string(20, 'x')), packed = gzip(plain);
    for (const std::string& whole : {plain, packed})
        for (std::size_t size = 0; size < whole.size(); ++size)
            ASSERT_NE(environment_error(folder, [&] { read_idx(folder.write("x", whole.substr(0, size))); }), "nothing was thrown")
                << size;
}

TEST(FashionMnist, IsWhatItsAuthorsPublished) {
    if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
        GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
    const DataSet set = fashion_mnist();
    ASSERT_EQ(set.training->examples(), 60000);
    ASSERT_EQ(set.test->examples(), 10000);
    const Column& image = *set.training->column("image");
    EXPECT_EQ(describe(image.values), "u8[60000, 28, 28]");
    EXPECT_EQ(describe(set.training->column("label")->values), "i32[60000]");
    double sum = 0, squares = 0;
    for (const std::uint8_t pixel : image.values.as<std::uint8_t>()) {
        const double value = pixel * image.scale;
        sum += value, squares += value * value;
    }
    const double mean = sum / 47040000, deviation = std::sqrt(squares / 47040000 - mean * mean);
    EXPECT_NEAR(mean, 0.2860, 5e-5);  // https://github.com/zalandoresearch/fashion-mnist/issues/3
    EXPECT_NEAR(deviation, 0.3530, 5e-5);
    int counts[10] = {};
    for (const std::int32_t label : set.training->column("label")->values.as<std::int32_t>()) ++counts[label];
    for (const int count : counts) EXPECT_EQ(count, 6000);
}

TEST(FashionMnist, SaysWhatToDoWhereItIsMissingOrDamaged) {
    const TemporaryFolder folder;
    EXPECT_EQ(environment_error(folder, [&] { fashion_mnist(folder.path); }),
              "train-images-idx3-ubyte.gz: not found; install the Debian package dataset-fashion-mnist (`apt-get install "
              "dataset-fashion-mnist`), or set DLC_DATA to a folder that has fashion-mnist/train-images-idx3-ubyte.gz");
    const std::string images = idx(0x08, {2, 28, 28}, std::string(2 * 784, 'x'));
    for (const std::string part : {"train", "t10k"}) {
        folder.write(part + "-images-idx3-ubyte.gz", gzip(images));
        folder.write(part + "-labels-idx1-ubyte.gz", gzip(idx(0x08, {2}, "\x01\x09")));
    }
    EXPECT_EQ(fashion_mnist(folder.path).test->examples(), 2);
    const auto error = [&] { return environment_error(folder, [&] { fashion_mnist(folder.path); }); };
    folder.write("t10k-labels-idx1-ubyte.gz", gzip(idx(0x08, {3}, "\x01\x02\x03")));
    EXPECT_EQ(error(), "t10k-labels-idx1-ubyte.gz: holds 3 labels for the 2 images of t10k-images-idx3-ubyte.gz");
    folder.write("t10k-labels-idx1-ubyte.gz", gzip(idx(0x08, {2}, "\x01\x0a")));
    EXPECT_EQ(error(), "t10k-labels-idx1-ubyte.gz: label 1 is 10, the classes are 0 to 9");
    folder.write("t10k-images-idx3-ubyte.gz", gzip(idx(0x08, {2}, "ab")));
    EXPECT_EQ(error(), "t10k-images-idx3-ubyte.gz: holds u8[2], not images u8[N, 28, 28]");
}

TEST(FashionMnist, IsLookedForWhereDlcDataSays) {
    const TemporaryFolder folder;
    ::setenv("DLC_DATA", folder.path.c_str(), 1);
    const std::string error = environment_error(folder, [] { fashion_mnist(); });
    ::unsetenv("DLC_DATA");
    EXPECT_EQ(error.substr(0, 52), "fashion-mnist/train-images-idx3-ubyte.gz: not found;");
}
