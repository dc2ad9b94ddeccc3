// Walking a graph from leaves to results and making it anew: what nearly every pass is.
#pragma once
#include <functional>
#include <vector>

#include "compiler/ir/graph.h"

namespace dlc::passes {

/// Makes the graph anew with equal nodes shared and only what results need.  `make` gets each needed node, its operands already
/// those of `b`, and returns what stands for it: the result of `append`, usually after changing the equation.  `old` is its id
/// before.
ir::Graph rebuild(const ir::Graph&, const std::function<ir::NodeId(ir::Builder& b, ir::Node node, ir::NodeId old)>& make);
/// Adds the node as it is.
ir::NodeId append(ir::Builder&, ir::Node);
/// The node's equation, to be changed.
inline ir::Equation& equation_of(ir::Node& node) { return std::get<ir::Equation>(node.what); }

/// How often the node is read: by how many nodes, and whether it is a result.
struct Readers {
    std::vector<std::vector<ir::NodeId>> of;  // by id
    std::vector<bool> result;
};
Readers readers(const ir::Graph&);

/// While a graph is made anew: whether a new node stands for one that a single node reads and that is no result.
class ReadOnce {
public:
    explicit ReadOnce(const ir::Graph& before) : users_(readers(before)) {}
    void add(ir::NodeId made, ir::NodeId old);
    bool operator()(ir::NodeId made) const { return made.value < once_.size() && once_[made.value]; }

private:
    Readers users_;
    std::vector<bool> once_;  // by new id
};

/// Spans of `from` become further spans of `to`.
void merge_origin(ir::Origin& to, const ir::Origin& from);

}  // namespace dlc::passes
