// Text to syntax tree and back.  Spirit is seen only by the files of grammar/.
#pragma once
#include "dsl/source/diagnostic.h"
#include "dsl/text/ast.h"

namespace dlc::text {

/// Parses one file.  Errors go to `diagnostics` (E01xx); what could be read before, between and after them is returned: parsing
/// resumes at the next declaration.
File parse(const source::SourceMap&, std::uint32_t file, source::Diagnostics&);

/// What a file says of itself: the `#` lines it begins with, without their markers, up to the first line that is something else.
std::string opening_comment(const source::SourceMap&, std::uint32_t file);

/// Parses one expression that fills `text` whole, as given to `--set key=expr`; empty after an error.
ExprRef parse_expression(const source::SourceMap&, std::uint32_t file, source::Diagnostics&);

/// The tree as source text in canonical layout, without comments (docs are kept).  `parse(print(t)) == t`.
std::string print(const File&);
std::string print(const Expr&);
std::string print(const Type&);

/// What stands before a declaration's body, `fn square(x: f[N], k: float = 2) -> y`, in the canonical layout of a page that wide.
std::string head(const Declaration&, std::size_t columns = std::string::npos);

/// The file in canonical layout with its comments kept.  Idempotent.  The text must parse.
std::string format(const source::SourceMap&, std::uint32_t file, const File&);

}  // namespace dlc::text
