// What a machine cannot hold, said of the tensor that asks for it.
#pragma once
#include "compiler/ir/graph.h"
#include "dsl/source/diagnostic.h"

namespace dlc::ir {

/// E0504: there is no memory for a tensor; of so many bytes.  Points to where it is made.
source::UserError no_memory(const Origin&, const std::string& name, const Shape&, double bytes);
/// Fails with E0504 where a value of this node takes more memory than the machine has.
void require_memory(const Node&, std::int64_t bytes_of_element);
/// The memory of this machine.
double memory_of_machine();
/// Number of elements, where `volume` may fail.
double elements(const Shape&);

}  // namespace dlc::ir
