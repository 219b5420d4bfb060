#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/row_runner.hpp"
#include "fn/tv_energy.hpp"
#include "fn/tv_host.hpp"
#include "fn/tv_plain.hpp"

namespace ir {
namespace detail {
namespace {

constexpr index_t cache_bytes =
    2 << 20;  // of a core's share of the caches, for the planes under way

tv_bands bands_for(const tv_layout& n, index_t size) {
  const index_t pair = 2 * n.channels * n.plane * (3 + n.axes) * size;
  const index_t together = std::clamp<index_t>(cache_bytes / pair - 2, 1, tv_most_together);
  constexpr index_t task = 1 << 16;  // pixels
  return {(n.nz + 1) / 2, std::max(2 * together, task / (2 * n.plane)), together};
}

// ||D||^2 of the differences that belong to one plane: the in-plane part, 4 for each axis, coupled
// with the differences to the next plane.
double plane_norm(index_t axes) {
  const double inside = 4 * static_cast<double>(axes - 1);
  return (inside + 2 + std::sqrt((inside - 2) * (inside - 2) + 4 * inside)) / 2;
}

template <class T>
tv_maps<T> maps_of(const tv_layout& n, const tv_problem& p) {
  if (!p.weights && !p.valid) return {};
  return make_tv_maps<T>(n, p.weights ? static_cast<const T*>(p.weights->data) : nullptr,
                         p.valid ? static_cast<const std::uint8_t*>(p.valid->data) : nullptr,
                         p.weight);
}

index_t state_bytes(const tv_layout& n, index_t size) {
  return 3 * padded(n.channels * n.all * size) + padded(n.axes * n.channels * n.all * size) +
         padded(n.nx * size);
}

}  // namespace

template <class T>
tv_host<T>::tv_host(queue& q, const tv_problem& p)
    : n_(p.f.extents),
      memory_(q, state_bytes(n_, sizeof(T))),
      maps_(maps_of<T>(n_, p)),
      weight_(has_maps() ? maps_.weight : p.weight),
      isotropic_(p.kind == tv_kind::isotropic),
      coupled_(!has_maps() && n_.nz > 1),
      schedule_(coupled_ ? plane_norm(n_.axes) : 4 * static_cast<double>(n_.axes), sizeof(T) < 8,
                maps_.holes),
      bands_(bands_for(n_, sizeof(T))) {
  carve();
  start(static_cast<const T*>(p.f.data),
        p.valid ? static_cast<const std::uint8_t*>(p.valid->data) : nullptr);
}

template <class T>
void tv_host<T>::retreat() {
  coupled_ = false;
  schedule_.product = tv_schedule::product_bound / (4 * static_cast<double>(n_.axes));
}

template <class T>
index_t tv_host<T>::scratch_bytes(const tv_layout& n) {
  return state_bytes(n, sizeof(T)) + 3 * padded(n.all * static_cast<index_t>(sizeof(T)));
}

template <class T>
void tv_host<T>::carve() {
  carver memory{static_cast<std::byte*>(memory_.data())};
  f_ = memory.take<T>(n_.channels * n_.all);
  x_ = memory.take<T>(n_.channels * n_.all);
  bar_ = memory.take<T>(n_.channels * n_.all);
  p_ = memory.take<T>(n_.axes * n_.channels * n_.all);
  zeros_ = memory.take<T>(n_.nx);
  std::fill(zeros_, zeros_ + n_.nx, T(0));
}

// Works on f less its mean: an offset must not take digits from the differences.
template <class T>
void tv_host<T>::start(const T* f, const std::uint8_t* valid) {
  const auto counts = [&](index_t i) { return valid == nullptr || valid[i] != 0; };
  const index_t rows = n_.channels * n_.nz;
  index_t count = 0;
  for (index_t i = 0; valid != nullptr && i < n_.all; ++i) count += counts(i) ? 1 : 0;
  const index_t values = n_.channels * (valid == nullptr ? n_.all : count);
  const double sum = ir::sum_blocks(rows, 1, [&](index_t k, index_t) noexcept {
    const index_t at = k * n_.plane, pixel = k % n_.nz * n_.plane;
    if (valid == nullptr) return sum_row(tv_value<T>{f + at}, 0, n_.plane);
    double part = 0;
    for (index_t i = 0; i < n_.plane; ++i)
      if (counts(pixel + i)) part += static_cast<double>(f[at + i]);
    return part;
  });
  mean_ = static_cast<double>(static_cast<T>(sum / static_cast<double>(values)));
  const T mean = static_cast<T>(mean_);
  T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
  for (index_t i = 0; valid != nullptr && i < n_.channels * n_.all; ++i)
    if (counts(i % n_.all)) {
      low = std::min(low, f[i] - mean);
      high = std::max(high, f[i] - mean);
    }
  low_ = low;
  high_ = high;
  ir::run_blocks(rows, 1, [&](index_t begin, index_t end) noexcept {
    for (index_t k = begin; k < end; ++k) {
      const index_t at = k * n_.plane, pixel = k % n_.nz * n_.plane;
      for (index_t i = 0; i < n_.plane; ++i)
        x_[at + i] = f_[at + i] = counts(pixel + i) ? f[at + i] - mean : low / 2 + high / 2;
      for (index_t a = 0; a < n_.axes; ++a) {
        T* const p = p_ + a * n_.channels * n_.all + at;
        std::fill(p, p + n_.plane, T(0));
      }
    }
  });
}

template class tv_host<float>;
template class tv_host<double>;

}  // namespace detail

namespace {

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

}  // namespace

std::unique_ptr<tv_dual> tv_dual::make(queue& q, const tv_problem& p) {
  check(p);
  if (q.where().kind == device::cuda) return detail::make_tv_plain(q, p);
  if (p.f.type == dtype::f64) return std::make_unique<detail::tv_host<double>>(q, p);
  return std::make_unique<detail::tv_host<float>>(q, p);
}

index_t tv_dual::scratch_bytes(const shape& f, dtype type, device where) {
  const detail::tv_layout n(f);
  if (where.kind == device::cuda) return detail::tv_plain_bytes(n, size_of(type));
  return type == dtype::f64 ? detail::tv_host<double>::scratch_bytes(n)
                            : detail::tv_host<float>::scratch_bytes(n);
}

}  // namespace ir
