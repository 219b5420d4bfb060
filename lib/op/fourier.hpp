#pragma once
#include <memory>

#include "fft/plan.hpp"
#include "op/image_layout.hpp"
#include "op/linear_operator.hpp"

namespace ir {

/// Discrete Fourier transform over the spatial axes, orthonormal:
///
///   X[k] = N^(-1/2) sum_j x[j] exp(-2 pi i <j, k / n>)
///
/// domain  one block, real or complex, any unit
/// range   complex; of a real x the frequencies 0 .. n/2 of the last axis alone, those that stand
///         for two weighted by sqrt 2, so that lengths are kept
/// norm    1; unitary for complex x, isometric for real x. Its adjoint is the inverse transform.
class fourier final : public linear_operator {
 public:
  /// shape_error: several blocks, no spatial axis, empty.
  fourier(const space& domain, precision, device);
  static space range_of(const space& domain);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  void weigh(queue&, cref from, ref to, double inner, mode) const;
  std::string do_name() const override { return "fft"; }
  index_t do_scratch(precision) const override;

  bool real_;
  index_t last_;  // extent of the last axis of the domain
  double scale_;
  std::shared_ptr<const fft_plan> forward_, backward_;
};

/// Cosine transform (DCT-II) over the spatial axes, orthonormal: along each
///
///   X[k] = c_k sum_j x[j] cos(pi (j + 1/2) k / n),  c_0 = sqrt(1 / n), else sqrt(2 / n)
///
/// domain, range  one real block with 1 to 3 spatial axes, any unit
/// norm           1; unitary
class cosine_transform final : public linear_operator {
 public:
  cosine_transform(queue&, const space& domain, precision);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::string do_name() const override { return "dct"; }
  index_t do_scratch(precision) const override;

  image_layout n_;
  std::shared_ptr<const fft_plan> forward_, backward_;
  op_ptr matrices_;  // on a GPU, which has no such plan: a matrix along each axis
};

}  // namespace ir
