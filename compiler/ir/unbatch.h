// A program for every point of a dimension becomes the program for one point: the inverse of batch.h.
//
// The examples of a batch are independent when each result of an example is computed from the inputs of that example and from what
// all share.  That is proved by writing the program for one example down.  Every tensor that depends on the examples has an axis
// along which they lie (`PointAxis`), found from how it reads others; an equation is rewritten with the example as a symbol of its
// own, and whatever is left of the symbol says where examples meet: in a sum over them, in a read of another one, in a number made
// of the place of one.  The sizes that multiply the number of examples vanish, so programs that mean the same for two numbers of
// examples become equal graphs.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::ir {

/// Where the points lie in a tensor: at position p along `axis` is point (p div inner) mod size.  Batches that are one axis of
/// several have `inner` 1; rows of `inner` elements for each point, flattened into the axis, have more.
struct PointAxis {
    std::size_t axis = 0;
    std::int64_t inner = 1;
    bool operator==(const PointAxis&) const = default;
};

/// The first equation at which points meet.
struct Coupling {
    enum Kind {
        reduces,  // over the points
        another,  // reads another point than it is for, or one point for all
        place,    // a number or a condition made of the place of a point
        random,   // random numbers drawn by place
        shared,   // reads a tensor that no point owns, `other`, at the place of a point
        steps,    // a recurrence over the points
        unclear,  // not followed: a library operation, an axis that mixes points in another way
    };
    Kind kind = unclear;
    Origin origin;
    std::string other = {};
};

struct PerPoint {
    /// Axes of points have what is left of them without the points: 1, or `inner` and what multiplied the points from outside.
    Graph graph;
    /// For each result of the graph, in order; empty for one that is the same for all points.
    std::vector<std::optional<PointAxis>> axes;
};

/// The program for one point of a dimension of `size` > 1, of which leaf l has the points along axis `leaves.at(l)`.  Updates are
/// left out.  A check, which counts over all points, counts at the one.
std::variant<PerPoint, Coupling> unbatch(const Graph&, std::int64_t size, const std::map<NodeId, std::size_t>& leaves);

}  // namespace dlc::ir
