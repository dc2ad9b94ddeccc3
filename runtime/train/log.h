// The log of a run: one JSON object a line.
//
//     {"event":"step","step":41,"epoch":0,"values":{"cross_entropy":0.61},"rates":{"lr":0.001}}
//     {"event":"epoch","epoch":0,"step":421,"training":{…},"validation":{…},"rates":{…},"improved":true,"seconds":4.1,
//      "input_seconds":0.01}
//
// Values are those before the step's update; numbers read back to the same bits; NaN and infinities are the strings "nan", "inf",
// "-inf".
#pragma once
#include <filesystem>

#include "runtime/train/trainer.h"

namespace dlc::train {

class Log {
public:
    /// Begins a new file, or, when `resume_at` is a step, keeps the lines of what had happened before it and goes on after them; a
    /// line that a killed process left half-written goes.  An empty path logs nothing.  Fails with source::EnvironmentError.
    Log(const std::filesystem::path&, std::optional<std::int64_t> resume_at);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    void step(const StepReport&, const Values& rates);
    void epoch(const EpochReport&);

private:
    void write(const std::string& line);
    std::filesystem::path path_;
    int file_ = -1;
};

}  // namespace dlc::train
