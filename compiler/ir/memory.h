// What a machine cannot hold, said of the tensor that asks for it.
#pragma once
#include "compiler/ir/graph.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

/// E0504: there is no memory for a tensor of so many bytes.  Points to where it is made.
source::UserError no_memory(const Origin&, const std::string& name, const Shape&, double bytes);
/// The same of the node's value as the interpreter holds it.
source::UserError no_memory(const Node&);
/// Fails with that where the machine does not have as much.
void require_memory(const Node&);
/// The memory of this machine.
double memory_of_machine();
/// Number of elements, where `volume` may fail.
double elements(const Shape&);

}  // namespace dlc::ir
