#include "solver/tv_extended_image.hpp"

#include <algorithm>

#include "core/blas1.hpp"

namespace ir::detail {

template <class T>
extended_image<T>::extended_image(queue& q, torus<T>& on, const torus_axis& down,
                                  const torus_axis& across, tv_bounds<T> bounds, double relaxation,
                                  precision type)
    : torus_(on),
      down_(down),
      across_(across),
      ny_(on.ny()),
      nx_(on.nx()),
      level_(tv_split_functions_in_use<T>()),
      bounds_(bounds),
      relaxation_(relaxation),
      state_(q, space(shape{on.channels(), on.ny(), on.nx()}, field::real, 2), type),
      own_(q, cvec(state_).in(), type) {
  for (index_t i = 0; i < down_.n; ++i) copies_y_.push_back(down_.copies_of(i));
  for (index_t i = 0; i < across_.n; ++i) copies_x_.push_back(static_cast<T>(across_.copies_of(i)));
}

template <class T>
void extended_image<T>::clamp(vec image) const {
  T* const x = static_cast<T*>(image.data());
  for (index_t i = 0; i < torus_.channels() * down_.n * across_.n; ++i)
    x[i] = std::clamp(x[i], bounds_.low, bounds_.high);
}

template <class T>
void extended_image<T>::extend(cvec image) {
  T* const own = static_cast<T*>(vec(own_).data());
  ir::run_blocks(torus_.channels() * ny_, band, [&](index_t first, index_t last) noexcept {
    for (index_t r = first; r < last; ++r) {
      const index_t row = down_.source[static_cast<std::size_t>(r % ny_)];
      T* const to = own + r * nx_;
      const T* const from = static_cast<const T*>(image.data()) +
                            (r / ny_ * down_.n + std::max<index_t>(row, 0)) * across_.n;
      if (row < 0) {
        std::fill_n(to, nx_, T(0));
        continue;
      }
      std::copy_n(from, across_.n, to);
      for (index_t i = across_.n; i < nx_; ++i) {
        const index_t column = across_.source[static_cast<std::size_t>(i)];
        to[i] = column < 0 ? T(0) : from[column];
      }
    }
  });
}

template <class T>
void extended_image<T>::start(queue& q, cvec x) {
  axpby(q, 1 - relaxation_, x, 0, state_);
}

// A row of the image: the mean of its copies of alpha x + s, within the bounds.
template <class T>
tv_moved extended_image<T>::gather_row(const T* whole_x, T* image, index_t row, T* sum) {
  const T alpha = static_cast<T>(relaxation_);
  const index_t channel = row / down_.n, j = row % down_.n, n = across_.n;
  std::fill_n(sum, n, T(0));
  const index_t many = copies_y_[static_cast<std::size_t>(j)];
  for (index_t r = many > 1 ? 0 : j; r < (many > 1 ? ny_ : j + 1); ++r) {
    if (down_.source[static_cast<std::size_t>(r)] != j) continue;
    const T* const x = whole_x + (channel * ny_ + r) * nx_;
    const T* const s = static_cast<const T*>(cvec(state_).data()) + (channel * ny_ + r) * nx_;
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) sum[i] += alpha * x[i] + s[i];
    for (index_t i = n; i < nx_; ++i)
      if (const index_t c = across_.source[static_cast<std::size_t>(i)]; c >= 0)
        sum[c] += alpha * x[i] + s[i];
  }
  const T* const copies = copies_x_.data();
  const T low = bounds_.low, high = bounds_.high;
#pragma GCC ivdep
  for (index_t i = 0; i < n; ++i)
    sum[i] = std::min(std::max(sum[i] / (static_cast<T>(many) * copies[i]), low), high);
  return level_.store({sum, image + row * n, n});
}

// t and s from v in own_; where nothing looks v is what it is.
template <class T>
void extended_image<T>::split_row(const T* whole_x, index_t row, T turn) {
  const T alpha = static_cast<T>(relaxation_);
  const bool free = down_.source[static_cast<std::size_t>(row % ny_)] == torus_axis::free;
  const T* const x = whole_x + row * nx_;
  T* const v = static_cast<T*>(vec(own_).data()) + row * nx_;
  T* const s = static_cast<T*>(vec(state_).data()) + row * nx_;
  for (index_t i = across_.n; i < nx_ && !free; ++i)
    if (across_.source[static_cast<std::size_t>(i)] == torus_axis::free) v[i] = alpha * x[i] + s[i];
#pragma GCC ivdep
  for (index_t i = 0; i < nx_; ++i) {
    const T whole = alpha * x[i] + s[i], z = free ? whole : v[i], u = whole - z;
    v[i] = z - turn * u;
    s[i] = (1 - alpha) * z + turn * u;
  }
}

template <class T>
void extended_image<T>::project(cvec whole, vec image, T turn, std::vector<tv_moved>& moved) {
  const T* const x = static_cast<const T*>(whole.data());
  torus_.share(torus_.channels() * down_.n, [&](index_t row, T* memory) noexcept {
    moved[static_cast<std::size_t>(row)] =
        gather_row(x, static_cast<T*>(image.data()), row, memory);
  });
  extend(image);
  ir::run_blocks(torus_.channels() * ny_, band, [&](index_t first, index_t last) noexcept {
    for (index_t r = first; r < last; ++r) split_row(x, r, turn);
  });
}

template class extended_image<float>;
template class extended_image<double>;

}  // namespace ir::detail
