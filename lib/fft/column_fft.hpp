#pragma once
#include <vector>

#include "fft/column_functions.hpp"

namespace ir {

/// FFT of several columns of a C-order array at once, in place in a *block* that fits the cache:
/// `rows()` rows of `width` real parts followed by `width` imaginary parts, 64-byte aligned. One
/// vector instruction works on neighbouring columns, so that every length has the speed of its
/// radices (2 to 8), at the instruction-set level in use (core/isa.hpp), with the same bits at all.
///
/// `forward` leaves frequency `frequency(r)` in row r; `inverse` takes it from there: a filter
/// between them needs no reordering. Neither is normalised: inverse(forward(x)) = n x.
///
/// Lengths with prime factors above 7 go through a convolution of a fast length >= 2 n - 1 (4 to 6
/// times the cost); their blocks have more rows.
///
/// Sources: decimation in frequency, W. M. Gentleman, G. Sande, AFIPS 29 (1966) 563-578; other
/// lengths, L. I. Bluestein, IEEE Trans. Audio Electroacoust. 18 (1970) 451-455.
template <class T>
class column_fft {
 public:
  static constexpr index_t width = detail::column_width<T>;
  static constexpr index_t row_reals = 2 * width;

  explicit column_fft(index_t n);

  index_t length() const { return n_; }
  index_t rows() const { return rows_; }  // of a block, >= length()
  index_t block_bytes() const { return rows_ * row_reals * static_cast<index_t>(sizeof(T)); }
  index_t frequency(index_t row) const { return frequency_[static_cast<std::size_t>(row)]; }

  void forward(T* block) const noexcept;
  void inverse(T* block) const noexcept;

  /// Rows of `width` interleaved complex numbers, `stride` complex numbers apart, to rows of a
  /// block and back.
  void load(const T* from, index_t stride, index_t rows, T* block) const noexcept;
  void store(const T* block, index_t rows, T* to, index_t stride) const noexcept;
  /// block *= table, or its conjugate; a table is laid out like a block.
  enum class factor : std::uint8_t { plain, conjugate };
  void multiply(T* block, const T* table, factor) const noexcept;

 private:
  void plan_stages(index_t length);
  void plan_chirp();

  index_t n_, rows_;
  std::vector<detail::column_stage<T>> stages_;
  std::vector<index_t> frequency_;
  std::vector<T> chirp_, chirp_spectrum_;  // (n) complex; (rows) complex, in the order of forward
  const detail::column_functions<T>* level_;
};

extern template class column_fft<float>;
extern template class column_fft<double>;

}  // namespace ir
