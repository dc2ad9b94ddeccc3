// Runs a plan over doubles in memory that knows what lies where: the check of clustering, order, in-place writing and places.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/ir/interpreter.h"
#include "compiler/kernels/kernel.h"

namespace dlc::kernels {

/// The values of the plan's results, by name, as `ir::interpret` gives those of the graph it was made from; the two agree to the
/// last bit, since neither rounds to the element types.  Every call reads and writes the bytes of its buffers; reading bytes that
/// hold no element of that type at that place (never written, or overwritten by something else) fails an assertion that names call
/// and buffer. A kernel's outputs are computed one after the other, each reading what memory holds by then.
std::map<std::string, ir::Tensor> simulate(const Plan&, const std::map<std::string, ir::Tensor>& leaves);

/// One line for each rule of kernel.h the plan breaks: buffers that live at one time apart, offsets aligned and inside their
/// region or the buffer around them wherever a loop moves them, calls that agree with their kernels, aliases of equal shape, order
/// and type, positions that come from memory, values written before they are read.
std::vector<std::string> verify(const Plan&);

}  // namespace dlc::kernels
