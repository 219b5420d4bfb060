#include "op/diagonal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/algebra.hpp"
#include "op/diagonal_kernel.hpp"
#include "op/identity.hpp"

namespace ir {
namespace {

bool is_complex(const space& s) { return s.blocks()[0].of == field::complex; }

struct extremes {
  double least_square = std::numeric_limits<double>::infinity(), most_square = 0;
  double least = std::numeric_limits<double>::infinity();  // of real weights
  double most = -std::numeric_limits<double>::infinity();
};

extremes extremes_of(const loaded_array& w) {
  extremes e;
  const std::size_t step = w.of == field::complex ? 2 : 1;
  for (std::size_t i = 0; i < w.values.size(); i += step) {
    const double a = w.values[i], b = step == 2 ? w.values[i + 1] : 0, square = a * a + b * b;
    if (!std::isfinite(square))
      throw data_error(fmt::format("{} has values that are NaN or infinite", w.described()));
    e.least_square = std::min(e.least_square, square);
    e.most_square = std::max(e.most_square, square);
    e.least = std::min(e.least, a);
    e.most = std::max(e.most, a);
  }
  return e;
}

traits infer(const loaded_array& w) {
  const extremes e = extremes_of(w);
  traits t{.diagonal = true};
  t.self_adjoint = w.of == field::real;
  t.positive = t.nonnegative = t.self_adjoint && e.least >= 0;
  if (e.least_square == e.most_square) t.isometric = e.most_square;
  if (w.of == field::real && e.least == e.most) t.constant = e.least;
  return t;
}

// Weights of reals: those of complex numbers twice.
std::vector<double> per_real(const space& x, const loaded_array& w) {
  if (!is_complex(x) || w.of == field::complex) return w.values;
  std::vector<double> twice;
  for (const double v : w.values) twice.insert(twice.end(), 2, v);
  return twice;
}

index_t index_at(const loaded_array& index, std::size_t i, index_t n) {
  const double v = index.values[i];
  if (!(v >= 0 && v < static_cast<double>(n)) || v != std::floor(v))
    throw data_error(fmt::format("{}: index {} is {:g}: a whole number from 0 to {} is expected",
                                 index.described(), i, v, n - 1));
  return static_cast<index_t>(v);
}

index_t image_count(const space& s) {
  const shape& n = s.extents();
  index_t count = 1;
  for (int a = n.rank() - s.blocks()[0].spatial; a < n.rank(); ++a) count *= n[a];
  return count;
}

std::vector<index_t> counts_of(const space& s, const loaded_array& index) {
  std::vector<index_t> counts(static_cast<std::size_t>(image_count(s)));
  for (std::size_t i = 0; i < index.values.size(); ++i)
    ++counts[static_cast<std::size_t>(index_at(index, i, image_count(s)))];
  return counts;
}

traits infer_picks(const space& s, const loaded_array& index) {
  const std::vector<index_t> counts = counts_of(s, index);
  const auto [least, most] = std::ranges::minmax(counts);
  traits t{.nonnegative = true, .constant = 1, .selects = true};
  if (most == 1) t.semi_orthogonal = 1;
  if (least == most) t.isometric = static_cast<double>(most);
  return t;
}

}  // namespace

diagonal::diagonal(queue& q, const space& s, const loaded_array& w, precision p, std::string name)
    : linear_operator(s, s, (require_trailing_axes(s, w), infer(w)), placement{p, q.where()}),
      name_(std::move(name)),
      complex_weights_(w.of == field::complex),
      weights_(q, per_real(s, w), p),
      norm_(around(std::sqrt(extremes_of(w).most_square), "largest weight")) {}

void diagonal::run(queue& q, cvec x, vec y, mode how, double sign) const {
  with_real(x.type(), [&]<class T>() {
    const auto* from = static_cast<const T*>(x.block().data);
    auto* to = static_cast<T*>(y.block().data);
    const T* w = weights_.as<T>();
    const index_t n = weights_.count(), batch = x.block().bytes() / index_t{sizeof(T)} / n;
    if (complex_weights_)
      parallel_for(q, {batch, n / 2},
                   kernel::diagonal_complex<T>{
                       {from, {batch, n / 2, 2}}, {to, {batch, n / 2, 2}}, w, T(sign), how});
    else
      parallel_for(q, {batch, n},
                   kernel::diagonal_real<T>{{from, {batch, n}}, {to, {batch, n}}, w, how});
  });
}

void diagonal::do_apply(queue& q, cvec x, vec y, mode how) const { run(q, x, y, how, 1); }
void diagonal::do_adjoint(queue& q, cvec y, vec x, mode how) const { run(q, y, x, how, -1); }

space subsample::range_of(const space& domain, const loaded_array& index) {
  if (index.values.empty() || index.of == field::complex)
    throw shape_error(fmt::format("{}: a list of indices is expected", index.described()));
  const shape& n = domain.extents();
  const auto leading = static_cast<std::size_t>(n.rank() - domain.blocks()[0].spatial);
  std::vector<index_t> extents(n.extents().begin(), n.extents().begin() + std::ptrdiff_t(leading));
  extents.push_back(std::ssize(index.values));
  return {shape(extents), domain.blocks()[0].of, 1};
}

subsample::subsample(queue& q, const space& domain, const loaded_array& index, precision p)
    : linear_operator(domain, range_of(domain, index), infer_picks(domain, index),
                      placement{p, q.where()}),
      batch_(domain.extents().count() / image_count(domain)),
      count_(image_count(domain)),
      reals_(is_complex(domain) ? 2 : 1) {
  const std::vector<index_t> counts = counts_of(domain, index);
  std::vector<index_t> picks, start{0}, from(index.values.size());
  for (const index_t n : counts) start.push_back(start.back() + n);
  std::vector<index_t> next(start.begin(), start.end() - 1);
  for (std::size_t i = 0; i < index.values.size(); ++i) {
    picks.push_back(index_at(index, i, count_));
    from[static_cast<std::size_t>(next[static_cast<std::size_t>(picks.back())]++)] =
        static_cast<index_t>(i);
  }
  index_ = table<index_t>(q, picks);
  start_ = table<index_t>(q, start);
  from_ = table<index_t>(q, from);
  norm_ = around(std::sqrt(static_cast<double>(std::ranges::max(counts))), "most picks of one");
}

void subsample::do_apply(queue& q, cvec x, vec y, mode how) const {
  with_real(x.type(), [&]<class T>() {
    const index_t m = index_.count();
    parallel_for(q, {batch_, m},
                 kernel::pick<T>{{static_cast<const T*>(x.block().data), {batch_, count_, reals_}},
                                 {static_cast<T*>(y.block().data), {batch_, m, reals_}},
                                 index_.data(),
                                 how});
  });
}

void subsample::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  with_real(x.type(), [&]<class T>() {
    const index_t m = index_.count();
    parallel_for(q, {batch_, count_},
                 kernel::unpick<T>{{static_cast<const T*>(y.block().data), {batch_, m, reals_}},
                                   {static_cast<T*>(x.block().data), {batch_, count_, reals_}},
                                   start_.data(),
                                   from_.data(),
                                   how});
  });
}

loaded_array ones_where_set(const loaded_array& m) {
  loaded_array ones{m.name, m.extents, field::real, {}};
  if (m.of == field::complex)
    throw shape_error(fmt::format("the mask {} is complex", m.described()));
  for (const double v : m.values) {
    if (std::isnan(v)) throw data_error(fmt::format("the mask {} has NaN", m.described()));
    ones.values.push_back(v == 0 ? 0 : 1);
  }
  return ones;
}

namespace {

struct diagonal_spec final : op_spec {
  array_ptr weights;
  std::string name;
  diagonal_spec(array_ptr w, std::string n) : weights(std::move(w)), name(std::move(n)) {}
  space do_range(const space& x) const override {
    require_trailing_axes(x, *weights);
    return x;
  }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<diagonal>(q, x, *weights, p, name);
  }
};

struct subsample_spec final : op_spec {
  array_ptr index;
  explicit subsample_spec(array_ptr i) : index(std::move(i)) {}
  space do_range(const space& x) const override { return subsample::range_of(x, *index); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<subsample>(q, x, *index, p);
  }
};

struct multiple_spec final : op_spec {
  double factor;
  explicit multiple_spec(double a) : factor(a) {}
  space do_range(const space& x) const override { return x; }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision, queue&) const override {
    return scale(factor, std::make_shared<identity>(x));
  }
};

using kind = argument_kind;

const registered<op_entry> scale_entry{
    {"scale", "a number times x", {{"factor", kind::number, "the number"}}, [](auto a) {
       return std::make_shared<multiple_spec>(number(a[0]));
     }}};

const registered<op_entry> diagonal_entry{
    {"diagonal",
     "an array times x, element by element",
     {{"weights", kind::array, "real or complex, x's trailing axes"}},
     [](auto a) { return std::make_shared<diagonal_spec>(loaded(a[0]), "diagonal"); }}};

const registered<op_entry> mask_entry{
    {"mask",
     "x where the mask is not 0, else 0",
     {{"mask", kind::array, "x's trailing axes"}},
     [](auto a) {
       return std::make_shared<diagonal_spec>(
           std::make_shared<loaded_array>(ones_where_set(*loaded(a[0]))), "mask");
     }}};

const registered<op_entry> subsample_entry{
    {"subsample",
     "a list of elements of each image",
     {{"indices", kind::array, "in C order over the spatial axes, from 0; may repeat"}},
     [](auto a) { return std::make_shared<subsample_spec>(loaded(a[0])); }}};

}  // namespace
}  // namespace ir
