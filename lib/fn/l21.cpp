#include "fn/l21.hpp"

#include "fn/group_kernel.hpp"
#include "fn/l1.hpp"
#include "fn/pointwise.hpp"
#include "fn/registry.hpp"

namespace ir {
namespace {

// body<T, M>(groups, reals of x, reals of out, points) for every block.
template <class Body>
void each_block(const space& in, precision p, const Body& body) {
  with_real(p, [&]<class T>() {
    for (const space::block& b : in.blocks()) {
      const int parts = b.of == field::complex ? 2 : 1;
      index_t points = 1;
      for (int a = b.extents.rank() - b.spatial; a < b.extents.rank(); ++a) points *= b.extents[a];
      const index_t components = b.extents.count() / points, stride = parts * points;
      const auto with = [&]<int M>() {
        body(kernel::groups<T, M>{components, stride, parts}, b.offset, points);
      };
      if (components == 1)
        with.template operator()<1>();
      else if (components == 2)
        with.template operator()<2>();
      else if (components == 3)
        with.template operator()<3>();
      else
        with.template operator()<0>();
    }
  });
}

template <class T>
const T* at(cvec x, index_t offset) {
  return static_cast<const T*>(x.data()) + offset;
}
template <class T>
T* at(vec x, index_t offset) {
  return static_cast<T*>(x.data()) + offset;
}

}  // namespace

l21::l21(const space& in, double weight)
    : functional(detail::weighted_name("l21", weight), in,
                 {.prox = offer::exact, .conjugate = true}),
      weight_(weight) {}

double l21::do_value(queue& q, cvec x) const {
  double sum = 0;
  each_block(domain(), x.type(),
             [&]<class T, int M>(const kernel::groups<T, M>& g, index_t offset, index_t points) {
               sum += sum_for(q, points, kernel::group_norm<T, M>{g, at<T>(x, offset)});
             });
  return weight_ * sum;
}

double l21::do_conjugate(queue& q, cvec y) const {
  double excess = 0;
  each_block(domain(), y.type(),
             [&]<class T, int M>(const kernel::groups<T, M>& g, index_t offset, index_t points) {
               const double rounding = 256 * double(std::numeric_limits<T>::epsilon());
               excess += sum_for(
                   q, points,
                   kernel::group_excess<T, M>{g, at<T>(y, offset), weight_ * (1 + rounding)});
             });
  return excess > 0 ? std::numeric_limits<double>::infinity() : excess;  // NaN stays
}

void l21::do_prox(queue& q, cvec x, const step& s, vec out) const {
  each_block(domain(), x.type(),
             [&]<class T, int M>(const kernel::groups<T, M>& g, index_t offset, index_t points) {
               parallel_for(q, {points},
                            kernel::group_shrink<T, M>{g, at<T>(x, offset), at<T>(out, offset),
                                                       T(s.value * weight_)});
             });
}

void l21::do_prox_conjugate(queue& q, cvec y, const step&, vec out) const {
  each_block(domain(), y.type(),
             [&]<class T, int M>(const kernel::groups<T, M>& g, index_t offset, index_t points) {
               parallel_for(q, {points},
                            kernel::group_project<T, M>{g, at<T>(y, offset), at<T>(out, offset),
                                                        T(weight_)});
             });
}

fn_ptr l21::do_times(double factor) const {
  return std::make_shared<l21>(domain(), factor * weight_);
}

namespace {

term_spec total_variation(std::span<const argument> a, bool isotropic) {
  const op_entry* gradient = find_op("gradient");
  if (!gradient) throw bug_error("the operator gradient is not registered");
  std::vector<std::pair<std::string, argument>> given{{"spacing", a[0]}};
  const spec_ptr G = gradient->make(arguments_for(*gradient, given));
  const auto f = functional_of([isotropic](const space& x, precision, queue&) -> fn_ptr {
    if (isotropic) return std::make_shared<l21>(x);
    return std::make_shared<l1>(x);
  });
  return {1, f, G};
}

const std::vector<parameter> spacing{
    {"spacing", argument_kind::numbers, "pixel size for each axis", argument(std::vector{1.0})}};
const registered<fn_entry> entry{
    {"l21",
     "sum over the points of space of the Euclidean norm of what lies at one point: all components "
     "and channels, both parts of complex numbers",
     {},
     [](auto) -> term_spec {
       return {1, functional_of(
                      [](const space& x, precision, queue&) { return std::make_shared<l21>(x); })};
     }}};
const registered<fn_entry> isotropic{
    {"tv", "isotropic total variation, l21 * gradient; channels are coupled", spacing,
     [](auto a) { return total_variation(a, true); }}};
const registered<fn_entry> anisotropic{{"tv_anisotropic",
                                        "anisotropic total variation, l1 * gradient", spacing,
                                        [](auto a) { return total_variation(a, false); }}};

}  // namespace
}  // namespace ir
