#pragma once
#include <vector>

#include "fft/column_fft.hpp"
#include "tomo/ramp_filter.hpp"
#include "tomo/tile_functions.hpp"

namespace ir::detail {

/// The ramp filter for many detector rows at once, in a block of fft/column_fft.hpp: a filter that
/// is real and even keeps real and imaginary parts apart, so each complex column holds two rows.
template <class T>
class row_filter {
 public:
  static constexpr index_t rows_at_once = 2 * slice_lanes<T>;

  row_filter(index_t detector, const ramp_options&);

  index_t block_bytes() const { return fft_.block_bytes(); }
  /// Filters `rows_at_once` rows of detector pixels (null: zeros). Pixel u of row r becomes
  /// block[u rows_at_once + r].
  void run(const T* const* rows, T* block) const noexcept;

 private:
  void load(const T* const* rows, T* block) const noexcept;
  void pad(T* block) const noexcept;

  index_t detector_;
  ramp_options options_;
  column_fft<T> fft_;
  std::vector<T> factor_;  // of each row of a transformed block
  const tile_functions<T>* level_;
};

extern template class row_filter<float>;
extern template class row_filter<double>;

}  // namespace ir::detail
