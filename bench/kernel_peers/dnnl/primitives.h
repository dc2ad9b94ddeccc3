// Primitives of oneDNN that run one behind the other, on memory of the operands and of their own.
#pragma once
#include <dnnl.hpp>
#include <memory>
#include <unordered_map>

#include "bench/kernel_peers/peer.h"
#include "compiler/ir/row.h"

namespace dlc::bench::dnnl {

using ::dnnl::memory;
using Tag = memory::format_tag;
using Dims = memory::dims;
using Arguments = std::unordered_map<int, memory>;

const ::dnnl::engine& engine();
/// A description in float32.
memory::desc described(const Dims&, Tag);
/// The operand itself.
memory over(const Array&, const Dims&, Tag);
memory made(const memory::desc&);

class Sequence {
public:
    void add(const ::dnnl::primitive&, Arguments);
    /// What is done between primitives by hand.
    void add(std::function<void()>);
    /// `from` as described: itself, or a copy made in every run.
    memory reordered(const memory& from, const memory::desc& as);
    /// `from` as described, copied once and for all.
    static memory stored(const memory& from, const memory::desc& as);
    /// `to` gets `from` in every run, unless it is the same memory.
    void reorder(const memory& from, const memory& to);
    void run() const;

private:
    std::vector<std::function<void()>> steps_;
};

/// The contents as row-major numbers: `dims` in the order of the tag.
std::vector<float> numbers(const memory&, Tag plain);

/// A way out of a sequence and the memories that hold its results, each with the tag under which dlc stores it.
struct Result {
    memory held;
    Tag plain;
};
Way way(std::string name, std::shared_ptr<Sequence>, std::map<std::string, Result>);

}  // namespace dlc::bench::dnnl
