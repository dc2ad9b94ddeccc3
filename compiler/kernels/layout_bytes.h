// A layout as bytes, for a cache on disk.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "compiler/kernels/kernel.h"

namespace dlc::kernels {

/// The same on every machine.
std::string to_bytes(const Layout&);
/// What `to_bytes` made, or nothing where the bytes end early or go on.
std::optional<Layout> layout_from(std::string_view bytes);

}  // namespace dlc::kernels
