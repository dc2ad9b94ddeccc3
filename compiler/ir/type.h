// Element types and shapes.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dlc::ir {

enum class Type : std::uint8_t { boolean, i8, u8, i32, i64, f16, bf16, f32, f64 };

std::string_view name(Type);  // "bool", "i8", … "f64"
std::optional<Type> type_named(std::string_view);
std::int64_t bytes(Type);  // of one element in memory
constexpr bool is_real(Type t) { return t >= Type::f16; }
constexpr bool is_half(Type t) { return t == Type::f16 || t == Type::bf16; }
constexpr bool is_integer(Type t) { return t >= Type::i8 && t <= Type::i64; }
/// The number of a 16-bit real type nearest to `value`, ties to even; too large ones are infinite.  For every other type the value
/// itself: what f32 rounds is not modelled.
double rounded(double value, Type);
/// The type of `a op b` for operands of two types: a bool acts as an integer, an integer becomes real beside a real, the wider
/// wins.
Type common(Type a, Type b);

using Shape = std::vector<std::int64_t>;  // extents, row-major, each >= 0; empty: one number
/// Number of elements.  Fails with std::overflow_error beyond 2^62.
std::int64_t volume(const Shape&);

}  // namespace dlc::ir
