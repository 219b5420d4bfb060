#include "op/resample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/error.hpp"
#include "fft/convolution.hpp"
#include "fft/gaussian.hpp"
#include "op/identity.hpp"
#include "op/registry.hpp"

namespace ir {
namespace {

/// What becomes of an axis, told without the matrix that does it.
struct axis_plan {
  int axis;
  index_t rows, entries;  // of the matrix; entries at most
  std::function<axis_matrix()> matrix;
};
using plans = std::vector<axis_plan>;

index_t whole(double v, const char* what, index_t least) {
  return whole_number(argument(v), what, least);
}

// plan(a, n): nullopt leaves spatial axis a as it is.
template <class Plan>
plans along_space(const space& domain, const Plan& plan) {
  const shape& n = domain.extents();
  const int spatial = domain.blocks()[0].spatial, first = n.rank() - spatial;
  plans all;
  for (int a = 0; a < spatial; ++a)
    if (std::optional<axis_plan> one = plan(a, n[first + a])) {
      one->axis = first + a;
      all.push_back(std::move(*one));
    }
  return all;
}

int spatial_of(const space& s) {
  s.extents();  // shape_error: several blocks
  return s.blocks()[0].spatial;
}

plans crop_plans(const space& domain, const std::vector<double>& size,
                 const std::vector<double>& begin) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_plan> {
    const index_t wanted = whole(for_axis(size, a, rank, "size"), "size", 1);
    const double asked = for_axis(begin, a, rank, "begin");
    const index_t from = asked == -1 ? (n - wanted) / 2 : whole(asked, "begin", 0);
    if (wanted > n || from + wanted > n)
      throw shape_error(fmt::format("a crop of {} elements from {} out of {}", wanted, from, n));
    if (wanted == n) return {};
    return axis_plan{a, wanted, wanted, [=] { return crop_axis(n, from, from + wanted); }};
  });
}

plans pad_plans(const space& domain, const std::vector<double>& before,
                const std::vector<double>& after, boundary rule) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_plan> {
    const index_t l = whole(for_axis(before, a, rank, "width"), "width", 0);
    const index_t r = whole(for_axis(after, a, rank, "after"), "after", 0);
    if (l == 0 && r == 0) return {};
    return axis_plan{a, l + n + r, l + n + r, [=] { return pad_axis(n, l, r, rule); }};
  });
}

axis_plan downsampled_axis(int a, index_t n, index_t step, antialias how) {
  const index_t rows = n / step + (n % step == 0 ? 0 : 1);
  if (how == antialias::mean) return {a, rows, n, [=] { return mean_of_every(n, step); }};
  if (how == antialias::none) return {a, rows, rows, [=] { return keep_every(n, step); }};
  const double sigma = static_cast<double>(step - 1) / 2;
  if (sigma > 1e6)
    throw usage_error(fmt::format("a factor of {} is too large for a Gaussian before it", step));
  const index_t taps = gaussian_psf_extents(1, {{sigma}})[0];
  return {a, rows, rows * std::min(n, taps), [=] {
            const auto h = gaussian_psf(shape{taps}, {{sigma}});
            return product(keep_every(n, step), convolve_axis(n, h, boundary::edge));
          }};
}

plans downsample_plans(const space& domain, const std::vector<double>& factor, antialias how) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_plan> {
    const index_t step = whole(for_axis(factor, a, rank, "factor"), "factor", 1);
    if (step == 1) return {};
    return downsampled_axis(a, n, step, how);
  });
}

plans upsample_plans(const space& domain, const std::vector<double>& factor, interpolation how) {
  const int rank = spatial_of(domain);
  return along_space(domain, [&](int a, index_t n) -> std::optional<axis_plan> {
    const index_t times = whole(for_axis(factor, a, rank, "factor"), "factor", 1);
    if (times == 1) return {};
    const index_t rows = shape{n, times}.count();  // usage_error: too many
    if (how == interpolation::none)
      return axis_plan{a, rows, n, [=] { return transposed(keep_every(rows, times)); }};
    if (how == interpolation::repeat)
      return axis_plan{a, rows, rows, [=] { return repeat_each(n, times); }};
    return axis_plan{a, rows, 2 * rows, [=] { return interpolate(n, times); }};
  });
}

space range_after(const space& domain, const plans& all) {
  const space::block& b = domain.blocks()[0];
  std::vector<index_t> n(b.extents.extents().begin(), b.extents.extents().end());
  for (const axis_plan& one : all) n[static_cast<std::size_t>(one.axis)] = one.rows;
  return {shape(n), b.of, b.spatial};
}

// The matrices are held with columns and weights, by rows and by columns.
op_cost cost_of(const space& domain, const plans& all, precision p) {
  op_cost cost{.bytes = static_cast<double>(scratch_bytes_of(domain, p) +
                                            scratch_bytes_of(range_after(domain, all), p))};
  const index_t entry = size_of(real_type(p)) + index_t{sizeof(index_t)};
  for (const axis_plan& one : all) {
    cost.table_bytes += 2 * entry * one.entries + index_t{sizeof(index_t)} * one.rows;
    cost.scratch_bytes = std::max(cost.scratch_bytes, scratch_bytes_of(domain, p));
  }
  cost.flops = cost.bytes / static_cast<double>(size_of(real_type(p)));
  return cost;
}

op_ptr make(queue& q, const space& domain, const plans& all, precision p, const char* name) {
  if (all.empty()) return std::make_shared<identity>(domain);
  std::vector<separable_operator::factor> factors;
  for (const axis_plan& one : all) factors.push_back({one.axis, one.matrix()});
  return std::make_shared<separable_operator>(q, domain, factors, p, name);
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
  return make(q, domain, crop_plans(domain, size, begin), p, "crop");
}

op_ptr make_pad(queue& q, const space& domain, const std::vector<double>& before,
                const std::vector<double>& after, boundary rule, precision p) {
  return make(q, domain, pad_plans(domain, before, after, rule), p, "pad");
}

op_ptr make_downsample(queue& q, const space& domain, const std::vector<double>& factor,
                       antialias how, precision p) {
  return make(q, domain, downsample_plans(domain, factor, how), p, "downsample");
}

op_ptr make_upsample(queue& q, const space& domain, const std::vector<double>& factor,
                     interpolation how, precision p) {
  return make(q, domain, upsample_plans(domain, factor, how), p, "upsample");
}

op_ptr make_sum(queue& q, const space& domain, int axis, precision p) {
  const int a = axis_of(domain, axis);
  const std::vector<separable_operator::factor> one{{a, sum_axis(domain.extents()[a])}};
  return std::make_shared<separable_operator>(q, domain, one, p, "sum", without_axis(domain, a));
}

boundary boundary_named(const std::string& name) {
  for (const boundary b : {boundary::circular, boundary::zero, boundary::reflect, boundary::edge})
    if (name == name_of(b)) return b;
  throw usage_error(fmt::format("no boundary '{}': it is edge, reflect, zero or circular", name));
}

namespace {

/// An operator that is told axis by axis.
struct along_axes_spec : op_spec {
  explicit along_axes_spec(const char* n) : name(n) {}
  const char* name;

  space do_range(const space& x) const override { return range_after(x, plan(x)); }
  op_cost do_cost(const space& x, precision p, device) const override {
    return cost_of(x, plan(x), p);
  }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return make(q, x, plan(x), p, name);
  }

 private:
  virtual plans plan(const space& domain) const = 0;
};

// y's block with before(a, extent) elements on each spatial axis a.
template <class Before>
space with_spatial(const space& y, const Before& before) {
  const space::block& b = y.blocks()[0];
  std::vector<index_t> n(y.extents().extents().begin(), y.extents().extents().end());
  for (int a = 0; a < b.spatial; ++a) {
    index_t& extent = n[n.size() - static_cast<std::size_t>(b.spatial - a)];
    extent = before(a, extent);
  }
  return {shape(n), b.of, b.spatial};
}

struct crop_spec final : along_axes_spec {
  crop_spec() : along_axes_spec("crop") {}
  std::vector<double> size, begin;
  plans plan(const space& x) const override { return crop_plans(x, size, begin); }
};

struct pad_spec final : along_axes_spec {
  pad_spec() : along_axes_spec("pad") {}
  std::vector<double> before, after;
  boundary rule = boundary::zero;
  plans plan(const space& x) const override { return pad_plans(x, before, after, rule); }
  std::optional<space> do_domain(const space& y) const override {
    const int rank = spatial_of(y);
    return with_spatial(y, [&](int a, index_t extent) {
      extent -= whole(for_axis(before, a, rank, "width"), "width", 0);
      extent -= whole(for_axis(after, a, rank, "after"), "after", 0);
      if (extent < 1)
        throw shape_error(fmt::format("padding gives {}: more than all of it", to_string(y)));
      return extent;
    });
  }
};

struct downsample_spec final : along_axes_spec {
  downsample_spec() : along_axes_spec("downsample") {}
  std::vector<double> factor;
  antialias how = antialias::none;
  plans plan(const space& x) const override { return downsample_plans(x, factor, how); }
};

struct upsample_spec final : along_axes_spec {
  upsample_spec() : along_axes_spec("upsample") {}
  std::vector<double> factor;
  interpolation how = interpolation::linear;
  plans plan(const space& x) const override { return upsample_plans(x, factor, how); }
  std::optional<space> do_domain(const space& y) const override {
    const int rank = spatial_of(y);
    return with_spatial(y, [&](int a, index_t extent) {
      const index_t k = whole(for_axis(factor, a, rank, "factor"), "factor", 1);
      if (extent % k != 0)
        throw shape_error(fmt::format("{} is no result of upsampling by {}", to_string(y), k));
      return extent / k;
    });
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
       s->axis = static_cast<int>(whole_number(a[0], "axis", -shape::max_rank, shape::max_rank));
       return s;
     }}};

}  // namespace
}  // namespace ir
