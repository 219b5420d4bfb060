#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "core/array.hpp"
#include "core/parallel.hpp"
#include "core/space.hpp"
#include "fft/column_fft.hpp"
#include "fft/plan.hpp"

namespace ir::detail {

/// Real images (channels, ny, nx) on a torus and their half spectra: rows by batches, columns by
/// blocks that fit the cache (fft/column_fft.hpp), with memory for each job of a parallel loop.
template <class T>
class torus {
 public:
  static constexpr index_t width = column_fft<T>::width, row_reals = column_fft<T>::row_reals;
  static constexpr index_t batch = 8;  // rows of a transform

  /// `job_reals`: memory that a job has, at least two blocks of columns.
  torus(queue& q, index_t channels, index_t ny, index_t nx, precision type, index_t job_reals);

  index_t channels() const { return channels_; }
  index_t ny() const { return ny_; }
  index_t nx() const { return nx_; }
  index_t points() const { return ny_ * nx_; }
  const column_fft<T>& along_y() const { return along_y_; }
  /// Blocks of columns of one channel; a block of a table has ny rows of row_reals.
  index_t blocks() const { return blocks_; }
  index_t block_reals() const { return ny_ * row_reals; }

  array spectrum(queue&) const;  // 0
  /// Eigenvalues of D^T D, D the differences round the torus: of the rows of a block, of columns.
  std::vector<T> symbol_y() const;
  std::vector<T> symbol_x() const;

  /// Units of at most `batch` rows of one channel, and the rows of one: first (of all), count.
  index_t row_units() const { return channels_ * units_; }
  std::pair<index_t, index_t> rows_of(index_t unit) const {
    const index_t row = unit % units_ * batch;
    return {unit / units_ * ny_ + row, std::min(batch, ny_ - row)};
  }
  /// `count` rows, contiguous, to rows of a spectrum or back; the source is used up.
  void forth(queue& q, T* rows, index_t row, index_t count, array& spectrum) const;
  void back(queue& q, array& spectrum, index_t row, index_t count, T* rows) const;
  /// Block `unit` of all channels' columns, frequencies along y too.
  void load(array& spectrum, index_t unit, T* block) const {
    along_y_.load(corner(spectrum, unit), pitch_, ny_, block);
    along_y_.forward(block);
  }
  void store(T* block, index_t unit, array& spectrum) const {
    along_y_.inverse(block);
    along_y_.store(block, ny_, corner(spectrum, unit), pitch_);
  }
  /// take(unit, block) for each block of an image's spectrum.
  template <class Take>
  void each_block(queue& q, const T* image, array& spectrum, const Take& take);

  /// body(unit, the job's memory); which units a job takes depends on their number alone.
  template <class Body>
  void share(index_t units, const Body& body) {
    const index_t jobs = std::min(units, most_jobs);
    ir::run_blocks(jobs, 1, [&](index_t first, index_t last) noexcept {
      for (index_t job = first; job < last; ++job)
        for (index_t unit = job * units / jobs; unit < (job + 1) * units / jobs; ++unit)
          body(unit, slot(job));
    });
  }

 private:
  static constexpr index_t most_jobs = 32;
  using plan_pair = std::array<std::shared_ptr<const fft_plan>, 2>;  // there, back
  plan_pair plans_for(index_t rows) const;
  T* row_of(array& spectrum, index_t row) const {
    return static_cast<T*>(spectrum.get().data) + row * pitch_ * 2;
  }
  T* corner(array& spectrum, index_t unit) const {
    return row_of(spectrum, unit / blocks_ * ny_) + unit % blocks_ * row_reals;
  }
  T* slot(index_t job) const {
    return reinterpret_cast<T*>(static_cast<char*>(slots_.get().data) + job * slot_bytes_);
  }

  index_t channels_, ny_, nx_, pitch_, blocks_, units_;
  column_fft<T> along_y_;
  precision type_;
  plan_pair whole_, rest_;  // of `batch` rows, and of those that are left of ny
  index_t slot_bytes_ = 0;
  mutable array slots_;
};

template <class T>
template <class Take>
void torus<T>::each_block(queue& q, const T* image, array& spectrum, const Take& take) {
  T* const memory = slot(0);
  for (index_t unit = 0; unit < row_units(); ++unit) {
    const auto [row, count] = rows_of(unit);
    std::copy_n(image + row * nx_, count * nx_, memory);
    forth(q, memory, row, count, spectrum);
  }
  for (index_t unit = 0; unit < channels_ * blocks_; ++unit) {
    load(spectrum, unit, memory);
    take(unit, memory);
  }
}

extern template class torus<float>;
extern template class torus<double>;

}  // namespace ir::detail
