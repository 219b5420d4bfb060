#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "op/algebra.hpp"
#include "op/algebra_parts.hpp"

namespace ir {
namespace {

using factors = std::span<const op_ptr>;

bool is_identity(const linear_operator& A) {
  return A.properties().unitary && A.properties().positive;
}

bool adjoint_pair(const op_ptr& A, const op_ptr& B) {
  return adjoint_of(*A) == B || adjoint_of(*B) == A || (A == B && A->properties().self_adjoint);
}

// B^H ... C^H C ... B
bool mirrored(factors f) {
  if (f.size() < 2 || f.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < f.size() / 2; ++i)
    if (!adjoint_pair(f[i], f[f.size() - 1 - i])) return false;
  return true;
}

template <class Trait>
bool all(factors f, Trait trait) {
  return std::ranges::all_of(f, [&](const op_ptr& A) { return A->properties().*trait; });
}

std::optional<double> product_of(factors f, std::optional<double> traits::*constant) {
  double product = 1;
  for (const op_ptr& A : f) {
    if (!(A->properties().*constant)) return {};
    product *= *(A->properties().*constant);
  }
  return product;
}

traits infer(factors f) {
  traits t;
  t.unitary = all(f, &traits::unitary);
  t.diagonal = all(f, &traits::diagonal);
  t.fourier_diagonal = all(f, &traits::fourier_diagonal);
  t.convolution_bank = all(f, &traits::convolution_bank);
  t.nonnegative = all(f, &traits::nonnegative);
  t.selects = all(f, &traits::selects);
  t.semi_orthogonal = product_of(f, &traits::semi_orthogonal);
  t.isometric = product_of(f, &traits::isometric);
  t.constant = product_of(f, &traits::constant);
  const bool commute = t.diagonal || t.fourier_diagonal;
  t.self_adjoint = commute && all(f, &traits::self_adjoint);
  t.positive = mirrored(f) || (commute && all(f, &traits::positive));
  return t;
}

std::optional<bound> product_bound(factors f) {
  double square = 1;  // of what the factors at the ends multiply a norm with
  for (; !f.empty() && f.front()->properties().isometric; f = f.subspan(1))
    square *= *f.front()->properties().isometric;
  for (; !f.empty() && f.back()->properties().semi_orthogonal; f = f.first(f.size() - 1))
    square *= *f.back()->properties().semi_orthogonal;
  const double c = std::sqrt(square);
  if (f.empty()) return around(c, "product of isometries");
  if (f.size() == 1) {
    const auto b = f[0]->norm();
    if (!b) return {};
    return c == 1 ? *b : bound{c * b->lower, c * b->upper, "isometries times: " + b->how};
  }
  if (mirrored(f)) {
    const auto half = product_bound(f.subspan(f.size() / 2));
    if (!half) return {};
    return bound{c * half->lower * half->lower, c * half->upper * half->upper,
                 "square of: " + half->how};
  }
  double upper = c;
  for (const op_ptr& A : f) {
    const auto b = A->norm();
    if (!b) return {};
    upper *= b->upper;
  }
  return bound{0, upper, "product of the factors' bounds"};
}

/// A_1 A_2 ... A_n; the last one is applied first. Its intermediate results lie in scratch memory.
class chain final : public linear_operator {
 public:
  explicit chain(std::vector<op_ptr> f)
      : linear_operator(f.back()->domain(), f.front()->range(), infer(f)), factors_(std::move(f)) {}

 private:
  void do_apply(queue& q, cvec x, vec y, mode how) const override { forward(q, x, y, how, 1); }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override { backward(q, y, x, how, 0); }

  // `done`: how many factors, from the last one on, once this call is finished with one more.
  void forward(queue& q, cvec x, vec y, mode how, std::size_t done) const {
    const linear_operator& A = *factors_[factors_.size() - done];
    if (done == factors_.size()) return A.apply(q, x, y, how);
    const scratch_vec t(q, A.range(), x.type());
    A.apply(q, x, t);
    forward(q, t, y, how, done + 1);
  }
  void backward(queue& q, cvec y, vec x, mode how, std::size_t i) const {
    const linear_operator& A = *factors_[i];
    if (i + 1 == factors_.size()) return A.adjoint(q, y, x, how);
    const scratch_vec t(q, A.domain(), y.type());
    A.adjoint(q, y, t);
    backward(q, t, x, how, i + 1);
  }

  std::optional<bound> do_norm() const override { return product_bound(factors_); }
  std::string do_name() const override { return "product"; }
  std::span<const op_ptr> do_parts() const override { return factors_; }
  index_t do_scratch(precision p) const override {
    index_t between = 0, within = 0;
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      if (i > 0) between += scratch_bytes_of(factors_[i]->range(), p);
      within = std::max(within, factors_[i]->scratch_bytes(p));
    }
    return between + within;
  }

  std::vector<op_ptr> factors_;
};

void append(std::vector<op_ptr>& all, const op_ptr& A) {
  if (const auto* c = dynamic_cast<const chain*>(A.get()))
    all.insert(all.end(), c->parts().begin(), c->parts().end());
  else
    all.push_back(A);
}

}  // namespace

op_ptr compose(op_ptr A, op_ptr B) {
  detail::check_operands(std::vector{A, B}, "a product");
  if (A->domain() != B->range())
    throw shape_error(fmt::format("a product A B: A takes {}, B gives {}", to_string(A->domain()),
                                  to_string(B->range())));
  if (is_identity(*A)) return B;
  if (is_identity(*B)) return A;
  std::vector<op_ptr> f;
  append(f, A);
  append(f, B);
  return std::make_shared<chain>(std::move(f));
}

op_ptr detail::adjoint_chain(const op_ptr& A) {
  const auto* c = dynamic_cast<const chain*>(A.get());
  if (c == nullptr) return nullptr;
  std::vector<op_ptr> f;
  for (const op_ptr& factor : c->parts()) f.insert(f.begin(), adjoint(factor));
  return std::make_shared<chain>(std::move(f));
}

}  // namespace ir
