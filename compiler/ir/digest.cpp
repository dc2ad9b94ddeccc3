#include "compiler/ir/digest.h"

#include <xxhash.h>

#include <bit>

namespace dlc::ir {

std::string Digest::hex() const {
    std::string text;
    for (const std::uint64_t half : {high, low})
        for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(half >> shift) & 15];
    return text;
}

Digest digest(std::string_view bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

namespace {
// Little-endian on every machine, because digests name files.
void append(std::string& bytes, char kind, std::uint64_t value) {
    bytes += kind;
    for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(value >> shift);
}
}  // namespace

Hasher& Hasher::add(std::uint64_t value) {
    append(bytes_, 'n', value);
    return *this;
}
Hasher& Hasher::add(std::string_view text) {
    append(bytes_, 's', text.size());
    bytes_ += text;
    return *this;
}
Hasher& Hasher::add(const Digest& d) {
    append(bytes_, 'h', d.high);
    append(bytes_, 'l', d.low);
    return *this;
}
Hasher& Hasher::add_bits(double value) {
    append(bytes_, 'd', std::bit_cast<std::uint64_t>(value));
    return *this;
}
Digest Hasher::done() const { return digest(bytes_); }

}  // namespace dlc::ir
