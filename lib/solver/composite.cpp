#include "solver/composite.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "fn/combine.hpp"

namespace ir {
namespace {

std::vector<fn_ptr> functionals_of(const std::vector<term>& terms) {
  std::vector<fn_ptr> all;
  for (const term& t : terms) all.push_back(t.f);
  return all;
}

}  // namespace

term_sum::term_sum(const space& domain, const std::vector<term>& terms)
    : domain_(domain), terms_(terms) {
  for (term& t : terms_) {
    const space& from = t.A ? t.A->domain() : domain_;
    const space& to = t.A ? t.A->range() : domain_;
    if (from != domain_)
      throw shape_error(fmt::format("the operator of {} takes {}, the unknown is {}", t.f->name(),
                                    to_string(from), to_string(domain_)));
    if (t.f->domain() != to)
      throw shape_error(fmt::format("{} is a functional on {}, its operator gives {}", t.f->name(),
                                    to_string(t.f->domain()), to_string(to)));
    t.f = scaled(t.weight, t.f);
    t.weight = 1;
  }
}

double norm_square_of(const term& t) {
  if (!t.A) return 1;
  const std::optional<bound> norm = t.A->norm();
  if (!norm)
    throw usage_error(fmt::format(
        "the norm of the operator of {} ({} to {}) is unknown: estimate it before solving",
        t.f->name(), to_string(t.A->domain()), to_string(t.A->range())));
  return norm->upper * norm->upper;
}

smooth_sum::smooth_sum(const space& domain, const std::vector<term>& terms)
    : term_sum(domain, terms) {
  for (const term& t : terms_)
    if (!t.f->can().gradient) throw usage_error(fmt::format("{} has no gradient", t.f->name()));
}

double smooth_sum::value(queue& q, cvec x) const {
  double sum = 0;
  for (const term& t : terms_) {
    if (!t.A) {
      sum += t.f->value(q, x);
      continue;
    }
    const scratch_vec Ax(q, t.A->range(), x.type());
    t.A->apply(q, x, Ax);
    sum += t.f->value(q, Ax);
  }
  return sum;
}

void smooth_sum::gradient(queue& q, cvec x, vec g) const {
  if (terms_.empty()) return fill(q, 0, g);
  mode how = mode::set;
  for (const term& t : terms_) {
    const scratch_vec inner(q, t.f->domain(), x.type());
    if (t.A) {
      t.A->apply(q, x, inner);
      t.f->gradient(q, inner, inner);
      t.A->adjoint(q, inner, g, how);
    } else {
      t.f->gradient(q, x, inner);
      axpby(q, 1, inner, how == mode::set ? 0 : 1, g);
    }
    how = mode::add;
  }
}

double smooth_sum::lipschitz() const {
  double sum = 0;
  for (const term& t : terms_) {
    const auto& own = t.f->can().lipschitz;
    if (!own)
      throw usage_error(
          fmt::format("the Lipschitz constant of the gradient of {} is unknown", t.f->name()));
    sum += own->upper * norm_square_of(t);
  }
  return sum;
}

double smooth_sum::strong() const {
  double sum = 0;
  for (const term& t : terms_)
    if (!t.A) sum += t.f->can().strong;
  return sum;
}

coupled_sum::coupled_sum(const space& domain, const std::vector<term>& terms)
    : term_sum(domain, terms), range_(domain) {
  h_ = separable_sum(functionals_of(terms_));
  range_ = h_->domain();
  for (const term& t : terms_)
    if (t.f->can().prox == offer::none)
      throw usage_error(fmt::format("{} has no prox", t.f->name()));
}

void coupled_sum::apply(queue& q, cvec x, vec Kx) const {
  int block = 0;
  for (const term& t : terms_) {
    const vec part = Kx.slice(block, t.f->domain());
    if (t.A)
      t.A->apply(q, x, part);
    else
      copy(q, x, part);
    block += static_cast<int>(t.f->domain().blocks().size());
  }
}

void coupled_sum::adjoint(queue& q, cvec y, vec x, mode how) const {
  int block = 0;
  for (const term& t : terms_) {
    const cvec part = y.slice(block, t.f->domain());
    if (t.A)
      t.A->adjoint(q, part, x, how);
    else
      axpby(q, 1, part, how == mode::set ? 0 : 1, x);
    how = mode::add;
    block += static_cast<int>(t.f->domain().blocks().size());
  }
}

double coupled_sum::norm_square() const {
  double sum = 0;
  for (const term& t : terms_) sum += norm_square_of(t);
  return sum;
}

}  // namespace ir
