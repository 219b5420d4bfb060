#pragma once
#include <span>
#include <utility>

#include "core/space.hpp"

namespace ir {

/// Vector arithmetic on the queue's device, asynchronous on a GPU. All vectors of a call have the
/// same space (else shape_error) and the queue's device and one precision (else usage_error); two
/// arguments may be the same vector. Gaps between blocks stay 0.
void fill(queue&, double a, vec y);                     // y = a, complex elements: a + 0i
void copy(queue&, cvec x, vec y);                       // y = x
void scale(queue&, double a, vec y);                    // y = a y
void axpby(queue&, double a, cvec x, double b, vec y);  // y = a x + b y; b = 0 does not read y
void multiply(queue&, cvec w, vec y);                   // y = w y, real by real

/// <x, y> = Re x^H y, in f64 whatever the precision: the sum over all reals of the element, the
/// same bits for any number of threads. Solvers take all sums from one such object, so a
/// distributed run replaces `do_reduce` and nothing else.
class inner_product {
 public:
  inner_product() = default;
  virtual ~inner_product() = default;
  inner_product(const inner_product&) = delete;
  inner_product& operator=(const inner_product&) = delete;

  double dot(queue&, cvec x, cvec y) const;
  double norm(queue&, cvec x) const;  // sqrt(<x, x>)
  /// out[i] = <first, second> of pair i; one reduction for all.
  void dots(queue&, std::span<const std::pair<cvec, cvec>>, std::span<double> out) const;

  /// y = a x + b y in the same pass; returns <y, y>.
  double axpby_square(queue&, double a, cvec x, double b, vec y) const;
  /// x += a p, r -= a q in the same pass; returns <r, r>: the update of conjugate gradients.
  double descend_square(queue&, double a, cvec p, cvec q, vec x, vec r) const;

 private:
  /// Adds the sums of this process to those of the others.
  virtual void do_reduce(std::span<double>) const {}
};

}  // namespace ir
