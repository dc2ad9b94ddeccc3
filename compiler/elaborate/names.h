// Which names an expression reads.
#pragma once
#include <functional>
#include <string>

#include "dsl/text/ast.h"

namespace dlc::elaborate {

/// Calls `see` for every name `e` reads and does not bind itself, in the order written, with repetitions.  An anonymous pack `..`
/// in a read is the name "..".  Callees are not names of values.
void names_in(const text::Expr& e, const std::function<void(const std::string&, source::Span)>& see);

}  // namespace dlc::elaborate
