// Kernels and the plan: what is computed together, and where it lies in memory.
//
// A kernel is a small graph: its leaves "in0", "in1", … stand for buffers it reads, its results "out0", … for those it writes.
// Nodes inside that are not results never reach memory unless its schedule stages them; a position that is data comes from memory,
// so from a leaf or a constant.  Kernels are structural: two clusters of one shape are one kernel, compiled once and called twice.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::kernels {

/// The order in which a tensor's dimensions lie in memory, outermost first: {0, 2, 3, 1} stores [N, C, H, W] as NHWC.  Dense.
using Order = std::vector<int>;
Order row_major(std::size_t rank);
/// Elements between neighbours of each dimension.
std::vector<std::int64_t> strides(const ir::Shape&, const Order&);

struct Kernel {
    ir::Graph body;
    std::vector<Order> inputs;   // storage of in0, in1, …
    std::vector<Order> outputs;  // of out0, out1, …
    /// outputs[i] may be written over inputs[alias[i]]; -1: none.  Both have the same shape, order and type; every node of the
    /// kernel is pointwise, reads that input only at the position it computes, and belongs to outputs 0..i.  So the outputs may be
    /// computed one after the other in their order, or all together point by point; no position may be computed twice.
    std::vector<int> alias;
    /// Identity for the cache and for sharing: structure, storage and aliases, not origins.
    ir::Digest digest() const;
};

enum class Region : std::uint8_t { parameter, state, input, output, workspace, constant };
inline constexpr std::size_t kRegions = 6;
std::string_view name(Region);

struct Buffer {
    std::string name;  // of the leaf or result it holds, or of the value
    ir::Type type = ir::Type::f32;
    ir::Shape shape;
    Order order;
    Region region = Region::workspace;
    std::int64_t offset = 0;  // bytes from the region's start, a multiple of kAlignment unless it lies inside another
    std::int64_t bytes = 0;
    int first = -1, last = -1;  // calls between which it lives (workspace)
    int inside = -1;            // the buffer it is a part of: a row of a stack, or a value in a loop's memory
    double value = 0;           // constant: of its one element, from before the first call on
};
inline constexpr std::int64_t kAlignment = 64;

struct Call {
    int kernel = 0;
    std::vector<int> inputs, outputs;  // buffers
    std::vector<ir::Origin> origins;   // what it computes
};

/// The calls [first, last) run `steps` times, for t from 0 up or, backwards, from steps - 1 down.
struct Loop {
    int first = 0, last = 0;
    std::int64_t steps = 0;
    bool backwards = false;
};
/// Within a loop a buffer lies `bytes` further with each t: a row of the tensor it lies inside, which holds all steps.
struct Move {
    int loop = 0, buffer = 0;
    std::int64_t bytes = 0;
};

/// What runs when and where everything lies: all of a plan but what its kernels compute.
struct Layout {
    std::vector<Buffer> buffers;
    std::vector<Call> calls;          // in order of execution
    std::vector<Loop> loops;          // they nest: an outer one before those inside it, else in the order of their calls
    std::vector<Move> moves;          // by loop
    std::vector<ir::Result> results;  // of the graph; `result_buffers[i]` holds results[i]
    std::vector<int> result_buffers;
    std::int64_t region_bytes[kRegions] = {};  // by Region; the workspace's is its peak
};
struct Plan : Layout {
    std::vector<Kernel> kernels;
};

/// Clusters the graph into kernels, chooses storage orders, lays out memory.  An `update` writes its leaf's own buffer: after the
/// last read of the old value, or in place.  Every leaf of the graph has a buffer, read or not.  A scan is a loop of the calls that
/// its body is planned as.  The same graph gives the same plan.  Fails with E0504 for a tensor of more than 2^53 bytes.
Plan plan(const ir::Graph&);

/// How often each call runs: the product of the steps of the loops around it.
std::vector<std::int64_t> times(const Layout&);

/// What `print` cannot know by itself: the class of a call's kernel, and the place of a span as `line` or `path:line`.
struct Describe {
    std::function<std::string(const Plan&, const Call&)> kernel = {};
    std::function<std::string(source::Span)> place = {};
};
/// A table of the calls: kernel, what it reads and writes with shapes and orders, the names and places it came from.
std::string print(const Plan&, const Describe& = {});
/// A table of the buffers: region, offset, bytes, the calls between which each lives; then the bytes of each region.
std::string print_memory(const Layout&);

}  // namespace dlc::kernels
