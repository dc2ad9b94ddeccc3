#include "runtime/data/array.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "dsl/source/diagnostic.h"

namespace dlc::data {
namespace {

struct Row {
    std::string_view name;
    std::int64_t bytes;
};
constexpr Row kTypes[] = {{"bool", 1}, {"i8", 1},   {"u8", 1},  {"i32", 4}, {"i64", 8},
                          {"f16", 2},  {"bf16", 2}, {"f32", 4}, {"f64", 8}};

const Row& row(dlc_type type) {
    DLC_ASSERT(type >= DLC_BOOL && type <= DLC_F64, "an element type");
    return kTypes[type];
}

/// A binary format of 16 bits with so many bits of mantissa, rounded to nearest even in one step.
std::uint16_t narrow(double value, int mantissa_bits) {
    const int exponent_bits = 15 - mantissa_bits, bias = (1 << (exponent_bits - 1)) - 1, least = 1 - bias;
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const std::uint16_t infinity = static_cast<std::uint16_t>(((1 << exponent_bits) - 1) << mantissa_bits);
    if (std::isnan(value)) return static_cast<std::uint16_t>(sign | infinity | (1 << (mantissa_bits - 1)));
    const double magnitude = std::fabs(value);
    if (std::isinf(value)) return static_cast<std::uint16_t>(sign | infinity);
    if (magnitude == 0) return sign;
    const int exponent = std::max(std::ilogb(magnitude), least);
    // In units of the last place; a carry into the next exponent carries into the encoding the same way.
    const double units = std::nearbyint(std::ldexp(magnitude, mantissa_bits - exponent));
    const double code = units + std::ldexp(exponent - least, mantissa_bits);
    return static_cast<std::uint16_t>(sign | (code >= infinity ? infinity : static_cast<std::uint16_t>(code)));
}

double widen(std::uint16_t bits, int mantissa_bits) {
    const int exponent_bits = 15 - mantissa_bits, bias = (1 << (exponent_bits - 1)) - 1, all = (1 << exponent_bits) - 1;
    const int exponent = (bits & 0x7fff) >> mantissa_bits, mantissa = bits & ((1 << mantissa_bits) - 1);
    double value;
    if (exponent == all)
        value = mantissa ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    else if (exponent == 0)
        value = std::ldexp(mantissa, 1 - bias - mantissa_bits);
    else
        value = std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
    return bits & 0x8000 ? -value : value;
}

template <class T>
double get(const std::byte* elements, std::int64_t i) {
    T value;
    std::memcpy(&value, elements + i * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return static_cast<double>(value);
}
template <class T>
void put(std::byte* elements, std::int64_t i, T value) {
    std::memcpy(elements + i * static_cast<std::int64_t>(sizeof(T)), &value, sizeof(T));
}
template <class T>
T saturated(double value) {
    // The largest integer may not be a double; the first double beyond it is a power of two.
    const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (std::isnan(value)) return 0;
    if (value >= beyond) return std::numeric_limits<T>::max();
    if (value <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
    return static_cast<T>(value);
}

}  // namespace

std::int64_t size_of(dlc_type type) { return row(type).bytes; }
std::string_view name(dlc_type type) { return row(type).name; }
bool is_real(dlc_type type) { return type >= DLC_F16; }

std::int64_t volume(const Shape& shape) {
    std::int64_t product = 1;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return -1;
        empty |= extent == 0;
        if (!empty && __builtin_mul_overflow(product, extent, &product)) return -1;
        if (product > std::int64_t{1} << 62) return -1;
    }
    return empty ? 0 : product;
}

std::string describe(dlc_type type, const Shape& shape) {
    std::string text(name(type));
    if (shape.empty()) return text;
    for (std::size_t d = 0; d < shape.size(); ++d) text += (d == 0 ? "[" : ", ") + std::to_string(shape[d]);
    return text + "]";
}
std::string describe(const Array& array) { return describe(array.type, array.shape); }

Array::Array(dlc_type the_type, Shape the_shape) : type(the_type), shape(std::move(the_shape)) {
    const std::int64_t elements = volume(shape);
    DLC_ASSERT(elements >= 0, "an array's extents multiply without overflow");
    bytes.resize(static_cast<std::size_t>(elements * size_of(type)));
}

double load(dlc_type type, const std::byte* elements, std::int64_t i) {
    switch (type) {
        case DLC_BOOL: return get<std::uint8_t>(elements, i) != 0;
        case DLC_I8: return get<std::int8_t>(elements, i);
        case DLC_U8: return get<std::uint8_t>(elements, i);
        case DLC_I32: return get<std::int32_t>(elements, i);
        case DLC_I64: return get<std::int64_t>(elements, i);
        case DLC_F16: return widen(static_cast<std::uint16_t>(get<std::uint16_t>(elements, i)), 10);
        case DLC_BF16: return widen(static_cast<std::uint16_t>(get<std::uint16_t>(elements, i)), 7);
        case DLC_F32: return get<float>(elements, i);
        case DLC_F64: return get<double>(elements, i);
    }
    return 0;
}

void store(dlc_type type, std::byte* elements, std::int64_t i, double value) {
    switch (type) {
        case DLC_BOOL: return put<std::uint8_t>(elements, i, value != 0);
        case DLC_I8: return put(elements, i, saturated<std::int8_t>(value));
        case DLC_U8: return put(elements, i, saturated<std::uint8_t>(value));
        case DLC_I32: return put(elements, i, saturated<std::int32_t>(value));
        case DLC_I64: return put(elements, i, saturated<std::int64_t>(value));
        case DLC_F16: return put(elements, i, narrow(value, 10));
        case DLC_BF16: return put(elements, i, narrow(value, 7));
        case DLC_F32: return put(elements, i, static_cast<float>(value));
        case DLC_F64: return put(elements, i, value);
    }
}

Array converted(const Array& from, dlc_type type) {
    if (from.type == type) return from;
    Array to(type, from.shape);
    const auto narrowed = [&]<class T>(T) {
        for (std::int64_t i = 0; i < from.count(); ++i)
            put(to.bytes.data(), i, static_cast<T>(from.as<std::int64_t>()[static_cast<std::size_t>(i)]));
    };
    if (from.type == DLC_I64 && type == DLC_I32)
        narrowed(std::int32_t{});  // not by way of a double
    else
        for (std::int64_t i = 0; i < from.count(); ++i) store(type, to.bytes.data(), i, load(from.type, from.bytes.data(), i));
    return to;
}

}  // namespace dlc::data
