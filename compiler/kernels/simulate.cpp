#include "compiler/kernels/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/kernels/uses.h"
#include "dsl/source/diagnostic.h"

namespace dlc::kernels {
namespace {

/// Bytes of one region.  An element's value is kept at its first byte, with its size; its other bytes hold nothing.
class Memory {
public:
    explicit Memory(std::int64_t bytes) : values_(static_cast<std::size_t>(bytes)), sizes_(static_cast<std::size_t>(bytes), 0) {}

    void write(std::int64_t at, std::int64_t size, double value) {
        DLC_ASSERT(at >= 0 && at + size <= static_cast<std::int64_t>(values_.size()), "a buffer lies inside its region");
        for (std::int64_t before = std::max<std::int64_t>(0, at - 7); before < at; ++before)
            if (before + sizes_[static_cast<std::size_t>(before)] > at) sizes_[static_cast<std::size_t>(before)] = 0;
        for (std::int64_t i = at; i < at + size; ++i) sizes_[static_cast<std::size_t>(i)] = 0;
        sizes_[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(size);
        values_[static_cast<std::size_t>(at)] = value;
    }
    const double* read(std::int64_t at, std::int64_t size) const {
        DLC_ASSERT(at >= 0 && at + size <= static_cast<std::int64_t>(values_.size()), "a buffer lies inside its region");
        return sizes_[static_cast<std::size_t>(at)] == size ? &values_[static_cast<std::size_t>(at)] : nullptr;
    }

private:
    std::vector<double> values_;
    std::vector<std::uint8_t> sizes_;
};

class Machine {
public:
    explicit Machine(const Plan& plan) : plan_(plan), moved_(plan.buffers.size(), 0) {
        for (std::int64_t bytes : plan.region_bytes) regions_.emplace_back(bytes);
    }

    /// Buffers that move with the loop lie `steps` further from now on.
    void move(int loop, std::int64_t steps) {
        for (const Move& m : plan_.moves)
            if (m.loop == loop) moved_[static_cast<std::size_t>(m.buffer)] += steps * m.bytes;
    }
    void store(int buffer, const ir::Tensor& tensor) {
        const Buffer& b = plan_.buffers.at(static_cast<std::size_t>(buffer));
        DLC_ASSERT(tensor.shape == b.shape, "a value has its buffer's shape");
        const std::int64_t moved = moved_[static_cast<std::size_t>(buffer)];
        for_elements(b, [&](std::size_t i, std::int64_t at) { memory(b).write(at + moved, ir::bytes(b.type), tensor.values[i]); });
    }
    ir::Tensor load(int buffer, const std::string& reader) const {
        const Buffer& b = plan_.buffers.at(static_cast<std::size_t>(buffer));
        ir::Tensor tensor{b.shape, std::vector<double>(static_cast<std::size_t>(ir::volume(b.shape)))};
        const std::int64_t moved = moved_[static_cast<std::size_t>(buffer)];
        for_elements(b, [&](std::size_t i, std::int64_t at) {
            const double* value = regions_[static_cast<std::size_t>(b.region)].read(at + moved, ir::bytes(b.type));
            DLC_ASSERT(value, fmt::format("{} reads buffer {} ({}) where no such element lies", reader, buffer, b.name));
            tensor.values[i] = *value;
        });
        return tensor;
    }

private:
    Memory& memory(const Buffer& b) { return regions_[static_cast<std::size_t>(b.region)]; }
    /// Calls see(i, at): the i-th element in row-major order lies at byte `at`.
    template <class See>
    static void for_elements(const Buffer& b, const See& see) {
        const std::vector<std::int64_t> steps = strides(b.shape, b.order);
        const std::int64_t size = ir::volume(b.shape);
        for (std::int64_t i = 0; i < size; ++i) {
            std::int64_t rest = i, at = 0;
            for (std::size_t d = b.shape.size(); d-- > 0;) {
                at += rest % b.shape[d] * steps[d];
                rest /= b.shape[d];
            }
            see(static_cast<std::size_t>(i), b.offset + at * ir::bytes(b.type));
        }
    }

    const Plan& plan_;
    std::vector<std::int64_t> moved_;  // by buffer, bytes
    std::vector<Memory> regions_;
};

/// The body cut so that only output `last` is left to compute: the outputs before it are leaves of the name they are stored under.
ir::Graph stage(const ir::Graph& body, std::size_t last) {
    ir::Builder builder(ir::Builder::Sharing::off);
    std::map<ir::NodeId, std::string> stored;
    for (std::size_t i = 0; i < last; ++i) stored.emplace(body.results()[i].node, body.results()[i].name);
    std::vector<ir::NodeId> made(body.size());
    for (std::uint32_t i = 0; i < body.size(); ++i) {
        const ir::NodeId id{i};
        const auto before = stored.find(id);
        made[i] = before != stored.end() ? builder.leaf(ir::LeafKind::input, before->second, body[id].type, body[id].shape)
                                         : builder.copy(body[id], [&](ir::NodeId o) { return made[o.value]; });
    }
    ir::Result result = body.results()[last];
    result.node = made[result.node.value];
    builder.result(std::move(result));
    return ir::share(std::move(builder).finish());
}

/// Output `out` reads `in`, which it or a later output is written over: a position may depend on that position alone.  Half of the
/// positions, chosen without regularity, get another value; the other half of the output must not notice.
void expect_pointwise(const ir::Graph& body, std::map<std::string, ir::Tensor> arguments, const std::string& in,
                      const std::string& out, const ir::Tensor& value, const std::string& reader) {
    const auto argument = arguments.find(in);
    if (argument == arguments.end()) return;
    const auto changed = [](std::size_t i) { return (i * 0x9E3779B97F4A7C15u >> 61) % 2 == 1; };
    std::vector<double>& values = argument->second.values;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (changed(i)) values[i] += 3;
    const ir::Tensor other = ir::interpret(body, arguments).at(out);
    for (std::size_t i = 0; i < value.values.size(); ++i)
        DLC_ASSERT(
            changed(i) || value.values[i] == other.values[i] || (std::isnan(value.values[i]) && std::isnan(other.values[i])),
            fmt::format("{}: position {} of {} depends on another position of {}, which is overwritten", reader, i, out, in));
}

/// Calls `run(c)` for the calls [first, last) as often as the loops among them say, the first of which is `loop`; `turn(loop, t)`
/// comes before each turn, and after the last with t = 0.
void in_order(const Plan& plan, std::size_t first, std::size_t last, std::size_t loop, const std::function<void(std::size_t)>& run,
              const std::function<void(std::size_t, std::int64_t)>& turn) {
    for (std::size_t c = first; c < last;) {
        while (loop < plan.loops.size() && static_cast<std::size_t>(plan.loops[loop].first) < c) ++loop;
        if (loop == plan.loops.size() || static_cast<std::size_t>(plan.loops[loop].first) != c) {
            run(c++);
            continue;
        }
        const Loop& l = plan.loops[loop];
        for (std::int64_t step = 0; step < l.steps; ++step) {
            turn(loop, l.backwards ? l.steps - 1 - step : step);
            in_order(plan, c, static_cast<std::size_t>(l.last), loop + 1, run, turn);
        }
        turn(loop, 0);
        c = static_cast<std::size_t>(l.last);
    }
}

}  // namespace

std::map<std::string, ir::Tensor> simulate(const Plan& plan, const std::map<std::string, ir::Tensor>& leaves) {
    Machine machine(plan);
    for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
        const Buffer& b = plan.buffers[i];
        if (b.region == Region::workspace || b.region == Region::output || b.inside >= 0) continue;
        if (b.region == Region::constant) machine.store(static_cast<int>(i), {b.shape, {b.value}});
        if (const auto leaf = leaves.find(b.name); leaf != leaves.end()) machine.store(static_cast<int>(i), leaf->second);
    }
    const auto run = [&](std::size_t c) {
        const Call& call = plan.calls[c];
        const Kernel& kernel = plan.kernels.at(static_cast<std::size_t>(call.kernel));
        const std::string reader = fmt::format("call {}", c);
        for (std::size_t o = 0; o < call.outputs.size(); ++o) {
            const ir::Graph body = stage(kernel.body, o);
            std::map<std::string, ir::Tensor> arguments;
            for (ir::NodeId id : body.leaves(ir::LeafKind::input)) {
                const std::string& name = body[id].leaf()->name;
                const bool input = name.starts_with("in");
                const std::size_t number = std::stoul(name.substr(input ? 2 : 3));
                arguments.emplace(name, machine.load(input ? call.inputs.at(number) : call.outputs.at(number), reader));
            }
            const std::string& name = kernel.body.results()[o].name;
            const ir::Tensor value = ir::interpret(body, arguments).at(name);
            for (std::size_t later = o; later < call.outputs.size(); ++later)
                if (kernel.alias[later] >= 0)
                    expect_pointwise(body, arguments, fmt::format("in{}", kernel.alias[later]), name, value, reader);
            machine.store(call.outputs[o], value);
        }
    };
    std::vector<std::int64_t> at(plan.loops.size(), 0);  // where each loop stands
    in_order(plan, 0, plan.calls.size(), 0, run, [&](std::size_t loop, std::int64_t t) {
        machine.move(static_cast<int>(loop), t - at[loop]);
        at[loop] = t;
    });
    std::map<std::string, ir::Tensor> results;
    for (std::size_t i = 0; i < plan.results.size(); ++i)
        results.emplace(plan.results[i].name, machine.load(plan.result_buffers[i], "the result " + plan.results[i].name));
    return results;
}

std::vector<std::string> verify(const Plan& plan) {
    std::vector<std::string> broken;
    const auto say = [&](std::string line) { broken.push_back(std::move(line)); };
    const auto buffer = [&](int i) -> const Buffer& { return plan.buffers.at(static_cast<std::size_t>(i)); };
    for (std::size_t k = 0; k < plan.kernels.size(); ++k) {
        const ir::Graph& body = plan.kernels[k].body;
        for (const ir::Node& node : body.nodes())
            for (const ir::NodeId tensor : uses_of(node).gets)
                if (body[tensor].equation()) say(fmt::format("kernel {} reads at positions that it computes", k));
    }
    for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
        const Buffer& b = plan.buffers[i];
        if (b.bytes != ir::volume(b.shape) * ir::bytes(b.type)) say(fmt::format("buffer {} has {} bytes", i, b.bytes));
        if (b.inside < 0 && b.offset % kAlignment != 0) say(fmt::format("buffer {} is not aligned", i));
        if (b.offset < 0 || b.offset + b.bytes > plan.region_bytes[static_cast<std::size_t>(b.region)])
            say(fmt::format("buffer {} leaves its region", i));
        if (b.inside >= static_cast<int>(i)) say(fmt::format("buffer {} lies inside a later one", i));
    }
    std::vector<std::int64_t> low, high;                  // where each buffer ever lies
    std::vector<bool> stack(plan.buffers.size(), false);  // whose parts are its elements; others are places for what is of a step
    for (const Buffer& b : plan.buffers) {
        low.push_back(b.offset);
        high.push_back(b.offset + b.bytes);
    }
    for (const Move& m : plan.moves) {
        const auto moved = static_cast<std::size_t>(m.buffer);
        const std::int64_t far = m.bytes * (plan.loops.at(static_cast<std::size_t>(m.loop)).steps - 1);
        (far < 0 ? low : high)[moved] += far;
        if (const int inside = plan.buffers[moved].inside; inside >= 0) stack[static_cast<std::size_t>(inside)] = true;
    }
    for (std::size_t i = 0; i < plan.buffers.size(); ++i)
        if (const int inside = plan.buffers[i].inside; inside >= 0) {
            const auto around = static_cast<std::size_t>(inside);
            if (low[i] < low[around] || high[i] > high[around]) say(fmt::format("buffer {} leaves buffer {}", i, around));
        }
    // What each buffer was last seen to hold: the call that wrote it, or -1 for what was there before; -2: nothing.
    std::vector<int> holds(plan.buffers.size());
    for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
        const Region region = plan.buffers[i].region;
        holds[i] = region == Region::workspace || region == Region::output ? -2 : -1;
    }
    const auto overlap = [&](std::size_t i, std::size_t j) {
        const Buffer &a = plan.buffers[i], &b = plan.buffers[j];
        return a.region == b.region && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
    };
    const auto around = [&](std::size_t i) { return plan.buffers[i].inside; };
    const auto part_of = [&](std::size_t i, std::size_t whole) {
        for (int b = around(i); b >= 0; b = around(static_cast<std::size_t>(b)))
            if (static_cast<std::size_t>(b) == whole) return true;
        return false;
    };
    const auto something = [&](std::size_t i) {  // it or the stack it is an element of
        if (holds[i] != -2 || plan.buffers[i].bytes == 0) return true;
        for (int b = around(i); b >= 0 && stack[static_cast<std::size_t>(b)]; b = around(static_cast<std::size_t>(b)))
            if (holds[static_cast<std::size_t>(b)] != -2) return true;
        return false;
    };
    // Two turns of a loop show what the second needs of the first.
    Plan twice;
    twice.calls = plan.calls;
    twice.loops = plan.loops;
    for (Loop& loop : twice.loops) loop.steps = std::min<std::int64_t>(loop.steps, 2);
    const auto check = [&](std::size_t c) {
        const Call& call = plan.calls[c];
        const Kernel& kernel = plan.kernels.at(static_cast<std::size_t>(call.kernel));
        if (kernel.inputs.size() != call.inputs.size() || kernel.outputs.size() != call.outputs.size() ||
            kernel.alias.size() != call.outputs.size()) {
            say(fmt::format("call {} has another number of buffers than its kernel", c));
            return;
        }
        const auto agrees = [&](int i, const std::string& name, const Order& order, const ir::Node& node) {
            if (buffer(i).order != order || buffer(i).shape != node.shape || buffer(i).type != node.type)
                say(fmt::format("call {}: {} is not as its kernel has it", c, name));
        };
        for (std::size_t i = 0; i < call.inputs.size(); ++i) {
            const std::string name = fmt::format("in{}", i);
            if (const ir::NodeId leaf = kernel.body.leaf(name)) agrees(call.inputs[i], name, kernel.inputs[i], kernel.body[leaf]);
            if (!something(static_cast<std::size_t>(call.inputs[i])))
                say(fmt::format("call {} reads buffer {} that holds nothing", c, call.inputs[i]));
        }
        for (std::size_t o = 0; o < call.outputs.size(); ++o) {
            const auto out = static_cast<std::size_t>(call.outputs[o]);
            agrees(call.outputs[o], fmt::format("out{}", o), kernel.outputs[o], kernel.body[kernel.body.results().at(o).node]);
            if (const int alias = kernel.alias[o]; alias >= 0) {
                const Buffer& in = buffer(call.inputs.at(static_cast<std::size_t>(alias)));
                if (in.shape != plan.buffers[out].shape || in.type != plan.buffers[out].type || in.order != plan.buffers[out].order)
                    say(fmt::format("call {}: out{} and in{} differ", c, o, alias));
            }
            for (std::size_t i = 0; i < call.inputs.size(); ++i)
                if (overlap(static_cast<std::size_t>(call.inputs[i]), out) && kernel.alias[o] != static_cast<int>(i))
                    say(fmt::format("call {}: out{} is written over in{}", c, o, i));
            for (std::size_t p = 0; p < o; ++p)
                if (overlap(static_cast<std::size_t>(call.outputs[p]), out))
                    say(fmt::format("call {}: out{} and out{} overlap", c, p, o));
        }
        for (int out : call.outputs) {
            const auto written = static_cast<std::size_t>(out);
            for (std::size_t i = 0; i < plan.buffers.size(); ++i)
                if (overlap(i, written) && !part_of(written, i)) holds[i] = -2;
            holds[written] = static_cast<int>(c);
            for (int b = around(written); b >= 0 && stack[static_cast<std::size_t>(b)]; b = around(static_cast<std::size_t>(b)))
                holds[static_cast<std::size_t>(b)] = static_cast<int>(c);
        }
    };
    in_order(twice, 0, plan.calls.size(), 0, check, [](std::size_t, std::int64_t) {});
    for (std::size_t i = 0; i < plan.results.size(); ++i)
        if (!something(static_cast<std::size_t>(plan.result_buffers.at(i))))
            say(fmt::format("the result {} holds nothing at the end", plan.results[i].name));
    return broken;
}

}  // namespace dlc::kernels
