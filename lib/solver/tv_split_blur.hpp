#pragma once
#include <vector>

#include "solver/solver.hpp"
#include "solver/torus.hpp"
#include "solver/tv_blur_term.hpp"
#include "solver/tv_problem.hpp"

namespace ir::detail {

/// u = B x of the splitting, B a blur with its PSF on a torus; data and weights inside the image
/// alone.
template <class T>
class split_blur {
 public:
  /// `penalty` of u: of the mean weight of the data. The torus must live as long.
  split_blur(queue&, torus<T>&, const torus_axis& down, const torus_axis& across,
             const blur_kernel&, const tv_points&, double penalty, precision);

  /// u = B x, no multiplier.
  void start(queue&, cvec x, double relaxation);
  /// u of B x; what it adds to the next right side, into its spectrum.
  void step(queue&, T alpha);
  /// Block `unit` of what z and v add becomes that of x, and of B x in the own spectrum; `block`
  /// has memory for two. Numbers as in tv_data_block.
  struct numbers {
    const T *ly, *lx;
    T rho, own, scale;
  };
  void filter(index_t unit, T* block, array& spectrum, const numbers&);
  /// B x from its spectrum.
  void finish(queue&);

  void state(state_archive& archive) {
    archive.item("blurred", vec(blurred_));
    archive.item("data split", vec(state_));
  }

 private:
  void take_data(const torus_axis& down, const torus_axis& across, const tv_points&,
                 double penalty);
  void take_kernel(queue&, const blur_kernel&, precision);

  torus<T>& torus_;
  index_t ny_, nx_;
  const tv_split_functions<T>& level_;
  space on_torus_;
  owned_vec blurred_, state_;  // B x, s
  owned_vec y_, pull_;         // data, weight / (weight + mu); 0 beyond the image
  array spectrum_, table_;     // table_: of B, blocks
  double mu_ = 1;
};

/// Rows of an image on the torus from its spectrum, which is used up.
template <class T>
void return_rows(queue&, torus<T>&, array& spectrum, vec to);

/// Taps of a PSF along an axis, counted from the last one.
index_t taps_of(const blur_kernel&, int from_last);

}  // namespace ir::detail
