// Stages that reduce nothing: elementwise work, copies, transposes, gathers, optimizer updates with many outputs.
#include "compiler/schedules/stage.h"

namespace dlc::schedules::rows {

DLC_ROW(KernelClass, pointwise) = {
    .name = "pointwise",
    .doc = "no reduction: vectors along the innermost variable, tasks over the others",
    .rank = 10,
    .match = [](const Work& w) { return !w.reduction; },
    .parameters = nullptr,
    .build = [](Work& w) { schedule_pointwise(w, define(w)); },
};

}  // namespace dlc::schedules::rows
