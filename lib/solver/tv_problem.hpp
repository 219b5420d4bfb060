#pragma once
#include <vector>

#include "solver/composite.hpp"
#include "solver/torus.hpp"
#include "solver/tv_split_rows.hpp"

namespace ir::detail {

/// min sum of `data`, quadratics, and `variation`, x within `constraint`.
struct tv_problem {
  std::vector<term> data;
  term variation;
  fn_ptr constraint;  // null, or a box
};

/// What the problem minimises, but for the constraint.
class tv_objective {
 public:
  explicit tv_objective(const tv_problem& p)
      : F_(p.variation.A->domain(), p.data), HK_(p.variation.A->domain(), {p.variation}) {}
  const space& domain() const { return F_.domain(); }
  const space& range() const { return HK_.range(); }  // of the gradient
  double value(queue&, cvec x) const;

 private:
  smooth_sum F_;
  coupled_sum HK_;
};

/// Infinite where there are none.
template <class T>
struct tv_bounds {
  T low, high;
};
template <class T>
tv_bounds<T> tv_bounds_of(const fn_ptr& constraint);

/// Quadratics behind operators that select, as one: W/2 (x - y)^2, y = 0 where W is.
struct tv_points {
  owned_vec y, weight;
};
tv_points tv_points_of(queue&, const space& domain, precision, const std::vector<term>&);

/// Of the data where weight > 0 (null: of all), `rows` of `columns`; 1 where that is 0.
template <class T>
double tv_deviation_of(index_t rows, index_t columns, const T* y, const T* weight);

/// Quadratics behind circular convolutions, as tables of blocks of columns (solver/torus.hpp):
/// the spectra of sum w A^H y, of all channels, and of sum w A^H A, the same for each.
struct tv_spectra {
  array right, power;
};
template <class T>
tv_spectra tv_spectra_of(queue&, torus<T>&, const space& domain, precision,
                         const std::vector<term>&);

/// Of the whole x: ||x - x before|| / ||x||, from sums over its parts.
double tv_change_of(const std::vector<tv_moved>&);

}  // namespace ir::detail
