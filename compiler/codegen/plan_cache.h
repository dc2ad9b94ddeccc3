// Plans that were compiled before: a start with the same program needs neither passes nor planning.
#pragma once
#include <filesystem>
#include <optional>

#include "compiler/codegen/compile.h"

namespace dlc::codegen {

/// Of all that a plan, its code and what is said about it depend on: the graph before the passes, the places in the sources that
/// its nodes come from, the target, and what compiles.
ir::Digest plan_key(const ir::Graph&, const schedules::Target&);

struct StoredPlan {
    kernels::Layout layout;
    Compiled code;
};
/// Nothing when the plan or one of its kernels is missing or damaged.  `cache` is a folder, as in Options.
std::optional<StoredPlan> load_plan(const ir::Digest& key, const std::filesystem::path& cache);
/// Fails with source::EnvironmentError where it cannot be written.
void store_plan(const ir::Digest& key, const kernels::Layout&, const Compiled&, const std::filesystem::path& cache);

}  // namespace dlc::codegen
