#include "solver/normal_equations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "fn/combine.hpp"

namespace ir {
namespace {

struct quadratic_term {
  fn_ptr f;  // keeps the vectors of the form
  op_ptr A;
  quadratic_form form;
};

class normal_operator final : public linear_operator {
 public:
  normal_operator(const space& domain, std::vector<quadratic_term> terms)
      : linear_operator(domain, domain, {.self_adjoint = true, .positive = true}),
        terms_(std::move(terms)) {}

 private:
  void do_apply(queue& q, cvec x, vec Mx, mode how) const override {
    if (how == mode::set) fill(q, 0, Mx);
    const scratch_vec one(q, domain(), x.type());
    for (const quadratic_term& t : terms_) {
      if (t.A) {
        t.A->normal(q, x, one, t.form.diagonal);
      } else {
        copy(q, x, one);
        if (t.form.diagonal) multiply(q, *t.form.diagonal, one);
      }
      axpby(q, t.form.weight, one, 1, Mx);
    }
  }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override { do_apply(q, y, x, how); }
  index_t do_scratch(precision p) const override {
    index_t most = 0;
    for (const quadratic_term& t : terms_)
      if (t.A) most = std::max(most, t.A->scratch_bytes(p));
    return most + scratch_bytes_of(domain(), p);
  }
  std::string do_name() const override { return "normal equations"; }

  std::vector<quadratic_term> terms_;
};

// b += w A^H D c
void add_right(queue& q, const quadratic_term& t, precision type, vec b) {
  if (!t.form.centre) return;
  owned_vec pulled(q, t.f->domain(), type);
  copy(q, *t.form.centre, pulled);
  if (t.form.diagonal) multiply(q, *t.form.diagonal, pulled);
  scale(q, t.form.weight, pulled);
  if (t.A)
    t.A->adjoint(q, pulled, b, mode::add);
  else
    axpby(q, 1, pulled, 1, b);
}

}  // namespace

normal_equations normal_equations_of(queue& q, const space& domain, precision type,
                                     const std::vector<term>& terms) {
  std::vector<quadratic_term> all;
  owned_vec b(q, domain, type);
  for (const term& t : terms) {
    const auto form = t.f->quadratic();
    if (!form) throw usage_error(fmt::format("{} is no quadratic form", t.f->name()));
    all.push_back({t.f, t.A, *form});
    all.back().form.weight *= t.weight;
    add_right(q, all.back(), type, b);
  }
  return {std::make_shared<normal_operator>(domain, std::move(all)), std::move(b)};
}

}  // namespace ir
