#include "execute.h"

#include <Halide.h>

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <mutex>
#include <new>

#include "compiler/codegen/object.h"
#include "compiler/ir/text.h"
#include "compiler/schedules/lower.h"
#include "runtime/data/array.h"
#include "runtime/executor.h"
#include "runtime/plan_builder.h"

namespace dlc::test {
namespace {

void store(ir::Type type, const std::vector<double>& values, const std::vector<std::int64_t>& position, std::byte* to) {
    for (std::size_t i = 0; i < values.size(); ++i) data::store(static_cast<dlc_type>(type), to, position[i], values[i]);
}
std::vector<double> load(ir::Type type, const std::vector<std::int64_t>& position, const std::byte* from) {
    std::vector<double> values;
    for (const std::int64_t p : position) values.push_back(data::load(static_cast<dlc_type>(type), from, p));
    return values;
}

/// Where each row-major element lies.
std::vector<std::int64_t> positions(const ir::Shape& shape, const kernels::Order& order) {
    const auto strides = kernels::strides(shape, order);
    std::vector<std::int64_t> all;
    const std::int64_t count = ir::volume(shape);
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t rest = i, at = 0;
        for (std::size_t d = shape.size(); d-- > 0;) {
            at += rest % shape[d] * strides[d];
            rest /= shape[d];
        }
        all.push_back(at);
    }
    return all;
}

/// Memory whose end is where a page begins that nobody may touch; before it, and between the bytes asked for and that page, a
/// pattern.
class Fenced {
public:
    explicit Fenced(std::size_t bytes) : bytes_(bytes) {
        const std::size_t usable = (bytes + kAlignment - 1) / kAlignment * kAlignment;
        length_ = (usable + kPage - 1) / kPage * kPage + 2 * kPage;
        map_ = static_cast<std::byte*>(mmap(nullptr, length_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (map_ == MAP_FAILED || mprotect(map_ + kPage, length_ - 2 * kPage, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
        std::memset(map_ + kPage, kPattern, length_ - 2 * kPage);
        data_ = map_ + length_ - kPage - usable;
    }
    ~Fenced() { munmap(map_, length_); }
    Fenced(const Fenced&) = delete;
    Fenced& operator=(const Fenced&) = delete;
    std::byte* data() const { return data_; }
    bool intact() const {
        const auto is_pattern = [](std::byte b) { return b == std::byte{kPattern}; };
        return std::all_of(map_ + kPage, data_, is_pattern) && std::all_of(data_ + bytes_, map_ + length_ - kPage, is_pattern);
    }

private:
    static constexpr std::size_t kPage = 4096, kAlignment = 64;
    static constexpr int kPattern = 0xA5;
    std::size_t bytes_, length_;
    std::byte *map_, *data_;
};

/// Heap arrays of code made in this process.  Kernels may free on another thread than the one that allocated.
class FencedHeap {
public:
    static void* allocate(Halide::JITUserContext*, std::size_t bytes) {
        auto block = std::make_unique<Fenced>(bytes);
        void* data = block->data();
        const std::scoped_lock lock(mutex_);
        live_[data] = std::move(block);
        return data;
    }
    static void free(Halide::JITUserContext*, void* data) {
        if (!data) return;
        const std::scoped_lock lock(mutex_);
        EXPECT_TRUE(live_.at(data)->intact()) << "a kernel wrote beside a scratch array";
        live_.erase(data);
    }

private:
    static inline std::mutex mutex_;
    static inline std::map<void*, std::unique_ptr<Fenced>> live_;
};

/// A warning of Halide's is a mistake in a schedule.
class Warnings : public Halide::CompileTimeErrorReporter {
public:
    static void fail() {
        static Warnings warnings;
        Halide::set_custom_compile_time_error_reporter(&warnings);
    }

private:
    void warning(const char* message) override { throw Halide::CompileError(message); }
    void error(const char* message) override { throw Halide::CompileError(message); }
};

const ir::Node& input_node(const kernels::Kernel& k, std::size_t i) { return k.body[k.body.leaf("in" + std::to_string(i))]; }
const ir::Node& output_node(const kernels::Kernel& k, std::size_t i) {
    return k.body[k.body.result("out" + std::to_string(i))->node];
}

}  // namespace

kernels::Kernel kernel_of(ir::Graph g) {
    kernels::Kernel k;
    k.body = std::move(g);
    for (int i = 0; k.body.leaf("in" + std::to_string(i)); ++i) {
        k.inputs.push_back(kernels::row_major(k.body[k.body.leaf("in" + std::to_string(i))].shape.size()));
    }
    for (int i = 0; k.body.result("out" + std::to_string(i)); ++i) {
        k.outputs.push_back(kernels::row_major(k.body[k.body.result("out" + std::to_string(i))->node].shape.size()));
        k.alias.push_back(-1);
    }
    return k;
}

Values random_values(const kernels::Kernel& k, std::mt19937& random, std::int64_t below) {
    Values values;
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const ir::Node& n = input_node(k, i);
        ir::Tensor t{n.shape, {}};
        std::uniform_real_distribution<float> real(-1, 1);
        std::uniform_int_distribution<std::int64_t> integer(0, below - 1), truth(0, 1);
        for (std::int64_t e = 0; e < ir::volume(n.shape); ++e) {
            t.values.push_back(ir::is_real(n.type)           ? real(random)
                               : n.type == ir::Type::boolean ? static_cast<double>(truth(random))
                                                             : static_cast<double>(integer(random)));
        }
        values["in" + std::to_string(i)] = std::move(t);
    }
    return values;
}

schedules::Target wide() { return schedules::host(); }
schedules::Target narrow() {
    schedules::Target t = schedules::host();
    if (const auto wide_part = t.halide.find("-avx512"); wide_part != std::string::npos) {
        t.halide.resize(wide_part);
        t.vector_bytes = 32;
        t.registers = 16;
    }
    return t;
}

std::vector<schedules::Target> targets() {
    std::vector<schedules::Target> all{wide()};
    if (narrow().halide != wide().halide) all.push_back(narrow());
    if (const auto avx = wide().halide.find("-avx"); avx != std::string::npos) {
        schedules::Target sse = narrow();
        sse.halide.resize(avx);
        sse.vector_bytes = 16;
        all.push_back(sse);
    }
    return all;
}

std::vector<Values> run(const kernels::Kernel& k, const Values& inputs, const schedules::Target& target, std::vector<int> threads,
                        const schedules::Choice& choice) {
    codegen::guarded(k, target, [] {});  // installs its own receiver of messages first
    Warnings::fail();
    kernels::Plan plan;
    plan.kernels = {k};
    const codegen::Compiled compiled =
        codegen::compile(plan, {.target = target, .choose = [&](const kernels::Kernel&) { return choice; }});
    runtime::PlanBuilder builder;
    builder.kernel(compiled.kernels.at(0));
    std::vector<std::int32_t> arguments;
    std::int64_t offset = 0;
    const auto add = [&](const ir::Node& n, const kernels::Order& order) {
        std::vector<std::int32_t> extents, strides;
        const auto all = kernels::strides(n.shape, order);
        for (std::size_t d = order.size(); d-- > 0;) {
            extents.push_back(static_cast<std::int32_t>(n.shape[order[d]]));
            strides.push_back(static_cast<std::int32_t>(all[order[d]]));
        }
        const std::int64_t bytes = ir::volume(n.shape) * ir::bytes(n.type);
        arguments.push_back(builder.buffer(DLC_WORKSPACE, static_cast<dlc_type>(n.type), extents, strides, offset, bytes));
        offset += (bytes + 127) / 64 * 64;
        return offset;
    };
    for (std::size_t i = 0; i < k.inputs.size(); ++i) add(input_node(k, i), k.inputs[i]);
    for (std::size_t i = 0; i < k.outputs.size(); ++i) {
        if (k.alias[i] >= 0) {
            arguments.push_back(arguments[k.alias[i]]);
        } else {
            add(output_node(k, i), k.outputs[i]);
        }
    }
    builder.region(DLC_WORKSPACE, offset);
    constexpr std::byte kUnused{0xA5};
    builder.call(0, arguments);
    std::vector<Values> all;
    for (const int count : threads) {
        runtime::ThreadPool pool(count);
        runtime::Executor executor(builder.plan(), pool);
        std::vector<bool> used(static_cast<std::size_t>(offset), false);
        std::fill_n(executor.region(DLC_WORKSPACE), offset, kUnused);
        for (const std::int32_t a : arguments) {
            const auto bytes = executor.bytes(a);
            std::fill_n(used.begin() + (bytes.data() - executor.region(DLC_WORKSPACE)), bytes.size(), true);
        }
        for (std::size_t i = 0; i < k.inputs.size(); ++i) {
            const ir::Node& n = input_node(k, i);
            store(n.type, inputs.at("in" + std::to_string(i)).values, positions(n.shape, k.inputs[i]),
                  executor.bytes(arguments[i]).data());
        }
        EXPECT_EQ(executor.run(), 0) << executor.message();
        for (std::size_t at = 0; at < used.size(); ++at)
            EXPECT_TRUE(used[at] || executor.region(DLC_WORKSPACE)[at] == kUnused) << "byte " << at << " belongs to no buffer";
        for (std::size_t i = 0; i < k.inputs.size(); ++i) {
            if (std::find(k.alias.begin(), k.alias.end(), static_cast<int>(i)) != k.alias.end()) continue;
            const ir::Node& n = input_node(k, i);
            std::vector<std::byte> before(executor.bytes(arguments[i]).size());
            store(n.type, inputs.at("in" + std::to_string(i)).values, positions(n.shape, k.inputs[i]), before.data());
            EXPECT_TRUE(std::ranges::equal(before, executor.bytes(arguments[i]))) << "in" << i << " was written";
        }
        Values results;
        for (std::size_t i = 0; i < k.outputs.size(); ++i) {
            const ir::Node& n = output_node(k, i);
            results["out" + std::to_string(i)] = {
                n.shape, load(n.type, positions(n.shape, k.outputs[i]), executor.bytes(arguments[k.inputs.size() + i]).data())};
        }
        all.push_back(std::move(results));
    }
    return all;
}

Values run_checked(const kernels::Kernel& k, const Values& inputs, const schedules::Target& target,
                   const schedules::Choice& choice) {
    schedules::Lowered lowered;
    Values results;
    codegen::guarded(k, target, [&] {
        Warnings::fail();
        schedules::build(k, target, choice, lowered);
        std::vector<Halide::Argument> arguments(lowered.inputs.begin(), lowered.inputs.end());
        std::vector<std::unique_ptr<Fenced>> memory;
        for (std::size_t i = 0; i < k.inputs.size(); ++i) {
            const ir::Node& n = input_node(k, i);
            memory.push_back(std::make_unique<Fenced>(static_cast<std::size_t>(ir::volume(n.shape) * ir::bytes(n.type))));
            store(n.type, inputs.at("in" + std::to_string(i)).values, positions(n.shape, k.inputs[i]), memory.back()->data());
            const halide_dimension_t dense(0, static_cast<int>(ir::volume(n.shape)), 1);
            lowered.inputs[i].set(Halide::Buffer<>(schedules::stored_type(n.type), memory.back()->data(), 1, &dense));
        }
        // Each output's memory, seen through the dimensions its function has.
        std::vector<Halide::Buffer<>> buffers;
        std::vector<std::size_t> which;
        for (Halide::Func& f : lowered.functions) {
            for (int c = 0; c < f.outputs(); ++c) {
                const std::string name = f.outputs() == 1 ? f.name() : f.name() + "." + std::to_string(c);
                std::size_t i = 0;
                while (lowered.outputs.at(i).name != name) ++i;
                which.push_back(i);
                const ir::Node& n = output_node(k, i);
                memory.push_back(std::make_unique<Fenced>(static_cast<std::size_t>(ir::volume(n.shape) * ir::bytes(n.type))));
                const auto& shape = lowered.outputs[i].shape;
                buffers.emplace_back(schedules::stored_type(n.type), memory.back()->data(), static_cast<int>(shape.size()),
                                     shape.data());
            }
        }
        Halide::Pipeline pipeline = codegen::pipeline_of(lowered);
        pipeline.jit_handlers().custom_malloc = FencedHeap::allocate;
        pipeline.jit_handlers().custom_free = FencedHeap::free;
        pipeline.realize(Halide::Realization(buffers), Halide::Target(target.halide));
        for (const auto& block : memory) EXPECT_TRUE(block->intact()) << "a kernel wrote beside a buffer";
        for (std::size_t b = 0; b < which.size(); ++b) {
            const ir::Node& n = output_node(k, which[b]);
            results["out" + std::to_string(which[b])] = {n.shape, load(n.type, positions(n.shape, k.outputs[which[b]]),
                                                                       reinterpret_cast<const std::byte*>(buffers[b].data()))};
        }
    });
    return results;
}

void expect_meaning(const kernels::Kernel& k, const Values& inputs, const Values& results, double relative) {
    expect_values(k, ir::interpret(k.body, inputs), results, relative);
}

void expect_same_bits(const Values& a, const Values& b) {
    const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
    for (const auto& [name, tensor] : a) {
        const bool same = std::ranges::equal(tensor.values, b.at(name).values, {}, bits, bits);
        ASSERT_TRUE(same) << name << " depends on the number of threads";
    }
}

void expect_values(const kernels::Kernel& k, const Values& wanted, const Values& results, double relative) {
    for (const auto& [name, tensor] : wanted) {
        const auto& got = results.at(name);
        ASSERT_EQ(got.values.size(), tensor.values.size()) << name;
        double scale = 1e-6;
        for (const double v : tensor.values) {
            if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
        }
        for (std::size_t i = 0; i < tensor.values.size(); ++i) {
            const double want = tensor.values[i], have = got.values[i];
            const bool same = std::isnan(want) ? std::isnan(have) : want == have || std::abs(want - have) <= relative * scale;
            ASSERT_TRUE(same) << name << "[" << i << "] is " << have << ", must be " << want << "\n" << ir::print(k.body);
        }
    }
}

void expect_right(const kernels::Kernel& k, std::mt19937& random, double relative, std::int64_t below) {
    const Values inputs = random_values(k, random, below);
    const bool in_place = std::any_of(k.alias.begin(), k.alias.end(), [](int a) { return a >= 0; });
    for (const schedules::Target& target : {wide(), narrow()}) {
        SCOPED_TRACE(target.halide + ", class " + std::string(schedules::class_of(k, target).name));
        if (!in_place) expect_meaning(k, inputs, run_checked(k, inputs, target), relative);
        if (!in_place && target.registers != wide().registers) continue;  // checked above; compiling it again shows nothing new
        const std::vector<Values> runs = run(k, inputs, target, {1, 3});
        expect_meaning(k, inputs, runs[0], relative);
        expect_same_bits(runs[0], runs[1]);
    }
}

}  // namespace dlc::test
