// Graph -> program: a graph written as one function of the language, so that a derivative can be read, edited and compiled again.
#pragma once
#include <string>

#include "compiler/ir/graph.h"
#include "dsl/text/ast.h"

namespace dlc::elaborate {

/// `fn NAME(leaves…) -> results… { one index equation a node }`.  Dots and slashes in names become underscores.  A scatter whose
/// positions may lie outside is written with a condition; a library node is written as a call that the language does not know.
text::File readable(const ir::Graph&, const std::string& name);

}  // namespace dlc::elaborate
