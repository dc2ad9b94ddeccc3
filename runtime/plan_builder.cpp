#include "runtime/plan_builder.h"

#include <algorithm>

namespace dlc::runtime {

int PlanBuilder::kernel(dlc_kernel kernel) {
    kernels_.push_back(kernel);
    return static_cast<int>(kernels_.size()) - 1;
}

int PlanBuilder::buffer(dlc_region region, dlc_type type, std::vector<std::int32_t> extents, std::vector<std::int32_t> strides,
                        std::int64_t offset, std::int64_t bytes) {
    const std::int32_t dimensions = static_cast<std::int32_t>(extents.size());
    const std::int32_t* kept_extents = numbers_.emplace_back(std::move(extents)).data();
    const std::int32_t* kept_strides = numbers_.emplace_back(std::move(strides)).data();
    buffers_.push_back({region, type, dimensions, kept_extents, kept_strides, offset, bytes});
    plan_.region_bytes[region] = std::max(plan_.region_bytes[region], offset + bytes);
    return static_cast<int>(buffers_.size()) - 1;
}

int PlanBuilder::call(int kernel, std::vector<std::int32_t> buffers) {
    const std::int32_t arguments = static_cast<std::int32_t>(buffers.size());
    calls_.push_back({kernel, arguments, numbers_.emplace_back(std::move(buffers)).data()});
    return static_cast<int>(calls_.size()) - 1;
}

int PlanBuilder::loop(int first, int last, std::int64_t steps, bool backwards) {
    loops_.push_back({first, last, backwards, steps});
    return static_cast<int>(loops_.size()) - 1;
}

void PlanBuilder::move(int buffer, std::int64_t bytes) {
    moves_.push_back({static_cast<std::int32_t>(loops_.size()) - 1, buffer, bytes});
}

void PlanBuilder::region(dlc_region region, std::int64_t bytes) {
    plan_.region_bytes[region] = std::max(plan_.region_bytes[region], bytes);
}

const dlc_plan& PlanBuilder::plan() {
    plan_.kernels = static_cast<std::int32_t>(kernels_.size());
    plan_.buffers = static_cast<std::int32_t>(buffers_.size());
    plan_.calls = static_cast<std::int32_t>(calls_.size());
    plan_.loops = static_cast<std::int32_t>(loops_.size());
    plan_.moves = static_cast<std::int32_t>(moves_.size());
    plan_.loop = loops_.data();
    plan_.move = moves_.data();
    plan_.kernel = kernels_.data();
    plan_.buffer = buffers_.data();
    plan_.call = calls_.data();
    return plan_;
}

}  // namespace dlc::runtime
