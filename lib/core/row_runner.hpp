#pragma once
#include "core/isa.hpp"
#include "core/nd_view.hpp"

#if !defined(__x86_64__) && IR_ISA_LEVELS > 1
#error "IR_ISA_LEVELS=3 needs x86-64: configure with -DIR_ISA_LEVELS=1"
#endif

namespace ir {
namespace detail {

/// Lanes of a sum: fixed, so that every instruction-set level adds in the same order.
inline constexpr int lanes = 16;

// Always a local copy of the kernel: through the reference g++ cannot vectorise. `flatten` inlines
// the kernel, so that it is compiled for the function's target; hidden, so that no other module's
// copy, compiled with other options, takes its place.
template <int R, class Kernel>
[[gnu::always_inline]] inline void row_body(Kernel kernel, index_t k, index_t j, index_t begin,
                                            index_t end) noexcept {
  for (index_t i = begin; i < end; ++i) call<R>(kernel, k, j, i);
}

template <class Kernel>
[[gnu::always_inline]] inline double sum_body(Kernel kernel, index_t begin, index_t end) noexcept {
  double sum[lanes] = {};
  index_t i = begin;
  for (; i + lanes <= end; i += lanes)
    for (int l = 0; l < lanes; ++l) sum[l] += kernel(i + l);
  for (int l = 0; i < end; ++i, ++l) sum[l] += kernel(i);
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int l = 0; l < half; ++l) sum[l] += sum[l + half];
  return sum[0];
}

template <int R, class Kernel>
[[gnu::flatten, gnu::visibility("hidden")]] void row_base(const Kernel& kernel, index_t k,
                                                          index_t j, index_t begin,
                                                          index_t end) noexcept {
  row_body<R, Kernel>(kernel, k, j, begin, end);
}
template <class Kernel>
[[gnu::flatten, gnu::visibility("hidden")]] double sum_base(const Kernel& kernel, index_t begin,
                                                            index_t end) noexcept {
  return sum_body<Kernel>(kernel, begin, end);
}
#if IR_ISA_LEVELS > 1
template <int R, class Kernel>
[[gnu::flatten, gnu::visibility("hidden"), gnu::target("arch=x86-64-v3")]] void row_v3(
    const Kernel& kernel, index_t k, index_t j, index_t begin, index_t end) noexcept {
  row_body<R, Kernel>(kernel, k, j, begin, end);
}
template <int R, class Kernel>
[[gnu::flatten, gnu::visibility("hidden"), gnu::target("arch=x86-64-v4")]] void row_v4(
    const Kernel& kernel, index_t k, index_t j, index_t begin, index_t end) noexcept {
  row_body<R, Kernel>(kernel, k, j, begin, end);
}
template <class Kernel>
[[gnu::flatten, gnu::visibility("hidden"), gnu::target("arch=x86-64-v3")]] double sum_v3(
    const Kernel& kernel, index_t begin, index_t end) noexcept {
  return sum_body<Kernel>(kernel, begin, end);
}
template <class Kernel>
[[gnu::flatten, gnu::visibility("hidden"), gnu::target("arch=x86-64-v4")]] double sum_v4(
    const Kernel& kernel, index_t begin, index_t end) noexcept {
  return sum_body<Kernel>(kernel, begin, end);
}
#endif

}  // namespace detail

/// kernel(i), kernel(j, i) or kernel(k, j, i) (R = 1, 2, 3) for i in [begin, end), compiled for
/// three instruction-set levels; the level in use is isa_level().
template <int R, class Kernel>
void run_row(const Kernel& kernel, index_t k, index_t j, index_t begin, index_t end) noexcept {
#if IR_ISA_LEVELS > 1
  switch (isa_level()) {
    case isa::v4:
      return detail::row_v4<R>(kernel, k, j, begin, end);
    case isa::v3:
      return detail::row_v3<R>(kernel, k, j, begin, end);
    case isa::base:
      break;
  }
#endif
  detail::row_base<R>(kernel, k, j, begin, end);
}

/// The sum of kernel(i), a double, for i in [begin, end): element begin + i is added to lane
/// i mod 16, the lanes pairwise at the end. The kernel may write as well.
template <class Kernel>
[[nodiscard]] double sum_row(const Kernel& kernel, index_t begin, index_t end) noexcept {
#if IR_ISA_LEVELS > 1
  switch (isa_level()) {
    case isa::v4:
      return detail::sum_v4(kernel, begin, end);
    case isa::v3:
      return detail::sum_v3(kernel, begin, end);
    case isa::base:
      break;
  }
#endif
  return detail::sum_base(kernel, begin, end);
}

}  // namespace ir
