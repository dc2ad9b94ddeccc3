// Structural hashes.  128 bits of a good hash stand for identity: equal digests are taken as equal structure, in this process and
// on disk.  A digest never depends on an address, a thread or the order of a hash table.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace dlc::ir {

struct Digest {
    std::uint64_t high = 0, low = 0;
    auto operator<=>(const Digest&) const = default;
    std::string hex() const;  // 32 lower-case digits
};

Digest digest(std::string_view bytes);  // XXH3, 128 bits

/// Feeds values one after another; each is hashed with its kind and length, so ("a", "bc") and ("ab", "c") differ.
class Hasher {
public:
    Hasher& add(std::uint64_t value);
    Hasher& add(std::string_view text);
    Hasher& add(const Digest&);
    Hasher& add_bits(double value);  // -0 and 0 differ, NaNs by their bits
    Digest done() const;

private:
    std::string bytes_;
};

}  // namespace dlc::ir

template <>
struct std::hash<dlc::ir::Digest> {
    std::size_t operator()(const dlc::ir::Digest& d) const noexcept { return d.low; }
};
