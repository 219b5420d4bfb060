#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "core/space.hpp"

namespace ir {

/// lower <= value <= upper, and the way it was found.
struct bound {
  double lower, upper;
  std::string how;
};
/// Precision and device of an operator's tables; an operator without tables serves all.
struct placement {
  precision type;
  device where;
};
/// `value` up to the rounding of the sums and products that it was computed with: 1e-12 of it on
/// both sides, far more than a closed form loses.
bound around(double value, std::string how);
/// What holds if both do. They come from different sources: rounding may cross them.
bound intersection(const bound&, const bound&);

/// What is known of an operator; false and absent mean unknown. `positive`: self-adjoint and
/// <x, A x> >= 0; `diagonal`: in the space; `fourier_diagonal`: a circular convolution;
/// `convolution_bank`: each image (over the spatial axes) becomes images of its own, by the same
/// circular convolutions for all, so that A^H A is a circular convolution: a periodic gradient.
struct traits {
  bool self_adjoint{}, positive{}, unitary{}, diagonal{}, fourier_diagonal{}, convolution_bank{};
  std::optional<double> semi_orthogonal{};  // c in A A^H = c I
  std::optional<double> isometric{};        // c in A^H A = c I
  bool nonnegative{};                       // no entry of the (real) matrix is below 0
  std::optional<double> constant{};         // s in A 1 = s 1: what a constant image becomes
  bool selects{};  // each element of the range is a multiple of one of x: A^H W A is diagonal
};

class linear_operator;
using op_ptr = std::shared_ptr<const linear_operator>;

/// A linear map between two spaces. Immutable; applied from many threads at once, each with its own
/// queue; a call allocates nothing but scratch of its queue.
class linear_operator {
 public:
  virtual ~linear_operator() = default;
  linear_operator(const linear_operator&) = delete;
  linear_operator& operator=(const linear_operator&) = delete;

  const space& domain() const { return domain_; }
  const space& range() const { return range_; }
  const traits& properties() const { return traits_; }
  /// The most scratch memory that one call takes.
  index_t scratch_bytes(precision) const;

  /// Bounds of ||A||; nullopt: unknown (not infinite). Asked for anew on each call: what an operand
  /// has learned since tightens the answer.
  std::optional<bound> norm() const;
  /// A bound found by other means; it only tightens. Views hand it on to what they look at.
  void learn_norm(const bound&) const;

  /// What a report calls it: "blur", "product".
  std::string name() const { return do_name(); }
  /// Operands of a composite, in the order of the expression; none: a leaf.
  std::span<const op_ptr> parts() const { return do_parts(); }

  /// y = A x or y += A x. shape_error: spaces; usage_error: precision, device, x and y overlap.
  void apply(queue&, cvec x, vec y, mode = mode::set) const;
  /// x = A^H y or x += A^H y.
  void adjoint(queue&, cvec y, vec x, mode = mode::set) const;
  /// z = A^H W A x, W a diagonal on the range, real by real (a complex element's weight stands in
  /// both parts); absent: identity.
  void normal(queue&, cvec x, vec z, std::optional<cvec> weight = {}) const;

 protected:
  linear_operator(space domain, space range, traits = {}, std::optional<placement> tables = {});

 private:
  virtual void do_apply(queue&, cvec x, vec y, mode) const = 0;
  virtual void do_adjoint(queue&, cvec y, vec x, mode) const = 0;
  virtual void do_normal(queue&, cvec x, vec z, std::optional<cvec> weight) const;  // the two above
  virtual std::optional<bound> do_norm() const { return {}; }
  virtual void do_learn(const bound&) const {}
  virtual std::string do_name() const { return "operator"; }
  virtual std::span<const op_ptr> do_parts() const { return {}; }
  virtual index_t do_scratch(precision) const { return 0; }  // of do_apply and do_adjoint

  space domain_, range_;
  traits traits_;
  std::optional<placement> tables_;
  mutable std::mutex norm_mutex_;
  mutable std::optional<bound> learned_;
};

}  // namespace ir
