#include "op/resample.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "fft/convolution.hpp"
#include "fft/gaussian.hpp"
#include "op/identity.hpp"
#include "op/registry.hpp"

namespace ir {
namespace {

using factors = std::vector<separable_operator::factor>;

index_t whole(double v, const char* what, index_t least) {
  return whole_number(argument(v), what, least);
}

// matrix(a, n): nullopt leaves axis a as it is. a counts spatial axes.
template <class Matrix>
factors along_space(const space& domain, const Matrix& matrix) {
  const shape& n = domain.extents();
  const int spatial = domain.blocks()[0].spatial, first = n.rank() - spatial;
  factors all;
  for (int a = 0; a < spatial; ++a)
    if (std::optional<axis_matrix> m = matrix(a, n[first + a]))
      all.push_back({first + a, std::move(*m)});
  return all;
}

int spatial_of(const space& s) {
  s.extents();  // shape_error: several blocks
  return s.blocks()[0].spatial;
}

factors crop_factors(const space& domain, const std::vector<double>& size,
                     const std::vector<double>& begin) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_matrix> {
    const index_t wanted = whole(for_axis(size, a, rank, "size"), "size", 1);
    const double asked = for_axis(begin, a, rank, "begin");
    const index_t from = asked == -1 ? (n - wanted) / 2 : whole(asked, "begin", 0);
    if (wanted > n || from + wanted > n)
      throw shape_error(fmt::format("a crop of {} elements from {} out of {}", wanted, from, n));
    if (wanted == n) return {};
    return crop_axis(n, from, from + wanted);
  });
}

factors pad_factors(const space& domain, const std::vector<double>& before,
                    const std::vector<double>& after, boundary rule) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_matrix> {
    const index_t l = whole(for_axis(before, a, rank, "width"), "width", 0);
    const index_t r = whole(for_axis(after, a, rank, "after"), "after", 0);
    if (l == 0 && r == 0) return {};
    return pad_axis(n, l, r, rule);
  });
}

axis_matrix downsampled_axis(index_t n, index_t step, antialias how) {
  if (how == antialias::mean) return mean_of_every(n, step);
  if (how == antialias::none) return keep_every(n, step);
  const double sigma[] = {static_cast<double>(step - 1) / 2};
  const auto h = gaussian_psf(gaussian_psf_extents(1, sigma), sigma);
  return product(keep_every(n, step), convolve_axis(n, h, boundary::edge));
}

factors downsample_factors(const space& domain, const std::vector<double>& factor, antialias how) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_matrix> {
    const index_t step = whole(for_axis(factor, a, rank, "factor"), "factor", 1);
    if (step == 1) return {};
    return downsampled_axis(n, step, how);
  });
}

factors upsample_factors(const space& domain, const std::vector<double>& factor,
                         interpolation how) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_matrix> {
    const index_t times = whole(for_axis(factor, a, rank, "factor"), "factor", 1);
    if (times == 1) return {};
    if (how == interpolation::none) return transposed(keep_every(n * times, times));
    return how == interpolation::repeat ? repeat_each(n, times) : interpolate(n, times);
  });
}

op_ptr make(queue& q, const space& domain, const factors& all, precision p, const char* name) {
  if (all.empty()) return std::make_shared<identity>(domain);
  return std::make_shared<separable_operator>(q, domain, all, p, name);
}

int axis_of(const space& domain, int axis) {
  const int rank = domain.extents().rank(), from_start = axis < 0 ? axis + rank : axis;
  if (from_start < 0 || from_start >= rank)
    throw shape_error(fmt::format("axis {} of {}: it has {}", axis, to_string(domain), rank));
  return from_start;
}

// A sum over everything is one number, (1).
space without_axis(const space& domain, int axis) {
  const space::block& b = domain.blocks()[0];
  std::vector<index_t> n(b.extents.extents().begin(), b.extents.extents().end());
  n.erase(n.begin() + axis);
  const bool spatial = axis >= b.extents.rank() - b.spatial;
  if (n.empty()) n.push_back(1);
  return {shape(n), b.of, std::min<int>(static_cast<int>(n.size()), b.spatial - (spatial ? 1 : 0))};
}

}  // namespace

op_ptr make_crop(queue& q, const space& domain, const std::vector<double>& size,
                 const std::vector<double>& begin, precision p) {
  return make(q, domain, crop_factors(domain, size, begin), p, "crop");
}

op_ptr make_pad(queue& q, const space& domain, const std::vector<double>& before,
                const std::vector<double>& after, boundary rule, precision p) {
  return make(q, domain, pad_factors(domain, before, after, rule), p, "pad");
}

op_ptr make_downsample(queue& q, const space& domain, const std::vector<double>& factor,
                       antialias how, precision p) {
  return make(q, domain, downsample_factors(domain, factor, how), p, "downsample");
}

op_ptr make_upsample(queue& q, const space& domain, const std::vector<double>& factor,
                     interpolation how, precision p) {
  return make(q, domain, upsample_factors(domain, factor, how), p, "upsample");
}

op_ptr make_sum(queue& q, const space& domain, int axis, precision p) {
  const int a = axis_of(domain, axis);
  const factors one{{a, sum_axis(domain.extents()[a])}};
  return std::make_shared<separable_operator>(q, domain, one, p, "sum", without_axis(domain, a));
}

boundary boundary_named(const std::string& name) {
  for (const boundary b : {boundary::circular, boundary::zero, boundary::reflect, boundary::edge})
    if (name == name_of(b)) return b;
  throw usage_error(fmt::format("no boundary '{}': it is edge, reflect, zero or circular", name));
}

namespace {

// Extents from per-axis factors, without their matrices' numbers being used: planning stays cheap
// because a matrix along an axis is small.
struct crop_spec final : op_spec {
  std::vector<double> size, begin;
  space do_range(const space& x) const override {
    return separable_operator::range_of(x, crop_factors(x, size, begin));
  }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return make_crop(q, x, size, begin, p);
  }
};

struct pad_spec final : op_spec {
  std::vector<double> before, after;
  boundary rule = boundary::zero;
  space do_range(const space& x) const override {
    return separable_operator::range_of(x, pad_factors(x, before, after, rule));
  }
  std::optional<space> do_domain(const space& y) const override {
    const space::block& b = y.blocks()[0];
    std::vector<index_t> n(y.extents().extents().begin(), y.extents().extents().end());
    for (int a = 0; a < b.spatial; ++a) {
      index_t& extent = n[n.size() - static_cast<std::size_t>(b.spatial - a)];
      extent -= static_cast<index_t>(for_axis(before, a, b.spatial, "width") +
                                     for_axis(after, a, b.spatial, "after"));
      if (extent < 1)
        throw shape_error(fmt::format("padding gives {}: more than all of it", to_string(y)));
    }
    return space(shape(n), b.of, b.spatial);
  }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return make_pad(q, x, before, after, rule, p);
  }
};

struct downsample_spec final : op_spec {
  std::vector<double> factor;
  antialias how = antialias::none;
  space do_range(const space& x) const override {
    return separable_operator::range_of(x, downsample_factors(x, factor, antialias::none));
  }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return make_downsample(q, x, factor, how, p);
  }
};

struct upsample_spec final : op_spec {
  std::vector<double> factor;
  interpolation how = interpolation::linear;
  space do_range(const space& x) const override {
    return separable_operator::range_of(x, upsample_factors(x, factor, interpolation::repeat));
  }
  std::optional<space> do_domain(const space& y) const override {
    const space::block& b = y.blocks()[0];
    std::vector<index_t> n(y.extents().extents().begin(), y.extents().extents().end());
    for (int a = 0; a < b.spatial; ++a) {
      index_t& extent = n[n.size() - static_cast<std::size_t>(b.spatial - a)];
      const index_t k = whole(for_axis(factor, a, b.spatial, "factor"), "factor", 1);
      if (extent % k != 0)
        throw shape_error(fmt::format("{} is no result of upsampling by {}", to_string(y), k));
      extent /= k;
    }
    return space(shape(n), b.of, b.spatial);
  }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return make_upsample(q, x, factor, how, p);
  }
};

struct sum_over_spec final : op_spec {
  int axis = -1;
  space do_range(const space& x) const override { return without_axis(x, axis_of(x, axis)); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return make_sum(q, x, axis, p);
  }
};

// One of a few words, in the order of an enum.
template <class E>
E chosen(const argument& a, std::initializer_list<const char*> names, const char* what) {
  int i = 0;
  std::string all;
  for (const char* name : names) {
    if (word(a) == name) return static_cast<E>(i);
    all += std::string(all.empty() ? "" : ", ") + name;
    ++i;
  }
  throw usage_error(fmt::format("no {} '{}': it is one of {}", what, word(a), all));
}

using kind = argument_kind;

const registered<op_entry> crop_entry{
    {"crop",
     "a box out of each image",
     {{"size", kind::numbers, "its extents, slowest first, or one number for all"},
      {"begin", kind::numbers, "its first element; -1: in the middle", argument(-1.0)}},
     [](auto a) {
       auto s = std::make_shared<crop_spec>();
       s->size = numbers(a[0]);
       s->begin = numbers(a[1]);
       return s;
     }}};

const registered<op_entry> pad_entry{
    {"pad",
     "more elements at both ends of each axis",
     {{"width", kind::numbers, "how many before the first one"},
      {"boundary", kind::word, "what they are: zero, edge, reflect, circular",
       argument(std::string("zero"))},
      {"after", kind::numbers, "how many after the last one; -1: width", argument(-1.0)}},
     [](auto a) {
       auto s = std::make_shared<pad_spec>();
       s->before = numbers(a[0]);
       s->rule = boundary_named(word(a[1]));
       s->after = numbers(a[2]) == std::vector{-1.0} ? s->before : numbers(a[2]);
       return s;
     }}};

const registered<op_entry> downsample_entry{
    {"downsample",
     "every k-th element, the first included",
     {{"factor", kind::numbers, "k, or one for each axis"},
      {"antialias", kind::word, "before: none, mean (of k elements), gaussian (sigma (k-1)/2)",
       argument(std::string("none"))}},
     [](auto a) {
       auto s = std::make_shared<downsample_spec>();
       s->factor = numbers(a[0]);
       s->how = chosen<antialias>(a[1], {"none", "mean", "gaussian"}, "antialias");
       return s;
     }}};

const registered<op_entry> upsample_entry{
    {"upsample",
     "k elements for each one",
     {{"factor", kind::numbers, "k, or one for each axis"},
      {"interpolation", kind::word, "none (zeros), repeat, linear",
       argument(std::string("linear"))}},
     [](auto a) {
       auto s = std::make_shared<upsample_spec>();
       s->factor = numbers(a[0]);
       s->how = chosen<interpolation>(a[1], {"none", "repeat", "linear"}, "interpolation");
       return s;
     }}};

const registered<op_entry> sum_entry{
    {"sum",
     "sum over one axis",
     {{"axis", kind::number, "from 0, the slowest; -1 is the fastest"}},
     [](auto a) {
       auto s = std::make_shared<sum_over_spec>();
       s->axis = static_cast<int>(whole_number(a[0], "axis", -shape::max_rank));
       return s;
     }}};

}  // namespace
}  // namespace ir
