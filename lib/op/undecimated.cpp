#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/daubechies.hpp"
#include "op/registry.hpp"
#include "op/wavelet.hpp"

namespace ir {
namespace {

constexpr const char* what = "an undecimated wavelet transform";

// Those with more than one element.
std::vector<int> axes_of(const image_layout& n) {
  std::vector<int> axes;
  for (int a = 0; a < 3; ++a)
    if (n.extent(a) > 1) axes.push_back(a);
  return axes;
}

int checked_levels(int levels) {
  if (levels < 1 || levels > 30)
    throw usage_error(fmt::format("{} levels of wavelets: from 1 is expected", levels));
  return levels;
}

}  // namespace

space undecimated_wavelet::range_of(const space& domain, int levels) {
  const index_t details = (index_t{1} << axes_of(layout_of(domain, what)).size()) - 1;
  const shape& n = domain.extents();
  std::vector<index_t> all{1 + checked_levels(levels) * details};
  all.insert(all.end(), n.extents().begin(), n.extents().end());
  return {shape(all), field::real, domain.blocks()[0].spatial};
}

undecimated_wavelet::undecimated_wavelet(const space& domain, const std::string& name, int levels)
    : linear_operator(domain, range_of(domain, levels), {.isometric = 1}),
      n_(layout_of(domain, what)),
      levels_(levels),
      axes_(axes_of(n_)),
      low_(wavelet_named(name)),
      high_(mirror_filter(low_)) {}

void undecimated_wavelet::filter(queue& q, band b, bool low, index_t direction, cref from, ref to,
                                 mode how) const {
  with_real(from.type == dtype::f32 ? precision::f32 : precision::f64, [&]<class T>() {
    const index_t n[] = {n_.planes(), n_.ny, n_.nx};
    const auto f = kernel::bank_of<T>(low_, high_, std::sqrt(0.5));
    const kernel::wavelet_box box{
        {n_.nz, n_.ny, n_.nx}, {n_.nz, n_.ny, n_.nx}, axes_[static_cast<std::size_t>(b.axis)]};
    const index_t step = (index_t{1} << b.level) % box.box[box.axis];
    parallel_for(q, n,
                 kernel::periodic_filter<T>{view<T>(from, n), view<T>(to, n), box, f, low, step,
                                            direction, how});
  });
}

namespace {

// Component c of a vector with components before all other axes.
template <class V>
basic_ref<V> component(const basic_ref<V>& y, index_t c, const shape& extents) {
  using byte = std::conditional_t<std::is_const_v<V>, const std::byte, std::byte>;
  return {static_cast<byte*>(y.data) + c * extents.count() * size_of(y.type), y.type, extents,
          y.where};
}

}  // namespace

// Filters `from` along the axes that are left; where none is, it is a detail of this level or, all
// low, the rest.
void undecimated_wavelet::split(queue& q, band b, cvec from, vec y, vec rest, mode how) const {
  const shape& n = domain().extents();
  const bool last = b.axis + 1 == static_cast<int>(axes_.size());
  const index_t details = (index_t{1} << axes_.size()) - 1;
  for (const int high : {0, 1}) {
    const band next{b.level, b.axis + 1, 2 * b.bits + high};
    if (!last) {
      const scratch_vec t(q, domain(), from.type());
      filter(q, b, high == 0, 1, from.block(), vec(t).block(), mode::set);
      split(q, next, t, y, rest, how);
    } else if (next.bits == 0 && b.level + 1 < levels_) {
      filter(q, b, true, 1, from.block(), rest.block(), mode::set);
    } else if (next.bits == 0) {
      filter(q, b, true, 1, from.block(), component(y.block(), levels_ * details, n), how);
    } else {
      filter(q, b, high == 0, 1, from.block(),
             component(y.block(), b.level * details + next.bits - 1, n), how);
    }
  }
}

void undecimated_wavelet::merge(queue& q, band b, cvec y, cvec rest, vec to, mode how) const {
  const shape& n = domain().extents();
  const bool last = b.axis + 1 == static_cast<int>(axes_.size());
  const index_t details = (index_t{1} << axes_.size()) - 1;
  for (const int high : {0, 1}) {
    const band next{b.level, b.axis + 1, 2 * b.bits + high};
    const mode into = high == 0 ? how : mode::add;
    if (!last) {
      const scratch_vec t(q, domain(), to.type());
      merge(q, next, y, rest, t, mode::set);
      filter(q, b, high == 0, -1, cvec(t).block(), to.block(), into);
    } else if (next.bits == 0) {
      filter(q, b, true, -1, rest.block(), to.block(), into);
    } else {
      filter(q, b, high == 0, -1, component(y.block(), b.level * details + next.bits - 1, n),
             to.block(), into);
    }
  }
}

void undecimated_wavelet::do_apply(queue& q, cvec x, vec y, mode how) const {
  if (axes_.empty())  // one component of one element an image: x itself
    return axpby(q, 1, x, how == mode::add ? 1 : 0, vec(y.data(), y.type(), domain(), y.where()));
  const scratch_vec a(q, domain(), x.type()), b(q, domain(), x.type());
  vec from = a, rest = b;
  copy(q, x, from);
  for (int level = 0; level < levels_; ++level) {
    split(q, {level, 0, 0}, from, y, rest, how);
    std::swap(from, rest);
  }
}

void undecimated_wavelet::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  if (axes_.empty())
    return axpby(q, 1, cvec(y.data(), y.type(), domain(), y.where()), how == mode::add ? 1 : 0, x);
  const scratch_vec a(q, domain(), x.type()), b(q, domain(), x.type());
  vec rest = a, to = b;
  const index_t components = range().extents()[0];
  ir::copy(q, component(y.block(), components - 1, domain().extents()), rest.block());
  for (int level = levels_ - 1; level >= 0; --level) {
    merge(q, {level, 0, 0}, y, rest, level == 0 ? x : to, level == 0 ? how : mode::set);
    std::swap(rest, to);
  }
}

index_t undecimated_wavelet::do_scratch(precision p) const {
  return (2 + static_cast<index_t>(axes_.size())) * scratch_bytes_of(domain(), p);
}

namespace {

struct undecimated_spec final : op_spec {
  std::string name;
  int levels;
  undecimated_spec(std::string n, int l) : name(std::move(n)), levels(checked_levels(l)) {
    wavelet_named(name);
  }
  space do_range(const space& x) const override { return undecimated_wavelet::range_of(x, levels); }
  std::optional<space> do_domain(const space& y) const override {
    const shape& n = y.extents();
    const int spatial = y.blocks()[0].spatial;
    if (n.rank() <= spatial) return {};
    const space x(shape(n.extents().subspan(1)), field::real, spatial);
    if (undecimated_wavelet::range_of(x, levels) != y)
      throw shape_error(fmt::format("{} is no result of {} levels of undecimated wavelets",
                                    to_string(y), levels));
    return x;
  }
  op_ptr do_build(const space& x, precision, queue&) const override {
    return std::make_shared<undecimated_wavelet>(x, name, levels);
  }
};

using kind = argument_kind;

const registered<op_entry> entry{
    {"undecimated",
     "wavelet transform without halving, A^H A = 1; details of each level, then the rest",
     {{"name", kind::word, "haar, db1 to db10"},
      {"levels", kind::number, "how often", argument(3.0)}},
     [](auto a) {
       return std::make_shared<undecimated_spec>(
           word(a[0]), static_cast<int>(whole_number(a[1], "levels", 1, 30)));
     }}};

}  // namespace
}  // namespace ir
