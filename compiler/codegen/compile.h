// Plans to machine code: one small Halide pipeline a kernel, compiled concurrently to objects without a runtime, linked, cached and
// loaded.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/kernels/kernel.h"
#include "compiler/schedules/schedule.h"
#include "runtime/plan.h"

namespace dlc::codegen {

struct Options {
    schedules::Target target;
    std::filesystem::path cache = {};  // folder; empty: no cache on disk
    /// Parameters of a kernel's class other than the defaults.
    std::function<schedules::Choice(const kernels::Kernel&)> choose = {};
    /// Called as kernels become ready, from one thread at a time.
    std::function<void(std::size_t done, std::size_t total, bool from_cache)> progress = {};
};

struct Compiled {
    std::vector<dlc_kernel> kernels;  // by plan.kernels: function and scratch sizes
    std::vector<ir::Digest> keys;     // of their entries in the cache
    std::size_t from_cache = 0;
    double seconds = 0;
    std::vector<std::shared_ptr<void>> libraries;  // keeps the code loaded
};

/// Fails with source::EnvironmentError (cache folder not writable, no linker and no JIT) or source::InternalError.
Compiled compile(const kernels::Plan&, const Options&);

/// Halide's view of one kernel, for `dlc explain`.
enum class View { statement, assembly, schedule };
std::string show(const kernels::Kernel&, const schedules::Target&, View);

/// `$XDG_CACHE_HOME/dlc/kernels`, or `~/.cache/dlc/kernels`.
std::filesystem::path default_cache();

}  // namespace dlc::codegen
