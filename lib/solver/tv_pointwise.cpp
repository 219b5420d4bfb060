#include "solver/tv_pointwise.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "fn/box.hpp"
#include "fn/tv_bands.hpp"
#include "fn/tv_layout.hpp"
#include "solver/tv_fill.hpp"
#include "solver/tv_pointwise_rows.hpp"
#include "solver/tv_problem.hpp"
#include "solver/tv_scale.hpp"
#include "solver/tv_term.hpp"

namespace ir {
namespace {

using detail::tv_layout;

// Channels first, as tv_layout has it.
shape with_channels(const shape& n, int axes) {
  std::vector<index_t> e{n.rank() > axes ? n[0] : 1};
  for (int a = n.rank() - axes; a < n.rank(); ++a) e.push_back(n[a]);
  return shape(e);
}

template <class T>
class tv_pointwise_solver final : public tv_pointwise {
 public:
  tv_pointwise_solver(queue& q, const detail::tv_problem&, precision type, const options& o);
  cvec solution() const override { return found_; }

 private:
  static constexpr index_t look = 4;  // iterations from one look at the movements to the next

  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;

  static T* data(owned_vec& v) { return static_cast<T*>(vec(v).data()); }
  void move_plane(index_t z) noexcept;
  void turn_plane(index_t z) noexcept;
  void follow(double x_moved, double p_moved);

  tv_layout n_;
  const detail::tv_pointwise_functions<T>& level_;
  detail::tv_objective objective_;
  double lambda_;
  detail::tv_bounds<T> bounds_;
  options options_;
  owned_vec x_, found_, bar_, p_;
  detail::tv_points points_;
  std::vector<T> zeros_;
  double step_ = 1, restless_ = 1;  // tau lambda
  detail::tv_bands bands_;
  std::vector<detail::tv_moved_sums> moved_;  // of each plane
  std::vector<double> turned_;
};

template <class T>
tv_pointwise_solver<T>::tv_pointwise_solver(queue& q, const detail::tv_problem& p, precision type,
                                            const options& o)
    : n_(with_channels(p.variation.A->domain().extents(),
                       detail::tv_weighting_of(p.variation)->axes)),
      level_(detail::tv_pointwise_functions_in_use<T>()),
      objective_(p),
      lambda_(detail::tv_weighting_of(p.variation)->lambda),
      bounds_(detail::tv_bounds_of<T>(p.constraint)),
      options_(o),
      x_(q, objective_.domain(), type),
      found_(q, objective_.domain(), type),
      bar_(q, objective_.domain(), type),
      p_(q, objective_.range(), type),
      points_(detail::tv_points_of(q, objective_.domain(), type, p.data)),
      zeros_(static_cast<std::size_t>(n_.nx)),
      bands_{n_.nz, std::max<index_t>(2, (index_t{1} << 14) / n_.plane), 1},
      moved_(static_cast<std::size_t>(n_.nz)),
      turned_(moved_.size()) {
  step_ = o.first * detail::tv_deviation_of<T>(n_.channels * n_.nz, n_.plane, this->data(points_.y),
                                               this->data(points_.weight));
  if (o.start)
    copy(q, *o.start, x_);
  else
    detail::fill_between<T>(n_, this->data(points_.y), this->data(points_.weight), this->data(x_));
  copy(q, x_, found_);
}

template <class T>
void tv_pointwise_solver<T>::move_plane(index_t z) noexcept {
  const index_t slow = n_.axes - 1, axis = n_.channels * n_.all;
  detail::tv_moved_sums sum;
  for (index_t c = 0; c < n_.channels; ++c)
    for (index_t row = 0; row < n_.ny; ++row) {
      const index_t at = c * n_.all + n_.place(z, row);
      detail::tv_data_row<T> r{};
      r.n = n_.nx;
      r.x = data(x_) + at;
      r.found = data(found_) + at;
      r.bar = data(bar_) + at;
      r.y = data(points_.y) + at;
      r.weight = data(points_.weight) + at;
      for (index_t a = 0; a < n_.axes; ++a) r.p[a] = data(p_) + a * axis + at;
      if (slow == 2) r.before[1] = row > 0 ? r.p[1] - n_.nx : zeros_.data();
      if (slow > 0) r.before[slow] = z > 0 ? r.p[slow] - n_.plane : zeros_.data();
      r.step = static_cast<T>(step_);
      r.pull = static_cast<T>(step_ / lambda_);
      r.relax = static_cast<T>(options_.relaxation);
      r.low = bounds_.low;
      r.high = bounds_.high;
      level_.data(r, n_.axes);
      const detail::tv_moved_sums one = level_.moved(r.bar, r.found, n_.nx);
      sum.change += one.change, sum.size += one.size;
    }
  moved_[static_cast<std::size_t>(z)] = sum;
}

template <class T>
void tv_pointwise_solver<T>::turn_plane(index_t z) noexcept {
  double sum = 0;
  for (index_t row = 0; row < n_.ny; ++row) {
    const index_t at = n_.place(z, row);
    detail::tv_ball_row<T> r{};
    r.n = n_.nx;
    r.channels = n_.channels;
    r.axes = n_.axes;
    r.bar_channel = r.p_channel = n_.all;
    r.p_axis = n_.channels * n_.all;
    r.bar = data(bar_) + at;
    r.p = data(p_) + at;
    r.ahead[1] = row + 1 < n_.ny ? n_.nx : 0;
    r.ahead[n_.axes - 1] = z + 1 < n_.nz ? n_.plane : 0;
    r.gain = static_cast<T>(1 / (4 * static_cast<double>(n_.axes) * step_));
    r.relax = static_cast<T>(options_.relaxation);
    sum += level_.ball(r);
  }
  turned_[static_cast<std::size_t>(z)] = sum;
}

template <class T>
void tv_pointwise_solver<T>::do_step(queue&, iteration& now) {
  detail::run_bands(
      bands_, 1, [&](index_t, index_t z) noexcept { move_plane(z); },
      [&](index_t, index_t z) noexcept { turn_plane(z); });
  detail::tv_moved_sums all;
  for (const auto& one : moved_) all.change += one.change, all.size += one.size;
  double turned = 0;
  for (const double one : turned_) turned += one;
  // What p's change can make of x: at the start x is the data, and only p moves.
  const double x_moved = std::sqrt(all.change);
  const double p_moved = 2 * std::sqrt(static_cast<double>(n_.axes) * turned) * step_;
  const double most = std::max(x_moved, p_moved);
  now.change = all.size > 0 ? most / std::sqrt(all.size) : most;
  if (now.k % look == 0) follow(x_moved, p_moved);
}

// Both halves move alike in the norm of the iteration: |dx| = step ||D|| |dp|.
template <class T>
void tv_pointwise_solver<T>::follow(double x_moved, double p_moved) {
  constexpr double lag = 2, calm = 0.9;
  if (!(x_moved > 0) || !(p_moved > 0)) return;
  const double q = x_moved / p_moved;
  if (q < lag && q > 1 / lag) return;
  step_ *= q > 1 ? 1 + restless_ : 1 / (1 + restless_);
  restless_ *= calm;
}

template <class T>
void tv_pointwise_solver<T>::do_evaluate(queue& q, iteration& now) const {
  now.objective = objective_.value(q, found_);
}

template <class T>
void tv_pointwise_solver<T>::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("found", vec(found_));
  archive.item("p", vec(p_));
  archive.item("step", &step_);
  archive.item("restless", &restless_);
}

}  // namespace

bool tv_pointwise::fits(const std::vector<term>& data, const term& variation,
                        const fn_ptr& constraint) {
  if (data.empty() || !detail::tv_weighting_of(variation)) return false;
  if (constraint && dynamic_cast<const box*>(constraint.get()) == nullptr) return false;
  return std::ranges::all_of(data, [&](const term& t) {
    if (!t.f->quadratic()) return false;
    if (!t.A) return t.f->domain() == variation.A->domain();
    return t.A->properties().selects && t.A->domain() == variation.A->domain();
  });
}

std::unique_ptr<tv_pointwise> tv_pointwise::make(queue& q, const std::vector<term>& data,
                                                 const term& variation, const fn_ptr& constraint,
                                                 precision type, const options& o) {
  if (!fits(data, variation, constraint))
    throw usage_error(
        "TV with data at points takes quadratics behind masks, samples or the identity, tv with "
        "one spacing, and bounds");
  if (q.where().kind == device::cuda) throw usage_error("TV with data at points runs on a CPU");
  if (!(o.relaxation > 0 && o.relaxation < 2) || !(o.first > 0))
    throw usage_error("TV with data at points: relaxation or first step out of range");
  return detail::tv_engine_in_unit<tv_pointwise>(
      q, {data, variation, constraint}, o.start, type,
      [&](const detail::tv_problem& p, std::optional<cvec> start) -> std::unique_ptr<tv_pointwise> {
        options own = o;
        own.start = start;
        if (type == precision::f32)
          return std::make_unique<tv_pointwise_solver<float>>(q, p, type, own);
        return std::make_unique<tv_pointwise_solver<double>>(q, p, type, own);
      });
}

}  // namespace ir
