#include "runtime/train/plan_program.h"

#include <algorithm>

#include "dsl/source/diagnostic.h"

namespace dlc::train {

PlanProgram::PlanProgram(const dlc_plan& plan, runtime::ThreadPool& pool, const std::vector<Binding>& bindings,
                         std::vector<std::string> buffer_names)
    : plan_(plan), executor_(plan, pool), names_(std::move(buffer_names)) {
    DLC_ASSERT(std::ssize(names_) == plan.buffers, "every buffer has a name");
    for (const Binding& binding : bindings) {
        DLC_ASSERT(binding.buffer >= 0 && binding.buffer < plan.buffers, "`" + binding.name + "` has a buffer");
        DLC_ASSERT(binding.shape.size() == binding.strides.size(), "`" + binding.name + "` has a stride for each dimension");
        Tensor tensor{binding.role,  binding.name,    static_cast<dlc_type>(plan.buffer[binding.buffer].type),
                      binding.shape, binding.strides, executor_.bytes(binding.buffer).data()};
        DLC_ASSERT(bytes(tensor) <= plan.buffer[binding.buffer].bytes, "`" + binding.name + "` fits its buffer");
        tensors_.push_back(std::move(tensor));
    }
}

int PlanProgram::end_of(int call) const {
    int end = call + 1;
    for (int l = 0; l < plan_.loops; ++l)
        if (plan_.loop[l].first <= call && call < plan_.loop[l].last) end = std::max(end, plan_.loop[l].last);
    return end;
}

std::vector<Touched> PlanProgram::touched_by(int call) const {
    std::vector<Touched> result;
    const dlc_call& at = plan_.call[call];
    for (int a = 0; a < at.arguments; ++a) {
        const int buffer = at.buffers[a];
        result.push_back({buffer, names_[static_cast<std::size_t>(buffer)], static_cast<dlc_type>(plan_.buffer[buffer].type),
                          executor_.all_bytes(buffer)});
    }
    return result;
}

}  // namespace dlc::train
