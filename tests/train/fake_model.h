// A small model as a plan of kernels written by hand: y = x w, squared error, momentum, and a "dropout" by seed and step.  Its
// loops are parallel and its bits must not depend on how.
#pragma once
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "runtime/data/feed.h"
#include "runtime/data/philox.h"
#include "runtime/halide_abi.h"
#include "runtime/kernel_runtime.h"
#include "runtime/plan_builder.h"
#include "runtime/train/plan_program.h"
#include "runtime/train/trainer.h"

namespace fake {

namespace hl = dlc::runtime::halide;
using namespace dlc;

inline constexpr int kInputs = 6;

inline hl::Buffer& buffer(void** arguments, int i) { return *static_cast<hl::Buffer*>(arguments[i]); }
template <class T>
T* values(void** arguments, int i) {
    return reinterpret_cast<T*>(buffer(arguments, i).host);
}

struct Closure {
    void** arguments;
    int batch;
};

/// (x, w, seed, step) -> h: h[b] = sum_k x[b, k] w[k] mask(b, k); w is stored backwards, as if its dimensions were permuted.
template <bool kTraining>
int forward(void** arguments) {
    Closure closure{arguments, buffer(arguments, 0).dim[1].extent};
    const auto row = [](void*, int b, std::uint8_t* at) {
        void** a = reinterpret_cast<Closure*>(at)->arguments;
        const float *x = values<float>(a, 0) + b * kInputs, *w = values<float>(a, 1);
        float sum = 0;
        for (int k = 0; k < kInputs; ++k) {
            const auto step = static_cast<std::uint32_t>(*values<std::int64_t>(a, 3));
            const bool drop = kTraining && data::philox({step, static_cast<std::uint32_t>(b * kInputs + k), 7, 0},
                                                        static_cast<std::uint64_t>(*values<std::int64_t>(a, 2)))[0] %
                                                   16 ==
                                               0;
            if (!drop) sum += x[k] * w[k];
        }
        values<float>(a, 4)[b] = sum;
        return 0;
    };
    return halide_do_par_for(nullptr, row, 0, closure.batch, reinterpret_cast<std::uint8_t*>(&closure));
}

/// (h, y) -> (loss, error): mean squared and mean absolute error.
inline int measure(void** arguments) {
    const int batch = buffer(arguments, 0).dim[0].extent;
    float squares = 0, absolute = 0;
    for (int b = 0; b < batch; ++b) {
        const float d = values<float>(arguments, 0)[b] - values<float>(arguments, 1)[b];
        squares += d * d, absolute += std::fabs(d);
    }
    *values<float>(arguments, 2) = squares / static_cast<float>(batch);
    *values<float>(arguments, 3) = absolute / static_cast<float>(batch);
    return 0;
}

/// (x, h, y, rate, w, m, count) -> (w, m, count): m = 0.9 m + g, w -= rate m.
inline int update(void** arguments) {
    Closure closure{arguments, buffer(arguments, 1).dim[0].extent};
    const auto column = [](void*, int k, std::uint8_t* at) {
        const Closure& c = *reinterpret_cast<Closure*>(at);
        void** a = c.arguments;
        float g = 0;
        for (int b = 0; b < c.batch; ++b)
            g += 2 * (values<float>(a, 1)[b] - values<float>(a, 2)[b]) * values<float>(a, 0)[b * kInputs + k] /
                 static_cast<float>(c.batch);
        float& m = values<float>(a, 5)[k];
        m = 0.9f * m + g;
        values<float>(a, 4)[k] -= *values<float>(a, 3) * m;
        return 0;
    };
    *values<std::int64_t>(arguments, 6) += 1;
    return halide_do_par_for(nullptr, column, 0, kInputs, reinterpret_cast<std::uint8_t*>(&closure));
}

/// (x) -> violations: how many inputs exceed 1000.
inline int check(void** arguments) {
    std::int64_t violations = 0;
    for (int i = 0; i < buffer(arguments, 0).dim[1].extent * kInputs; ++i) violations += values<float>(arguments, 0)[i] > 1000;
    *values<std::int64_t>(arguments, 1) = violations;
    return 0;
}

class Model {
public:
    Model(runtime::ThreadPool& pool, int batch, bool training) : batch_(batch) {
        x_ = add(train::Role::input, "x", DLC_INPUT, DLC_F32, {batch, kInputs});
        y_ = add(train::Role::target, "y", DLC_INPUT, DLC_F32, {batch});
        const int w = add(train::Role::parameter, "net.weight", DLC_PARAMETER, DLC_F32, {2, 3}, true);
        const int m = add(train::Role::slot, "optimizer/m/net.weight", DLC_STATE, DLC_F32, {2, 3}, true);
        const int count = add(train::Role::state, "state/net.count", DLC_STATE, DLC_I64, {});
        const int seed = add(train::Role::seed, "seed", DLC_INPUT, DLC_I64, {});
        const int step = add(train::Role::step, "step", DLC_INPUT, DLC_I64, {});
        const int rate = add(train::Role::rate, "lr", DLC_INPUT, DLC_F32, {});
        const int h = allocate("net/h", DLC_WORKSPACE, DLC_F32, {batch});
        const int loss = add(train::Role::loss, "squared_error", DLC_OUTPUT, DLC_F32, {});
        const int error = add(train::Role::metric, "absolute_error", DLC_OUTPUT, DLC_F32, {});
        const int violations = add(train::Role::check, "inputs stay below 1000", DLC_OUTPUT, DLC_I64, {});
        if (!training)
            std::erase_if(bindings_, [](const train::Binding& b) {
                return b.role == train::Role::slot || b.role == train::Role::seed || b.role == train::Role::step ||
                       b.role == train::Role::rate;
            });
        plan_.call(plan_.kernel({check, 0, 0}), {x_, violations});
        plan_.call(plan_.kernel({training ? forward<true> : forward<false>, 0, 0}), {x_, w, seed, step, h});
        plan_.call(plan_.kernel({measure, 0, 0}), {h, y_, loss, error});
        if (training) plan_.call(plan_.kernel({update, 0, 0}), {x_, h, y_, rate, w, m, count, w, m, count});
        program_ = std::make_unique<train::PlanProgram>(plan_.plan(), pool, bindings_, names_);
        if (training)
            for (int i = 0; i < kInputs; ++i)
                reinterpret_cast<float*>(program_->find(train::Role::parameter, "net.weight")->data)[i] =
                    0.1f * static_cast<float>(i);
    }
    train::PlanProgram& program() { return *program_; }

private:
    int allocate(const std::string& name, dlc_region region, dlc_type type, const std::vector<std::int64_t>& shape) {
        std::vector<std::int32_t> extents, strides;
        std::int32_t stride = 1;
        for (std::size_t d = shape.size(); d-- > 0;) {
            extents.push_back(static_cast<std::int32_t>(shape[d]));
            strides.push_back(stride);
            stride *= extents.back();
        }
        const std::int64_t size = stride * data::size_of(type), offset = next_[region];
        next_[region] += (size + 63) / 64 * 64;
        names_.push_back(name);
        return plan_.buffer(region, type, extents, strides, offset, size);
    }
    /// `permuted` binds the tensor with its first dimension innermost.
    int add(train::Role role, const std::string& name, dlc_region region, dlc_type type, std::vector<std::int64_t> shape,
            bool permuted = false) {
        const int number = allocate(name, region, type, shape);
        std::vector<std::int64_t> strides(shape.size(), 1);
        if (permuted)
            for (std::size_t d = 1; d < shape.size(); ++d) strides[d] = strides[d - 1] * shape[d - 1];
        else
            for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
        bindings_.push_back({role, name, number, shape, strides});
        return number;
    }

    int batch_, x_, y_;
    std::int64_t next_[DLC_REGIONS] = {};
    runtime::PlanBuilder plan_;
    std::vector<train::Binding> bindings_;
    std::vector<std::string> names_;
    std::unique_ptr<train::PlanProgram> program_;
};

/// A linear task with some noise.
inline std::shared_ptr<const data::Table> examples(std::int64_t count, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    data::Table table;
    table.columns.push_back({"x", data::Array(DLC_F32, {count, kInputs})});
    table.columns.push_back({"y", data::Array(DLC_F32, {count})});
    for (std::int64_t i = 0; i < count; ++i) {
        float sum = 0.05f * normal(random);
        for (int k = 0; k < kInputs; ++k) {
            const float x = normal(random);
            table.columns[0].values.as<float>()[static_cast<std::size_t>(i * kInputs + k)] = x;
            sum += x * (static_cast<float>(k) - 2);
        }
        table.columns[1].values.as<float>()[static_cast<std::size_t>(i)] = sum;
    }
    return std::make_shared<const data::Table>(std::move(table));
}

/// Everything a run needs.
struct Experiment {
    runtime::ThreadPool pool;
    Model model, evaluation;
    std::shared_ptr<const data::Table> training_set = examples(100), validation_set = examples(27, 2);
    std::unique_ptr<data::Feed> training, validation;
    train::Run run;

    explicit Experiment(int threads = 2, int batch = 8, std::uint64_t seed = 5)
        : pool(threads),
          model(pool, batch, true),
          evaluation(pool, batch, false),
          training(data::shuffled(data::everything(training_set), train::fields(model.program()), seed)),
          validation(data::in_order(data::everything(validation_set), train::fields(evaluation.program()))),
          run{model.program(), &evaluation.program(), *training, validation.get(), {}, {}, nullptr, nullptr} {
        run.recipe.seed = seed;
        run.recipe.epochs = 6;
        run.recipe.rates["lr"] = {.kind = train::schedule_named("cosine"), .base = 0.02, .last = 0.001, .steps = 60, .warmup = 5};
        run.files.model_hash = "5eed";
    }
};

}  // namespace fake
