#pragma once
#include <vector>

#include "solver/solver.hpp"
#include "solver/torus.hpp"
#include "solver/tv_blur_term.hpp"
#include "solver/tv_problem.hpp"

namespace ir::detail {

/// v = x of the splitting: an image within bounds, extended over a torus as a boundary says. Where
/// several places of the torus are copies of one pixel, that is their mean; a place that no datum
/// looks at is free.
template <class T>
class extended_image {
 public:
  /// The torus must live as long.
  extended_image(queue&, torus<T>&, const torus_axis& down, const torus_axis& across, tv_bounds<T>,
                 double relaxation, precision);

  /// v = the image, clamped; with `extended` what it is on the torus.
  void clamp(vec image) const;
  void extend(cvec image);
  cvec extended() const { return own_; }
  /// v = x, no multiplier.
  void start(queue&, cvec x);
  /// The image and v of x, their multipliers; what v adds to the next right side is in `extended`.
  /// `moved`: of each row of the image.
  void project(cvec x, vec image, T turn, std::vector<tv_moved>& moved);

  void state(state_archive& archive) {
    archive.item("own", vec(own_));
    archive.item("own split", vec(state_));
  }

 private:
  static constexpr index_t band = 32;
  tv_moved gather_row(const T* x, T* image, index_t row, T* sum);
  void split_row(const T* x, index_t row, T turn);

  torus<T>& torus_;
  torus_axis down_, across_;
  index_t ny_, nx_;  // of the torus
  const tv_split_functions<T>& level_;
  tv_bounds<T> bounds_;
  double relaxation_;
  owned_vec state_, own_;  // s, and v, then t = v - turn u
  std::vector<index_t> copies_y_;
  std::vector<T> copies_x_;
};

}  // namespace ir::detail
