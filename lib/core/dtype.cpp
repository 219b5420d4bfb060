#include "core/dtype.hpp"

#include <fmt/format.h>

#include <array>

#include "core/error.hpp"

namespace ir {
namespace {

struct row {
  std::string_view name;
  int bytes;
  bool integer, complex;
  double low, high;
};
constexpr std::array<row, 11> table{{{"u8", 1, true, false, 0, 255},
                                     {"i8", 1, true, false, -128, 127},
                                     {"u16", 2, true, false, 0, 65535},
                                     {"i16", 2, true, false, -32768, 32767},
                                     {"u32", 4, true, false, 0, 4294967295.0},
                                     {"i32", 4, true, false, -2147483648.0, 2147483647.0},
                                     {"f16", 2, false, false, 0, 0},
                                     {"f32", 4, false, false, 0, 0},
                                     {"f64", 8, false, false, 0, 0},
                                     {"c64", 8, false, true, 0, 0},
                                     {"c128", 16, false, true, 0, 0}}};

const row& of(dtype t) { return table[static_cast<std::size_t>(t)]; }

}  // namespace

index_t size_of(dtype t) { return of(t).bytes; }
std::string_view name_of(dtype t) { return of(t).name; }
bool is_integer(dtype t) { return of(t).integer; }
bool is_complex(dtype t) { return of(t).complex; }

std::optional<dtype> dtype_named(std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name) return static_cast<dtype>(i);
  return {};
}

integer_range range_of(dtype t) {
  if (!is_integer(t))
    throw usage_error(fmt::format("type {} is not an integer type and has no range", name_of(t)));
  return {of(t).low, of(t).high};
}

std::string_view name_of(precision p) { return p == precision::f32 ? "f32" : "f64"; }
dtype real_type(precision p) { return p == precision::f32 ? dtype::f32 : dtype::f64; }
dtype complex_type(precision p) { return p == precision::f32 ? dtype::c64 : dtype::c128; }

}  // namespace ir
