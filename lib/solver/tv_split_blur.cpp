#include "solver/tv_split_blur.hpp"

#include <algorithm>

#include "core/blas1.hpp"

namespace ir::detail {

index_t taps_of(const blur_kernel& h, int from_last) {
  const int rank = h.extents.rank();
  return from_last < rank ? h.extents[rank - 1 - from_last] : 1;
}

template <class T>
void return_rows(queue& q, torus<T>& on, array& spectrum, vec to) {
  on.share(on.row_units(), [&](index_t unit, T* memory) noexcept {
    const auto [row, count] = on.rows_of(unit);
    on.back(q, spectrum, row, count, memory);
    std::copy_n(memory, count * on.nx(), static_cast<T*>(to.data()) + row * on.nx());
  });
}

template <class T>
split_blur<T>::split_blur(queue& q, torus<T>& on, const torus_axis& down, const torus_axis& across,
                          const blur_kernel& h, const tv_points& points, double penalty,
                          precision type)
    : torus_(on),
      ny_(on.ny()),
      nx_(on.nx()),
      level_(tv_split_functions_in_use<T>()),
      on_torus_(shape{on.channels(), on.ny(), on.nx()}, field::real, 2),
      blurred_(q, on_torus_, type),
      state_(q, on_torus_, type),
      y_(q, on_torus_, type),
      pull_(q, on_torus_, type),
      spectrum_(on.spectrum(q)) {
  take_data(down, across, points, penalty);
  take_kernel(q, h, type);
}

template <class T>
void split_blur<T>::take_data(const torus_axis& down, const torus_axis& across,
                              const tv_points& points, double penalty) {
  const T *const y = static_cast<const T*>(cvec(points.y).data()),
                 *const weight = static_cast<const T*>(cvec(points.weight).data());
  T *const to_y = static_cast<T*>(vec(y_).data()), *const to_pull =
                                                       static_cast<T*>(vec(pull_).data());
  double sum = 0, count = 0;
  for (index_t i = 0; i < torus_.channels() * down.n * across.n; ++i)
    if (weight[i] > 0) sum += static_cast<double>(weight[i]), count += 1;
  mu_ = count > 0 ? penalty * sum / count : 1;
  for (index_t r = 0; r < torus_.channels() * down.n; ++r) {
    const index_t from = r * across.n, to = (r / down.n * ny_ + r % down.n) * nx_;
    for (index_t i = 0; i < across.n; ++i) {
      const T w = weight[from + i];
      to_y[to + i] = y[from + i];
      to_pull[to + i] = w / (w + T(mu_));
    }
  }
}

// The spectrum of the response to one point, of one channel, as all share it.
template <class T>
void split_blur<T>::take_kernel(queue& q, const blur_kernel& h, precision type) {
  const index_t ky = taps_of(h, 1), kx = taps_of(h, 0);
  owned_vec response(q, on_torus_, type);
  T* const to = static_cast<T*>(vec(response).data());
  for (index_t j = 0; j < ky; ++j)
    for (index_t i = 0; i < kx; ++i) {
      const index_t y_at = ((j - ky / 2) % ny_ + ny_) % ny_,
                    x_at = ((i - kx / 2) % nx_ + nx_) % nx_;
      to[y_at * nx_ + x_at] += static_cast<T>(h.values[static_cast<std::size_t>(j * kx + i)]);
    }
  const index_t block_reals = torus_.block_reals();
  table_.reset(q, real_type(type), shape{torus_.blocks() * block_reals});
  T* const table = static_cast<T*>(table_.get().data);
  torus_.each_block(q, to, spectrum_, [&](index_t unit, const T* block) {
    if (unit < torus_.blocks()) std::copy_n(block, block_reals, table + unit * block_reals);
  });
}

template <class T>
void split_blur<T>::start(queue& q, cvec x, double relaxation) {
  const T* const H = static_cast<const T*>(table_.get().data);
  constexpr index_t width = torus<T>::width, row_reals = torus<T>::row_reals;
  const T scale = T(1 / static_cast<double>(torus_.points()));
  array scratch = torus_.spectrum(q);
  torus_.each_block(q, static_cast<const T*>(x.data()), scratch, [&](index_t unit, T* block) {
    const T* const h = H + unit % torus_.blocks() * torus_.block_reals();
    for (index_t r = 0; r < ny_; ++r)
      for (index_t i = 0; i < width; ++i) {
        T &re = block[r * row_reals + i], &im = block[r * row_reals + width + i];
        const T a = h[r * row_reals + i], b = h[r * row_reals + width + i], was = re;
        re = scale * (a * was - b * im);
        im = scale * (a * im + b * was);
      }
    torus_.store(block, unit, scratch);
  });
  return_rows(q, torus_, scratch, blurred_);
  axpby(q, 1 - relaxation, blurred_, 0, state_);
}

// u, and t = 2 u - (what it was made of) into the spectrum.
template <class T>
void split_blur<T>::step(queue& q, T alpha) {
  const T *const all_b = static_cast<const T*>(cvec(blurred_).data()),
                 *const all_y = static_cast<const T*>(cvec(y_).data()),
                 *const all_g = static_cast<const T*>(cvec(pull_).data());
  T* const all_s = static_cast<T*>(vec(state_).data());
  torus_.share(torus_.row_units(), [&](index_t unit, T* memory) noexcept {
    const auto [row, count] = torus_.rows_of(unit);
    const index_t at = row * nx_, n = count * nx_;
    const T *const b = all_b + at, *const y = all_y + at, *const g = all_g + at;
    T* const s = all_s + at;
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) {
      const T whole = alpha * b[i] + s[i], z = whole + g[i] * (y[i] - whole);
      memory[i] = 2 * z - whole;
      s[i] = whole - alpha * z;
    }
    torus_.forth(q, memory, row, count, spectrum_);
  });
}

template <class T>
void split_blur<T>::filter(index_t unit, T* block, array& spectrum, const numbers& by) {
  T* const other = block + torus_.along_y().rows() * torus<T>::row_reals;
  const T* const H = static_cast<const T*>(table_.get().data);
  torus_.load(spectrum_, unit, other);
  level_.filter_data({block, other, H + unit % torus_.blocks() * torus_.block_reals(), by.ly, by.lx,
                      ny_, by.rho, static_cast<T>(mu_), by.own, by.scale});
  torus_.store(block, unit, spectrum);
  torus_.store(other, unit, spectrum_);
}

template <class T>
void split_blur<T>::finish(queue& q) {
  return_rows(q, torus_, spectrum_, blurred_);
}

template void return_rows(queue&, torus<float>&, array&, vec);
template void return_rows(queue&, torus<double>&, array&, vec);
template class split_blur<float>;
template class split_blur<double>;

}  // namespace ir::detail
