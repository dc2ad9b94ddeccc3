// A compiled plan as a Program.
#pragma once
#include "runtime/executor.h"
#include "runtime/train/program.h"

namespace dlc::train {

/// Which buffer of the plan holds a leaf or a result.
struct Binding {
    Role role = Role::input;
    std::string name;
    int buffer = -1;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
};

class PlanProgram final : public Program {
public:
    /// `plan` must outlive it; `buffer_names` are by buffer.
    PlanProgram(const dlc_plan& plan, runtime::ThreadPool& pool, const std::vector<Binding>&,
                std::vector<std::string> buffer_names);

    const std::vector<Tensor>& tensors() const override { return tensors_; }
    int run() override { return executor_.run(); }
    int calls() const override { return plan_.calls; }
    int end_of(int call) const override;
    int run(int first, int last) override { return executor_.run(first, last); }
    std::vector<Touched> touched_by(int call) const override;
    std::string message() const override { return std::string(executor_.message()); }
    std::int64_t memory_bytes() const override { return executor_.memory_bytes(); }
    runtime::Executor& executor() { return executor_; }

private:
    const dlc_plan& plan_;
    mutable runtime::Executor executor_;
    std::vector<Tensor> tensors_;
    std::vector<std::string> names_;
};

}  // namespace dlc::train
