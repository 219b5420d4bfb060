#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "fft/gaussian.hpp"
#include "op/blur_norm.hpp"
#include "op/convolution.hpp"
#include "op/image_layout.hpp"
#include "op/registry.hpp"
#include "op/resample.hpp"
#include "op/separable.hpp"

// blur and gaussian in the language.
namespace ir {
namespace {

constexpr int most_axes = 3;

int spatial_of(const space& x) { return layout_of(x, "a blur").spatial; }

shape trailing(const space& x, int rank) {
  return shape(x.extents().extents().last(static_cast<std::size_t>(rank)));
}

std::vector<double> outer_product(const std::vector<std::vector<double>>& factors) {
  std::vector<double> all{1};
  for (const auto& f : factors) {
    std::vector<double> next;
    for (const double a : all)
      for (const double b : f) next.push_back(a * b);
    all = std::move(next);
  }
  return all;
}

shape extents_of(const std::vector<std::vector<double>>& factors) {
  std::vector<index_t> n;
  for (const auto& f : factors) n.push_back(std::ssize(f));
  return shape(n);
}

// Axes of length 1 before the others say nothing.
shape extents_of(const loaded_array& psf) {
  std::span<const index_t> n = psf.extents.extents();
  while (n.size() > 1 && n.front() == 1) n = n.subspan(1);
  if (n.empty() || n.size() > most_axes || psf.of == field::complex)
    throw shape_error(
        fmt::format("the PSF {} must be real with 1 to {} axes", psf.described(), most_axes));
  return shape(n);
}

op_cost cost_of(const space& x, const shape& psf, boundary rule, precision p, device where) {
  const convolution_geometry g =
      plan_convolution(trailing(x, psf.rank()), psf, rule, grid_use::filter, where);
  const double points = static_cast<double>(g.grid_count());
  const index_t count = x.extents().count() / g.extents.count();
  const auto images = static_cast<double>(count);
  return {.flops = images * points * (5 * std::log2(std::max(points, 2.0)) + 6),
          .bytes = images * points * 6 * static_cast<double>(size_of(real_type(p))),
          .table_bytes = g.table_bytes(p, where) + psf.count() * size_of(dtype::f64),  // the PSF
          .scratch_bytes = g.scratch_bytes(p, where)};
}

class separable_blur final : public psf_spec {
 public:
  separable_blur(std::vector<double> sigma, boundary rule, double angle)
      : sigma_(std::move(sigma)), rule_(rule), angle_(angle) {
    if (!std::isfinite(angle) || (angle != 0 && sigma_.size() != 2))
      throw usage_error("gaussian: an angle turns two sigmas, across the rows and along them");
    for (const double s : sigma_)
      if (!(s >= 0) || s > 1e6)
        throw usage_error(fmt::format("a Gaussian of sigma {:g}: from 0 is expected", s));
  }
  std::vector<std::vector<double>> factors(int rank) const override {
    std::vector<std::vector<double>> all;
    for (int a = 0; a < rank; ++a) {
      const double s[] = {for_axis(sigma_, a, rank, "sigma")};
      all.push_back(gaussian_psf(gaussian_psf_extents(1, s), s));
    }
    return all;
  }

  shape psf_extents(int rank) const override {
    const shape n = extents_for(rank);
    if (n.count() > index_t{1} << 40)
      throw usage_error(fmt::format("a Gaussian of {} elements is too large", to_string(n)));
    return n;
  }

  double angle() const override { return angle_; }
  std::vector<double> turned() const override;

 private:
  static constexpr double least_turned = 0.1;  // a sigma less than that is that

  shape extents_for(int rank) const {
    if (angle_ == 0) return gaussian_psf_extents(rank, sigma_);
    if (rank != 2)
      throw shape_error(fmt::format("a turned Gaussian blurs images, of 2 axes, not {}", rank));
    const double widest[] = {std::max({sigma_[0], sigma_[1], least_turned})};
    return gaussian_psf_extents(2, widest);
  }
  space do_range(const space& x) const override {
    psf_extents(spatial_of(x));
    return x;
  }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space&, precision, queue&) const override;
  op_cost do_cost(const space& x, precision p, device where) const override {
    return cost_of(x, psf_extents(spatial_of(x)), rule_, p, where);
  }

  std::vector<double> sigma_;
  boundary rule_;
  double angle_;
};

// exp(-(a^2 / sigma_x^2 + b^2 / sigma_y^2) / 2), a and b along and across the turned x axis; each
// pixel the mean of 5 x 5 points.
std::vector<double> separable_blur::turned() const {
  constexpr int points = 5;
  const double sy = std::max(sigma_[0], least_turned), sx = std::max(sigma_[1], least_turned);
  const index_t reach = psf_extents(2)[0] / 2;
  const double turn = angle_ * std::numbers::pi / 180, c = std::cos(turn), s = std::sin(turn);
  std::vector<double> out;
  double sum = 0;
  for (index_t j = -reach; j <= reach; ++j)
    for (index_t i = -reach; i <= reach; ++i) {
      double v = 0;
      for (int q = 0; q < points * points; ++q) {
        const int below = q / points, beside = q % points;
        const double y = static_cast<double>(j) + (below + 0.5) / points - 0.5;
        const double x = static_cast<double>(i) + (beside + 0.5) / points - 0.5;
        const double a = (x * c + y * s) / sx, b = (y * c - x * s) / sy;
        v += std::exp(-(a * a + b * b) / 2);
      }
      out.push_back(v);
      sum += v;
    }
  for (double& v : out) v /= sum;
  return out;
}

// Taps of all axes together up to which a separable PSF is applied directly: 36 + 36 take as long
// as the FFTs of a circular boundary, 48 + 48 as those of the others (512^2 and 2048^2, f32, one
// thread of a Zen 4 at the base level).
constexpr std::size_t most_taps = 72;

bool direct(const std::vector<std::vector<double>>& factors) {
  std::size_t taps = 0;
  for (const auto& f : factors) taps += f.size();
  return taps <= most_taps;
}

op_ptr direct_blur(queue& q, const space& x, const std::vector<std::vector<double>>& factors,
                   boundary rule, precision p) {
  std::vector<separable_operator::factor> all;
  const int rank = x.extents().rank(), first = rank - static_cast<int>(factors.size());
  for (int a = first; a < rank; ++a)
    all.push_back(
        {a, convolve_axis(x.extents()[a], factors[static_cast<std::size_t>(a - first)], rule)});
  return std::make_shared<separable_operator>(
      q, x, all, p, "blur", std::nullopt, traits{.fourier_diagonal = rule == boundary::circular},
      blur_kernel{extents_of(factors), outer_product(factors), rule});
}

// Longer ones by FFTs; the norm is that of the matrices along the axes either way.
op_ptr blur_of(queue& q, const space& x, const std::vector<std::vector<double>>& factors,
               boundary rule, precision p) {
  if (direct(factors)) return direct_blur(q, x, factors, rule, p);
  const std::vector<double> h = outer_product(factors);
  const auto A = std::make_shared<convolution_operator>(
      q, x, cref(h.data(), dtype::f64, extents_of(factors)), rule, psf_sum::one, p);
  A->learn_norm(separable_blur_norm(factors, trailing(x, static_cast<int>(factors.size())), rule));
  return A;
}

op_ptr turned_blur(queue& q, const space& x, const psf_spec& psf, boundary rule, precision p) {
  const std::vector<double> h = psf.turned();
  return std::make_shared<convolution_operator>(
      q, x, cref(h.data(), dtype::f64, psf.psf_extents(2)), rule, psf_sum::one, p);
}

op_ptr separable_blur::do_build(const space& x, precision p, queue& q) const {
  if (angle_ != 0) return turned_blur(q, x, *this, rule_, p);
  return blur_of(q, x, factors(spatial_of(x)), rule_, p);
}

struct blur_spec final : op_spec {
  std::shared_ptr<const psf_spec> shape_of_blur;  // or
  array_ptr psf;
  boundary rule = boundary::edge;
  psf_sum sum = psf_sum::one;

  shape extents(const space& x) const {
    const int rank = spatial_of(x);
    if (shape_of_blur) return shape_of_blur->psf_extents(rank);
    const shape n = extents_of(*psf);
    if (n.rank() > rank)
      throw shape_error(fmt::format("the PSF {} has more axes than the data, {}", psf->described(),
                                    to_string(x)));
    return n;
  }
  space do_range(const space& x) const override {
    extents(x);
    return x;
  }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    if (shape_of_blur && shape_of_blur->angle() != 0)
      return turned_blur(q, x, *shape_of_blur, rule, p);
    if (shape_of_blur) return blur_of(q, x, shape_of_blur->factors(spatial_of(x)), rule, p);
    return std::make_shared<convolution_operator>(
        q, x, cref(psf->values.data(), dtype::f64, extents(x)), rule, sum, p);
  }
  op_cost do_cost(const space& x, precision p, device where) const override {
    return cost_of(x, extents(x), rule, p, where);
  }
};

std::shared_ptr<op_spec> make_blur(std::span<const argument> a) {
  auto s = std::make_shared<blur_spec>();
  if (std::holds_alternative<array_ptr>(a[0])) {
    s->psf = loaded(a[0]);
    extents_of(*s->psf);
  } else {
    s->shape_of_blur = std::dynamic_pointer_cast<const psf_spec>(operand(a[0]));
    if (!s->shape_of_blur)
      throw usage_error("blur: its PSF is an @array or gaussian(sigma), not another operator");
  }
  s->rule = boundary_named(word(a[1]));
  if (word(a[2]) != "one" && word(a[2]) != "keep")
    throw usage_error(fmt::format("blur: no sum '{}': it is one of one, keep", word(a[2])));
  s->sum = word(a[2]) == "one" ? psf_sum::one : psf_sum::keep;
  return s;
}

using kind = argument_kind;
const parameter boundary_parameter{"boundary", kind::word,
                                   "beyond the edges: edge, reflect, zero, circular",
                                   argument(std::string("edge"))};

const registered<op_entry> blur_entry{
    {"blur",
     "convolution with a PSF, centre at floor(n/2)",
     {{"psf", kind::kernel, "@array of 1 to 3 axes, or gaussian(sigma)"},
      boundary_parameter,
      {"sum", kind::word, "of the PSF: one (divided by it) or keep", argument(std::string("one"))}},
     make_blur}};

const registered<op_entry> gaussian_entry{
    {"gaussian",
     "Gaussian blur; the PSF of blur(gaussian(...))",
     {{"sigma", kind::numbers, "standard deviation in pixels, one or one for each axis"},
      boundary_parameter,
      {"angle", kind::number, "degrees by which two sigmas are turned, from +x to +y",
       argument(0.0)}},
     [](auto a) {
       return std::make_shared<separable_blur>(numbers(a[0]), boundary_named(word(a[1])),
                                               number(a[2]));
     }}};

}  // namespace
}  // namespace ir
