#include "solver/tv_split_differences.hpp"

#include <algorithm>

namespace ir::detail {

template <class T>
split_differences<T>::split_differences(queue& q, torus<T>& on, index_t rows, index_t columns,
                                        precision type)
    : torus_(on),
      ny_(on.ny()),
      nx_(on.nx()),
      rows_(rows),
      columns_(columns),
      level_(tv_split_functions_in_use<T>()),
      s_(q, space(shape{2, on.channels(), on.ny(), on.nx()}, field::real, 2), type),
      next_(q, cvec(s_).in(), type) {}

template <class T>
void split_differences<T>::start(cvec image, double relaxation) {
  const T keep = static_cast<T>(1 - relaxation);
  for (index_t r = 0; r < torus_.channels() * ny_; ++r) {
    const T* const x = static_cast<const T*>(image.data()) + r * nx_;
    const T* const below = (r + 1) % ny_ == 0 ? x - (ny_ - 1) * nx_ : x + nx_;
    for (index_t i = 0; i < nx_; ++i) {
      row_of(s_, 0, r)[i] = keep * (below[i] - x[i]);
      row_of(s_, 1, r)[i] = keep * (x[i + 1 < nx_ ? i + 1 : 0] - x[i]);
    }
  }
}

// Memory of a job: w (a batch), then t_down, t_right, the row above's t_down (channels each), |v|,
// and a place for the s that another job writes.
template <class T>
void split_differences<T>::split_row(const T* x, T* memory, index_t row, bool halo,
                                     const numbers& by) {
  const index_t c = torus_.channels() * nx_, channel = ny_ * nx_;
  T* const t = memory + batch * c;
  T* const sink = t + 3 * c + nx_;
  level_.split({.x = x + row * nx_,
                .below = x + (row + 1) % ny_ * nx_,
                .s_down = row_of(s_, 0, row),
                .s_right = row_of(s_, 1, row),
                .next_down = halo ? sink : row_of(next_, 0, row),
                .next_right = halo ? sink + c : row_of(next_, 1, row),
                .t_down = t,
                .t_right = t + c,
                .square = t + 3 * c,
                .n = nx_,
                .channels = torus_.channels(),
                .x_channel = channel,
                .s_channel = channel,
                .next_channel = halo ? nx_ : channel,
                .t_channel = nx_,
                .alpha = by.alpha,
                .threshold = by.threshold,
                .turn = by.turn,
                .last = row == rows_ - 1,
                .inside = columns_,
                .outside = row >= rows_});
}

template <class T>
void split_differences<T>::split_band(queue& q, const T* x, const T* own, T* memory,
                                      index_t band_index, const numbers& by, array& spectrum) {
  const index_t c = torus_.channels() * nx_;
  const index_t first = band_index * band, last = std::min(ny_, first + band);
  T* const w = memory;  // (channels, batch, nx)
  T* const t = w + batch * c;
  T* const above = t + 2 * c;
  split_row(x, memory, (first + ny_ - 1) % ny_, true, by);
  for (index_t row = first; row < last; row += batch) {
    const index_t count = std::min(batch, last - row);
    for (index_t i = 0; i < count; ++i) {
      std::copy_n(t, c, above);
      split_row(x, memory, row + i, false, by);
      for (index_t k = 0; k < torus_.channels(); ++k) {
        T* const to = w + (k * batch + i) * nx_;
        level_.adjoint({above + k * nx_, t + k * nx_, t + c + k * nx_, to, nx_});
        if (own == nullptr) continue;
        const T* const more = own + (k * ny_ + row + i) * nx_;
#pragma GCC ivdep
        for (index_t e = 0; e < nx_; ++e) to[e] += more[e];
      }
    }
    for (index_t k = 0; k < torus_.channels(); ++k)
      torus_.forth(q, w + k * batch * nx_, k * ny_ + row, count, spectrum);
  }
}

template <class T>
void split_differences<T>::step(queue& q, const T* x, const T* own, const numbers& by,
                                array& spectrum) {
  torus_.share((ny_ + band - 1) / band, [&](index_t unit, T* memory) noexcept {
    split_band(q, x, own, memory, unit, by, spectrum);
  });
  std::swap(s_, next_);
}

template class split_differences<float>;
template class split_differences<double>;

}  // namespace ir::detail
