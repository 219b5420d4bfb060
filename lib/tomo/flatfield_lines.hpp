#pragma once
#include "tomo/flatfield_kernel.hpp"

namespace ir::detail {

struct flatfield_counts {
  index_t unusable = 0, low = 0;
};

/// kernel::flatfield_line over elements 0 .. n - 1 on the CPU: loops without a branch, compiled for
/// each instruction-set level; those with FMA round the logarithm's polynomial once a term. In: T,
/// and for T = float also u8 and u16, converted on the way.
///
/// tests/bench/flatfield_bench, 512 x 2048 u16, one core of a Zen 4: 12 GB/s in and out, 0.55 to
/// 0.7 of memcpy's (v3 0.44, base 0.17); the references come from the last-level cache.
template <class In, class T>
flatfield_counts run_line(const kernel::flatfield_line<In, T>&, index_t n) noexcept;

extern template flatfield_counts run_line(const kernel::flatfield_line<std::uint8_t, float>&,
                                          index_t) noexcept;
extern template flatfield_counts run_line(const kernel::flatfield_line<std::uint16_t, float>&,
                                          index_t) noexcept;
extern template flatfield_counts run_line(const kernel::flatfield_line<float, float>&,
                                          index_t) noexcept;
extern template flatfield_counts run_line(const kernel::flatfield_line<double, double>&,
                                          index_t) noexcept;

}  // namespace ir::detail
