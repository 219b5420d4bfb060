#pragma once
#include <memory>
#include <optional>
#include <string>

#include "op/linear_operator.hpp"

namespace ir {

enum class offer : std::uint8_t { none, inexact, exact };

/// What a functional is and can do; an algorithm is chosen from it.
struct abilities {
  bool convex = true;
  bool gradient = false;
  offer prox = offer::none;
  bool diagonal_step = false;  // prox takes a step for each element
  bool conjugate = false;      // the value of f*
  bool finite = true;          // everywhere: no constraint in it
  /// Bounds of the Lipschitz constant of the gradient; nullopt: unknown, or there is none.
  std::optional<bound> lipschitz{};
  double strong = 0;  // modulus of strong convexity
};

/// tau, or tau diag(d) with d > 0.
struct step {
  double value = 1;
  std::optional<cvec> diagonal{};
};

/// f(x) = weight/2 sum_i d_i (x_i - c_i)^2 + constant; absent: d = 1, c = 0.
struct quadratic_form {
  double weight = 1;
  std::optional<cvec> diagonal{}, centre{};
};

class functional;
using fn_ptr = std::shared_ptr<const functional>;

/// A convex function of an element of a space, to real numbers and +infinity. Immutable; used from
/// many threads at once, each with its own queue.
class functional {
 public:
  virtual ~functional() = default;
  functional(const functional&) = delete;
  functional& operator=(const functional&) = delete;

  const space& domain() const { return domain_; }
  const abilities& can() const { return can_; }
  /// What it is, for messages: "0.02 l1".
  const std::string& name() const { return name_; }

  // shape_error: spaces; usage_error: precision, device, or an ability that is not there. `out` may
  // be `x` in all of these.

  /// +infinity outside the domain of f.
  double value(queue&, cvec x) const;
  /// f*(y) = sup_x <x, y> - f(x).
  double conjugate(queue&, cvec y) const;
  /// g = grad f(x).
  void gradient(queue&, cvec x, vec g) const;
  /// out = argmin_z f(z) + <z - x, T^-1 (z - x)> / 2, T the step. usage_error: a step that is not
  /// above 0, or an infinite one.
  void prox(queue&, cvec x, const step&, vec out) const;
  /// The same of f*.
  void prox_conjugate(queue&, cvec y, const step&, vec out) const;

  /// f as a quadratic form, with pointers into f; nullopt: it is none.
  std::optional<quadratic_form> quadratic() const { return do_quadratic(); }
  /// weight f for functionals that absorb a factor; null: `scaled` does it around them.
  fn_ptr times(double weight) const { return do_times(weight); }

 protected:
  functional(std::string name, space domain, abilities, std::optional<placement> tables = {});

 private:
  virtual double do_value(queue&, cvec x) const = 0;
  virtual double do_conjugate(queue&, cvec y) const;
  virtual void do_gradient(queue&, cvec x, vec g) const;
  virtual void do_prox(queue&, cvec x, const step&, vec out) const;
  /// By Moreau's identity, prox_{S f*}(y) = y - S prox_{S^-1 f}(S^-1 y).
  virtual void do_prox_conjugate(queue&, cvec y, const step&, vec out) const;
  virtual std::optional<quadratic_form> do_quadratic() const { return {}; }
  virtual fn_ptr do_times(double) const { return {}; }

  void check(const queue&, cvec) const;
  void check_step(const queue&, const step&) const;

  std::string name_;
  space domain_;
  abilities can_;
  std::optional<placement> tables_;
};

/// A functional before its space is known.
struct fn_spec {
  virtual ~fn_spec() = default;
  virtual fn_ptr build(const space&, precision, queue&) const = 0;
};
using fn_spec_ptr = std::shared_ptr<const fn_spec>;

/// weight f(A x); A null: f(x).
struct term {
  double weight = 1;
  fn_ptr f;
  op_ptr A{};
};

}  // namespace ir
