// Philox4x32-10, the counter-based random numbers of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.  One
// template for the interpreter's integers and for vector code, so that both give the same bits.
#pragma once
#include <array>
#include <cstdint>

namespace dlc::scalars {

struct WordPair {
    std::uint32_t high, low;
};
/// The 64-bit product of two words.
inline WordPair multiply(std::uint32_t a, std::uint32_t b) {
    const std::uint64_t product = std::uint64_t{a} * b;
    return {static_cast<std::uint32_t>(product >> 32), static_cast<std::uint32_t>(product)};
}

/// Ten rounds.  Word has ^ and +, both modulo 2^32, and multiply(constant, Word).
template <class Word>
std::array<Word, 4> philox4x32(std::array<Word, 4> counter, std::array<Word, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const auto a = multiply(std::uint32_t{0xD2511F53}, counter[0]), b = multiply(std::uint32_t{0xCD9E8D57}, counter[2]);
        counter = {b.high ^ counter[1] ^ key[0], b.low, a.high ^ counter[3] ^ key[1], a.low};
        key = {key[0] + std::uint32_t{0x9E3779B9}, key[1] + std::uint32_t{0xBB67AE85}};
    }
    return counter;
}

}  // namespace dlc::scalars
