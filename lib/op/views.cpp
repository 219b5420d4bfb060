#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "op/algebra.hpp"
#include "op/algebra_parts.hpp"

// Views of one operator: its multiple and its adjoint.
namespace ir {
namespace {

std::optional<double> times(double a, std::optional<double> b) {
  return b ? std::optional(a * *b) : b;
}

traits scaled(double a, traits t) {
  t.semi_orthogonal = times(a * a, t.semi_orthogonal);
  t.isometric = times(a * a, t.isometric);
  t.constant = times(a, t.constant);
  t.unitary = t.unitary && std::abs(a) == 1;
  t.positive = t.positive && a >= 0;
  t.nonnegative = t.nonnegative && a >= 0;
  return t;
}

class scaled_operator final : public linear_operator {
 public:
  scaled_operator(double a, op_ptr A)
      : linear_operator(A->domain(), A->range(), scaled(a, A->properties())), a_(a), part_{A} {}
  double factor() const { return a_; }

 private:
  const linear_operator& A() const { return *part_[0]; }
  void do_apply(queue& q, cvec x, vec y, mode how) const override {
    if (how == mode::set) {
      A().apply(q, x, y);
      return ir::scale(q, a_, y);
    }
    const scratch_vec t(q, range(), x.type());
    A().apply(q, x, t);
    axpby(q, a_, t, 1, y);
  }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override {
    if (how == mode::set) {
      A().adjoint(q, y, x);
      return ir::scale(q, a_, x);
    }
    const scratch_vec t(q, domain(), x.type());
    A().adjoint(q, y, t);
    axpby(q, a_, t, 1, x);
  }
  void do_normal(queue& q, cvec x, vec z, std::optional<cvec> weight) const override {
    A().normal(q, x, z, weight);
    ir::scale(q, a_ * a_, z);
  }
  std::optional<bound> do_norm() const override {
    auto b = A().norm();
    if (a_ == 0) return bound{0, 0, "0"};
    if (b) b->lower *= std::abs(a_), b->upper *= std::abs(a_);
    return b;
  }
  void do_learn(const bound& b) const override {
    if (a_ != 0) A().learn_norm({b.lower / std::abs(a_), b.upper / std::abs(a_), b.how});
  }
  std::string do_name() const override { return fmt::format("{:g} times", a_); }
  std::span<const op_ptr> do_parts() const override { return part_; }
  index_t do_scratch(precision p) const override {
    return A().scratch_bytes(p) +
           std::max(scratch_bytes_of(domain(), p), scratch_bytes_of(range(), p));
  }

  double a_;
  op_ptr part_[1];
};

traits adjoined(traits t) {
  std::swap(t.semi_orthogonal, t.isometric);
  t.constant.reset();  // of the rows; those of the adjoint are the columns
  t.convolution_bank = t.fourier_diagonal;
  t.selects = t.diagonal;
  return t;
}

class adjoint_view final : public linear_operator {
 public:
  explicit adjoint_view(op_ptr A)
      : linear_operator(A->range(), A->domain(), adjoined(A->properties())), part_{A} {}

 private:
  const linear_operator& A() const { return *part_[0]; }
  void do_apply(queue& q, cvec x, vec y, mode how) const override { A().adjoint(q, x, y, how); }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override { A().apply(q, y, x, how); }
  std::optional<bound> do_norm() const override { return A().norm(); }
  void do_learn(const bound& b) const override { A().learn_norm(b); }
  std::string do_name() const override { return "adjoint"; }
  std::span<const op_ptr> do_parts() const override { return part_; }
  index_t do_scratch(precision p) const override { return A().scratch_bytes(p); }

  op_ptr part_[1];
};

}  // namespace

op_ptr scale(double a, op_ptr A) {
  detail::check_operands({A}, "a multiple");
  if (!std::isfinite(a)) throw usage_error(fmt::format("{} times an operator: not a number", a));
  if (a == 1) return A;
  if (const auto* s = dynamic_cast<const scaled_operator*>(A.get()))
    return scale(a * s->factor(), s->parts()[0]);
  return std::make_shared<scaled_operator>(a, std::move(A));
}

op_ptr adjoint(op_ptr A) {
  detail::check_operands({A}, "an adjoint");
  if (A->properties().self_adjoint) return A;
  if (op_ptr base = adjoint_of(*A)) return base;
  if (op_ptr product = detail::adjoint_chain(A)) return product;
  if (const auto* s = dynamic_cast<const scaled_operator*>(A.get()))
    return scale(s->factor(), adjoint(s->parts()[0]));
  return std::make_shared<adjoint_view>(std::move(A));
}

op_ptr adjoint_of(const linear_operator& A) {
  const auto* view = dynamic_cast<const adjoint_view*>(&A);
  return view == nullptr ? nullptr : view->parts()[0];
}

void detail::check_operands(const std::vector<op_ptr>& all, const char* what) {
  if (all.empty()) throw usage_error(fmt::format("{} of no operators", what));
  for (const op_ptr& A : all)
    if (!A) throw usage_error(fmt::format("{}: an operand is missing", what));
}

}  // namespace ir
