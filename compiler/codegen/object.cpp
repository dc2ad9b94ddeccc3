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

/// The most heap memory alive at one time in one function.
class HeapUse : public Halide::Internal::IRVisitor {
public:
    std::int64_t most = 0;

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
        most = std::max(most, live_);
        a->body.accept(this);
        live_ -= bytes;
    }
    static bool has_zero(const Halide::Internal::Allocate* a) {
        return std::any_of(a->extents.begin(), a->extents.end(),
                           [](const Halide::Expr& e) { return Halide::Internal::is_const_zero(e); });
    }
    std::int64_t live_ = 0;
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
    try {
        work();
    } catch (const Halide::Error& e) {
        throw source::InternalError("kernel class `" + std::string(schedules::class_of(k, target).name) + "`: " + e.what() +
                                    "\nkernel:\n" + ir::print(k.body));
    }
}

Halide::Module module_of(const kernels::Kernel& k, const schedules::Target& target, const schedules::Choice& choice,
                         const std::string& name, Checks checks) {
    schedules::Lowered lowered;
    schedules::build(k, target, choice, lowered);
    Halide::Target t(target.halide);
    t = t.with_feature(Halide::Target::NoRuntime);
    if (checks == Checks::none) t = t.with_feature(Halide::Target::NoAsserts).with_feature(Halide::Target::NoBoundsQuery);
    const std::vector<Halide::Argument> inputs(lowered.inputs.begin(), lowered.inputs.end());
    Halide::Pipeline pipeline(lowered.functions);
    pipeline.add_custom_lowering_pass(new HiddenPositions);  // which the pipeline owns
    Halide::Module module = pipeline.compile_to_module(inputs, name, t);
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
    Scratch s;
    for (const Halide::Internal::LoweredFunc& f : module.functions()) {
        HeapUse use;
        f.body.accept(&use);
        std::int64_t& which = f.name == name ? s.shared : s.thread;
        which = std::max(which, use.most);
    }
    return s;
}

}  // namespace dlc::codegen
