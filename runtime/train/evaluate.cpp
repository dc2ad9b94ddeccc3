#include <fmt/format.h>

#include <cstring>

#include "runtime/train/steps.h"
#include "runtime/train/trainer.h"

namespace dlc::train {

Values evaluate(Program& program, data::Feed& feed, const std::function<void(const Values&)>& full_batch) {
    Stepper stepper(program, feed);
    const std::int64_t batch = feed.fields().empty() ? 1 : feed.fields().front().shape.front(), steps = feed.steps_per_epoch();
    std::vector<double> sums(stepper.measured().size());
    std::int64_t examples = 0;
    Values values;
    const auto add = [&](double weight) {
        for (std::size_t m = 0; m < sums.size(); ++m) {
            const Tensor& measured = *stepper.measured()[m];
            values[measured.name] = scalar(measured);
            sums[m] += weight * scalar(measured);
        }
    };
    feed.seek(0);
    for (std::int64_t step = 0; step < steps; ++step) {
        const data::Batch& given = feed.next();
        stepper.load(given);
        stepper.run(std::nullopt);
        examples += given.examples;
        if (given.examples == batch) {
            add(static_cast<double>(batch));
            if (full_batch) full_batch(values);
            continue;
        }
        // b m counts the examples and b - r copies of x; b - r times the mean of a batch of x alone takes the copies away.
        add(static_cast<double>(batch));
        for (std::size_t f = 0; f < given.fields.size(); ++f) {
            if (!stepper.inputs()[f]) continue;
            const std::size_t bytes = given.fields[f].size() / static_cast<std::size_t>(batch);
            std::vector<std::byte> copies(given.fields[f].size());
            for (std::int64_t i = 0; i < batch; ++i)
                std::memcpy(copies.data() + static_cast<std::size_t>(i) * bytes,
                            given.fields[f].data() + static_cast<std::size_t>(given.examples) * bytes, bytes);
            write(*stepper.inputs()[f], copies.data());
        }
        stepper.run(std::nullopt);
        add(static_cast<double>(given.examples - batch));
    }
    Values means;
    for (std::size_t m = 0; m < sums.size(); ++m) means[stepper.measured()[m]->name] = sums[m] / static_cast<double>(examples);
    return means;
}

void copy_parameters(const Program& from, Program& to) {
    for (const Role role : {Role::parameter, Role::state})
        for (const Tensor* target : to.all(role)) {
            const Tensor* source = from.find(role, target->name);
            DLC_ASSERT(source && source->shape == target->shape && source->type == target->type,
                       "`" + target->name + "` is the same in both programs");
            const Tensor* average = role == Role::parameter ? from.find(Role::slot, std::string(kAverage) + target->name) : nullptr;
            if (!average && source->strides == target->strides) {
                std::memcpy(target->data, source->data, storage(*target).size());
                continue;
            }
            if (average) source = average;
            data::Array packed(source->type, source->shape);
            read(*source, packed.bytes.data());
            write(*target, data::converted(packed, target->type).bytes.data());
        }
}

}  // namespace dlc::train
