#include "compiler/codegen/object.h"

#include <algorithm>

#include "compiler/ir/text.h"
#include "compiler/schedules/lower.h"
#include "dsl/source/diagnostic.h"
#include "runtime/plan.h"

namespace dlc::codegen {
namespace {

/// Allocations of constant size up to this many bytes are on the stack, as Halide's code generator has it.
constexpr std::int64_t kStackBytes = 16 * 1024;

/// Heap memory that one function of a module asks for while it runs.  The tasks of a parallel loop are functions of their own; on
/// one thread they come one after another, and a loop inside a task runs on the thread that reached it, on top of what the task
/// holds.
class HeapUse : public Halide::Internal::IRVisitor {
public:
    explicit HeapUse(const Halide::Module& module) : module_(module) {}

    struct Bytes {
        std::int64_t own = 0;    // alive at one time in the function itself
        std::int64_t tasks = 0;  // in one task of its parallel loops
        std::int64_t both = 0;   // together at one time
    };
    Bytes of(const std::string& function) {
        const auto functions = module_.functions();
        const auto found = std::find_if(functions.begin(), functions.end(), [&](const auto& f) { return f.name == function; });
        DLC_ASSERT(found != functions.end(), "the module has the function that is called");
        HeapUse inside(module_);
        found->body.accept(&inside);
        return inside.most_;
    }

private:
    using Halide::Internal::IRVisitor::visit;
    void visit(const Halide::Internal::Allocate* a) override {
        std::int64_t bytes = 0;
        if (!a->new_expr.defined() && a->memory_type != Halide::MemoryType::Stack &&
            a->memory_type != Halide::MemoryType::Register) {
            const std::int64_t elements = a->constant_allocation_size();
            DLC_ASSERT(elements > 0 || has_zero(a), "scratch arrays have constant extents");
            bytes = (elements + a->padding) * a->type.bytes();
            if (bytes <= kStackBytes) bytes = 0;
            if (bytes > 0) bytes = dlc_scratch_bytes(bytes);
        }
        live_ += bytes;
        most_.own = std::max(most_.own, live_);
        most_.both = std::max(most_.both, live_);
        a->body.accept(this);
        live_ -= bytes;
    }
    void visit(const Halide::Internal::Call* call) override {
        Halide::Internal::IRVisitor::visit(call);
        DLC_ASSERT(call->name != "halide_do_parallel_tasks", "schedules are not asynchronous");
        if (call->name != "halide_do_par_for") return;
        const auto* task = call->args.front().as<Halide::Internal::Variable>();
        DLC_ASSERT(task && task->name.starts_with("::"), "a parallel loop names the function of its tasks");
        const Bytes inside = of(task->name.substr(2));
        most_.tasks = std::max(most_.tasks, inside.both);
        most_.both = std::max(most_.both, live_ + inside.both);
    }
    static bool has_zero(const Halide::Internal::Allocate* a) {
        return std::any_of(a->extents.begin(), a->extents.end(),
                           [](const Halide::Expr& e) { return Halide::Internal::is_const_zero(e); });
    }
    const Halide::Module& module_;
    std::int64_t live_ = 0;
    Bytes most_;
};

/// Halide's messages go nowhere but here.  A warning is about a schedule of ours: nothing a user could act on, so it fails where
/// graphs are verified too and is dropped elsewhere.
class Messages : public Halide::CompileTimeErrorReporter {
public:
    static void install() {
        static Messages messages;
        [[maybe_unused]] static const bool installed = [] {
            Halide::set_custom_compile_time_error_reporter(&messages);
            return true;
        }();
    }

private:
    void warning([[maybe_unused]] const char* message) override {
#ifdef DLC_VERIFY
        throw Halide::CompileError(message);
#endif
    }
    void error(const char* message) override { throw Halide::CompileError(message); }
};

/// Halide 21 asserts that no lane of a load stands before its array, also where the lane's condition keeps it from being read, as
/// at the end of a tensor read backwards.  It looks at constant positions only.
class HiddenPositions : public Halide::Internal::IRMutator {
    using Halide::Internal::IRMutator::visit;
    Halide::Expr visit(const Halide::Internal::Load* op) override {
        using namespace Halide::Internal;
        const Halide::Expr made = IRMutator::visit(op);
        const Load* load = made.as<Load>();
        const Ramp* ramp = load ? load->index.as<Ramp>() : nullptr;
        if (!ramp || is_const_one(load->predicate)) return made;
        const auto base = as_const_int(ramp->base), stride = as_const_int(ramp->stride);
        if (!base || !stride || std::min(*base, *base + *stride * (ramp->lanes - 1)) >= 0) return made;
        const std::string name = unique_name("base");
        const Halide::Expr index = Ramp::make(Variable::make(ramp->base.type(), name), ramp->stride, ramp->lanes);
        return Let::make(name, ramp->base,
                         Load::make(load->type, load->name, index, load->image, load->param, load->predicate, load->alignment));
    }
};

}  // namespace

void guarded(const kernels::Kernel& k, const schedules::Target& target, const std::function<void()>& work) {
    Messages::install();
    try {
        work();
    } catch (const Halide::Error& e) {
        throw source::InternalError("kernel class `" + std::string(schedules::class_of(k, target).name) + "`: " + e.what() +
                                    "\nkernel:\n" + ir::print(k.body));
    }
}

Halide::Pipeline pipeline_of(const schedules::Lowered& lowered) {
    Halide::Pipeline pipeline(lowered.functions);
    pipeline.add_custom_lowering_pass(new HiddenPositions);  // which the pipeline owns
    return pipeline;
}

Halide::Module module_of(const kernels::Kernel& k, const schedules::Target& target, const schedules::Choice& choice,
                         const std::string& name, Checks checks) {
    schedules::Lowered lowered;
    schedules::build(k, target, choice, lowered);
    Halide::Target t(target.halide);
    t = t.with_feature(Halide::Target::NoRuntime);
    if (checks == Checks::none) t = t.with_feature(Halide::Target::NoAsserts).with_feature(Halide::Target::NoBoundsQuery);
    const std::vector<Halide::Argument> inputs(lowered.inputs.begin(), lowered.inputs.end());
    Halide::Module module = pipeline_of(lowered).compile_to_module(inputs, name, t);
    // Outputs written together come together; the kernel's order is another.
    for (Halide::Internal::LoweredFunc& f : module.functions()) {
        if (f.name != name) continue;
        auto& args = f.args;
        std::vector<Halide::Internal::LoweredArgument> sorted(args.begin(),
                                                              args.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
        for (const auto& output : lowered.outputs) {
            const auto found = std::find_if(args.begin(), args.end(), [&](const auto& a) { return a.name == output.name; });
            DLC_ASSERT(found != args.end(), "every output is an argument");
            sorted.push_back(*found);
        }
        DLC_ASSERT(sorted.size() == args.size(), "every argument is an input or an output");
        args = std::move(sorted);
    }
    return module;
}

Scratch scratch_of(const Halide::Module& module, const std::string& name) {
    const HeapUse::Bytes bytes = HeapUse(module).of(name);
    return {bytes.own, bytes.tasks};
}

}  // namespace dlc::codegen
