// Owns what a dlc_plan points at.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "runtime/plan.h"

namespace dlc::runtime {

class PlanBuilder {
public:
    PlanBuilder() = default;
    PlanBuilder(const PlanBuilder&) = delete;
    PlanBuilder& operator=(const PlanBuilder&) = delete;

    /// Each returns the number of what was added.
    int kernel(dlc_kernel);
    /// Extents and strides (elements) innermost first, as the kernel wants them.
    int buffer(dlc_region, dlc_type, std::vector<std::int32_t> extents, std::vector<std::int32_t> strides, std::int64_t offset,
               std::int64_t bytes);
    int call(int kernel, std::vector<std::int32_t> buffers);
    /// Calls [first, last); outer loops before inner ones.
    int loop(int first, int last, std::int64_t steps, bool backwards = false);
    /// Of the loop that was added last.
    void move(int buffer, std::int64_t bytes);
    /// Regions are as large as their buffers unless said larger.
    void region(dlc_region, std::int64_t bytes);
    /// Valid while the builder lives and nothing is added.
    const dlc_plan& plan();

private:
    std::vector<dlc_kernel> kernels_;
    std::vector<dlc_buffer> buffers_;
    std::vector<dlc_call> calls_;
    std::vector<dlc_loop> loops_;
    std::vector<dlc_move> moves_;
    std::deque<std::vector<std::int32_t>> numbers_;
    dlc_plan plan_ = {};
};

}  // namespace dlc::runtime
