// The text form of a graph: one line a node, one line a result.  `read(print(g))` equals g, source places aside.
//
//     %0 = f32[128, 784] input "x"
//     %1 = f32[256, 784] parameter "hidden.weight"
//     %2 = f32[128, 256] sum[784](%0[i0, i2] * %1[i1, i2])  # hidden
//     %3 = f32[128, 256] max(%2[i0, i1], 0)
//     %4 = f32[10, 10] sum[10](%9[i0, i2 else 0]) where i0 - i2 >= 0
//     %5 = f32[784] scatter sum[128, 5](%3[i0, i1]) to [i1 + (i0 div 4)] lossy
//     %6 = f32[128] let t0 = exp(%2[i0, 0]) in t0 * t0
//     %7 = f32[3, 3] library orthogonal(%8) {1}
//     %8 = f32[3] constant {1, 2.5, -inf}
//     update "hidden.weight" = %3 to %1
//
// The bodies of scans come first, each a block `body @0` … `end` around its own lines, in the order of their first use:
//
//     body @0
//       %0 = f32[4] carry "h"
//       %1 = f32[4] slice "x"
//       %2 = f32[4] tanh(%0[i0] + %1[i0])
//       update "h" = %2 to %0
//     end
//     %2 = f32[8, 4] scan @0 %2 (%0, %1)
//     %3 = f32[4] scan @0 %2 last of 8 backwards checkpointed (%0, %1)
//
// i0, i1, ... are an equation's variables, outputs first; `[i0 + 1]` in a body is the value of an index.  A constant takes the type
// of its neighbour, else the one its place asks for, and says so where it has another: `2:i64`.  `f32(x)` is a conversion.  `let`
// names what is used more than once.  `again 3` ends a line whose value checkpoint 3 computes once more; after `#` stands the name
// of the node's origin.
#pragma once
#include <string>

#include "compiler/ir/graph.h"

namespace dlc::ir {

std::string print(const Graph&);
std::string print(const Graph&, NodeId);
std::string print(const Expr&);  // variables are i0, i1, … ; tensors %N
std::string print(const Index&);
std::string print(const Predicate&);
/// Fails with std::invalid_argument that names the line and what was expected.
Graph read(std::string_view text);

}  // namespace dlc::ir
