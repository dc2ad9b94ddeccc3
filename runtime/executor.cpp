#include "runtime/executor.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/halide_abi.h"
#include "runtime/kernel_runtime.h"
#include "runtime/lane.h"

namespace dlc::runtime {
namespace {

/// Zeroed memory, its pages touched, so that no step waits for the first touch.  The pages are large where the system has such:
/// they are touched sooner and found faster.
class Block {
public:
    Block(std::int64_t bytes, ThreadPool& pool)
        : size_(bytes), data_(nullptr, Unmap{static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1))}) {
        const std::size_t length = data_.get_deleter().length;
        void* const memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        data_.reset(static_cast<std::byte*>(memory));
#ifdef MADV_HUGEPAGE
        madvise(memory, length, MADV_HUGEPAGE);
#endif
        touch(pool);
    }
    std::byte* data() const { return data_.get(); }
    std::int64_t size() const { return size_; }

private:
    struct Unmap {
        std::size_t length;
        void operator()(std::byte* memory) const { munmap(memory, length); }
    };

    void touch(ThreadPool& pool) {
        constexpr std::size_t kPiece = std::size_t{4} << 20, kPage = 4096;
        const auto touch_piece = [](void* context, int piece, void*) {
            const Block& block = *static_cast<Block*>(context);
            const std::size_t begin = static_cast<std::size_t>(piece) * kPiece;
            const std::size_t end = std::min(begin + kPiece, block.data_.get_deleter().length);
            for (std::size_t at = begin; at < end; at += kPage)
                static_cast<volatile std::byte&>(block.data_.get()[at]) = std::byte{0};
            return 0;
        };
        const std::size_t length = data_.get_deleter().length;
        pool.parallel_for(touch_piece, this, 0, static_cast<int>((length + kPiece - 1) / kPiece), nullptr);
    }

    std::int64_t size_;
    std::unique_ptr<std::byte, Unmap> data_;
};

[[noreturn]] void invalid(const char* what, int number) {
    throw std::invalid_argument("plan: " + std::string(what) + " " + std::to_string(number));
}

std::int64_t largest(const dlc_plan& plan, std::int64_t dlc_kernel::*scratch) {
    std::int64_t most = 0;
    for (int k = 0; k < plan.kernels; ++k) most = std::max(most, plan.kernel[k].*scratch);
    return (most + 127) / 128 * 128;
}

}  // namespace

struct Executor::Impl {
    const dlc_plan& plan;
    ThreadPool& pool;
    std::vector<Block> regions;
    Block scratch;
    Stack shared;
    std::vector<Stack> thread_stacks;
    std::vector<halide::Dimension> dimensions;
    std::vector<halide::Buffer> buffers;
    std::vector<void*> arguments;
    std::vector<std::size_t> first_argument;  // by call
    std::vector<int> first_move;              // by loop, and one past the last
    ErrorSlot errors;
    Frame frame;

    Impl(const dlc_plan& the_plan, ThreadPool& the_pool)
        : plan(the_plan), pool(the_pool), scratch(scratch_bytes(plan, pool.threads()), pool) {
        keep_kernel_runtime();
        for (const std::int64_t bytes : plan.region_bytes) regions.emplace_back(bytes, pool);
        const std::int64_t for_shared = largest(plan, &dlc_kernel::scratch_shared);
        const std::int64_t for_thread = largest(plan, &dlc_kernel::scratch_thread);
        shared = Stack(scratch.data(), for_shared);
        for (int i = 0; i < pool.threads(); ++i)
            thread_stacks.emplace_back(scratch.data() + for_shared + i * for_thread, for_thread);
        frame = {&pool, thread_stacks.data(), &errors};
        lay_out_buffers();
        lay_out_arguments();
        check_loops();
    }

    void lay_out_buffers() {
        std::size_t total = 0;
        for (int b = 0; b < plan.buffers; ++b) {
            const dlc_buffer& buffer = plan.buffer[b];
            if (buffer.region < 0 || buffer.region >= DLC_REGIONS || buffer.dimensions < 0 || buffer.type < DLC_BOOL ||
                buffer.type > DLC_F64)
                invalid("malformed buffer", b);
            if (buffer.offset < 0 || buffer.bytes < 0 || buffer.bytes > plan.region_bytes[buffer.region] - buffer.offset)
                invalid("outside its region lies buffer", b);
            total += static_cast<std::size_t>(buffer.dimensions);
        }
        dimensions.reserve(total);  // buffers point into it
        for (int b = 0; b < plan.buffers; ++b) {
            const dlc_buffer& buffer = plan.buffer[b];
            halide::Dimension* dim = dimensions.data() + dimensions.size();
            for (int d = 0; d < buffer.dimensions; ++d) dimensions.push_back({0, buffer.extents[d], buffer.strides[d], 0});
            buffers.push_back({.device = 0,
                               .device_interface = nullptr,
                               .host = regions[static_cast<std::size_t>(buffer.region)].data() + buffer.offset,
                               .flags = 0,
                               .type = halide::type_of(static_cast<dlc_type>(buffer.type)),
                               .dimensions = buffer.dimensions,
                               .dim = dim,
                               .padding = nullptr});
        }
    }

    void lay_out_arguments() {
        for (int c = 0; c < plan.calls; ++c) {
            const dlc_call& call = plan.call[c];
            if (call.kernel < 0 || call.kernel >= plan.kernels || !plan.kernel[call.kernel].run) invalid("no kernel for call", c);
            first_argument.push_back(arguments.size());
            for (int a = 0; a < call.arguments; ++a) {
                if (call.buffers[a] < 0 || call.buffers[a] >= plan.buffers) invalid("no buffer for an argument of call", c);
                arguments.push_back(&buffers[static_cast<std::size_t>(call.buffers[a])]);
            }
        }
    }

    /// Bytes of the region that a buffer lies on as loops move it.
    struct Covered {
        std::int64_t first, last;
    };
    Covered covered(int number) const {
        const dlc_buffer& buffer = plan.buffer[number];
        Covered all{buffer.offset, buffer.offset + buffer.bytes};
        for (int m = 0; m < plan.moves; ++m)
            if (plan.move[m].buffer == number) {
                const std::int64_t far = plan.move[m].bytes * std::max<std::int64_t>(plan.loop[plan.move[m].loop].steps - 1, 0);
                (far < 0 ? all.first : all.last) += far;
            }
        return all;
    }

    /// Every address a moving buffer takes lies in its region, so a step needs no check.
    void check_loops() {
        for (int m = 0; m < plan.moves; ++m) {
            const dlc_move& move = plan.move[m];
            if (move.loop < 0 || move.loop >= plan.loops || move.buffer < 0 || move.buffer >= plan.buffers ||
                (m > 0 && move.loop < plan.move[m - 1].loop))
                invalid("malformed move", m);
        }
        for (int b = 0; b < plan.buffers; ++b)
            if (const Covered at = covered(b); at.first < 0 || at.last > plan.region_bytes[plan.buffer[b].region])
                invalid("out of its region moves buffer", b);
        std::vector<int> open{plan.calls};  // where the loops around end
        for (int l = 0, begun = 0; l < plan.loops; ++l) {
            const dlc_loop& loop = plan.loop[l];
            while (open.size() > 1 && open.back() <= loop.first) open.pop_back();
            if (loop.first < begun || loop.first >= loop.last || loop.last > open.back() || loop.steps < 0)
                invalid("malformed loop", l);
            begun = loop.first;
            open.push_back(loop.last);
        }
        int move = 0;
        for (int l = 0; l < plan.loops; ++l) {
            while (move < plan.moves && plan.move[move].loop < l) ++move;
            first_move.push_back(move);
        }
        first_move.push_back(plan.moves);
    }

    int run_call(int c) {
        const int code = plan.kernel[plan.call[c].kernel].run(arguments.data() + first_argument[static_cast<std::size_t>(c)]);
        if (code != 0) errors.report("call %d ended with code %d", c, code);
        return code;
    }
    /// Calls [first, last), of whose loops `loop` is the first; of a loop that ends later, its calls once.
    int run_calls(int first, int last, int loop) {
        int code = 0;
        for (int c = first; c < last && code == 0;) {
            while (loop < plan.loops && plan.loop[loop].first < c) ++loop;
            if (loop < plan.loops && plan.loop[loop].first == c && plan.loop[loop].last <= last) {
                code = run_loop(loop);
                c = plan.loop[loop].last;
            } else {
                code = run_call(c++);
            }
        }
        return code;
    }
    int run_loop(int number) {
        const dlc_loop& loop = plan.loop[number];
        const std::span moves(plan.move + first_move[static_cast<std::size_t>(number)],
                              plan.move + first_move[static_cast<std::size_t>(number) + 1]);
        const auto shift = [&](std::int64_t steps) {
            for (const dlc_move& move : moves) buffers[static_cast<std::size_t>(move.buffer)].host += steps * move.bytes;
        };
        std::int64_t at = 0;  // where the buffers lie
        int code = 0;
        for (std::int64_t step = 0; step < loop.steps && code == 0; ++step) {
            const std::int64_t t = loop.backwards ? loop.steps - 1 - step : step;
            shift(t - at);
            at = t;
            code = run_calls(loop.first, loop.last, number + 1);
        }
        shift(-at);
        return code;
    }

    int run(int first, int last) {
        const FlushDenormals flush;
        const ThreadPool::Busy busy(pool);
        errors.clear();
        shared.clear();
        for (Stack& stack : thread_stacks) stack.clear();
        Lane& lane = current_lane();
        const Lane before = lane;
        lane = {&frame, &shared};
        const int code = run_calls(first, last, 0);
        lane = before;
        return code;
    }
};

std::int64_t scratch_bytes(const dlc_plan& plan, int threads) {
    return largest(plan, &dlc_kernel::scratch_shared) + threads * largest(plan, &dlc_kernel::scratch_thread);
}

Executor::Executor(const dlc_plan& plan, ThreadPool& pool) : impl_(std::make_unique<Impl>(plan, pool)) {}
Executor::~Executor() = default;

int Executor::run() { return impl_->run(0, impl_->plan.calls); }
int Executor::run(int first, int last) { return impl_->run(std::max(first, 0), std::min(last, impl_->plan.calls)); }
std::string_view Executor::message() const { return impl_->errors.text(); }
std::byte* Executor::region(int region) { return impl_->regions.at(static_cast<std::size_t>(region)).data(); }

std::span<std::byte> Executor::bytes(int buffer) {
    if (buffer < 0 || buffer >= impl_->plan.buffers) invalid("no buffer", buffer);
    return {impl_->buffers[static_cast<std::size_t>(buffer)].host, static_cast<std::size_t>(impl_->plan.buffer[buffer].bytes)};
}

std::span<std::byte> Executor::all_bytes(int buffer) {
    if (buffer < 0 || buffer >= impl_->plan.buffers) invalid("no buffer", buffer);
    const Impl::Covered at = impl_->covered(buffer);
    return {impl_->regions[static_cast<std::size_t>(impl_->plan.buffer[buffer].region)].data() + at.first,
            static_cast<std::size_t>(at.last - at.first)};
}

std::int64_t Executor::memory_bytes() const {
    std::int64_t total = impl_->scratch.size();
    for (const Block& block : impl_->regions) total += block.size();
    return total;
}

}  // namespace dlc::runtime
