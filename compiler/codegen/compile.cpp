#include "compiler/codegen/compile.h"

#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <mutex>
#include <sstream>
#include <thread>

#include "compiler/codegen/cache.h"
#include "compiler/codegen/object.h"
#include "compiler/codegen/versions.h"
#include "compiler/ir/cost.h"
#include "dsl/source/diagnostic.h"

extern char** environ;

namespace dlc::codegen {

namespace {

ir::Digest key_of(const kernels::Kernel& k, const schedules::Target& target, const schedules::Choice& choice,
                  const ir::Digest& versions) {
    ir::Hasher h;
    h.add(k.digest()).add(target.digest()).add(versions).add(choice.size());
    for (const auto& [name, value] : choice) h.add(name).add(static_cast<std::uint64_t>(value));
    return h.done();
}

/// What takes longer to compile is greater, roughly: the scalar operations that its code has.
std::int64_t effort(const kernels::Kernel& k) {
    std::int64_t operations = 0;
    for (const ir::Node& node : k.body.nodes())
        if (const ir::Equation* e = node.equation()) operations += 1 + ir::weight(e->body);
    return operations;
}

/// Runs a program and waits; -1 when it cannot be started.
int run(const std::vector<std::string>& command) {
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_t child = 0;
    if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) return -1;
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// The plain linker is ten times as fast as the compiler driver around it.
bool link(const std::filesystem::path& object, const std::filesystem::path& library) {
    for (const char* linker : {"ld", "ld.lld", "cc"}) {
        if (run({linker, "-shared", "-o", library.string(), object.string()}) == 0) return true;
    }
    return false;
}

/// Without a linker: the code is made in this process and lives as long as it.
Cache::Loaded jit(const Halide::Module& module, const std::string& name, const Scratch& scratch) {
    for (const Halide::Internal::LoweredFunc& f : module.functions()) {
        if (f.name != name) continue;
        auto code = std::make_shared<Halide::Internal::JITModule>(module, f);
        dlc_kernel kernel = {};
        kernel.run = reinterpret_cast<dlc_kernel_function>(code->argv_function());
        kernel.scratch_shared = scratch.shared;
        kernel.scratch_thread = scratch.thread;
        return {kernel, code};
    }
    throw source::InternalError("the compiled module lost its entry point");
}

Cache::Loaded make(const kernels::Kernel& k, const Options& options, const schedules::Choice& choice, const Cache& cache,
                   const ir::Digest& key) {
    std::optional<Cache::Loaded> made;
    guarded(k, options.target, [&] {
        const std::string name = Cache::symbol(key);
        const Halide::Module module = module_of(k, options.target, choice, name);
        const Scratch scratch = scratch_of(module, name);
        const auto object = cache.fresh(".o"), library = cache.fresh(".so");
        module.compile({{Halide::OutputFileType::object, object.string()}});
        const bool linked = link(object, library);
        std::error_code ignored;
        std::filesystem::remove(object, ignored);
        if (linked) {
            cache.store(key, library, scratch.shared, scratch.thread);
            made = cache.load(key);
        } else {
            made = jit(module, name, scratch);
        }
    });
    if (!made)
        throw source::EnvironmentError("a kernel just compiled cannot be read back from the kernel cache; is its disk failing?");
    return *made;
}

}  // namespace

Compiled compile(const kernels::Plan& plan, const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    const Cache cache(options.cache);
    const ir::Digest version = kernel_versions();
    const std::size_t total = plan.kernels.size();
    Compiled result;
    std::vector<std::optional<Cache::Loaded>> loaded(total);
    std::vector<std::size_t> missing;
    std::vector<schedules::Choice> choices;
    std::size_t done = 0;
    for (std::size_t i = 0; i < total; ++i) {
        choices.push_back(options.choose ? options.choose(plan.kernels[i]) : schedules::Choice{});
        result.keys.push_back(key_of(plan.kernels[i], options.target, choices[i], version));
        loaded[i] = cache.load(result.keys[i]);
        if (!loaded[i]) {
            missing.push_back(i);
            continue;
        }
        ++result.from_cache;
        if (options.progress) options.progress(++done, total, true);
    }

    if (!missing.empty()) cache.check_room();
    // The longest first, so that no thread begins a long one when the others have nothing left.
    std::ranges::stable_sort(missing, std::greater{}, [&](std::size_t i) { return effort(plan.kernels[i]); });
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto worker = [&] {
        for (std::size_t j; (j = next++) < missing.size();) {
            const std::size_t i = missing[j];
            try {
                Cache::Loaded one = make(plan.kernels[i], options, choices[i], cache, result.keys[i]);
                const std::scoped_lock lock(mutex);
                loaded[i] = std::move(one);
                if (options.progress) options.progress(++done, total, false);
            } catch (...) {
                const std::scoped_lock lock(mutex);
                if (!failure) failure = std::current_exception();
                next = missing.size();
            }
        }
    };
    const auto threads = std::min<std::size_t>(missing.size(), std::max(1u, std::thread::hardware_concurrency()));
    std::vector<std::jthread> others;
    for (std::size_t t = 1; t < threads; ++t) others.emplace_back(worker);
    worker();
    others.clear();
    if (failure) std::rethrow_exception(failure);

    for (auto& l : loaded) {
        result.kernels.push_back(l->kernel);
        result.libraries.push_back(std::move(l->library));
    }
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

std::string show(const kernels::Kernel& k, const schedules::Target& target, View view) {
    std::ostringstream text;
    guarded(k, target, [&] {
        if (view == View::schedule) {
            const schedules::KernelClass& c = schedules::class_of(k, target);
            text << c.name << ": " << c.doc << "\n";
            for (const schedules::Parameter& p : schedules::parameters(k, target)) {
                text << "  " << p.name << " = " << p.choices.front() << "  (" << p.doc << ")\n";
            }
            return;
        }
        const Halide::Module module = module_of(k, target, {}, "kernel");
        if (view == View::statement) {
            text << module;
            return;
        }
        const Cache scratch{{}};
        scratch.check_room();
        const auto file = scratch.fresh(".s");
        module.compile({{Halide::OutputFileType::assembly, file.string()}});
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);)
            if (line.find(".ident") == std::string::npos) text << line << '\n';  // who compiled it, and from where
    });
    return text.str();
}

}  // namespace dlc::codegen
