#pragma once
#include "core/space.hpp"
#include "solver/torus.hpp"
#include "solver/tv_split_rows.hpp"

namespace ir::detail {

/// The differences z = D x, split off, of an image (channels, ny, nx) on a torus: shrunk row by row
/// (solver/tv_split_rows.hpp), and their part D^T t of the next x's right side, in one pass.
template <class T>
class split_differences {
 public:
  struct numbers {
    T alpha, threshold, turn;
  };
  /// The image is the first `rows` and `columns` of the torus: differences that leave it do not
  /// count. The torus, which must live as long, has `job_reals` of memory for a job.
  split_differences(queue&, torus<T>&, index_t rows, index_t columns, precision);
  static index_t job_reals(index_t channels, index_t nx) {
    return channels * (5 + torus<T>::batch) * nx + nx;
  }

  /// z = D x, no multiplier.
  void start(cvec x, double relaxation);
  /// z of x; rows of D^T t, and of `own` unless it is null, into the spectrum.
  void step(queue&, const T* x, const T* own, const numbers&, array& spectrum);
  vec state() { return s_; }

 private:
  static constexpr index_t band = 32, batch = torus<T>::batch;  // rows of a job, of a transform

  T* row_of(owned_vec& s, int axis, index_t row) {
    return static_cast<T*>(vec(s).data()) + (axis * torus_.channels() * ny_ + row) * nx_;
  }
  void split_row(const T* x, T* memory, index_t row, bool halo, const numbers&);
  void split_band(queue&, const T* x, const T* own, T* memory, index_t band_index, const numbers&,
                  array& spectrum);

  torus<T>& torus_;
  index_t ny_, nx_, rows_, columns_;
  const tv_split_functions<T>& level_;
  owned_vec s_, next_;
};

}  // namespace ir::detail
