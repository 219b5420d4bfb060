#include "fn/tv_dual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "fn/tv_bands.hpp"
#include "fn/tv_energy.hpp"
#include "fn/tv_rows.hpp"

namespace ir {
namespace {

using detail::tv_steps;

constexpr double first_tau = 0.5;  // of the weight; then falls as the problem's convexity allows
constexpr double convexity = 0.2;  // of the true one: fewest iterations to gaps of 1e-3 to 1e-6
// Below this the dual steps raise what f32 rounds x by above what is left of the gap.
constexpr double least_tau_f32 = 0.03;
constexpr double hole_tau = 0.1;  // least where pixels have no data term: nothing is convex there
constexpr double step_product = 1.28;  // tau sigma ||D||^2; below 4/3
constexpr index_t most_together = 8;
constexpr index_t cache_bytes =
    2 << 20;  // of a core's share of the caches, for the planes under way

/// Planes along the slowest axis, lines of the axes between, elements of the fastest one.
struct layout {
  explicit layout(const shape& f)
      : channels(f[0]),
        axes(f.rank() - 1),
        nz(axes > 1 ? f[1] : 1),
        ny(axes > 2 ? f[2] : 1),
        nx(f[f.rank() - 1]),
        plane(ny * nx),
        all(nz * plane) {}
  index_t channels, axes, nz, ny, nx, plane, all;
};

index_t padded(index_t bytes) { return (bytes + 63) / 64 * 64; }

// Element 0 of each number array in one block of scratch memory.
struct carver {
  std::byte* at;
  template <class T>
  T* take(index_t n) {
    T* const here = reinterpret_cast<T*>(at);
    at += padded(n * static_cast<index_t>(sizeof(T)));
    return here;
  }
};

void check(const tv_problem& p) {
  const shape& n = p.f.extents;
  if (n.rank() < 2 || n.rank() > 4)
    throw shape_error(
        fmt::format("total variation of {}: channels and 1 to 3 spatial axes", to_string(n)));
  if (!p.weights && !(p.weight > 0 && std::isfinite(p.weight)))
    throw usage_error(fmt::format("a total variation weight of {:g}: above 0", p.weight));
  const shape channel(n.extents().subspan(1));
  for (const auto& [map, type] : {std::pair{p.weights, p.f.type}, std::pair{p.valid, dtype::u8}})
    if (map && (map->extents != channel || map->type != type))
      throw shape_error(fmt::format("a map of {} {} for a channel of {} {}",
                                    to_string(map->extents), name_of(map->type), to_string(channel),
                                    name_of(type)));
}

template <class T>
class host_dual final : public tv_dual {
 public:
  host_dual(queue& q, const tv_problem& p);

  index_t planes() const override { return n_.nz; }
  double weight() const override { return weight_; }
  void scale_weight(double factor) override {
    weight_ *= factor;
    for (index_t i = 0; weights_ != nullptr && i < n_.all; ++i) weights_[i] *= T(factor);
  }
  void iterate(queue&, index_t iterations) override;
  void result(queue&, index_t first, index_t last, ref to, const tv_seam* before) const override;
  tv_energy energy(queue&, index_t first, index_t last, cref x,
                   const tv_seam* before) const override;
  tv_seam seam(queue&, index_t last, cref x) const override;

 private:
  void weigh(const tv_problem&);
  void start() noexcept;
  tv_steps next_steps();
  void primal(const tv_steps&, index_t z) const noexcept;
  void dual(const tv_steps&, index_t z) const noexcept;
  tv_energy plane_energy(index_t z, bool open_end, const T* x, index_t x_channel,
                         const T* p_before) const noexcept;
  double row_energy(index_t c, index_t z, index_t y, const T* x, const T* p_before,
                    double& hole_gap) const noexcept;
  tv_energy seam_energy(const tv_seam&, const T* x, index_t x_channel) const;
  /// The dual values of a row and one step back along axes 1 and 2; `p_before`: those of the plane
  /// before along the slowest axis, (c, plane); null: the own.
  template <class Row>
  void point(Row& r, index_t c, index_t z, index_t y, const T* p_before) const noexcept;
  index_t place(index_t z, index_t y) const { return z * n_.plane + y * n_.nx; }

  layout n_;
  const T* f_;
  scratch memory_;
  T *x_, *bar_, *p_, *zeros_;
  T *weights_ = nullptr, *trust_ = nullptr, *relief_ = nullptr;  // of each pixel
  T low_ = 0, high_ = 0;
  double weight_, tau_ = first_tau, least_tau_ = sizeof(T) < 8 ? least_tau_f32 : 0;
  bool isotropic_;
  detail::tv_bands bands_;
  const detail::tv_functions<T>& loops_ = detail::tv_functions_in_use<T>();
};

detail::tv_bands bands_for(const layout& n, index_t size) {
  const index_t plane = n.channels * n.plane * (3 + n.axes) * size;
  const index_t together = std::clamp<index_t>(cache_bytes / plane - 2, 1, most_together);
  constexpr index_t task = 1 << 16;  // pixels
  return {n.nz, std::max(2 * together, task / n.plane), together};
}

template <class T>
host_dual<T>::host_dual(queue& q, const tv_problem& p)
    : n_(p.f.extents),
      f_(static_cast<const T*>(p.f.data)),
      memory_(q, scratch_bytes(p.f.extents, p.f.type)),
      weight_(p.weight),
      isotropic_(p.kind == tv_kind::isotropic),
      bands_(bands_for(n_, sizeof(T))) {
  carver memory{static_cast<std::byte*>(memory_.data())};
  x_ = memory.take<T>(n_.channels * n_.all);
  bar_ = memory.take<T>(n_.channels * n_.all);
  p_ = memory.take<T>(n_.axes * n_.channels * n_.all);
  zeros_ = memory.take<T>(n_.nx);
  std::fill(zeros_, zeros_ + n_.nx, T(0));
  if (p.weights || p.valid) {
    weights_ = memory.take<T>(n_.all);
    trust_ = memory.take<T>(n_.all);
    relief_ = memory.take<T>(n_.all);
    weigh(p);
  }
  start();
}

// Weights, trust and the dual step's factor 2 w / max (w_i + w_j) over a pixel's differences, with
// which the steps of all pixels together keep the bound on their product.
template <class T>
void host_dual<T>::weigh(const tv_problem& p) {
  const auto* const map = p.weights ? static_cast<const T*>(p.weights->data) : nullptr;
  const auto* const valid = p.valid ? static_cast<const std::uint8_t*>(p.valid->data) : nullptr;
  const auto counts = [&](index_t i) { return valid == nullptr || valid[i] != 0; };
  double sum = 0;
  index_t count = 0;
  T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
  for (index_t i = 0; i < n_.all; ++i) {
    if (!counts(i)) continue;
    if (map != nullptr && !(map[i] > 0))
      throw data_error(fmt::format("a total variation weight of {:g} at a pixel: above 0",
                                   static_cast<double>(map[i])));
    sum += map == nullptr ? weight_ : static_cast<double>(map[i]);
    ++count;
    for (index_t c = 0; c < n_.channels; ++c) {
      low = std::min(low, f_[c * n_.all + i]);
      high = std::max(high, f_[c * n_.all + i]);
    }
  }
  if (count == 0) throw data_error("no pixel of the image is valid: at least 1 is expected");
  weight_ = sum / static_cast<double>(count);
  low_ = low;
  high_ = high;
  if (count < n_.all) least_tau_ = hole_tau;
  for (index_t i = 0; i < n_.all; ++i) {
    trust_[i] = counts(i) ? T(1) : T(0);
    weights_[i] = map != nullptr && counts(i) ? map[i] : T(weight_);
  }
  for (index_t z = 0; z < n_.nz; ++z)
    for (index_t y = 0; y < n_.ny; ++y)
      for (index_t x = 0; x < n_.nx; ++x) {
        const index_t i = place(z, y) + x;
        T most = 2 * weights_[i];
        if (x + 1 < n_.nx) most = std::max(most, weights_[i] + weights_[i + 1]);
        if (y + 1 < n_.ny) most = std::max(most, weights_[i] + weights_[i + n_.nx]);
        if (z + 1 < n_.nz) most = std::max(most, weights_[i] + weights_[i + n_.plane]);
        relief_[i] = T(2 * weight_) / most;
      }
}

template <class T>
void host_dual<T>::start() noexcept {
  run_blocks(n_.channels * n_.nz, 1, [&](index_t begin, index_t end) noexcept {
    for (index_t k = begin; k < end; ++k) {
      const index_t at = k * n_.plane, pixel = k % n_.nz * n_.plane;
      for (index_t i = 0; i < n_.plane; ++i) {
        const bool hole = trust_ != nullptr && !(trust_[pixel + i] > 0);
        x_[at + i] = bar_[at + i] = hole ? (low_ + high_) / 2 : f_[at + i];
      }
      for (index_t a = 0; a < n_.axes; ++a) {
        T* const p = p_ + a * n_.channels * n_.all + at;
        std::fill(p, p + n_.plane, T(0));
      }
    }
  });
}

template <class T>
tv_steps host_dual<T>::next_steps() {
  const double theta = tau_ > least_tau_ ? 1 / std::sqrt(1 + 2 * convexity * tau_) : 1;
  const tv_steps s{tau_, step_product / (4 * static_cast<double>(n_.axes) * tau_), theta};
  tau_ *= theta;
  return s;
}

template <class T>
template <class Row>
void host_dual<T>::point(Row& r, index_t c, index_t z, index_t y,
                         const T* p_before) const noexcept {
  const index_t at = c * n_.all + place(z, y), axis = n_.channels * n_.all;
  for (index_t a = 0; a < n_.axes; ++a) r.p[a] = p_ + a * axis + at;
  const index_t slow = n_.axes - 1;
  if (slow == 2) r.before[1] = y > 0 ? r.p[1] - n_.nx : zeros_;
  if (slow == 0) return;
  r.before[slow] = z > 0 ? r.p[slow] - n_.plane : zeros_;
  if (p_before != nullptr) r.before[slow] = p_before + c * n_.plane + y * n_.nx;
}

template <class T>
void host_dual<T>::primal(const tv_steps& s, index_t z) const noexcept {
  for (index_t c = 0; c < n_.channels; ++c)
    for (index_t y = 0; y < n_.ny; ++y) {
      const index_t pixel = place(z, y), at = c * n_.all + pixel;
      detail::tv_primal_row<T> r{};
      r.n = n_.nx;
      r.f = f_ + at;
      r.x = x_ + at;
      r.bar = bar_ + at;
      point(r, c, z, y, nullptr);
      r.descent = T(s.tau * weight_);
      r.pull = T(s.tau);
      r.theta = T(s.theta);
      if (weights_ != nullptr) {
        r.weights = weights_ + pixel;
        r.trust = trust_ + pixel;
        r.low = low_;
        r.high = high_;
      }
      loops_.primal(r, n_.axes);
    }
}

template <class T>
void host_dual<T>::dual(const tv_steps& s, index_t z) const noexcept {
  for (index_t y = 0; y < n_.ny; ++y) {
    const index_t at = place(z, y);
    detail::tv_dual_row<T> r{};
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
    r.relief = relief_ == nullptr ? nullptr : relief_ + at;
    r.isotropic = isotropic_;
    loops_.dual(r);
  }
}

template <class T>
void host_dual<T>::iterate(queue& q, index_t iterations) {
  while (iterations > 0) {
    q.poll();
    tv_steps steps[most_together];
    const index_t count = std::min(iterations, bands_.together);
    for (index_t t = 0; t < count; ++t) steps[t] = next_steps();
    detail::run_bands(
        bands_, count, [&](index_t t, index_t z) noexcept { primal(steps[t], z); },
        [&](index_t t, index_t z) noexcept { dual(steps[t], z); });
    iterations -= count;
  }
}

// A plane of doubles as the type of the work.
template <class T>
std::vector<T> slow_plane(const tv_seam* seam, index_t count) {
  if (seam == nullptr) return {};
  return std::vector<T>(seam->p.end() - count, seam->p.end());
}

template <class T>
void host_dual<T>::result(queue&, index_t first, index_t last, ref to,
                          const tv_seam* before) const {
  const auto p_before = slow_plane<T>(before, n_.channels * n_.plane);
  T* const out = static_cast<T*>(to.data);
  run_blocks(last - first, bands_.height, [&](index_t begin, index_t end) noexcept {
    for (index_t k = begin; k < end; ++k)
      for (index_t c = 0; c < n_.channels; ++c)
        for (index_t y = 0; y < n_.ny; ++y) {
          const index_t z = first + k, pixel = place(z, y), at = c * n_.all + pixel;
          detail::tv_result_row<T> r{};
          r.n = n_.nx;
          r.f = f_ + at;
          r.x = x_ + at;
          r.to = out + c * (last - first) * n_.plane + place(k, y);
          point(r, c, z, y, k == 0 && !p_before.empty() ? p_before.data() : nullptr);
          r.weight = T(weight_);
          if (weights_ != nullptr) {
            r.weights = weights_ + pixel;
            r.trust = trust_ + pixel;
            r.low = low_;
            r.high = high_;
          }
          loops_.result(r, n_.axes);
        }
  });
}

// The misfit of a row; where nothing is known of x, u x + max over [low, high] of -u x is part of
// the gap, u = D'p.
template <class T>
double host_dual<T>::row_energy(index_t c, index_t z, index_t y, const T* x, const T* p_before,
                                double& hole_gap) const noexcept {
  const index_t pixel = place(z, y);
  const T* const f = f_ + c * n_.all + pixel;
  if (weights_ == nullptr)
    return sum_row(detail::tv_misfit_term<T>{x, f, 1 / (2 * weight_)}, 0, n_.nx);
  detail::tv_result_row<T> r{};
  point(r, c, z, y, p_before);
  for (index_t i = 0; i < n_.nx; ++i) {
    if (trust_[pixel + i] > 0) continue;
    double u = -static_cast<double>(r.p[0][i]);
    if (i > 0) u += static_cast<double>(r.p[0][i - 1]);
    for (index_t a = 1; a < n_.axes; ++a)
      u += static_cast<double>(r.before[a][i]) - static_cast<double>(r.p[a][i]);
    const double from = static_cast<double>(u > 0 ? low_ : high_);
    hole_gap += u * (static_cast<double>(x[i]) - from);
  }
  return sum_row(detail::tv_weighted_misfit_term<T>{x, f, weights_ + pixel, trust_ + pixel}, 0,
                 n_.nx);
}

template <class T>
tv_energy host_dual<T>::plane_energy(index_t z, bool open_end, const T* x, index_t x_channel,
                                     const T* p_before) const noexcept {
  tv_energy sum;
  const auto axes = n_.axes;
  std::vector<double> norm(static_cast<std::size_t>(n_.nx));
  for (index_t y = 0; y < n_.ny; ++y) {
    detail::tv_difference_row<T> r{};
    r.n = n_.nx;
    r.channels = n_.channels;
    r.axes = axes;
    r.isotropic = isotropic_;
    r.x = x + y * n_.nx;
    r.x_channel = x_channel;
    for (index_t a = 1; a < axes; ++a) r.next_channel[a] = x_channel;
    r.next[1] = y + 1 < n_.ny ? r.x + n_.nx : r.x;
    r.next[axes - 1] = z + 1 < n_.nz ? r.x + n_.plane : r.x;
    r.p = p_ + place(z, y);
    r.p_channel = n_.all;
    r.p_axis = n_.channels * n_.all;
    if (!open_end) {
      const detail::tv_row_sums s = detail::tv_sums(r, norm.data());
      sum += {s.norm, s.gap, 0};
    }
    for (index_t c = 0; c < n_.channels; ++c)
      sum.misfit += row_energy(c, z, y, r.x + c * x_channel, p_before, sum.gap);
  }
  sum.primal += sum.misfit;
  return sum;
}

template <class T>
tv_energy host_dual<T>::seam_energy(const tv_seam& before, const T* x, index_t x_channel) const {
  const index_t plane = n_.channels * n_.plane;
  const std::vector<T> old(before.x.begin(), before.x.end()), p(before.p.begin(), before.p.end());
  std::vector<double> norm(static_cast<std::size_t>(n_.nx));
  tv_energy sum;
  for (index_t y = 0; y < n_.ny; ++y) {
    detail::tv_difference_row<T> r{};
    r.n = n_.nx;
    r.channels = n_.channels;
    r.axes = n_.axes;
    r.isotropic = isotropic_;
    r.x = old.data() + y * n_.nx;
    r.x_channel = r.next_channel[1] = n_.plane;
    r.next[1] = y + 1 < n_.ny ? r.x + n_.nx : r.x;
    r.next[n_.axes - 1] = x + y * n_.nx;
    r.next_channel[n_.axes - 1] = x_channel;
    r.p = p.data() + y * n_.nx;
    r.p_channel = n_.plane;
    r.p_axis = plane;
    const detail::tv_row_sums s = detail::tv_sums(r, norm.data());
    sum += {s.norm, s.gap, 0};
  }
  return sum;
}

template <class T>
tv_energy host_dual<T>::energy(queue&, index_t first, index_t last, cref x,
                               const tv_seam* before) const {
  const auto p_before = slow_plane<T>(before, n_.channels * n_.plane);
  const T* const values = static_cast<const T*>(x.data);
  const index_t x_channel = (last - first) * n_.plane;
  std::vector<tv_energy> terms(static_cast<std::size_t>(last - first));
  run_blocks(last - first, bands_.height, [&](index_t begin, index_t end) noexcept {
    for (index_t k = begin; k < end; ++k)
      terms[static_cast<std::size_t>(k)] =
          plane_energy(first + k, first + k + 1 == last && last < n_.nz, values + k * n_.plane,
                       x_channel, k == 0 && !p_before.empty() ? p_before.data() : nullptr);
  });
  tv_energy sum;
  if (before != nullptr) sum += seam_energy(*before, values, x_channel);
  for (const tv_energy& term : terms) sum += term;
  if (!std::isfinite(sum.primal) || !std::isfinite(sum.gap))
    throw numeric_error("total variation: a value became infinite or not a number");
  sum.gap = std::max(sum.gap, 0.0);  // rounding
  return sum;
}

template <class T>
tv_seam host_dual<T>::seam(queue&, index_t last, cref x) const {
  tv_seam s;
  const T* const values = static_cast<const T*>(x.data);
  const index_t planes = x.extents.count() / (n_.channels * n_.plane);
  for (index_t c = 0; c < n_.channels; ++c) {
    const T* const from = values + ((c + 1) * planes - 1) * n_.plane;
    s.x.insert(s.x.end(), from, from + n_.plane);
  }
  for (index_t k = 0; k < n_.axes * n_.channels; ++k) {
    const T* const from = p_ + k * n_.all + (last - 1) * n_.plane;
    s.p.insert(s.p.end(), from, from + n_.plane);
  }
  return s;
}

}  // namespace

std::unique_ptr<tv_dual> tv_dual::make(queue& q, const tv_problem& p) {
  check(p);
  if (q.where().kind == device::cuda)
    throw device_error("total variation has no CUDA version: --device cpu");
  if (p.f.type == dtype::f64) return std::make_unique<host_dual<double>>(q, p);
  return std::make_unique<host_dual<float>>(q, p);
}

index_t tv_dual::scratch_bytes(const shape& f, dtype type) {
  const layout n(f);
  const index_t size = size_of(type), image = padded(n.channels * n.all * size);
  return 2 * image + padded(n.axes * n.channels * n.all * size) + padded(n.nx * size) +
         3 * padded(n.all * size);
}

namespace {

// The gap falls as a power of the iterations: when it will be small enough, after `k` with `gap`
// and `earlier` with `before`. Between a tenth and all of k more.
index_t next_check(double wanted, index_t k, double gap, index_t earlier, double before) {
  double power = 3;
  if (earlier > 0 && gap > 0 && before > gap)
    power = std::clamp(
        std::log(before / gap) / std::log(static_cast<double>(k) / static_cast<double>(earlier)),
        1.0, 6.0);
  const double whole = static_cast<double>(k);
  const double at = wanted > 0 ? whole * std::pow(gap / wanted, 1 / power) : 2 * whole;
  return static_cast<index_t>(std::ceil(std::clamp(at, 1.08 * whole, 2 * whole)));
}

}  // namespace

namespace {

// The factor that brings the misfit to the one wanted if the dual values stay; 1: near enough, or
// x is constant and no weight raises its misfit.
double weight_factor(const tv_stop& stop, const tv_outcome& o, double weight) {
  if (!stop.misfit || o.iterations == 0) return 1;
  const double ratio = *stop.misfit / (2 * weight * o.energy.misfit);
  const double variation = o.energy.primal - o.energy.misfit;
  if (std::abs(ratio - 1) <= 1e-3 || (ratio > 1 && variation <= stop.gap * o.energy.primal))
    return 1;
  return std::clamp(std::sqrt(ratio), 0.5, 2.0);
}

}  // namespace

tv_outcome tv_solve(queue& q, tv_dual& dual, const tv_stop& stop, ref x) {
  tv_outcome o;
  index_t earlier = 0;
  double before = 0;
  for (;;) {
    dual.result(q, 0, dual.planes(), x);
    o.energy = dual.energy(q, 0, dual.planes(), x);
    q.progress("iteration", o.iterations, stop.iterations);
    const double gap = o.energy.relative(), factor = weight_factor(stop, o, dual.weight());
    const bool near = gap <= stop.gap && factor == 1 && (o.iterations > 0 || !stop.misfit);
    if (near || o.iterations >= stop.iterations) return o;
    index_t next = 16;
    if (o.iterations > 0 && factor == 1) {
      next = next_check(stop.gap, o.iterations, gap, earlier, before);
      earlier = o.iterations;
      before = gap;
    } else if (o.iterations > 0) {
      dual.scale_weight(factor);
      next = o.iterations + 8;
      earlier = 0;
    }
    next = std::min(next, stop.iterations);
    dual.iterate(q, next - o.iterations);
    o.iterations = next;
  }
}

}  // namespace ir
