#include "core/random.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/random_kernel.hpp"

namespace ir {
namespace {

template <class F>
void with_reals(ref y, F&& f) {
  switch (y.type) {
    case dtype::f32:
      return f(static_cast<float*>(y.data));
    case dtype::f64:
      return f(static_cast<double*>(y.data));
    default:
      throw usage_error(
          fmt::format("random numbers are made in f32 or f64, not in {}", name_of(y.type)));
  }
}

kernel::random_key key_of(const random_place& at) { return kernel::frame_key(at.seed, at.frame); }

}  // namespace

void random_uniform(queue& q, random_place at, ref y) {
  with_reals(y, [&]<class T>(T* to) {
    parallel_for(q, {y.extents.count()}, kernel::random_uniform<T>{to, key_of(at), at.first});
  });
}

void add_gaussian(queue& q, random_place at, double sigma, ref y) {
  if (!(sigma >= 0)) throw usage_error(fmt::format("sigma {}: at least 0 is expected", sigma));
  with_reals(y, [&]<class T>(T* to) {
    parallel_for(q, {y.extents.count()}, kernel::add_gaussian<T>{to, key_of(at), at.first, sigma});
  });
}

void make_poisson(queue& q, random_place at, double gain, ref y) {
  if (!(gain > 0)) throw usage_error(fmt::format("gain {}: above 0 is expected", gain));
  with_reals(y, [&]<class T>(T* to) {
    parallel_for(q, {y.extents.count()}, kernel::poisson_of<T>{to, key_of(at), at.first, gain});
  });
}

}  // namespace ir
