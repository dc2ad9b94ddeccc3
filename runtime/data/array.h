// A dense array in memory, row-major: what the readers give and the writers take.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan.h"

namespace dlc::data {

using Shape = std::vector<std::int64_t>;

std::int64_t size_of(dlc_type);   // bytes of one element
std::string_view name(dlc_type);  // "bool", "i8", … "f64"
bool is_real(dlc_type);
/// Product of the extents; -1 when an extent is negative or the product exceeds 2^62.
std::int64_t volume(const Shape&);
std::string describe(dlc_type, const Shape&);  // "f32[60000, 28, 28]"

struct Array {
    dlc_type type = DLC_F32;
    Shape shape;
    std::vector<std::byte> bytes;

    Array() = default;
    Array(dlc_type, Shape);  // zeros
    std::int64_t count() const { return volume(shape); }
    template <class T>
    std::span<T> as() {
        return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
    }
    template <class T>
    std::span<const T> as() const {
        return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
    }
    bool operator==(const Array&) const = default;
};
std::string describe(const Array&);

using NamedArrays = std::map<std::string, Array, std::less<>>;

/// Element `i` of packed elements; an i64 beyond 2^53 is rounded.
double load(dlc_type, const std::byte* elements, std::int64_t i);
/// Rounds to nearest even; integers are truncated towards zero, bool is `value != 0`.
void store(dlc_type, std::byte* elements, std::int64_t i, double value);
/// The array with another element type.  Widening is exact, reals are rounded to nearest even.
Array converted(const Array&, dlc_type);

}  // namespace dlc::data
