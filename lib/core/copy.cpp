#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "core/array.hpp"
#include "core/convert_kernel.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/queue.hpp"

namespace ir {
namespace {

/// f.template operator()<T>() for the type of a real dtype; of a complex one, its parts' type.
template <class F>
void with_part(dtype t, F&& f) {
  switch (t) {
    case dtype::u8:
      return f.template operator()<std::uint8_t>();
    case dtype::i8:
      return f.template operator()<std::int8_t>();
    case dtype::u16:
      return f.template operator()<std::uint16_t>();
    case dtype::i16:
      return f.template operator()<std::int16_t>();
    case dtype::u32:
      return f.template operator()<std::uint32_t>();
    case dtype::i32:
      return f.template operator()<std::int32_t>();
    case dtype::f16:
      return f.template operator()<kernel::half>();
    case dtype::f32:
    case dtype::c64:
      return f.template operator()<float>();
    case dtype::f64:
    case dtype::c128:
      return f.template operator()<double>();
  }
}

/// Elements that pass through doubles at a time: every type is exact there, two short loops that
/// vectorise replace a loop for each of 121 pairs of types, and 4 KiB stay in the first cache.
constexpr index_t piece = 512;

void load(cref from, index_t begin, std::span<double> to) noexcept {
  with_part(from.type, [&]<class T>() {
    const T* p = static_cast<const T*>(from.data) + begin;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = kernel::to_double(p[i]);
  });
}

void store(std::span<const double> from, ref to, index_t begin) noexcept {
  with_part(to.type, [&]<class T>() {
    T* p = static_cast<T*>(to.data) + begin;
    for (std::size_t i = 0; i < from.size(); ++i) p[i] = kernel::from_double<T>(from[i]);
  });
}

void convert(cref from, ref to, index_t begin, index_t end) noexcept {
  double values[piece], pairs[2 * piece];
  const bool widen = is_complex(to.type) && !is_complex(from.type);
  for (index_t i = begin; i < end; i += piece) {
    const std::span<double> some(values, static_cast<std::size_t>(std::min(piece, end - i)));
    load(from, i, some);
    if (!widen) {
      store(some, to, i);
      continue;
    }
    for (std::size_t k = 0; k < some.size(); ++k) {
      pairs[2 * k] = some[k];
      pairs[2 * k + 1] = 0;
    }
    store({pairs, 2 * some.size()}, to, 2 * i);
  }
}

void check(cref from, cref to) {
  if (from.extents != to.extents)
    throw shape_error(fmt::format("an array of {} cannot be copied to one of {}",
                                  to_string(from.extents), to_string(to.extents)));
  if (is_complex(from.type) && !is_complex(to.type))
    throw usage_error(fmt::format(
        "complex values ({}) cannot become real ones ({}): take their magnitude, phase or parts",
        name_of(from.type), name_of(to.type)));
}

}  // namespace

void copy(queue&, cref from, ref to) {
  check(from, to);
  if (from.type == to.type) {
    run_blocks(from.bytes(), index_t{1} << 20, [&](index_t begin, index_t end) noexcept {
      std::memcpy(static_cast<std::byte*>(to.data) + begin,
                  static_cast<const std::byte*>(from.data) + begin,
                  static_cast<std::size_t>(end - begin));
    });
    return;
  }
  const index_t parts = from.extents.count() * (is_complex(from.type) ? 2 : 1);
  run_blocks(parts, 128 * piece,
             [&](index_t begin, index_t end) noexcept { convert(from, to, begin, end); });
}

}  // namespace ir
