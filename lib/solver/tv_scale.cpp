#include "solver/tv_scale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fn/box.hpp"
#include "fn/half_square.hpp"
#include "solver/tv_blur_term.hpp"

namespace ir::detail {
namespace {

op_ptr picking_of(const term& t) {
  if (!t.A || t.A->properties().selects) return t.A;
  const auto blur = blurred_data_of(t);
  return blur ? blur->S : nullptr;
}

// 0 where nothing sees a datum: D S S^H 1.
owned_vec seen(queue& q, const term& t, precision type) {
  owned_vec weight(q, t.f->domain(), type);
  fill(q, 1, weight);
  if (const op_ptr S = picking_of(t)) {
    owned_vec spread(q, S->domain(), type);
    S->adjoint(q, weight, spread);
    S->apply(q, spread, weight);
  }
  if (const auto D = t.f->quadratic()->diagonal) multiply(q, *D, weight);
  return weight;
}

template <class T>
double largest(cvec y, cvec weight) {
  const T *const v = static_cast<const T*>(y.data()), *const w =
                                                          static_cast<const T*>(weight.data());
  T most = 0;
  for (index_t i = 0; i < y.in().size(); ++i)
    if (w[i] > 0 && !(std::abs(v[i]) <= most)) most = std::abs(v[i]);
  return static_cast<double>(most);
}

template <class T>
double unit_of(double most) {
  constexpr int top = std::numeric_limits<T>::max_exponent, far = top - 8;
  if (!(most > 0) || !std::isfinite(most)) return 1;
  const int e = std::ilogb(most);
  return std::abs(e) < top / 4 ? 1 : std::ldexp(1.0, std::clamp(-e, -far, far));
}

}  // namespace

double tv_unit_of(queue& q, const std::vector<term>& data, precision type) {
  double most = 0, unit = 1;
  with_real(type, [&]<class T>() {
    for (const term& t : data)
      if (const auto y = t.f->quadratic()->centre)
        if (const double one = largest<T>(*y, seen(q, t, type)); !(one <= most)) most = one;
    unit = unit_of<T>(most);
  });
  return unit;
}

tv_problem in_unit(queue& q, double c, const tv_problem& p) {
  tv_problem to = p;
  for (term& t : to.data) {
    const quadratic_form form = *t.f->quadratic();
    if (!form.centre) continue;
    owned_vec y(q, t.f->domain(), form.centre->type());
    axpby(q, c, *form.centre, 0, y);
    t.f = std::make_shared<half_square>(
        q, t.f->domain(), half_square::data{.centre = y, .diagonal = form.diagonal}, form.weight);
  }
  to.variation.weight *= c;
  if (const auto* bounds = dynamic_cast<const box*>(p.constraint.get()))
    to.constraint = std::make_shared<box>(bounds->domain(), c * bounds->low(), c * bounds->high());
  return to;
}

}  // namespace ir::detail
