#include "runtime/lane.h"

#include <cstdarg>
#include <cstdio>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace dlc::runtime {

void* Stack::allocate(std::int64_t bytes) {
    const std::int64_t begin = depth_ == 0 ? 0 : blocks_[depth_ - 1].end;
    if (bytes < 0 || bytes > capacity_) return nullptr;
    const std::int64_t end = begin + dlc_scratch_bytes(bytes);
    if (end > capacity_ || depth_ == blocks_.size()) return nullptr;
    blocks_[depth_++] = {begin, end, true};
    return base_ + begin;
}

bool Stack::free(const void* pointer) {
    for (std::size_t i = depth_; i-- > 0;) {
        if (!blocks_[i].live || base_ + blocks_[i].begin != pointer) continue;
        blocks_[i].live = false;
        while (depth_ > 0 && !blocks_[depth_ - 1].live) --depth_;
        return true;
    }
    return false;
}

void ErrorSlot::report(const char* format, ...) {
    if (taken_.exchange(true, std::memory_order_acq_rel)) return;
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text_.data(), text_.size(), format, arguments);
    va_end(arguments);
}

Lane& current_lane() {
    thread_local Lane lane;
    return lane;
}

#if defined(__x86_64__)
FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(static_cast<unsigned>(before_) | 0x8040u); }
FlushDenormals::~FlushDenormals() { _mm_setcsr(static_cast<unsigned>(before_)); }
#elif defined(__aarch64__)
FlushDenormals::FlushDenormals() {
    __asm__ volatile("mrs %0, fpcr" : "=r"(before_));
    __asm__ volatile("msr fpcr, %0" : : "r"(before_ | (std::uint64_t{1} << 24)));
}
FlushDenormals::~FlushDenormals() { __asm__ volatile("msr fpcr, %0" : : "r"(before_)); }
#else
#error "say how denormals are flushed to zero on this processor"
#endif

}  // namespace dlc::runtime
