#include "fn/quotient.hpp"

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "fn/quotient_kernel.hpp"

namespace ir {
namespace {

void check_alike(cvec x, cvec y) {
  if (x.in() != y.in() || x.type() != y.type())
    throw shape_error("a quotient of vectors of " + to_string(x.in()) + " and " +
                      to_string(y.in()) + ": one space and one precision are expected");
}

}  // namespace

void reciprocal(queue& q, cvec x, vec y) {
  check_alike(x, y);
  with_real(y.type(), [&]<class T>() {
    parallel_for(q, {y.in().size()},
                 kernel::reciprocal<T>{static_cast<const T*>(x.data()), static_cast<T*>(y.data())});
  });
}

void divide_into(queue& q, cvec x, vec y, double floor) {
  check_alike(x, y);
  with_real(y.type(), [&]<class T>() {
    parallel_for(q, {y.in().size()},
                 kernel::divide_into<T>{static_cast<const T*>(x.data()), static_cast<T*>(y.data()),
                                        T(floor)});
  });
}

}  // namespace ir
