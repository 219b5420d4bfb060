#include "fn/tv_host.hpp"

namespace ir::detail {
namespace {

// Of the change of bar that a change of p will make: both values of the extrapolation. Less loses
// iterations, more diverges earlier.
constexpr double settling = 1.5;

}  // namespace

template <class T>
void tv_host<T>::primal(const tv_steps& s, index_t z) const noexcept {
  for (index_t c = 0; c < n_.channels; ++c)
    for (index_t y = 0; y < n_.ny; ++y) {
      const index_t pixel = n_.place(z, y), at = c * n_.all + pixel;
      tv_primal_row<T> r{};
      r.n = n_.nx;
      r.f = f_ + at;
      r.x = x_ + at;
      r.bar = bar_ + at;
      point(r, c, z, y, nullptr);
      r.descent = T(s.tau * weight_);
      r.pull = T(s.tau);
      r.theta = T(s.theta);
      weigh_row(r, pixel);
      loops_.primal(r, n_.axes);
    }
}

template <class T>
void tv_host<T>::dual(const tv_steps& s, index_t z, bool settles) const noexcept {
  for (index_t y = 0; y < n_.ny; ++y) {
    const index_t at = n_.place(z, y);
    tv_dual_row<T> r{};
    r.n = n_.nx;
    r.channels = n_.channels;
    r.axes = n_.axes;
    r.bar_channel = r.p_channel = n_.all;
    r.p_axis = n_.channels * n_.all;
    r.bar = bar_ + at;
    r.p = p_ + at;
    r.ahead[1] = y + 1 < n_.ny ? n_.nx : 0;
    r.ahead[n_.axes - 1] = z + 1 < n_.nz ? n_.plane : 0;
    r.ascent = T(s.sigma / weight_);
    r.relief = has_maps() ? maps_.relief.data() + at : nullptr;
    r.settle = settles ? T(settling * weight_ * s.tau / (1 + s.tau)) : T(0);
    r.isotropic = isotropic_;
    loops_.dual(r);
  }
}

// A pair of planes is what the bands are made of: its first plane's dual values follow at once, its
// second plane's when those of the next pair's first plane have settled in bar.
template <class T>
void tv_host<T>::iterate(queue& q, index_t iterations) {
  while (iterations > 0) {
    q.poll();
    tv_steps steps[tv_most_together];
    const index_t count = std::min(iterations, bands_.together);
    for (index_t t = 0; t < count; ++t) steps[t] = schedule_.next();
    run_bands(
        bands_, count,
        [&](index_t t, index_t pair) noexcept {
          const index_t z = 2 * pair;
          primal(steps[t], z);
          if (z + 1 < n_.nz) primal(steps[t], z + 1);
          if (coupled_) dual(steps[t], z, true);
        },
        [&](index_t t, index_t pair) noexcept {
          const index_t z = 2 * pair;
          if (!coupled_) dual(steps[t], z, false);
          if (z + 1 < n_.nz) dual(steps[t], z + 1, false);
        });
    iterations -= count;
  }
}

template void tv_host<float>::iterate(queue&, index_t);
template void tv_host<double>::iterate(queue&, index_t);

}  // namespace ir::detail
