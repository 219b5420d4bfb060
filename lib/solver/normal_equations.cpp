#include "solver/normal_equations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "op/algebra.hpp"
#include "op/identity.hpp"
#include "solver/circulant.hpp"

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

/// x_i d_i of an element of any space.
class multiplication final : public linear_operator {
 public:
  multiplication(queue& q, cvec d, bool positive)
      : linear_operator(d.in(), d.in(),
                        {.self_adjoint = true, .positive = positive, .diagonal = true},
                        placement{d.type(), d.where()}),
        d_(q, d.in(), d.type()) {
    copy(q, d, d_);
  }

 private:
  void do_apply(queue& q, cvec x, vec y, mode how) const override {
    const scratch_vec dx(q, domain(), x.type());
    copy(q, x, dx);
    multiply(q, d_, dx);
    axpby(q, 1, dx, how == mode::add ? 1 : 0, y);
  }
  void do_adjoint(queue& q, cvec y, vec x, mode how) const override { do_apply(q, y, x, how); }
  index_t do_scratch(precision p) const override { return scratch_bytes_of(domain(), p); }
  std::string do_name() const override { return "diagonal"; }

  owned_vec d_;
};

// Each real of v as f(value).
template <class F>
void transform(queue& q, vec v, F&& f) {
  for (std::size_t b = 0; b < v.in().blocks().size(); ++b) {
    const space::block& at = v.in().blocks()[b];
    const shape reals{at.extents.count() * (at.of == field::complex ? 2 : 1)};
    const ref there(static_cast<std::byte*>(v.data()) + at.offset * size_of(real_type(v.type())),
                    real_type(v.type()), reals, v.where());
    std::vector<double> values(static_cast<std::size_t>(reals.count()));
    const ref here(values.data(), dtype::f64, reals);
    copy(q, there, here);
    q.synchronize();
    std::transform(values.begin(), values.end(), values.begin(), f);
    copy(q, here, there);
    q.synchronize();
  }
}

// sqrt(w D) A and sqrt(w D) c
struct row {
  op_ptr A;
  owned_vec y;
};
row row_of(queue& q, const quadratic_term& t, const space& domain, precision type) {
  row r{t.A ? t.A : std::make_shared<identity>(domain), owned_vec(q, t.f->domain(), type)};
  const double root = std::sqrt(t.form.weight);
  if (t.form.centre) axpby(q, root, *t.form.centre, 0, r.y);
  if (t.form.diagonal) {
    owned_vec d(q, t.f->domain(), type);
    copy(q, *t.form.diagonal, d);
    transform(q, d, [](double v) { return std::sqrt(v); });
    multiply(q, d, r.y);
    r.A = compose(std::make_shared<multiplication>(q, d, true), r.A);
  }
  r.A = scale(root, r.A);
  return r;
}

std::vector<quadratic_term> quadratics_of(const std::vector<term>& terms) {
  std::vector<quadratic_term> all;
  for (const term& t : terms) {
    const auto form = t.f->quadratic();
    if (!form) throw usage_error(fmt::format("{} is no quadratic form", t.f->name()));
    all.push_back({t.f, t.A, *form});
    all.back().form.weight *= t.weight;
  }
  return all;
}

}  // namespace

normal_equations normal_equations_of(queue& q, const space& domain, precision type,
                                     const std::vector<term>& terms) {
  std::vector<quadratic_term> all = quadratics_of(terms);
  owned_vec b(q, domain, type);
  for (const quadratic_term& t : all) add_right(q, t, type, b);
  return {std::make_shared<normal_operator>(domain, std::move(all)), std::move(b)};
}

op_ptr preconditioner_of(queue& q, const space& domain, precision type,
                         const std::vector<term>& terms) {
  if (circulant::fits(domain, terms)) return inverse_of(*circulant::near(q, domain, type, terms));
  for (const term& t : terms)
    if (t.A && !t.A->properties().diagonal) return nullptr;
  owned_vec one(q, domain, type), d(q, domain, type);
  transform(q, one, [](double) { return 1.0; });  // complex elements: both parts
  normal_equations_of(q, domain, type, terms).M->apply(q, one, d);
  transform(q, d, [](double v) { return v > 0 ? 1 / v : 1.0; });
  return std::make_shared<multiplication>(q, d, true);
}

least_squares least_squares_of(queue& q, const space& domain, precision type,
                               const std::vector<term>& terms, bool fold) {
  std::vector<row> rows;
  double ridge = 0;
  for (const quadratic_term& t : quadratics_of(terms)) {
    if (fold && !t.A && !t.form.diagonal && !t.form.centre)
      ridge += t.form.weight;
    else
      rows.push_back(row_of(q, t, domain, type));
  }
  if (rows.empty()) return least_squares_of(q, domain, type, terms, false);
  if (rows.size() == 1) return {rows[0].A, std::move(rows[0].y), std::sqrt(ridge)};
  std::vector<op_ptr> operators;
  for (const row& r : rows) operators.push_back(r.A);
  const op_ptr A = stack(operators);
  owned_vec y(q, A->range(), type);
  int block = 0;
  for (const row& r : rows) {
    copy(q, r.y, vec(y).slice(block, r.A->range()));
    block += static_cast<int>(r.A->range().blocks().size());
  }
  return {A, std::move(y), std::sqrt(ridge)};
}

}  // namespace ir
