#include "runtime/data/numpy.h"

#include <cstdlib>
#include <random>

#include "runtime/data/zip.h"
#include "tests/data/files.h"

using namespace dlc;
using namespace dlc::data;

namespace {

std::string npy(std::string header, const std::string& values) {
    header += std::string(63 - (10 + header.size()) % 64, ' ') + "\n";
    std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size() & 0xff);
    bytes += static_cast<char>(header.size() >> 8);
    return bytes + header + values;
}

NamedArrays samples(unsigned seed) {
    std::mt19937 random(seed);
    NamedArrays arrays;
    for (int type = DLC_BOOL; type <= DLC_F64; ++type) {
        if (type == DLC_BF16) continue;
        for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3, 4}, Shape{0, 5}}) {
            Array array(static_cast<dlc_type>(type), shape);
            for (std::int64_t i = 0; i < array.count(); ++i)
                store(array.type, array.bytes.data(), i, static_cast<double>(random() % 200) - 100);
            arrays.emplace("a/" + std::string(name(array.type)) + "." + std::to_string(shape.size()), std::move(array));
        }
    }
    return arrays;
}

}  // namespace

TEST(PropertyNumpy, WhatIsWrittenIsRead) {
    const TemporaryFolder folder;
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const NamedArrays arrays = samples(seed);
        for (const Packing packing : {Packing::stored, Packing::deflated}) {
            write_npz(folder / "x.npz", arrays, packing);
            EXPECT_EQ(read_npz(folder / "x.npz"), arrays) << "seed " << seed;
        }
        for (const auto& [name, array] : arrays) {
            write_npy(folder / "x.npy", array);
            EXPECT_EQ(read_npy(folder / "x.npy"), array) << name << ", seed " << seed;
        }
    }
    write_npz(folder / "empty.npz", {});
    EXPECT_TRUE(read_npz(folder / "empty.npz").empty());
    Array brain(DLC_BF16, {1});
    store(DLC_BF16, brain.bytes.data(), 0, 0.5);
    write_npy(folder / "x.npy", brain);
    EXPECT_EQ(describe(read_npy(folder / "x.npy")), "f32[1]");
}

TEST(Numpy, WritesWhatNumpyWrites) {
    const TemporaryFolder folder;
    Array array(DLC_F32, {2, 3});
    write_npy(folder / "x.npy", array);
    EXPECT_EQ(contents(folder / "x.npy"),
              npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", std::string(24, '\0')));
    write_npy(folder / "x.npy", Array(DLC_BOOL, {5}));
    EXPECT_EQ(contents(folder / "x.npy"), npy("{'descr': '|b1', 'fortran_order': False, 'shape': (5,), }", std::string(5, '\0')));
    write_npy(folder / "x.npy", Array(DLC_I64, {}));
    EXPECT_EQ(contents(folder / "x.npy"), npy("{'descr': '<i8', 'fortran_order': False, 'shape': (), }", std::string(8, '\0')));
}

TEST(Numpy, ReadsOtherOrdersAndWidensOtherIntegers) {
    const TemporaryFolder folder;
    const auto read = [&](const std::string& header, const std::string& values) {
        return read_npy(folder.write("x.npy", npy(header, values)));
    };
    const Array columns = read("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "adbecf");
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(columns.bytes.data()), 6), "abcdef");
    const Array big = read("{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }", std::string("\xff\xff\xff\xfe", 4));
    EXPECT_EQ(big.as<std::int32_t>()[0], -2);
    const Array narrow =
        read("{\"shape\": (2,), \"fortran_order\": False, \"descr\": \"<u2\"}", std::string("\xff\xff\x01\x00", 4));
    EXPECT_EQ(describe(narrow), "i32[2]");
    EXPECT_EQ(narrow.as<std::int32_t>()[0], 65535);
    const Array wide = read("{'descr': '<u4', 'fortran_order': False, 'shape': (1,), }", "\xff\xff\xff\xff");
    EXPECT_EQ(wide.as<std::int64_t>()[0], 4294967295);
}

TEST(Numpy, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& bytes) {
        return data_error(folder, [&] { read_npy(folder.write("x.npy", bytes)); });
    };
    EXPECT_EQ(error("hello"), "x.npy: not an .npy file: it does not start with \\x93NUMPY");
    EXPECT_EQ(error(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234567")),
              "x.npy: truncated: 2 elements of 4 bytes, but only 7 bytes follow the header");
    EXPECT_EQ(error(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "12345")),
              "x.npy: damaged: 5 bytes follow the header instead of 4");
    EXPECT_EQ(error(npy("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", "")),
              "x.npy: element type '<U3' is not one of bool, i1, u1, i2, u2, i4, u4, i8, u8, f2, f4, f8");
    EXPECT_EQ(error(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "")),
              "x.npy: holds records (a structured dtype), not numbers");
    EXPECT_EQ(error(npy("{'descr': '<f4', 'shape': (1,), }", "")),
              "x.npy: damaged .npy header: it needs descr, fortran_order and shape");
    EXPECT_EQ(error(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "")),
              "x.npy: damaged .npy header: no extent at byte 51");
    EXPECT_EQ(error(npy("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", std::string(8, '\xff'))),
              "x.npy: element 0 is 18446744073709551615, more than an i64 holds");
    EXPECT_EQ(error(std::string("\x93NUMPY\x01\x00\xff\x7f{", 11)), "x.npy: truncated: 11 bytes, its header alone takes 32777");
}

TEST(Numpy, DamagedArchivesAreNotBelieved) {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& bytes) {
        return data_error(folder, [&] { read_npz(folder.write("x.npz", bytes)); });
    };
    EXPECT_EQ(error("hello, this is text and no archive at all"), "x.npz: not a zip file");
    Array array(DLC_F32, {100});
    for (const Packing packing : {Packing::stored, Packing::deflated}) {
        write_npz(folder / "good.npz", {{"weight", array}}, packing);
        const std::string good = contents(folder / "good.npz");
        EXPECT_EQ(error(good.substr(0, good.size() - 5)), "x.npz: truncated: a zip file without its directory");
        std::string damaged = good;
        damaged[packing == Packing::stored ? 400 : 60] ^= 1;
        EXPECT_EQ(error(damaged).substr(0, 32), "x.npz: `weight.npy` is damaged: ") << error(damaged);
    }
    const ZipEntry other[] = {{"readme.txt", {}}};
    write_zip(folder / "other.npz", other, false);
    EXPECT_EQ(data_error(folder, [&] { read_npz(folder / "other.npz"); }), "other.npz: `readme.txt` in it is not an .npy file");
}

TEST(PropertyNumpy, NoChangedByteCrashesTheReader) {
    const TemporaryFolder folder;
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    write_npz(folder / "good.npz", {{"a", Array(DLC_F32, {7, 3})}, {"b", Array(DLC_I64, {2})}}, Packing::deflated);
    const std::string good = contents(folder / "good.npz");
    for (int trial = 0; trial < 500; ++trial) {
        std::string bytes = good.substr(0, trial % 2 ? good.size() : random() % good.size());
        for (int change = 0; change < 3 && !bytes.empty(); ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
        try {
            read_npz(folder.write("x.npz", bytes));
        } catch (const source::UserError&) {}
    }
}
