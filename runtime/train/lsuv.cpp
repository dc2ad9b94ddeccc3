#include "runtime/train/lsuv.h"

#include <fmt/format.h>

#include <cmath>

#include "runtime/train/steps.h"

namespace dlc::train {
namespace {

double element(const Tensor& tensor, std::int64_t i) { return data::load(tensor.type, tensor.data, i); }

/// Over all elements, in two passes.
double variance(const Tensor& tensor) {
    const std::int64_t count = data::volume(tensor.shape);
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < count; ++i) sum += element(tensor, i);
    const double mean = sum / static_cast<double>(count);
    for (std::int64_t i = 0; i < count; ++i) squares += (element(tensor, i) - mean) * (element(tensor, i) - mean);
    return squares / static_cast<double>(count);
}

void divide(const Tensor& tensor, double by) {
    for (std::int64_t i = 0; i < data::volume(tensor.shape); ++i) data::store(tensor.type, tensor.data, i, element(tensor, i) / by);
}

}  // namespace

std::vector<Scaled> lsuv(Program& step, Program& forward, data::Feed& training, const std::vector<std::string>& weights,
                         const Lsuv& settings) {
    Stepper stepper(forward, training);
    training.seek(0);
    stepper.load(training.next());
    const auto run = [&] {
        copy_parameters(step, forward);  // and the states, which a forward pass may move
        stepper.run(std::nullopt);
    };
    const auto spread = [&](const std::string& weight) {
        const Tensor* value = forward.find(Role::output, weight);
        DLC_ASSERT(value, "the value of the layer of `" + weight + "` is an output");
        const double v = variance(*value);
        if (std::isfinite(v) && v > 0) return v;
        throw source::UserError(source::error(
            source::code("E0456"),
            fmt::format("no scale of `{}` brings its layer to unit variance: what the layer returns has variance {}", weight, v)));
    };
    std::vector<Scaled> all;
    run();
    for (const std::string& weight : weights) {
        const Tensor* tensor = step.find(Role::parameter, weight);
        DLC_ASSERT(tensor, "`" + weight + "` is a parameter");
        Scaled scaled{weight, spread(weight), 0, 0};
        for (scaled.after = scaled.before; !(std::abs(scaled.after - 1) < settings.tolerance) && scaled.steps < settings.steps;
             ++scaled.steps) {
            divide(*tensor, std::sqrt(scaled.after));
            run();
            scaled.after = spread(weight);
        }
        if (const Tensor* average = step.find(Role::slot, std::string(kAverage) + weight)) {
            data::Array packed(tensor->type, tensor->shape);
            read(*tensor, packed.bytes.data());
            write(*average, data::converted(packed, average->type).bytes.data());
        }
        all.push_back(scaled);
    }
    return all;
}

}  // namespace dlc::train
