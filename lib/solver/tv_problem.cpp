#include "solver/tv_problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/parallel.hpp"
#include "fn/box.hpp"
#include "solver/normal_equations.hpp"

namespace ir::detail {

double tv_objective::value(queue& q, cvec x) const {
  const scratch_vec Kx(q, HK_.range(), x.type());
  HK_.apply(q, x, Kx);
  return F_.value(q, x) + HK_.h().value(q, Kx);
}

template <class T>
tv_bounds<T> tv_bounds_of(const fn_ptr& constraint) {
  constexpr T far = std::numeric_limits<T>::infinity();
  const auto* bounds = dynamic_cast<const box*>(constraint.get());
  if (bounds == nullptr) return {-far, far};
  return {static_cast<T>(bounds->low()), static_cast<T>(bounds->high())};
}

tv_points tv_points_of(queue& q, const space& domain, precision type,
                       const std::vector<term>& terms) {
  const normal_equations system = normal_equations_of(q, domain, type, terms);
  tv_points p{owned_vec(q, domain, type), owned_vec(q, domain, type)};
  fill(q, 1, p.y);
  system.M->apply(q, p.y, p.weight);
  copy(q, system.b, p.y);
  with_real(type, [&]<class T>() {
    T* const y = static_cast<T*>(vec(p.y).data());
    const T* const w = static_cast<const T*>(cvec(p.weight).data());
    for (index_t i = 0; i < domain.size(); ++i) y[i] = w[i] > 0 ? y[i] / w[i] : T(0);
  });
  return p;
}

template <class T>
double tv_deviation_of(index_t rows, index_t columns, const T* y, const T* weight) {
  const auto sum = [&](auto&& f) {
    return ir::sum_blocks(rows, 1, [&](index_t row, index_t) noexcept {
      double part = 0;
      for (index_t i = row * columns; i < (row + 1) * columns; ++i)
        if (weight == nullptr || weight[i] > 0) part += f(static_cast<double>(y[i]));
      return part;
    });
  };
  const double count = sum([](double) { return 1.0; });
  if (!(count > 0)) return 1;
  const double mean = sum([](double v) { return v; }) / count;
  const double square = sum([&](double v) { return (v - mean) * (v - mean); }) / count;
  return square > 0 ? std::sqrt(square) : 1;
}

template <class T>
tv_spectra tv_spectra_of(queue& q, torus<T>& on, const space& domain, precision type,
                         const std::vector<term>& terms) {
  const normal_equations system = normal_equations_of(q, domain, type, terms);
  constexpr index_t width = torus<T>::width;
  const index_t block_reals = on.block_reals(), ny = on.ny();
  array spectrum = on.spectrum(q);
  tv_spectra tables{array(q, real_type(type), shape{on.channels() * on.blocks() * block_reals}),
                    array(q, real_type(type), shape{on.blocks() * ny * width})};
  T* const right = static_cast<T*>(tables.right.get().data);
  T* const power = static_cast<T*>(tables.power.get().data);
  on.each_block(q, static_cast<const T*>(cvec(system.b).data()), spectrum,
                [&](index_t unit, const T* block) {
                  std::copy_n(block, block_reals, right + unit * block_reals);
                });

  // The spectrum of the response to one point; of the first channel, as all share it.
  owned_vec point(q, domain, type), response(q, domain, type);
  static_cast<T*>(vec(point).data())[0] = 1;
  system.M->apply(q, point, response);
  on.each_block(
      q, static_cast<const T*>(cvec(response).data()), spectrum, [&](index_t unit, const T* block) {
        for (index_t r = 0; unit < on.blocks() && r < ny; ++r)
          std::copy_n(block + r * torus<T>::row_reals, width, power + (unit * ny + r) * width);
      });
  return tables;
}

double tv_change_of(const std::vector<tv_moved>& parts) {
  tv_moved all;
  for (const tv_moved& one : parts) all.change += one.change, all.size += one.size;
  return all.size > 0 ? std::sqrt(all.change / all.size) : std::sqrt(all.change);
}

template tv_bounds<float> tv_bounds_of(const fn_ptr&);
template tv_bounds<double> tv_bounds_of(const fn_ptr&);
template double tv_deviation_of(index_t, index_t, const float*, const float*);
template double tv_deviation_of(index_t, index_t, const double*, const double*);
template tv_spectra tv_spectra_of(queue&, torus<float>&, const space&, precision,
                                  const std::vector<term>&);
template tv_spectra tv_spectra_of(queue&, torus<double>&, const space&, precision,
                                  const std::vector<term>&);

}  // namespace ir::detail
