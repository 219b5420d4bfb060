#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/shape.hpp"

namespace ir {

/// What is stored. Little-endian in memory and in streams.
enum class dtype : std::uint8_t { u8, i8, u16, i16, u32, i32, f16, f32, f64, c64, c128 };

/// What is computed in.
enum class precision : std::uint8_t { f32, f64 };

index_t size_of(dtype);           // bytes of an element
std::string_view name_of(dtype);  // "u8" ... "c128"
std::optional<dtype> dtype_named(std::string_view);
bool is_integer(dtype);
bool is_complex(dtype);
/// The smallest and largest value of an integer type; usage_error for others.
struct integer_range {
  double low, high;
};
integer_range range_of(dtype);

std::string_view name_of(precision);  // "f32", "f64"
dtype real_type(precision);           // f32 or f64
dtype complex_type(precision);        // c64 or c128

}  // namespace ir
