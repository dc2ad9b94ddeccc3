// Ways through the syntax tree that need not know every node.
#pragma once
#include <functional>

#include "dsl/text/ast.h"

namespace dlc::text {

/// Calls `see` for every expression directly inside `e`, in the order written; a scan's body is not among them.
void for_each_part(const Expr& e, const std::function<void(const Expr&)>& see);
/// Calls `see` for every expression a statement holds itself, in the order written, but not for those of the blocks inside it.
void for_each_part(const Stmt& s, const std::function<void(const Expr&)>& see);
/// Calls `see` for every statement of the block and of the blocks inside it, in the order written.
void for_each_statement(const Block& block, const std::function<void(const Stmt&)>& see);
/// Calls `see` for `e` and everything inside it.
void for_each_inside(const Expr& e, const std::function<void(const Expr&)>& see);

}  // namespace dlc::text
