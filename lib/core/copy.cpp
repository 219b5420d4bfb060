#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "core/array.hpp"
#include "core/convert_kernel.hpp"
#include "core/device_runtime.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/queue.hpp"

namespace ir {
namespace {

bool widens(cref from, cref to) { return is_complex(to.type) && !is_complex(from.type); }
index_t parts_of(cref r) { return r.extents.count() * (is_complex(r.type) ? 2 : 1); }

/// Elements that pass through doubles at a time: every type is exact there, two short loops that
/// vectorise replace a loop for each of 121 pairs of types, and 4 KiB stay in the first cache.
constexpr index_t piece = 512;

void load(cref from, index_t begin, std::span<double> to) noexcept {
  kernel::with_part(from.type, [&]<class T>() {
    const T* p = static_cast<const T*>(from.data) + begin;
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = kernel::to_double(p[i]);
  });
}

void store(std::span<const double> from, ref to, index_t begin) noexcept {
  kernel::with_part(to.type, [&]<class T>() {
    T* p = static_cast<T*>(to.data) + begin;
    for (std::size_t i = 0; i < from.size(); ++i) p[i] = kernel::from_double<T>(from[i]);
  });
}

void convert(cref from, ref to, index_t begin, index_t end) noexcept {
  double values[piece], pairs[2 * piece];
  const bool widen = widens(from, to);
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

void copy_on_host(cref from, ref to) {
  if (from.type == to.type) {
    run_blocks(from.bytes(), index_t{1} << 20, [&](index_t begin, index_t end) noexcept {
      std::memcpy(static_cast<std::byte*>(to.data) + begin,
                  static_cast<const std::byte*>(from.data) + begin,
                  static_cast<std::size_t>(end - begin));
    });
    return;
  }
  run_blocks(parts_of(from), 128 * piece,
             [&](index_t begin, index_t end) noexcept { convert(from, to, begin, end); });
}

void copy_on_device(queue& q, cref from, ref to) {
  if (from.type == to.type) return cuda::copy_on_device(q.stream(), from.data, to.data, to.bytes());
  parallel_for(q, {parts_of(from)},
               kernel::convert{from.data, from.type, to.data, to.type, widens(from, to)});
}

/// Other types are converted on the device, where the memory is faster.
void copy_to_device(queue& q, cref from, ref to) {
  if (from.type == to.type) return cuda::upload(q, from.data, to.data, to.bytes());
  const scratch memory(q, from.bytes());
  const ref there(memory.data(), from.type, from.extents, to.where);
  cuda::upload(q, from.data, there.data, there.bytes());
  copy_on_device(q, there, to);
}

void copy_from_device(queue& q, cref from, ref to) {
  if (from.type == to.type) return cuda::download(q, from.data, to.data, to.bytes());
  const scratch memory(q, to.bytes());
  const ref there(memory.data(), to.type, to.extents, from.where);
  copy_on_device(q, from, there);
  cuda::download(q, there.data, to.data, to.bytes());
}

void check(const queue& q, cref from, cref to) {
  if (from.extents != to.extents)
    throw shape_error(fmt::format("an array of {} cannot be copied to one of {}",
                                  to_string(from.extents), to_string(to.extents)));
  if (is_complex(from.type) && !is_complex(to.type))
    throw usage_error(fmt::format(
        "complex values ({}) cannot become real ones ({}): take their magnitude, phase or parts",
        name_of(from.type), name_of(to.type)));
  for (const device where : {from.where, to.where})
    if (where.kind != device::cpu && where != q.where())
      throw usage_error("a copy from or to a GPU needs a queue of that GPU");
}

}  // namespace

void copy(queue& q, cref from, ref to) {
  check(q, from, to);
  const bool from_host = from.where.kind == device::cpu, to_host = to.where.kind == device::cpu;
  if (from.extents.count() == 0) return;
  if (from_host && to_host) return copy_on_host(from, to);
  if (from_host) return copy_to_device(q, from, to);
  if (to_host) return copy_from_device(q, from, to);
  copy_on_device(q, from, to);
}

}  // namespace ir
