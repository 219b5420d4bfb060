#include "tomo/flatfield_lines.hpp"

#include <algorithm>

#include "core/isa.hpp"

namespace ir::detail {
namespace {

// The counters of a piece are 32 bits wide, as many as the lanes of floats.
constexpr index_t piece = index_t{1} << 16;

template <bool Log, bool Fused, class In, class T>
[[gnu::always_inline]] inline flatfield_counts run_piece(const kernel::flatfield_line<In, T>& l,
                                                         index_t begin, index_t end) noexcept {
  const In* const in = l.in;
  const T *const dark = l.dark, *const gain = l.gain;
  T* const out = l.out;
  const T least = l.least;
  std::int32_t unusable = 0, low = 0;
#pragma GCC ivdep
  for (index_t i = begin; i < end; ++i) {
    const T t = (static_cast<T>(in[i]) - dark[i]) * gain[i];
    const T zero = t - t;  // NOLINT: or no number, which the sums below keep
    unusable += zero == 0 ? 0 : 1;
    if constexpr (Log) {
      low += ((t < least) & (zero == 0)) ? 1 : 0;
      out[i] = zero - kernel::fast_log<Fused>(t > least ? t : least);
    } else {
      out[i] = zero + t;
    }
  }
  return {unusable, low};
}

template <bool Fused, class In, class T>
[[gnu::always_inline]] inline flatfield_counts run_pieces(const kernel::flatfield_line<In, T>& l,
                                                          index_t n) noexcept {
  flatfield_counts all;
  for (index_t i = 0; i < n; i += piece) {
    const index_t end = std::min(i + piece, n);
    const flatfield_counts c =
        l.log ? run_piece<true, Fused>(l, i, end) : run_piece<false, Fused>(l, i, end);
    all.unusable += c.unusable;
    all.low += c.low;
  }
  return all;
}

#if IR_ISA_LEVELS > 1
template <class In, class T>
[[gnu::flatten, gnu::target("arch=x86-64-v3")]] flatfield_counts run_v3(
    const kernel::flatfield_line<In, T>& l, index_t n) noexcept {
  return run_pieces<true>(l, n);
}
template <class In, class T>
[[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] flatfield_counts run_v4(
    const kernel::flatfield_line<In, T>& l, index_t n) noexcept {
  return run_pieces<true>(l, n);
}
#endif

}  // namespace

template <class In, class T>
flatfield_counts run_line(const kernel::flatfield_line<In, T>& l, index_t n) noexcept {
#if IR_ISA_LEVELS > 1
  switch (isa_level()) {
    case isa::v4:
      return run_v4(l, n);
    case isa::v3:
      return run_v3(l, n);
    case isa::base:
      break;
  }
#endif
  return run_pieces<false>(l, n);
}

template flatfield_counts run_line(const kernel::flatfield_line<std::uint8_t, float>&,
                                   index_t) noexcept;
template flatfield_counts run_line(const kernel::flatfield_line<std::uint16_t, float>&,
                                   index_t) noexcept;
template flatfield_counts run_line(const kernel::flatfield_line<float, float>&, index_t) noexcept;
template flatfield_counts run_line(const kernel::flatfield_line<double, double>&, index_t) noexcept;

}  // namespace ir::detail
