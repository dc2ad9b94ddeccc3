// What computes a case of bench/kernels beside dlc: in the same process, from the same memory.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace dlc::bench {

using Shape = std::vector<std::int64_t>;

/// Dense and row-major: float32 or, of labels, int32.
struct Array {
    Shape shape;
    void* data = nullptr;

    float* floats() const { return static_cast<float*>(data); }
    const std::int32_t* integers() const { return static_cast<const std::int32_t*>(data); }
};
std::int64_t volume(const Shape&);

/// What a case is computed from, and the shapes of what is made of it, by the names that dlc's program has for them.
struct Operands {
    std::map<std::string, Array> given;
    std::map<std::string, Shape> results;
    nlohmann::json settings;  // of the peer: strides, what a reduction computes, …
    int threads = 1;

    const Array& operator[](const std::string& name) const { return given.at(name); }
    bool want(const std::string& result) const { return results.contains(result); }
};

/// As they are in dlc: dense and row-major.
using Results = std::map<std::string, std::vector<float>>;

/// One way to compute a case: a library's primitives in a layout, or a loop.  It owns what it writes; the operands outlive it.
struct Way {
    std::string name;
    std::function<void()> run;
    std::function<Results()> results;  // of the last run
};

/// What computes one kind of case.  The tables of rows are `loops`, and `dnnl` where oneDNN was found when this was built.
struct Peer {
    std::string_view kind;  // that a case names: "matmul", "convolution", …
    std::vector<Way> (*ways)(const Operands&);
};

/// All ways of that kind.  Throws std::invalid_argument: no table has the kind.
std::vector<Way> ways(const std::string& kind, const Operands&);

/// "2.6.3", or empty: built without it.
std::string dnnl_version();
/// Of the primitives made from here on.
void set_dnnl_threads(int);

}  // namespace dlc::bench
