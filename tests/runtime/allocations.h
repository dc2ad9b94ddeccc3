// Counts the heap's allocations, of all threads.  Defines malloc and its kin: one source file of a program includes it.
#pragma once
#include <atomic>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DLC_COUNTS_ALLOCATIONS 0
#else
#define DLC_COUNTS_ALLOCATIONS 1
std::atomic<long> g_allocations{0};
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t bytes) { return ++g_allocations, __libc_malloc(bytes); }
void* calloc(std::size_t count, std::size_t bytes) { return ++g_allocations, __libc_calloc(count, bytes); }
void* realloc(void* memory, std::size_t bytes) { return ++g_allocations, __libc_realloc(memory, bytes); }
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return ++g_allocations, __libc_memalign(alignment, bytes); }
}
#endif
