// One step of a program: its batch in, its checks looked at, its values out.
#pragma once
#include <optional>
#include <vector>

#include "runtime/data/feed.h"
#include "runtime/train/trainer.h"

namespace dlc::train {

class Stepper {
public:
    /// The feed's fields are inputs and targets of the program, or nothing in it depends on them.
    Stepper(Program&, const data::Feed&);

    Program& program() const { return program_; }
    /// The tensors of the feed's fields, in their order; null for one that nothing depends on.
    const std::vector<const Tensor*>& inputs() const { return inputs_; }
    /// Losses, then metrics.
    const std::vector<const Tensor*>& measured() const { return measured_; }
    const std::vector<const Tensor*>& losses() const { return losses_; }

    /// Writes the batch, and its step, of which random numbers are functions: no two batches draw the same.
    void load(const data::Batch&);
    /// Runs and looks at the checks.  `step` is for the message of CheckFailed; none: it happened in an evaluation.
    void run(std::optional<std::int64_t> step);

private:
    Program& program_;
    std::vector<const Tensor*> inputs_, steps_, losses_, measured_, checks_;
};

enum class Bad { nan, nan_or_infinite };
/// The first bad element of real numbers; integers have none.
std::optional<double> first_bad(dlc_type, std::span<const std::byte>, Bad = Bad::nan_or_infinite);

}  // namespace dlc::train
