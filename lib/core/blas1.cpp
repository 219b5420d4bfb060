#include "core/blas1.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/blas1_kernel.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"

namespace ir {
namespace {

void check(const queue& q, cvec x) {
  if (x.where() != q.where())
    throw usage_error("a vector lies on another device than the queue works on: copy it");
}

void check(const queue& q, cvec x, cvec y) {
  check(q, x);
  check(q, y);
  if (x.in() != y.in())
    throw shape_error(
        fmt::format("vectors of {} and {} do not fit", to_string(x.in()), to_string(y.in())));
  if (x.type() != y.type())
    throw usage_error(fmt::format("vectors of {} and {}: one precision is expected",
                                  name_of(x.type()), name_of(y.type())));
}

template <class T>
T* reals(vec x) {
  return static_cast<T*>(x.data());
}
template <class T>
const T* reals(cvec x) {
  return static_cast<const T*>(x.data());
}

}  // namespace

void fill(queue& q, double a, vec y) {
  check(q, y);
  with_real(y.type(), [&]<class T>() {
    if (a == 0) return parallel_for(q, {y.in().size()}, kernel::fill<T>{reals<T>(y), T(0)});
    for (std::size_t i = 0; i < y.in().blocks().size(); ++i) {
      const space::block& b = y.in().blocks()[i];
      T* data = reals<T>(y) + b.offset;
      const index_t n = b.extents.count();
      if (b.of == field::complex)
        parallel_for(q, {2 * n}, kernel::fill_complex<T>{data, T(a)});
      else
        parallel_for(q, {n}, kernel::fill<T>{data, T(a)});
    }
  });
}

void copy(queue& q, cvec x, vec y) {
  check(q, x, y);
  with_real(y.type(), [&]<class T>() {
    parallel_for(q, {y.in().size()}, kernel::scaled_copy<T>{reals<T>(x), reals<T>(y), T(1)});
  });
}

void scale(queue& q, double a, vec y) {
  check(q, y);
  with_real(y.type(), [&]<class T>() {
    parallel_for(q, {y.in().size()}, kernel::scale<T>{reals<T>(y), T(a)});
  });
}

void axpby(queue& q, double a, cvec x, double b, vec y) {
  check(q, x, y);
  with_real(y.type(), [&]<class T>() {
    if (b == 0)
      parallel_for(q, {y.in().size()}, kernel::scaled_copy<T>{reals<T>(x), reals<T>(y), T(a)});
    else
      parallel_for(q, {y.in().size()}, kernel::axpby<T>{reals<T>(x), reals<T>(y), T(a), T(b)});
  });
}

void multiply(queue& q, cvec w, vec y) {
  check(q, w, y);
  with_real(y.type(), [&]<class T>() {
    parallel_for(q, {y.in().size()}, kernel::multiply<T>{reals<T>(w), reals<T>(y)});
  });
}

double inner_product::dot(queue& q, cvec x, cvec y) const {
  double sum = 0;
  const std::pair<cvec, cvec> pair{x, y};
  dots(q, {&pair, 1}, {&sum, 1});
  return sum;
}

double inner_product::norm(queue& q, cvec x) const { return std::sqrt(dot(q, x, x)); }

void inner_product::dots(queue& q, std::span<const std::pair<cvec, cvec>> pairs,
                         std::span<double> out) const {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto& [x, y] = pairs[i];
    check(q, x, y);
    with_real(x.type(), [&, &x = x, &y = y]<class T>() {
      out[i] = sum_for(q, x.in().size(), kernel::dot<T>{reals<T>(x), reals<T>(y)});
    });
  }
  do_reduce(out);
}

double inner_product::axpby_square(queue& q, double a, cvec x, double b, vec y) const {
  check(q, x, y);
  double sum = 0;
  with_real(y.type(), [&]<class T>() {
    sum = sum_for(q, y.in().size(), kernel::axpby_square<T>{reals<T>(x), reals<T>(y), T(a), T(b)});
  });
  do_reduce({&sum, 1});
  return sum;
}

double inner_product::descend_square(queue& queue_, double a, cvec p, cvec q, vec x, vec r) const {
  check(queue_, p, q);
  check(queue_, p, x);
  check(queue_, p, r);
  double sum = 0;
  with_real(x.type(), [&]<class T>() {
    sum = sum_for(
        queue_, x.in().size(),
        kernel::descend_square<T>{reals<T>(p), reals<T>(q), reals<T>(x), reals<T>(r), T(a)});
  });
  do_reduce({&sum, 1});
  return sum;
}

}  // namespace ir
