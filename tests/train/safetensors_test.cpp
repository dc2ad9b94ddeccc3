#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <random>

#include "runtime/data/file.h"
#include "runtime/train/checkpoint.h"
#include "tests/data/files.h"
#include "tests/train/fake_model.h"

using namespace dlc;
using namespace dlc::train;

namespace {

std::string file_of(std::string header, const std::string& values) {
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + header + values;
}

Checkpoint sample() {
    Checkpoint checkpoint;
    for (int type = DLC_BOOL; type <= DLC_F64; ++type) {
        data::Array array(static_cast<dlc_type>(type), {3, 2});
        for (std::size_t i = 0; i < array.bytes.size(); ++i) array.bytes[i] = static_cast<std::byte>(i * 7 + 1);
        checkpoint.arrays.emplace("net." + std::string(data::name(array.type)), std::move(array));
    }
    checkpoint.arrays.emplace("number", data::Array(DLC_F32, {}));
    checkpoint.arrays.emplace("nothing", data::Array(DLC_F64, {0, 4}));
    checkpoint.metadata = {{"dlc.step", "12"}, {"quoted \"key\"", "ünï"}};
    return checkpoint;
}

bool equal(const Checkpoint& a, const Checkpoint& b) { return a.arrays == b.arrays && a.metadata == b.metadata; }

/// What `act` says in a process of its own, whose limits and rights it may change.
template <class Act>
std::string in_a_child(const TemporaryFolder& folder, Act act) {
    int pipe[2];
    EXPECT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string said = environment_error(folder, act);
        if (::write(pipe[1], said.data(), said.size()) < 0) ::_exit(2);
        ::_exit(0);
    }
    ::close(pipe[1]);
    std::string said(4096, '\0');
    said.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(pipe[0], said.data(), said.size()), 0)));
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return said;
}

std::vector<std::string> names(const std::filesystem::path& folder) {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
}

}  // namespace

TEST(Safetensors, WhatIsWrittenIsRead) {
    const TemporaryFolder folder;
    write_checkpoint(folder / "a.safetensors", sample());
    EXPECT_TRUE(equal(read_checkpoint(folder / "a.safetensors"), sample()));
    EXPECT_EQ(names(folder.path), std::vector<std::string>{"a.safetensors"});
    write_checkpoint(folder / "b.safetensors", {});
    EXPECT_TRUE(equal(read_checkpoint(folder / "b.safetensors"), {}));
}

TEST(Safetensors, IsThePublishedFormat) {
    // The layout of https://huggingface.co/docs/safetensors: length, JSON, values without gaps.
    const TemporaryFolder folder;
    const Checkpoint read = read_checkpoint(folder.write(
        "x",
        file_of(
            R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"a":{"dtype":"I64","shape":[],"data_offsets":[8,16]}})",
            std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0\xfe\xff\xff\xff\xff\xff\xff\xff", 16))));
    EXPECT_EQ(read.metadata.at("format"), "pt");
    EXPECT_EQ(data::describe(read.arrays.at("b")), "f32[1, 2]");
    EXPECT_EQ(read.arrays.at("b").as<float>()[1], -2);
    EXPECT_EQ(read.arrays.at("a").as<std::int64_t>()[0], -2);
    Checkpoint one;
    one.arrays.emplace("w", data::Array(DLC_F32, {2}));
    write_checkpoint(folder / "w", one);
    EXPECT_EQ(contents(folder / "w"), file_of(R"({"w":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}})", std::string(8, '\0')));
}

TEST(Safetensors, EverythingIsCheckedBeforeItIsBelieved) {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& bytes) {
        return environment_error(folder, [&] { read_checkpoint(folder.write("x", bytes)); });
    };
    const auto one = [&](const std::string& entry, const std::string& values) {
        return error(file_of("{\"w\":" + entry + "}", values));
    };
    EXPECT_EQ(error("abc"), "x: truncated: 3 bytes, no .safetensors file is so short");
    EXPECT_EQ(error("hello, this is some text"), "x: not a .safetensors file: its first 8 bytes are no header's length");
    EXPECT_EQ(error(file_of("{}", "").substr(0, 12)), "x: truncated: its header takes 8 bytes, 4 follow");
    EXPECT_EQ(error(file_of("[1]", "")), "x: not a .safetensors file: its header is not a JSON object");
    EXPECT_EQ(error(file_of("{\"a\":", "")), "x: damaged: its header is not a JSON object");
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", "1234567"),
              "x: damaged: `w` is said to lie at [0, 8) of 7 bytes");
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})", "1234"), "x: damaged: `w` is f32[2] but has 4 bytes");
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})", "12345678"),
              "x: damaged: `w` is said to lie at [8, 0) of 8 bytes");
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})", "12345678"),
              "x: damaged: `w` has an extent that is none");
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]})", "12345678"),
              "x: damaged: `w` is f32[4611686018427387904, 4] but has 8 bytes");
    EXPECT_EQ(one(R"({"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]})", "1"),
              "x: `w` has elements of type F8_E4M3, which dlc does not know");
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[2]})", ""), "x: damaged: `w` needs dtype, shape and data_offsets");
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4.5]})", "1234"),
              "x: damaged: `w` has data_offsets that are not two numbers");
    EXPECT_EQ(one(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})", "12"),
              "x: damaged: its tensors take 1 bytes, 2 follow the header");
    EXPECT_EQ(one(R"({"dtype":"U8","shape":[1],"data_offsets":[1,2]})", "12"),
              "x: damaged: bytes [0, 1) before `w` belong to no tensor");
    EXPECT_EQ(
        error(file_of(
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "123")),
        "x: damaged: `b` overlaps the tensor before it");
    EXPECT_EQ(
        error(file_of(
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "1")),
        "x: damaged: `a` is in it twice");
    EXPECT_EQ(error(file_of(R"({"__metadata__":{"a":1}})", "")), "x: damaged: its metadata `a` is no text");
}

TEST(PropertySafetensors, NoPrefixAndNoChangedByteCrashesTheReader) {
    const TemporaryFolder folder;
    write_checkpoint(folder / "good", sample());
    const std::string good = contents(folder / "good");
    for (std::size_t size = 0; size < good.size(); size += 7)
        ASSERT_NE(environment_error(folder, [&] { read_checkpoint(folder.write("x", good.substr(0, size))); }),
                  "nothing was thrown")
            << size;
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int trial = 0; trial < 300; ++trial) {
        std::string bytes = good;
        for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
        try {
            read_checkpoint(folder.write("x", bytes));
        } catch (const source::EnvironmentError&) {}
    }
}

TEST(WriteCheckpoint, AFullDiskLeavesTheOldFile) {
    const TemporaryFolder folder;
    write_checkpoint(folder / "last", sample());
    const std::string before = contents(folder / "last");
    const std::string said = in_a_child(folder, [&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{300, 300};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        Checkpoint large = sample();
        large.arrays.emplace("large", data::Array(DLC_F32, {1000}));
        write_checkpoint(folder / "last", large);
    });
    EXPECT_NE(said.find("bytes are more than a file may have here (see `ulimit -f`)"), std::string::npos) << said;
    EXPECT_EQ(contents(folder / "last"), before);
    EXPECT_EQ(names(folder.path), std::vector<std::string>{"last"}) << "no temporary file stays";
}

TEST(WriteCheckpoint, ADiskWithoutSpaceSaysSo) {
    const TemporaryFolder folder;
    const std::filesystem::path disk = folder / "disk";
    std::filesystem::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=16k") != 0)
        GTEST_SKIP() << "no right to mount a small disk: " << std::strerror(errno);
    Checkpoint large;
    large.arrays.emplace("large", data::Array(DLC_F32, {100000}));
    const std::string said = environment_error(folder, [&] { write_checkpoint(disk / "last", large); });
    const bool left = !std::filesystem::is_empty(disk);
    ::umount(disk.c_str());
    EXPECT_NE(said.find("disk/last: no space left to write its 400"), std::string::npos) << said;
    EXPECT_FALSE(left);
}

TEST(WriteCheckpoint, AFolderThatCannotBeWrittenIsNamed) {
    const TemporaryFolder folder;
    folder.write("file", "");
    EXPECT_EQ(
        environment_error(folder, [&] { write_checkpoint(folder / "file/last", sample()); }),
        "file/last: cannot write: " + (folder / "file").string().substr(folder.path.string().size() + 1) + " is not a folder");
    if (::getuid() != 0) GTEST_SKIP() << "only root can become someone without rights";
    ::chmod(folder.path.c_str(), 0555);
    const std::string said = in_a_child(folder, [&] {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(3);
        write_checkpoint(folder / "last", sample());
    });
    EXPECT_EQ(said, "last: cannot write: the folder " + folder.path.string() + " is not writable (Permission denied)");
}

TEST(WriteCheckpoint, LeftoversOfDeadWritersGo) {
    const TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    folder.write(".last." + std::to_string(child) + ".dlc-tmp", "half");
    folder.write(".last." + std::to_string(::getpid()) + ".dlc-tmp", "being written");
    folder.write(".last.x.dlc-tmp", "whose?");
    data::remove_leftovers(folder.path);
    EXPECT_EQ(names(folder.path),
              (std::vector<std::string>{".last." + std::to_string(::getpid()) + ".dlc-tmp", ".last.x.dlc-tmp"}));
}

TEST(Restore, NamesBothSides) {
    runtime::ThreadPool pool(1);
    fake::Model model(pool, 4, true);
    const data::NamedArrays good = persistent(model.program());
    const auto error = [&](const data::NamedArrays& arrays, Restore which) {
        return user_error([&] { restore(model.program(), arrays, which, "w.safetensors"); });
    };
    data::NamedArrays lacking = good, reshaped = good, unknown = good, narrow = good;
    lacking.erase("net.weight");
    EXPECT_EQ(error(lacking, Restore::everything), "E0451: w.safetensors lacks `net.weight`, which is f32[2, 3] in the model");
    reshaped["net.weight"] = data::Array(DLC_F32, {3, 2});
    EXPECT_EQ(error(reshaped, Restore::parameters),
              "E0451: w.safetensors holds `net.weight` as f32[3, 2], which is f32[2, 3] in the model");
    unknown["other.weight"] = data::Array(DLC_F32, {3, 2});
    EXPECT_EQ(error(unknown, Restore::parameters), "E0451: w.safetensors holds `other.weight`, which is nothing in the model");
    narrow["net.weight"] = data::converted(narrow["net.weight"], DLC_F64);
    EXPECT_EQ(error(narrow, Restore::everything),
              "E0451: w.safetensors holds `net.weight` as f64[2, 3], which is f32[2, 3] in the model");
    EXPECT_EQ(error(narrow, Restore::parameters), "nothing was thrown");
    data::NamedArrays few{{"net.weight", good.at("net.weight")}};
    EXPECT_EQ(error(few, Restore::parameters), "nothing was thrown");
    EXPECT_EQ(error(few, Restore::everything), "E0451: w.safetensors lacks `state/net.count`, which is i64 in the model");
}

TEST(Restore, PermutedStorageIsRowMajorInFiles) {
    runtime::ThreadPool pool(1);
    fake::Model model(pool, 4, true);
    auto* stored = reinterpret_cast<float*>(model.program().find(Role::parameter, "net.weight")->data);
    for (int i = 0; i < 6; ++i) stored[i] = static_cast<float>(i);
    data::NamedArrays arrays = persistent(model.program());
    const auto packed = arrays.at("net.weight").as<float>();
    EXPECT_EQ((std::vector<float>{packed.begin(), packed.end()}), (std::vector<float>{0, 2, 4, 1, 3, 5}));
    std::fill_n(stored, 6, -1.f);
    restore(model.program(), arrays, Restore::everything, "x");
    for (int i = 0; i < 6; ++i) EXPECT_EQ(stored[i], static_cast<float>(i));
}
