#include "solver/tv_padded.hpp"

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "fn/box.hpp"
#include "solver/torus.hpp"
#include "solver/tv_extended_image.hpp"
#include "solver/tv_fill.hpp"
#include "solver/tv_problem.hpp"
#include "solver/tv_split_blur.hpp"
#include "solver/tv_split_differences.hpp"
#include "solver/tv_term.hpp"

namespace ir::detail {
namespace {

// Of the mean weight: between 0.1 and 0.3, which a prototype tried on discs and a photo of 192 x
// 192 pixels, boundaries `zero` and `edge`. No search beyond that.
constexpr double data_penalty = 0.2;

shape image_of(const space& domain) {
  const std::span<const index_t> e = domain.extents().extents();
  return shape(e.last(2));
}

bool all_circular(const std::vector<term>& data, const space& domain) {
  return std::ranges::all_of(data, [&](const term& t) {
    const auto form = t.f->quadratic();
    return t.A && t.A->properties().fourier_diagonal && form && !form->diagonal &&
           t.A->domain() == domain;
  });
}

template <class T>
class tv_padded final : public tv_deconvolution {
 public:
  tv_padded(queue& q, const tv_problem& p, precision type, const options& o);
  cvec solution() const override { return found_; }

 private:
  tv_padded(queue& q, const tv_problem& p, std::optional<blurred_data> blur, precision type,
            const options& o);
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;

  double threshold_at(index_t k) const { return deviation_ * options_.threshold(k); }
  void take_blur(queue&, const term&);
  void take_quadratics(queue&, const std::vector<term>&);
  void begin(queue&);
  void filter(T rho);

  std::optional<blurred_data> blur_;
  torus_axis down_, across_;
  torus<T> torus_;
  const tv_split_functions<T>& level_;
  bool owns_;  // x itself is split off
  tv_objective objective_;
  double lambda_, deviation_ = 1;
  options options_;
  owned_vec found_, x_;  // the image; on the torus
  split_differences<T> z_;
  extended_image<T> v_;
  std::optional<split_blur<T>> u_;
  array spectrum_;
  tv_spectra tables_;  // without u
  std::vector<T> ly_, lx_;
  std::vector<tv_moved> moved_;  // of each row of the image
};

boundary rule_of(const std::optional<blurred_data>& blur) {
  return blur ? blur->kernel->rule : boundary::circular;
}
torus_axis axis_of(const tv_problem& p, const std::optional<blurred_data>& blur, int axis) {
  return torus_axis_of(image_of(p.variation.A->domain())[axis],
                       blur ? taps_of(*blur->kernel, 1 - axis) : 1, rule_of(blur));
}

template <class T>
tv_padded<T>::tv_padded(queue& q, const tv_problem& p, precision type, const options& o)
    : tv_padded(
          q, p,
          all_circular(p.data, p.variation.A->domain()) ? std::nullopt : blurred_data_of(p.data[0]),
          type, o) {}

template <class T>
tv_padded<T>::tv_padded(queue& q, const tv_problem& p, std::optional<blurred_data> blur,
                        precision type, const options& o)
    : blur_(std::move(blur)),
      down_(axis_of(p, blur_, 0)),
      across_(axis_of(p, blur_, 1)),
      torus_(
          q, tv_weighting_of(p.variation)->channels, down_.length, across_.length, type,
          split_differences<T>::job_reals(tv_weighting_of(p.variation)->channels, across_.length)),
      level_(tv_split_functions_in_use<T>()),
      owns_(p.constraint || rule_of(blur_) != boundary::circular),
      objective_(p),
      lambda_(tv_weighting_of(p.variation)->lambda),
      options_(o),
      found_(q, objective_.domain(), type),
      x_(q, space(shape{torus_.channels(), torus_.ny(), torus_.nx()}, field::real, 2), type),
      z_(q, torus_, down_.n, across_.n, type),
      v_(q, torus_, down_, across_, tv_bounds_of<T>(p.constraint), o.relaxation, type),
      spectrum_(torus_.spectrum(q)),
      ly_(torus_.symbol_y()),
      lx_(torus_.symbol_x()),
      moved_(static_cast<std::size_t>(torus_.channels() * down_.n)) {
  if (blur_)
    take_blur(q, p.data[0]);
  else
    take_quadratics(q, p.data);
  if (o.start) copy(q, *o.start, found_);
  begin(q);
}

// Starts from the data, and between them from means.
template <class T>
void tv_padded<T>::take_blur(queue& q, const term& t) {
  const precision type = cvec(x_).type();
  const tv_points points = tv_points_of(q, objective_.domain(), type, {{t.weight, t.f, blur_->S}});
  const T *const y = static_cast<const T*>(cvec(points.y).data()),
                 *const weight = static_cast<const T*>(cvec(points.weight).data());
  deviation_ = tv_deviation_of<T>(torus_.channels() * down_.n, across_.n, y, weight);
  fill_between<T>(tv_layout(shape{torus_.channels(), down_.n, across_.n}), y, weight,
                  static_cast<T*>(vec(found_).data()));
  u_.emplace(q, torus_, down_, across_, *blur_->kernel, points, data_penalty, type);
}

// The torus is the image.
template <class T>
void tv_padded<T>::take_quadratics(queue& q, const std::vector<term>& terms) {
  const precision type = cvec(x_).type();
  tables_ = tv_spectra_of<T>(q, torus_, objective_.domain(), type, terms);
  copy(q, *terms[0].f->quadratic()->centre, found_);
  deviation_ = tv_deviation_of<T>(torus_.channels() * down_.n, across_.n,
                                  static_cast<const T*>(cvec(found_).data()), nullptr);
}

// x = the extended start, u = B x, z = D x, no multipliers.
template <class T>
void tv_padded<T>::begin(queue& q) {
  v_.clamp(found_);
  v_.extend(found_);
  copy(q, v_.extended(), x_);
  z_.start(x_, options_.relaxation);
  if (u_) u_->start(q, x_, options_.relaxation);
  if (!owns_) return;
  v_.start(q, x_);
  v_.project(x_, found_, static_cast<T>(threshold_at(2) / threshold_at(1)), moved_);
}

template <class T>
void tv_padded<T>::filter(T rho) {
  const T scale = T(1 / static_cast<double>(torus_.points())), own = owns_ ? T(1) : T(0);
  constexpr index_t width = torus<T>::width;
  const index_t ny = torus_.ny();
  torus_.share(torus_.channels() * torus_.blocks(), [&](index_t unit, T* block) noexcept {
    const index_t column = unit % torus_.blocks();
    const T* const lx = lx_.data() + column * width;
    torus_.load(spectrum_, unit, block);
    if (u_) return u_->filter(unit, block, spectrum_, {ly_.data(), lx, rho, own, scale});
    const T* const right = static_cast<const T*>(tables_.right.get().data);
    const T* const power = static_cast<const T*>(tables_.power.get().data);
    level_.filter({block, right + unit * torus_.block_reals(), power + column * ny * width,
                   ly_.data(), lx, ny, rho, own, scale});
    torus_.store(block, unit, spectrum_);
  });
}

template <class T>
void tv_padded<T>::do_step(queue& q, iteration& now) {
  const double here = threshold_at(now.k), then = threshold_at(now.k + 1);
  const T alpha = static_cast<T>(options_.relaxation);
  z_.step(q, static_cast<const T*>(cvec(x_).data()),
          owns_ ? static_cast<const T*>(v_.extended().data()) : nullptr,
          {alpha, static_cast<T>(here), static_cast<T>(then / here)}, spectrum_);
  if (u_) u_->step(q, alpha);
  filter(static_cast<T>(lambda_ / then));
  return_rows(q, torus_, spectrum_, x_);
  if (u_) u_->finish(q);
  if (owns_)
    v_.project(x_, found_, static_cast<T>(threshold_at(now.k + 2) / then), moved_);
  else
    torus_.share(torus_.channels() * down_.n, [&](index_t row, T*) noexcept {
      moved_[static_cast<std::size_t>(row)] =
          level_.store({static_cast<const T*>(cvec(x_).data()) + row * across_.length,
                        static_cast<T*>(vec(found_).data()) + row * across_.n, across_.n});
    });
  now.change = tv_change_of(moved_);
}

template <class T>
void tv_padded<T>::do_evaluate(queue& q, iteration& now) const {
  now.objective = objective_.value(q, found_);
}

template <class T>
void tv_padded<T>::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("found", vec(found_));
  archive.item("split", z_.state());
  v_.state(archive);
  if (u_) u_->state(archive);
}

}  // namespace

std::string_view obstacle_to_padded(const tv_problem& p) {
  if (p.data.empty()) return "there are no data";
  if (!std::ranges::all_of(p.data, [](const term& t) { return t.f->quadratic().has_value(); }))
    return "a data term is no quadratic";
  const auto tv = tv_weighting_of(p.variation);
  if (!tv) return "its gradient has several spacings or differences across the border";
  if (tv->axes != 2) return "the image has not two spatial axes";
  if (p.constraint && dynamic_cast<const box*>(p.constraint.get()) == nullptr)
    return "the constraint is no bounds";
  const space& domain = p.variation.A->domain();
  const shape n = image_of(domain);
  if (n[0] < 2 || n[1] < 2) return "an axis has one pixel";
  if (all_circular(p.data, domain))
    return p.data[0].f->quadratic()->centre ? "" : "the first view has no data";
  const auto is_blur = [&](const term& t) {
    const auto blur = blurred_data_of(t);
    return blur && blur->B->domain() == domain;
  };
  if (!std::ranges::all_of(p.data, is_blur)) return "an operator is no blur with a known PSF";
  return p.data.size() == 1 ? "" : "of several views one is not circular, or has weights";
}

std::unique_ptr<tv_deconvolution> make_tv_padded(queue& q, const tv_problem& p, precision type,
                                                 const tv_deconvolution::options& o) {
  if (type == precision::f32) return std::make_unique<tv_padded<float>>(q, p, type, o);
  return std::make_unique<tv_padded<double>>(q, p, type, o);
}

}  // namespace ir::detail
