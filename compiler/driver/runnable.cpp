#include "compiler/driver/runnable.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <new>
#include <thread>

#include "compiler/codegen/plan_cache.h"
#include "compiler/ir/cost.h"
#include "compiler/ir/memory.h"
#include "compiler/kernels/recompute.h"
#include "compiler/passes/pass.h"
#include "compiler/schedules/schedule.h"
#include "dsl/source/diagnostic.h"
#include "runtime/data/array.h"

namespace dlc::driver {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The C form of a plan, with the arrays it points into.
struct PlanData {
    dlc_plan plan{};
    std::vector<dlc_buffer> buffers;
    std::vector<dlc_call> calls;
    std::vector<dlc_loop> loops;
    std::vector<dlc_move> moves;
    std::vector<std::vector<std::int32_t>> numbers;

    PlanData(const kernels::Layout& from, const std::vector<dlc_kernel>& kernels) {
        for (const kernels::Buffer& b : from.buffers) {
            std::vector<std::int32_t> extents, strides;
            std::int64_t stride = 1;
            for (std::size_t i = b.order.size(); i-- > 0;) {
                const std::int64_t extent = b.shape[std::size_t(b.order[i])];
                extents.push_back(std::int32_t(extent));
                strides.push_back(std::int32_t(stride));
                stride *= extent;
            }
            numbers.push_back(std::move(extents));
            numbers.push_back(std::move(strides));
            buffers.push_back({int(b.region), int(b.type), int(b.order.size()), numbers[numbers.size() - 2].data(),
                               numbers.back().data(), b.offset, b.bytes});
        }
        for (const kernels::Call& c : from.calls) {
            std::vector<std::int32_t> arguments(c.inputs.begin(), c.inputs.end());
            arguments.insert(arguments.end(), c.outputs.begin(), c.outputs.end());
            numbers.push_back(std::move(arguments));
            calls.push_back({c.kernel, int(numbers.back().size()), numbers.back().data()});
        }
        for (const kernels::Loop& l : from.loops) loops.push_back({l.first, l.last, l.backwards, l.steps});
        for (const kernels::Move& m : from.moves) moves.push_back({m.loop, m.buffer, m.bytes});
        plan.kernels = int(kernels.size());
        plan.buffers = int(buffers.size());
        plan.calls = int(calls.size());
        plan.kernel = kernels.data();
        plan.buffer = buffers.data();
        plan.call = calls.data();
        plan.loops = int(loops.size());
        plan.moves = int(moves.size());
        plan.loop = loops.data();
        plan.move = moves.data();
        static_assert(kernels::kRegions == DLC_REGIONS);
        std::copy_n(from.region_bytes, DLC_REGIONS, plan.region_bytes);
    }
};

train::Role role_of(ir::LeafKind kind) {
    switch (kind) {
        case ir::LeafKind::input: return train::Role::input;
        case ir::LeafKind::target: return train::Role::target;
        case ir::LeafKind::parameter: return train::Role::parameter;
        case ir::LeafKind::state: return train::Role::state;
        case ir::LeafKind::slot: return train::Role::slot;
        case ir::LeafKind::seed: return train::Role::seed;
        case ir::LeafKind::step: return train::Role::step;
        case ir::LeafKind::rate: return train::Role::rate;
        case ir::LeafKind::carry:
        case ir::LeafKind::slice: break;  // only in the body of a scan
        case ir::LeafKind::cotangent: break;
    }
    return train::Role::input;
}

bool is_leaf(const kernels::Buffer& buffer) {
    if (buffer.inside >= 0) return false;
    return buffer.region == kernels::Region::parameter || buffer.region == kernels::Region::state ||
           buffer.region == kernels::Region::input;
}

// Updates have no binding: they are written over their leaves.  A function's values are bound as outputs.
std::vector<train::Binding> bindings(const ir::Graph& graph, const kernels::Layout& layout) {
    std::vector<train::Binding> all;
    auto bind = [&](train::Role role, const std::string& name, int number) {
        const kernels::Buffer& b = layout.buffers[std::size_t(number)];
        all.push_back({role, name, number, b.shape, kernels::strides(b.shape, b.order)});
    };
    std::map<std::string_view, ir::LeafKind> leaves;
    for (const ir::Node& node : graph.nodes())
        if (const ir::Leaf* leaf = node.leaf()) leaves.emplace(leaf->name, leaf->kind);
    for (std::size_t i = 0; i < layout.buffers.size(); ++i) {
        const auto leaf = is_leaf(layout.buffers[i]) ? leaves.find(layout.buffers[i].name) : leaves.end();
        if (leaf != leaves.end()) bind(role_of(leaf->second), layout.buffers[i].name, int(i));
    }
    for (std::size_t i = 0; i < layout.results.size(); ++i) {
        const ir::Result& r = layout.results[i];
        switch (r.kind) {
            case ir::Result::value:
            case ir::Result::output: bind(train::Role::output, r.name, layout.result_buffers[i]); break;
            case ir::Result::loss: bind(train::Role::loss, r.name, layout.result_buffers[i]); break;
            case ir::Result::metric: bind(train::Role::metric, r.name, layout.result_buffers[i]); break;
            case ir::Result::check: bind(train::Role::check, r.name, layout.result_buffers[i]); break;
            case ir::Result::update: break;
        }
    }
    return all;
}

/// Where the tensor of a buffer is made.
ir::Origin origin_of(const ir::Graph& graph, const kernels::Layout& layout, int number) {
    const kernels::Buffer& buffer = layout.buffers[std::size_t(number)];
    if (const ir::NodeId leaf = is_leaf(buffer) ? graph.leaf(buffer.name) : ir::NodeId{}) return graph[leaf].origin;
    ir::Origin found;
    for (const kernels::Call& call : layout.calls)
        if (std::ranges::find(call.outputs, number) != call.outputs.end())
            for (const ir::Origin& origin : call.origins)
                if (origin.span && (!found.span || origin.name == buffer.name)) found = origin;
    return found;
}

source::UserError no_memory(const ir::Graph& graph, const kernels::Layout& layout, std::size_t number) {
    const kernels::Buffer& b = layout.buffers[number];
    return ir::no_memory(origin_of(graph, layout, int(number)), b.name, b.shape, double(b.bytes));
}

std::size_t largest_buffer(const kernels::Layout& layout) {
    return std::size_t(std::ranges::max_element(layout.buffers, {}, &kernels::Buffer::bytes) - layout.buffers.begin());
}

/// Fails with E0504 when the program takes more memory than the machine has, and for a tensor of more elements than kernels index.
void require_memory(const ir::Graph& graph, const kernels::Layout& layout) {
    constexpr double kMostElements = 2147483647;
    double bytes = 0;
    for (const std::int64_t region : layout.region_bytes) bytes += double(region);
    if (bytes > ir::memory_of_machine()) throw no_memory(graph, layout, largest_buffer(layout));
    for (std::size_t i = 0; i < layout.buffers.size(); ++i) {
        const kernels::Buffer& b = layout.buffers[i];
        if (b.inside >= 0 || ir::elements(b.shape) <= kMostElements) continue;
        source::Diagnostic d = source::error(
            source::code("E0504"), fmt::format("`{}` of shape [{}] has {} elements; compiled code takes at most 2^31 - 1", b.name,
                                               fmt::join(b.shape, ", "), ir::volume(b.shape)));
        if (const ir::Origin origin = origin_of(graph, layout, int(i)); origin.span) d.at(origin.span);
        throw source::UserError(std::move(d));
    }
}

}  // namespace

int thread_count(int count) { return count != 0 ? count : std::max(1, int(std::thread::hardware_concurrency())); }

runtime::ThreadPool& threads(int count) {
    static std::map<int, std::unique_ptr<runtime::ThreadPool>> pools;
    count = thread_count(count);
    auto& pool = pools[count];
    if (!pool) pool = std::make_unique<runtime::ThreadPool>(count);
    return *pool;
}

double load(const TensorView& view, std::size_t i) { return data::load(dlc_type(view.type), view.bytes.data(), std::int64_t(i)); }

void store(const TensorView& view, std::size_t i, double number) {
    data::store(dlc_type(view.type), view.bytes.data(), std::int64_t(i), number);
}

ir::Tensor to_tensor(const TensorView& view) {
    ir::Tensor tensor{*view.shape, std::vector<double>(std::size_t(ir::volume(*view.shape)))};
    for (std::size_t i = 0; i < tensor.values.size(); ++i) tensor.values[i] = load(view, i);
    return tensor;
}

void assign(const TensorView& view, const ir::Tensor& tensor) {
    if (view.bytes.empty()) return;
    DLC_ASSERT(*view.shape == tensor.shape, "a tensor is assigned to one of another shape");
    for (std::size_t i = 0; i < tensor.values.size(); ++i) store(view, i, tensor.values[i]);
}

struct Runnable::Impl {
    kernels::Layout layout;
    std::optional<Recomputation> recomputation;
    codegen::Compiled compiled;
    std::unique_ptr<PlanData> data;
    std::unique_ptr<train::PlanProgram> program;
    CompileTimes times;
    std::map<std::string, int, std::less<>> leaf_buffers;

    /// What an earlier run of the program left in the cache.  False when there is none.
    bool take(const ir::Graph& graph, const ir::Digest& key, const codegen::Options& options) {
        const auto start = Clock::now();
        std::optional<codegen::StoredPlan> stored = codegen::load_plan(key, options.cache);
        if (!stored) return false;
        layout = std::move(stored->layout);
        compiled = std::move(stored->code);
        require_memory(graph, layout);
        times.codegen = compiled.seconds;
        times.plan = seconds_since(start) - times.codegen;
        times.plan_from_cache = true;
        return true;
    }
    void make(const ir::Graph& graph, const codegen::Options& options) {
        auto start = Clock::now();
        const ir::Graph simplified = passes::run(graph);
        times.passes = seconds_since(start);
        start = Clock::now();
        kernels::Plan plan = kernels::plan(simplified);
        require_memory(simplified, plan);
        times.plan = seconds_since(start);
        start = Clock::now();
        compiled = codegen::compile(plan, options);
        times.codegen = seconds_since(start);
        layout = std::move(plan);
    }
    /// The same within a limit, of which no earlier run knows.  What the kernels need while they run is known when they are
    /// compiled: where that breaks the limit the tensors get less.
    void make_within(std::int64_t limit, const ir::Graph& graph, const codegen::Options& options, int threads) {
        constexpr auto kWorkspace = static_cast<std::size_t>(kernels::Region::workspace);
        auto start = Clock::now();
        const ir::Graph plain = passes::run(graph);
        times.passes = seconds_since(start);
        for (std::int64_t scratch = 0;;) {
            start = Clock::now();
            kernels::Fitted fitted = kernels::fit(plain, limit, scratch);
            require_memory(fitted.graph, fitted.plan);
            if (fitted.graph.digest() != plain.digest())
                recomputation = {fitted.plan.region_bytes[kWorkspace], kernels::plan(plain).region_bytes[kWorkspace],
                                 ir::multiply_adds(fitted.graph.nodes()), ir::multiply_adds(plain.nodes())};
            times.plan += seconds_since(start);
            start = Clock::now();
            compiled = codegen::compile(fitted.plan, options);
            times.codegen += seconds_since(start);
            const std::int64_t tensors = kernels::memory_bytes(fitted.plan);
            layout = std::move(fitted.plan);
            scratch = runtime::scratch_bytes(PlanData(layout, compiled.kernels).plan, threads);
            if (tensors + scratch <= limit) return;
        }
    }
    void lay_out(const ir::Graph& graph, runtime::ThreadPool& pool) {
        const auto start = Clock::now();
        data = std::make_unique<PlanData>(layout, compiled.kernels);
        std::vector<std::string> names;
        for (const kernels::Buffer& b : layout.buffers) names.push_back(b.name);
        try {
            program = std::make_unique<train::PlanProgram>(data->plan, pool, bindings(graph, layout), std::move(names));
        } catch (const std::bad_alloc&) { throw no_memory(graph, layout, largest_buffer(layout)); }
        for (std::size_t i = 0; i < layout.buffers.size(); ++i) {
            const kernels::Buffer& b = layout.buffers[i];
            if (is_leaf(b)) leaf_buffers[b.name] = int(i);
            if (b.region == kernels::Region::constant) store({b.type, &b.shape, program->executor().bytes(int(i))}, 0, b.value);
        }
        times.memory = seconds_since(start);
    }
};

Runnable::Runnable(const ir::Graph& graph, const CompileSettings& settings) : impl_(std::make_unique<Impl>()) {
    runtime::ThreadPool& pool = threads(settings.threads);
    codegen::Options options;
    options.target = schedules::host();
    options.progress = settings.progress;
    if (settings.cache) options.cache = codegen::default_cache();
    options.choose = settings.choose;
    // Where schedules are chosen from outside, or memory is limited, only kernels are cached.
    if (settings.memory_limit) {
        impl_->make_within(*settings.memory_limit, graph, options, pool.threads());
    } else if (options.cache.empty() || options.choose) {
        impl_->make(graph, options);
    } else if (const ir::Digest key = codegen::plan_key(graph, options.target); !impl_->take(graph, key, options)) {
        impl_->make(graph, options);
        codegen::store_plan(key, impl_->layout, impl_->compiled, options.cache);
    }
    impl_->times.kernels = impl_->compiled.kernels.size();
    impl_->times.from_cache = impl_->compiled.from_cache;
    impl_->lay_out(graph, pool);
}
Runnable::~Runnable() = default;
Runnable::Runnable(Runnable&&) noexcept = default;

const kernels::Layout& Runnable::layout() const { return impl_->layout; }
const CompileTimes& Runnable::times() const { return impl_->times; }
const std::optional<Recomputation>& Runnable::recomputation() const { return impl_->recomputation; }
const dlc_plan& Runnable::c_plan() const { return impl_->data->plan; }
train::PlanProgram& Runnable::program() { return *impl_->program; }
std::int64_t Runnable::memory_bytes() const { return impl_->program->memory_bytes(); }

bool Runnable::has_leaf(const std::string& name) const { return impl_->leaf_buffers.contains(name); }

TensorView Runnable::leaf(const std::string& name) {
    static const ir::Shape kScalar;
    auto found = impl_->leaf_buffers.find(name);
    if (found == impl_->leaf_buffers.end()) return {ir::Type::f32, &kScalar, {}};
    const kernels::Buffer& b = impl_->layout.buffers[std::size_t(found->second)];
    return {b.type, &b.shape, impl_->program->executor().bytes(found->second)};
}

TensorView Runnable::result(std::size_t number) {
    const int buffer = impl_->layout.result_buffers.at(number);
    const kernels::Buffer& b = impl_->layout.buffers[std::size_t(buffer)];
    return {b.type, &b.shape, impl_->program->executor().bytes(buffer)};
}

TensorView Runnable::result(const std::string& name) {
    for (std::size_t i = 0; i < impl_->layout.results.size(); ++i)
        if (impl_->layout.results[i].name == name && impl_->layout.results[i].kind != ir::Result::check) return result(i);
    DLC_ASSERT(false, "there is no result " + name);
    return result(0);
}

void Runnable::run() {
    const int failed = impl_->program->run();
    DLC_ASSERT(failed == 0, "a kernel failed: " + impl_->program->message());
    for (std::size_t i = 0; i < impl_->layout.results.size(); ++i) {
        const ir::Result& check = impl_->layout.results[i];
        if (check.kind != ir::Result::check) continue;
        const TensorView view = result(i);
        for (std::size_t e = 0; e < std::size_t(ir::volume(*view.shape)); ++e)
            if (load(view, e) != 0) {
                source::Diagnostic failed = source::error(source::code("E0502"), check.name).at(check.span);
                if (check.inside) failed.at(check.inside);
                throw source::UserError(std::move(failed));
            }
    }
}

}  // namespace dlc::driver
