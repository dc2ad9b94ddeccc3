#include "execute.h"

#include <Halide.h>

#include <cmath>
#include <cstring>

#include "compiler/codegen/object.h"
#include "compiler/ir/text.h"
#include "compiler/schedules/lower.h"
#include "runtime/executor.h"
#include "runtime/plan_builder.h"

namespace dlc::test {
namespace {

void store(ir::Type type, const std::vector<double>& values, const std::vector<std::int64_t>& position, std::byte* to) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto put = [&](auto x) { std::memcpy(to + position[i] * static_cast<std::int64_t>(sizeof x), &x, sizeof x); };
        switch (type) {
            case ir::Type::boolean:
            case ir::Type::u8: put(static_cast<std::uint8_t>(values[i])); break;
            case ir::Type::i8: put(static_cast<std::int8_t>(values[i])); break;
            case ir::Type::i32: put(static_cast<std::int32_t>(values[i])); break;
            case ir::Type::i64: put(static_cast<std::int64_t>(values[i])); break;
            case ir::Type::f32: put(static_cast<float>(values[i])); break;
            case ir::Type::f64: put(values[i]); break;
            default: FAIL() << "type";
        }
    }
}
std::vector<double> load(ir::Type type, const std::vector<std::int64_t>& position, const std::byte* from) {
    std::vector<double> values;
    for (const std::int64_t p : position) {
        const auto get = [&](auto x) {
            std::memcpy(&x, from + p * static_cast<std::int64_t>(sizeof x), sizeof x);
            values.push_back(static_cast<double>(x));
        };
        switch (type) {
            case ir::Type::boolean:
            case ir::Type::u8: get(std::uint8_t{}); break;
            case ir::Type::i8: get(std::int8_t{}); break;
            case ir::Type::i32: get(std::int32_t{}); break;
            case ir::Type::i64: get(std::int64_t{}); break;
            case ir::Type::f32: get(float{}); break;
            default: get(double{}); break;
        }
    }
    return values;
}

/// Where each row-major element lies.
std::vector<std::int64_t> positions(const ir::Shape& shape, const kernels::Order& order) {
    const auto strides = kernels::strides(shape, order);
    std::vector<std::int64_t> all;
    const std::int64_t count = ir::volume(shape);
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t rest = i, at = 0;
        for (std::size_t d = shape.size(); d-- > 0;) {
            at += rest % shape[d] * strides[d];
            rest /= shape[d];
        }
        all.push_back(at);
    }
    return all;
}

const ir::Node& input_node(const kernels::Kernel& k, std::size_t i) { return k.body[k.body.leaf("in" + std::to_string(i))]; }
const ir::Node& output_node(const kernels::Kernel& k, std::size_t i) {
    return k.body[k.body.result("out" + std::to_string(i))->node];
}

}  // namespace

kernels::Kernel kernel_of(ir::Graph g) {
    kernels::Kernel k;
    k.body = std::move(g);
    for (int i = 0; k.body.leaf("in" + std::to_string(i)); ++i) {
        k.inputs.push_back(kernels::row_major(k.body[k.body.leaf("in" + std::to_string(i))].shape.size()));
    }
    for (int i = 0; k.body.result("out" + std::to_string(i)); ++i) {
        k.outputs.push_back(kernels::row_major(k.body[k.body.result("out" + std::to_string(i))->node].shape.size()));
        k.alias.push_back(-1);
    }
    return k;
}

Values random_values(const kernels::Kernel& k, std::mt19937& random, std::int64_t below) {
    Values values;
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const ir::Node& n = input_node(k, i);
        ir::Tensor t{n.shape, {}};
        std::uniform_real_distribution<float> real(-1, 1);
        std::uniform_int_distribution<std::int64_t> integer(0, below - 1), truth(0, 1);
        for (std::int64_t e = 0; e < ir::volume(n.shape); ++e) {
            t.values.push_back(ir::is_real(n.type)           ? real(random)
                               : n.type == ir::Type::boolean ? static_cast<double>(truth(random))
                                                             : static_cast<double>(integer(random)));
        }
        values["in" + std::to_string(i)] = std::move(t);
    }
    return values;
}

schedules::Target wide() { return schedules::host(); }
schedules::Target narrow() {
    schedules::Target t = schedules::host();
    if (const auto wide_part = t.halide.find("-avx512"); wide_part != std::string::npos) {
        t.halide.resize(wide_part);
        t.vector_bytes = 32;
        t.registers = 16;
    }
    return t;
}

std::vector<Values> run(const kernels::Kernel& k, const Values& inputs, const schedules::Target& target, std::vector<int> threads) {
    kernels::Plan plan;
    plan.kernels = {k};
    const codegen::Compiled compiled = codegen::compile(plan, {.target = target});
    runtime::PlanBuilder builder;
    builder.kernel(compiled.kernels.at(0));
    std::vector<std::int32_t> arguments;
    std::int64_t offset = 0;
    const auto add = [&](const ir::Node& n, const kernels::Order& order) {
        std::vector<std::int32_t> extents, strides;
        const auto all = kernels::strides(n.shape, order);
        for (std::size_t d = order.size(); d-- > 0;) {
            extents.push_back(static_cast<std::int32_t>(n.shape[order[d]]));
            strides.push_back(static_cast<std::int32_t>(all[order[d]]));
        }
        const std::int64_t bytes = ir::volume(n.shape) * ir::bytes(n.type);
        arguments.push_back(builder.buffer(DLC_WORKSPACE, static_cast<dlc_type>(n.type), extents, strides, offset, bytes));
        offset += (bytes + 127) / 64 * 64;
        return offset;
    };
    for (std::size_t i = 0; i < k.inputs.size(); ++i) add(input_node(k, i), k.inputs[i]);
    for (std::size_t i = 0; i < k.outputs.size(); ++i) {
        if (k.alias[i] >= 0) {
            arguments.push_back(arguments[k.alias[i]]);
        } else {
            add(output_node(k, i), k.outputs[i]);
        }
    }
    builder.region(DLC_WORKSPACE, offset);
    builder.call(0, arguments);
    std::vector<Values> all;
    for (const int count : threads) {
        runtime::ThreadPool pool(count);
        runtime::Executor executor(builder.plan(), pool);
        for (std::size_t i = 0; i < k.inputs.size(); ++i) {
            const ir::Node& n = input_node(k, i);
            store(n.type, inputs.at("in" + std::to_string(i)).values, positions(n.shape, k.inputs[i]),
                  executor.bytes(arguments[i]).data());
        }
        EXPECT_EQ(executor.run(), 0) << executor.message();
        Values results;
        for (std::size_t i = 0; i < k.outputs.size(); ++i) {
            const ir::Node& n = output_node(k, i);
            results["out" + std::to_string(i)] = {
                n.shape, load(n.type, positions(n.shape, k.outputs[i]), executor.bytes(arguments[k.inputs.size() + i]).data())};
        }
        all.push_back(std::move(results));
    }
    return all;
}

Values run_checked(const kernels::Kernel& k, const Values& inputs, const schedules::Target& target,
                   const schedules::Choice& choice) {
    schedules::Lowered lowered;
    Values results;
    codegen::guarded(k, target, [&] {
        schedules::build(k, target, choice, lowered);
        std::vector<Halide::Argument> arguments(lowered.inputs.begin(), lowered.inputs.end());
        for (std::size_t i = 0; i < k.inputs.size(); ++i) {
            const ir::Node& n = input_node(k, i);
            Halide::Buffer<> b(schedules::stored_type(n.type), static_cast<int>(ir::volume(n.shape)));
            store(n.type, inputs.at("in" + std::to_string(i)).values, positions(n.shape, k.inputs[i]),
                  reinterpret_cast<std::byte*>(b.data()));
            lowered.inputs[i].set(b);
        }
        // Each output's memory, seen through the dimensions its function has.
        std::vector<std::vector<std::byte>> memory(k.outputs.size());
        std::vector<Halide::Buffer<>> buffers;
        std::vector<std::size_t> which;
        for (Halide::Func& f : lowered.functions) {
            for (int c = 0; c < f.outputs(); ++c) {
                const std::string name = f.outputs() == 1 ? f.name() : f.name() + "." + std::to_string(c);
                std::size_t i = 0;
                while (lowered.outputs.at(i).name != name) ++i;
                which.push_back(i);
                const ir::Node& n = output_node(k, i);
                memory[i].resize(static_cast<std::size_t>(ir::volume(n.shape) * ir::bytes(n.type)) + 128);
                auto* start = reinterpret_cast<std::uint8_t*>(memory[i].data());
                start += (64 - reinterpret_cast<std::uintptr_t>(start) % 64) % 64;
                const auto& shape = lowered.outputs[i].shape;
                buffers.emplace_back(schedules::stored_type(n.type), start, static_cast<int>(shape.size()), shape.data());
            }
        }
        Halide::Pipeline(lowered.functions).realize(Halide::Realization(buffers), Halide::Target(target.halide));
        for (std::size_t b = 0; b < which.size(); ++b) {
            const ir::Node& n = output_node(k, which[b]);
            results["out" + std::to_string(which[b])] = {n.shape, load(n.type, positions(n.shape, k.outputs[which[b]]),
                                                                       reinterpret_cast<const std::byte*>(buffers[b].data()))};
        }
    });
    return results;
}

void expect_meaning(const kernels::Kernel& k, const Values& inputs, const Values& results, double relative) {
    const Values wanted = ir::interpret(k.body, inputs);
    for (const auto& [name, tensor] : wanted) {
        const auto& got = results.at(name);
        ASSERT_EQ(got.values.size(), tensor.values.size()) << name;
        double scale = 1e-6;
        for (const double v : tensor.values) {
            if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
        }
        for (std::size_t i = 0; i < tensor.values.size(); ++i) {
            const double want = tensor.values[i], have = got.values[i];
            const bool same = std::isnan(want) ? std::isnan(have) : want == have || std::abs(want - have) <= relative * scale;
            ASSERT_TRUE(same) << name << "[" << i << "] is " << have << ", must be " << want << "\n" << ir::print(k.body);
        }
    }
}

void expect_right(const kernels::Kernel& k, std::mt19937& random, double relative, std::int64_t below) {
    const Values inputs = random_values(k, random, below);
    const bool in_place = std::any_of(k.alias.begin(), k.alias.end(), [](int a) { return a >= 0; });
    for (const schedules::Target& target : {wide(), narrow()}) {
        SCOPED_TRACE(target.halide + ", class " + std::string(schedules::class_of(k, target).name));
        if (!in_place) expect_meaning(k, inputs, run_checked(k, inputs, target), relative);
        if (!in_place && target.registers != wide().registers) continue;  // checked above; compiling it again shows nothing new
        const std::vector<Values> runs = run(k, inputs, target, {1, 3});
        expect_meaning(k, inputs, runs[0], relative);
        for (const auto& [name, tensor] : runs[0]) {
            for (std::size_t i = 0; i < tensor.values.size(); ++i) {
                const double a = tensor.values[i], b = runs[1].at(name).values[i];
                ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << name << " depends on the number of threads";
            }
        }
    }
}

}  // namespace dlc::test
