#include "compiler/ir/type.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace dlc::ir {

namespace {
struct Row {
    std::string_view name;
    std::int64_t bytes;
};
constexpr std::array<Row, 9> kTypes{
    {{"bool", 1}, {"i8", 1}, {"u8", 1}, {"i32", 4}, {"i64", 8}, {"f16", 2}, {"bf16", 2}, {"f32", 4}, {"f64", 8}}};
}  // namespace

std::string_view name(Type t) { return kTypes.at(static_cast<std::size_t>(t)).name; }
std::int64_t bytes(Type t) { return kTypes.at(static_cast<std::size_t>(t)).bytes; }

std::optional<Type> type_named(std::string_view text) {
    for (std::size_t t = 0; t < kTypes.size(); ++t)
        if (kTypes[t].name == text) return static_cast<Type>(t);
    return std::nullopt;
}

double rounded(double value, Type type) {
    if (!is_half(type) || value == 0 || !std::isfinite(value)) return value;
    const int mantissa = type == Type::bf16 ? 7 : 10, least = type == Type::bf16 ? -126 : -14, beyond = 2 - least;
    const int last_place = std::max(std::ilogb(value), least) - mantissa;
    const double nearest = std::ldexp(std::nearbyint(std::ldexp(value, -last_place)), last_place);
    if (std::abs(nearest) < std::ldexp(1.0, beyond)) return nearest;
    return std::copysign(std::numeric_limits<double>::infinity(), value);
}

Type common(Type a, Type b) {
    if (a == Type::boolean && b == Type::boolean) return Type::i32;
    if (a == b) return a;
    if (a > b) std::swap(a, b);
    // Neither of these pairs holds all values of the other.
    if (a == Type::i8 && b == Type::u8) return Type::i32;
    if (a == Type::f16 && b == Type::bf16) return Type::f32;
    return b;
}

std::int64_t volume(const Shape& shape) {
    __int128 elements = 1;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        empty |= extent == 0;
        if (extent > 1) elements *= extent;
        if (elements > __int128{1} << 62) {
            // An empty dimension further on makes it 0 all the same.
            for (const std::int64_t other : shape) empty |= other == 0;
            if (empty) return 0;
            throw std::overflow_error("a shape has more than 2^62 elements");
        }
    }
    return empty ? 0 : static_cast<std::int64_t>(elements);
}

}  // namespace dlc::ir
