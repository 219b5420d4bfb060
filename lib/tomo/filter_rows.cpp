#include "tomo/filter_rows.hpp"

#include <algorithm>

namespace ir::detail {

template <class T>
row_filter<T>::row_filter(index_t detector, const ramp_options& o)
    : detector_(detector),
      options_(o),
      fft_(ramp_length(detector)),
      level_(tile_functions_in_use<T>()) {
  const index_t length = fft_.length();
  const std::vector<double> response = ramp_response(o, length);
  for (index_t r = 0; r < length; ++r) {
    const index_t k = fft_.frequency(r);
    factor_.push_back(static_cast<T>(response[static_cast<std::size_t>(std::min(k, length - k))] /
                                     static_cast<double>(length)));
  }
}

template <class T>
void row_filter<T>::run(const T* const* rows, T* block) const noexcept {
  load(rows, block);
  if (options_.window == ramp_window::none) return;
  pad(block);
  fft_.forward(block);
  level_->scale(block, factor_.data(), fft_.length());
  fft_.inverse(block);
}

// A transposition by pieces that fit the nearest cache.
template <class T>
void row_filter<T>::load(const T* const* rows, T* block) const noexcept {
  constexpr index_t piece = 16;
  for (index_t begin = 0; begin < detector_; begin += piece) {
    const index_t end = std::min(begin + piece, detector_);
    for (index_t r = 0; r < rows_at_once; ++r) {
      const T* const row = rows[r];
      T* const to = block + r;
      if (row == nullptr)
        for (index_t u = begin; u < end; ++u) to[u * rows_at_once] = T(0);
      else
        for (index_t u = begin; u < end; ++u) to[u * rows_at_once] = row[u];
    }
  }
}

// The transform is periodic: the second half of the padding lies before the row.
template <class T>
void row_filter<T>::pad(T* block) const noexcept {
  const index_t length = fft_.length(), half = detector_ + (length - detector_) / 2;
  const auto row = [block](index_t u) { return block + u * rows_at_once; };
  if (options_.padding == row_padding::zero) return std::fill(row(detector_), row(length), T(0));
  for (index_t u = detector_; u < length; ++u)
    std::copy_n(row(u < half ? detector_ - 1 : 0), rows_at_once, row(u));
}

template class row_filter<float>;
template class row_filter<double>;

}  // namespace ir::detail
