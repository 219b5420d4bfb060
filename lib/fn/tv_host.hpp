#pragma once
#include <algorithm>

#include "fn/tv_bands.hpp"
#include "fn/tv_dual.hpp"
#include "fn/tv_layout.hpp"
#include "fn/tv_maps.hpp"
#include "fn/tv_rows.hpp"
#include "fn/tv_schedule.hpp"

namespace ir::detail {

/// The iterations on threads. Set-up, iterations and the gap each have a file (tv_setup.cpp,
/// tv_iterate.cpp, tv_gap.cpp).
template <class T>
class tv_host final : public tv_dual {
 public:
  tv_host(queue& q, const tv_problem& p);
  static index_t scratch_bytes(const tv_layout&);

  index_t planes() const override { return n_.nz; }
  double weight() const override { return weight_; }
  void scale_weight(double factor) override {
    weight_ *= factor;
    for (T& w : maps_.weights) w *= T(factor);
  }
  void iterate(queue&, index_t iterations) override;
  void retreat() override;
  tv_energy evaluate(queue&, index_t first, index_t last, const tv_seam* before) override;
  void result(queue&, index_t first, index_t last, ref to) const override;
  tv_seam seam(queue&, index_t last) const override;

 private:
  // tv_setup.cpp
  void carve();
  void start(const T* f, const std::uint8_t* valid);

  // tv_iterate.cpp
  void primal(const tv_steps&, index_t z) const noexcept;
  void dual(const tv_steps&, index_t z, bool settles) const noexcept;

  // tv_gap.cpp
  void make_plane(index_t z, const T* p_before) const noexcept;
  tv_energy plane_energy(index_t z, bool open_end, const T* p_before) const noexcept;
  double row_energy(index_t c, index_t z, index_t y, const T* p_before,
                    double& hole_gap) const noexcept;
  std::vector<double> plane_of_x(index_t z) const;

  /// The dual values of a row and one step back along axes 1 and 2; `p_before`: those of the plane
  /// before along the slowest axis, (c, plane); null: the own.
  template <class Row>
  void point(Row& r, index_t c, index_t z, index_t y, const T* p_before) const noexcept {
    const index_t at = c * n_.all + n_.place(z, y), axis = n_.channels * n_.all;
    for (index_t a = 0; a < n_.axes; ++a) r.p[a] = p_ + a * axis + at;
    const index_t slow = n_.axes - 1;
    if (slow == 2) r.before[1] = y > 0 ? r.p[1] - n_.nx : zeros_;
    if (slow == 0) return;
    r.before[slow] = z > 0 ? r.p[slow] - n_.plane : zeros_;
    if (p_before != nullptr) r.before[slow] = p_before + c * n_.plane + y * n_.nx;
  }
  /// Weights, trust and the bounds of pixels without data, of the row that begins at `pixel`.
  template <class Row>
  void weigh_row(Row& r, index_t pixel) const noexcept {
    if (!has_maps()) return;
    r.weights = maps_.weights.data() + pixel;
    r.trust = maps_.trust.data() + pixel;
    r.low = low_;
    r.high = high_;
  }

  bool has_maps() const { return !maps_.weights.empty(); }

  tv_layout n_;
  scratch memory_;
  T *f_, *x_, *bar_, *p_,
      *zeros_;  // f less its mean; bar: x of the last evaluation, between passes
  tv_maps<T> maps_;
  T low_ = 0, high_ = 0;
  double mean_ = 0, weight_;
  bool isotropic_, coupled_ = false;
  tv_schedule schedule_;
  tv_bands bands_;
  const tv_functions<T>& loops_ = tv_functions_in_use<T>();
};

}  // namespace ir::detail
