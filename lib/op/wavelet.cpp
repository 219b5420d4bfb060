#include "op/wavelet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/daubechies.hpp"
#include "op/registry.hpp"

namespace ir {
namespace {

constexpr const char* what = "a wavelet transform";

const space& halving(const space& s, int levels) {
  const image_layout n = layout_of(s, what);
  if (levels < 1 || levels > 30)
    throw usage_error(fmt::format("{} levels of wavelets: from 1 is expected", levels));
  for (int a = 0; a < 3; ++a)
    if (n.extent(a) > 1 && n.extent(a) % (index_t{1} << levels) != 0)
      throw shape_error(fmt::format(
          "a wavelet transform of {} levels on {}: extents must be multiples of {}; fewer levels, "
          "a crop, or the undecimated transform",
          levels, to_string(s), index_t{1} << levels));
  return s;
}

kernel::wavelet_box box_at(const image_layout& n, int level, int axis) {
  kernel::wavelet_box b{{n.nz, n.ny, n.nx}, {n.nz, n.ny, n.nx}, axis};
  for (index_t& extent : b.box)
    if (extent > 1) extent >>= level;
  return b;
}

}  // namespace

wavelet_transform::wavelet_transform(const space& domain, const std::string& name, int levels)
    : linear_operator(halving(domain, levels), domain, {.unitary = true}),
      n_(layout_of(domain, what)),
      levels_(levels),
      low_(wavelet_named(name)),
      high_(mirror_filter(low_)) {}

// Passes go from y to t and back: each pass along an axis is copied within its box, and as only the
// box is transformed further, what lies outside it stays.
void wavelet_transform::do_apply(queue& q, cvec x, vec y, mode how) const {
  const scratch_vec t(q, domain(), x.type()), own(q, domain(), x.type());
  const vec result = how == mode::set ? y : vec(own);
  copy(q, x, result);
  with_real(x.type(), [&]<class T>() {
    const index_t n[] = {n_.planes(), n_.ny, n_.nx};
    const auto f = kernel::bank_of<T>(low_, high_, 1);
    for (int level = 0; level < levels_; ++level)
      for (int axis = 0; axis < 3; ++axis) {
        if (n_.extent(axis) == 1) continue;
        const auto b = box_at(n_, level, axis);
        const auto to = view<T>(result, n), work = view<T>(vec(t), n);
        copy(q, result, t);
        parallel_for(q, {n_.images * b.box[0], b.box[1], b.box[2]},
                     kernel::wavelet_analysis<T>{{work.data, {n[0], n[1], n[2]}}, to, b, f});
      }
  });
  if (how == mode::add) axpby(q, 1, result, 1, y);
}

void wavelet_transform::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  const scratch_vec t(q, domain(), x.type()), own(q, domain(), x.type());
  const vec result = how == mode::set ? x : vec(own);
  copy(q, y, result);
  with_real(x.type(), [&]<class T>() {
    const index_t n[] = {n_.planes(), n_.ny, n_.nx};
    const auto f = kernel::bank_of<T>(low_, high_, 1);
    for (int level = levels_ - 1; level >= 0; --level)
      for (int axis = 2; axis >= 0; --axis) {
        if (n_.extent(axis) == 1) continue;
        const auto b = box_at(n_, level, axis);
        const auto to = view<T>(result, n), work = view<T>(vec(t), n);
        copy(q, result, t);
        parallel_for(q, {n_.images * b.box[0], b.box[1], b.box[2]},
                     kernel::wavelet_synthesis<T>{{work.data, {n[0], n[1], n[2]}}, to, b, f});
      }
  });
  if (how == mode::add) axpby(q, 1, result, 1, x);
}

index_t wavelet_transform::do_scratch(precision p) const {
  return 2 * scratch_bytes_of(domain(), p);
}

namespace {

struct wavelet_spec final : op_spec {
  std::string name;
  int levels = 1;
  wavelet_spec(std::string n, int l) : name(std::move(n)), levels(l) { wavelet_named(name); }
  space do_range(const space& x) const override { return halving(x, levels); }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision, queue&) const override {
    return std::make_shared<wavelet_transform>(x, name, levels);
  }
};

using kind = argument_kind;

const registered<op_entry> entry{
    {"wavelet",
     "orthogonal wavelet transform over the spatial axes, periodic",
     {{"name", kind::word, "haar, db1 to db10"},
      {"levels", kind::number, "how often; extents are multiples of 2^levels", argument(3.0)}},
     [](auto a) {
       return std::make_shared<wavelet_spec>(word(a[0]),
                                             static_cast<int>(whole_number(a[1], "levels", 1, 30)));
     }}};

}  // namespace
}  // namespace ir
