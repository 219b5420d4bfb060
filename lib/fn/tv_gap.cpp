#include <cmath>

#include "core/error.hpp"
#include "fn/tv_energy.hpp"
#include "fn/tv_host.hpp"
#include "fn/tv_seam.hpp"

namespace ir::detail {
namespace {

constexpr index_t block_pixels = 1 << 15;

// A plane of doubles as the type of the work.
template <class T>
std::vector<T> slow_plane(const tv_seam* seam, index_t count) {
  if (seam == nullptr) return {};
  return std::vector<T>(seam->p.end() - count, seam->p.end());
}

index_t block_of(index_t plane) { return std::max<index_t>(1, block_pixels / plane); }

}  // namespace

// Between passes bar is free: the next primal steps write it anew.
template <class T>
void tv_host<T>::make_plane(index_t z, const T* p_before) const noexcept {
  for (index_t c = 0; c < n_.channels; ++c)
    for (index_t y = 0; y < n_.ny; ++y) {
      const index_t pixel = n_.place(z, y), at = c * n_.all + pixel;
      tv_result_row<T> r{};
      r.n = n_.nx;
      r.f = f_ + at;
      r.x = x_ + at;
      r.to = bar_ + at;
      point(r, c, z, y, p_before);
      r.weight = T(weight_);
      weigh_row(r, pixel);
      loops_.result(r, n_.axes);
    }
}

// The misfit of a row; where nothing is known of x, u x + max over [low, high] of -u x is part of
// the gap, u = D'p.
template <class T>
double tv_host<T>::row_energy(index_t c, index_t z, index_t y, const T* p_before,
                              double& hole_gap) const noexcept {
  const index_t pixel = n_.place(z, y);
  const T *const f = f_ + c * n_.all + pixel, *const x = bar_ + c * n_.all + pixel;
  if (!has_maps()) return sum_row(tv_misfit_term<T>{x, f, 1 / (2 * weight_)}, 0, n_.nx);
  const T *const weights = maps_.weights.data() + pixel, *const trust = maps_.trust.data() + pixel;
  tv_result_row<T> r{};
  point(r, c, z, y, p_before);
  for (index_t i = 0; i < n_.nx; ++i) {
    if (trust[i] > 0) continue;
    double u = -static_cast<double>(r.p[0][i]);
    if (i > 0) u += static_cast<double>(r.p[0][i - 1]);
    for (index_t a = 1; a < n_.axes; ++a)
      u += static_cast<double>(r.before[a][i]) - static_cast<double>(r.p[a][i]);
    const double from = static_cast<double>(u > 0 ? low_ : high_);
    hole_gap += u * (static_cast<double>(x[i]) - from);
  }
  return sum_row(tv_weighted_misfit_term<T>{x, f, weights, trust}, 0, n_.nx);
}

template <class T>
tv_energy tv_host<T>::plane_energy(index_t z, bool open_end, const T* p_before) const noexcept {
  tv_energy sum;
  for (index_t y = 0; y < n_.ny; ++y) {
    tv_difference_row<T> r{};
    r.n = n_.nx;
    r.channels = n_.channels;
    r.axes = n_.axes;
    r.isotropic = isotropic_;
    r.x = bar_ + n_.place(z, y);
    r.x_channel = r.next_channel[1] = r.next_channel[2] = n_.all;
    r.next[1] = y + 1 < n_.ny ? r.x + n_.nx : r.x;
    r.next[n_.axes - 1] = z + 1 < n_.nz ? r.x + n_.plane : r.x;
    r.p = p_ + n_.place(z, y);
    r.p_channel = n_.all;
    r.p_axis = n_.channels * n_.all;
    if (!open_end) {
      const tv_row_sums s = tv_sums(r);
      sum += {s.norm, s.gap, 0};
    }
    for (index_t c = 0; c < n_.channels; ++c) sum.misfit += row_energy(c, z, y, p_before, sum.gap);
  }
  sum.primal += sum.misfit;
  return sum;
}

// (c, plane), with the mean.
template <class T>
std::vector<double> tv_host<T>::plane_of_x(index_t z) const {
  std::vector<double> x;
  for (index_t c = 0; c < n_.channels; ++c)
    for (index_t i = 0; i < n_.plane; ++i)
      x.push_back(mean_ + static_cast<double>(bar_[c * n_.all + z * n_.plane + i]));
  return x;
}

template <class T>
tv_energy tv_host<T>::evaluate(queue&, index_t first, index_t last, const tv_seam* before) {
  const auto p_before = slow_plane<T>(before, n_.channels * n_.plane);
  const auto seam_of = [&](index_t k) {
    return k == 0 && !p_before.empty() ? p_before.data() : nullptr;
  };
  const index_t count = last - first, block = block_of(n_.plane);
  ir::run_blocks(count, block, [&](index_t begin, index_t end) noexcept {
    for (index_t k = begin; k < end; ++k) make_plane(first + k, seam_of(k));
  });
  std::vector<tv_energy> terms(static_cast<std::size_t>(count));
  ir::run_blocks(count, block, [&](index_t begin, index_t end) noexcept {
    for (index_t k = begin; k < end; ++k)
      terms[static_cast<std::size_t>(k)] =
          plane_energy(first + k, k + 1 == count && last < n_.nz, seam_of(k));
  });
  tv_energy sum;
  if (before != nullptr) sum += tv_seam_energy(n_, isotropic_, *before, plane_of_x(first));
  for (const tv_energy& term : terms) sum += term;
  if (!std::isfinite(sum.primal) || !std::isfinite(sum.gap))
    throw numeric_error("total variation: a value became infinite or not a number");
  sum.gap = std::max(sum.gap, 0.0);  // rounding
  return sum;
}

template <class T>
void tv_host<T>::result(queue&, index_t first, index_t last, ref to) const {
  T* const out = static_cast<T*>(to.data);
  const index_t count = last - first;
  const T mean = static_cast<T>(mean_);
  ir::run_blocks(n_.channels * count, block_of(n_.plane), [&](index_t begin, index_t end) noexcept {
    for (index_t k = begin; k < end; ++k) {
      const T* const from = bar_ + k / count * n_.all + (first + k % count) * n_.plane;
      for (index_t i = 0; i < n_.plane; ++i) out[k * n_.plane + i] = from[i] + mean;
    }
  });
}

template <class T>
tv_seam tv_host<T>::seam(queue&, index_t last) const {
  tv_seam s{plane_of_x(last - 1), {}};
  for (index_t k = 0; k < n_.axes * n_.channels; ++k) {
    const T* const from = p_ + k * n_.all + (last - 1) * n_.plane;
    s.p.insert(s.p.end(), from, from + n_.plane);
  }
  return s;
}

template tv_energy tv_host<float>::evaluate(queue&, index_t, index_t, const tv_seam*);
template tv_energy tv_host<double>::evaluate(queue&, index_t, index_t, const tv_seam*);
template void tv_host<float>::result(queue&, index_t, index_t, ref) const;
template void tv_host<double>::result(queue&, index_t, index_t, ref) const;
template tv_seam tv_host<float>::seam(queue&, index_t) const;
template tv_seam tv_host<double>::seam(queue&, index_t) const;

}  // namespace ir::detail
